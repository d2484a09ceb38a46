#ifndef TROUPE_BASE_BUFFER_H
#define TROUPE_BASE_BUFFER_H

/*
 * A growing byte buffer with a declared maximum. Embedded by its owner; the bytes move when it
 * grows, so keep offsets, not pointers. A failed append changes nothing.
 */

#include "base/slice.h"
#include "base/status.h"

struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t size_max;
};

/* Makes an empty buffer that will never hold more than size_max bytes. Allocates nothing. */
void buffer_init(struct buffer *buffer, size_t size_max);

/* Frees the bytes. Accepts a zeroed buffer; may be called twice. */
void buffer_fini(struct buffer *buffer);

/* Forgets the content, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Appends a copy. Returns OK, TOO_LARGE (size_max) or NO_MEMORY. */
enum status buffer_append(struct buffer *buffer, const void *data, size_t size);
enum status buffer_append_slice(struct buffer *buffer, struct slice slice);
enum status buffer_append_byte(struct buffer *buffer, uint8_t byte);
enum status buffer_append_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes room for size more bytes and returns where they go in *out; buffer_commit then counts those
 * written. */
enum status buffer_reserve(struct buffer *buffer, size_t size, uint8_t **out);
void buffer_commit(struct buffer *buffer, size_t size);

/* Drops size bytes from the front (size <= buffer->size). */
void buffer_consume(struct buffer *buffer, size_t size);

/* Borrows the content; valid until the buffer changes. */
static inline struct slice buffer_slice(const struct buffer *buffer)
{
    return slice_make(buffer->data, buffer->size);
}

#endif
