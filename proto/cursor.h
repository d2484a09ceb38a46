#ifndef TROUPE_PROTO_CURSOR_H
#define TROUPE_PROTO_CURSOR_H

/*
 * Reads msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) from bytes that nobody
 * trusts: every length and count is checked against what is left before it is used. Builds no tree,
 * allocates nothing, does not recurse. Ours, because msgpack-c 4.0 allocates what a hostile head
 * asks for. A read that fails leaves the cursor anywhere: forget it.
 */

#include "base/slice.h"
#include "base/status.h"

enum {
    CURSOR_DEPTH_MAX = 8, /* containers in each other that cursor_skip can be asked to allow */
};

struct cursor {
    const uint8_t *position;
    const uint8_t *end;
};

static inline struct cursor cursor_make(struct slice bytes)
{
    return (struct cursor){bytes.data, bytes.size == 0 ? bytes.data : bytes.data + bytes.size};
}

static inline size_t cursor_left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->position);
}

/* Each reads one value of its kind, in any width that the format allows. Returns false when the
 * bytes end, or hold something else. A number is one that is not negative. Slices borrow from the
 * bytes. An array's count is at most the bytes left, a map's at most half of them. */
bool cursor_read_number_wide(struct cursor *cursor, uint64_t *out);
bool cursor_read_flag(struct cursor *cursor, bool *out);
bool cursor_read_text(struct cursor *cursor, struct slice *out);
bool cursor_read_bytes(struct cursor *cursor, struct slice *out);
bool cursor_read_array(struct cursor *cursor, uint32_t *count);
bool cursor_read_map(struct cursor *cursor, uint32_t *count);

static inline bool cursor_read_number(struct cursor *cursor, uint64_t *out)
{
    if (cursor->position < cursor->end && *cursor->position < 0x80) {
        *out = *cursor->position++;
        return true;
    }
    return cursor_read_number_wide(cursor, out);
}

/* Moves over one value of any kind with at most depth_max (0..CURSOR_DEPTH_MAX) containers in each
 * other. Returns OK, TOO_LARGE (deeper) or MALFORMED. */
enum status cursor_skip(struct cursor *cursor, uint32_t depth_max);

#endif
