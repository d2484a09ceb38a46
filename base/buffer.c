#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CAPACITY_MIN =
        256, /* bytes: the first allocation, so that small buffers do not grow in steps */
};

void buffer_init(struct buffer *buffer, size_t size_max)
{
    *buffer = (struct buffer){.size_max = size_max};
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
    buffer->size = 0;
    buffer->capacity = 0;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

enum status buffer_reserve(struct buffer *buffer, size_t size, uint8_t **out)
{
    assert(buffer->size <= buffer->size_max);
    if (size > buffer->size_max - buffer->size) {
        return STATUS_TOO_LARGE;
    }
    size_t needed = buffer->size + size;
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity < CAPACITY_MIN ? CAPACITY_MIN : buffer->capacity;
        while (capacity < needed) {
            capacity = capacity > buffer->size_max / 2 ? buffer->size_max : capacity * 2;
        }
        uint8_t *data = realloc(buffer->data, capacity);
        if (data == NULL) {
            return STATUS_NO_MEMORY;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    *out = buffer->data + buffer->size;
    return STATUS_OK;
}

void buffer_commit(struct buffer *buffer, size_t size)
{
    assert(size <= buffer->capacity - buffer->size);
    buffer->size += size;
}

enum status buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    uint8_t *out;
    if (size == 0) {
        return STATUS_OK;
    }
    enum status status = buffer_reserve(buffer, size, &out);
    if (status == STATUS_OK) {
        memcpy(out, data, size);
        buffer->size += size;
    }
    return status;
}

enum status buffer_append_slice(struct buffer *buffer, struct slice slice)
{
    return buffer_append(buffer, slice.data, slice.size);
}

enum status buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
    return buffer_append(buffer, &byte, 1);
}

enum status buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    uint8_t *out;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    /* vsnprintf writes a NUL behind the text: room for it is needed, also when the text just
     * fits. */
    size_t limit = buffer->size_max;
    buffer->size_max = limit < SIZE_MAX ? limit + 1 : limit;
    enum status status = buffer_reserve(buffer, (size_t)size + 1, &out);
    buffer->size_max = limit;
    if (status == STATUS_OK) {
        va_start(arguments, format);
        vsnprintf((char *)out, (size_t)size + 1, format, arguments);
        va_end(arguments);
        buffer->size += (size_t)size;
    }
    return status;
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    assert(size <= buffer->size);
    if (size > 0) {
        memmove(buffer->data, buffer->data + size, buffer->size - size);
        buffer->size -= size;
    }
}
