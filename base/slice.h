#ifndef TROUPE_BASE_SLICE_H
#define TROUPE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes: valid until the call they came with returns, unless its header says longer. Not
 * NUL terminated. */
struct slice {
    const uint8_t *data; /* NULL only when size is 0 */
    size_t size;
};

#define SLICE_EMPTY         ((struct slice){NULL, 0})
#define SLICE_LITERAL(text) ((struct slice){(const uint8_t *)(text), sizeof(text) - 1})

/* For printf's "%.*s". */
#define SLICE_PRINT(slice) (int)(slice).size, (const char *)(slice).data

static inline struct slice slice_make(const void *data, size_t size)
{
    return (struct slice){data, size};
}

static inline struct slice slice_from_string(const char *text)
{
    return (struct slice){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

static inline bool slice_equal(struct slice left, struct slice right)
{
    return left.size == right.size &&
           (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

#endif
