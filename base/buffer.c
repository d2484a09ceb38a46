#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    /* bytes of a first allocation, so that small buffers do not grow in steps */
    CAPACITY_MIN = 256,
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

/* Tells whether size more bytes are within the limit. */
static bool is_allowed(const struct buffer *buffer, size_t size)
{
    assert(buffer->size <= buffer->size_max);
    return size <= buffer->size_max - buffer->size;
}

/* Makes the capacity at least needed. It doubles, so that n appended bytes cost O(n) copies, but
 * never takes memory that the limit makes useless. */
static enum status grow(struct buffer *buffer, size_t needed)
{
    if (needed <= buffer->capacity) {
        return STATUS_OK;
    }
    size_t capacity = buffer->capacity < CAPACITY_MIN ? CAPACITY_MIN : buffer->capacity;
    while (capacity < needed && capacity <= SIZE_MAX / 2) {
        capacity *= 2;
    }
    if (capacity > buffer->size_max) {
        capacity = buffer->size_max;
    }
    if (capacity < needed) {
        capacity = needed;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        return STATUS_NO_MEMORY;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return STATUS_OK;
}

enum status buffer_reserve(struct buffer *buffer, size_t size, uint8_t **out)
{
    if (!is_allowed(buffer, size)) {
        return STATUS_TOO_LARGE;
    }
    enum status status = grow(buffer, buffer->size + size);
    if (status == STATUS_OK) {
        *out = buffer->data == NULL ? NULL : buffer->data + buffer->size;
    }
    return status;
}

void buffer_commit(struct buffer *buffer, size_t size)
{
    assert(size <= buffer->capacity - buffer->size);
    buffer->size += size;
}

enum status buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    uint8_t *out;
    enum status status = buffer_reserve(buffer, size, &out);
    if (status == STATUS_OK && size > 0) {
        memcpy(out, data, size);
        buffer_commit(buffer, size);
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
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    size_t size = (size_t)length;
    if (!is_allowed(buffer, size)) {
        return STATUS_TOO_LARGE;
    }
    /* The NUL that vsnprintf writes behind the text needs room but is no content: the limit does
     * not count it. */
    enum status status = grow(buffer, buffer->size + size + 1);
    if (status == STATUS_OK) {
        va_start(arguments, format);
        vsnprintf((char *)buffer->data + buffer->size, size + 1, format, arguments);
        va_end(arguments);
        buffer_commit(buffer, size);
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
