#include "proto/cursor.h"

#include <assert.h>

/* The first byte of a value tells its kind and, in itself or in the bytes behind it, its size. */
enum kind {
    KIND_INVALID = 0,
    KIND_SCALAR, /* size bytes follow: numbers, nil, flags, fixext */
    KIND_TEXT,   /* a length of size bytes follows, then as many bytes */
    KIND_BYTES,
    KIND_EXT, /* the same, with one byte of type between */
    KIND_ARRAY,
    KIND_MAP,
};

struct head {
    uint8_t kind;
    uint8_t size; /* of what follows the first byte, up to the content */
};

static const struct head HEADS[256] = {
    [0x00 ... 0x7f] = {KIND_SCALAR, 0},
    [0x80 ... 0x8f] = {KIND_MAP, 0},
    [0x90 ... 0x9f] = {KIND_ARRAY, 0},
    [0xa0 ... 0xbf] = {KIND_TEXT, 0},
    [0xc0] = {KIND_SCALAR, 0},
    [0xc2 ... 0xc3] = {KIND_SCALAR, 0},
    [0xc4] = {KIND_BYTES, 1},
    [0xc5] = {KIND_BYTES, 2},
    [0xc6] = {KIND_BYTES, 4},
    [0xc7] = {KIND_EXT, 1},
    [0xc8] = {KIND_EXT, 2},
    [0xc9] = {KIND_EXT, 4},
    [0xca] = {KIND_SCALAR, 4},
    [0xcb] = {KIND_SCALAR, 8},
    [0xcc] = {KIND_SCALAR, 1},
    [0xcd] = {KIND_SCALAR, 2},
    [0xce] = {KIND_SCALAR, 4},
    [0xcf] = {KIND_SCALAR, 8},
    [0xd0] = {KIND_SCALAR, 1},
    [0xd1] = {KIND_SCALAR, 2},
    [0xd2] = {KIND_SCALAR, 4},
    [0xd3] = {KIND_SCALAR, 8},
    [0xd4] = {KIND_SCALAR, 2},
    [0xd5] = {KIND_SCALAR, 3},
    [0xd6] = {KIND_SCALAR, 5},
    [0xd7] = {KIND_SCALAR, 9},
    [0xd8] = {KIND_SCALAR, 17},
    [0xd9] = {KIND_TEXT, 1},
    [0xda] = {KIND_TEXT, 2},
    [0xdb] = {KIND_TEXT, 4},
    [0xdc] = {KIND_ARRAY, 2},
    [0xdd] = {KIND_ARRAY, 4},
    [0xde] = {KIND_MAP, 2},
    [0xdf] = {KIND_MAP, 4},
    [0xe0 ... 0xff] = {KIND_SCALAR, 0},
};

static uint64_t big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t index = 0; index < size; index++) {
        value = value << 8 | bytes[index];
    }
    return value;
}

/* The length or count of a head that is known to be whole. */
static uint64_t head_length(const uint8_t *first, struct head head)
{
    if (head.size > 0) {
        return big_endian(first + 1, head.size);
    }
    return head.kind == KIND_TEXT ? *first & 0x1f : *first & 0x0f;
}

/* Reads a head of the kind with its length, which is at most `left / unit` of the bytes behind. */
static bool read_length(struct cursor *cursor, enum kind kind, size_t unit, uint32_t *length)
{
    size_t left = cursor_left(cursor);
    if (left == 0) {
        return false;
    }
    struct head head = HEADS[*cursor->position];
    if (head.kind != kind || left < 1u + head.size) {
        return false;
    }
    uint64_t value = head_length(cursor->position, head);
    cursor->position += 1 + head.size;
    *length = (uint32_t)value;
    return value <= cursor_left(cursor) / unit;
}

static bool read_content(struct cursor *cursor, enum kind kind, struct slice *out)
{
    uint32_t length;
    if (!read_length(cursor, kind, 1, &length)) {
        return false;
    }
    *out = slice_make(cursor->position, length);
    cursor->position += length;
    return true;
}

bool cursor_read_number_wide(struct cursor *cursor, uint64_t *out)
{
    size_t left = cursor_left(cursor);
    if (left == 0) {
        return false;
    }
    uint8_t first = *cursor->position;
    if (first < 0x80) {
        *out = first;
        cursor->position++;
        return true;
    }
    if (first < 0xcc || first > 0xd3) {
        return false;
    }
    size_t size = HEADS[first].size;
    if (left < 1 + size) {
        return false;
    }
    bool negative = first >= 0xd0 && cursor->position[1] >= 0x80;
    *out = big_endian(cursor->position + 1, size);
    cursor->position += 1 + size;
    return !negative;
}

bool cursor_read_flag(struct cursor *cursor, bool *out)
{
    if (cursor->position == cursor->end || (*cursor->position & 0xfe) != 0xc2) {
        return false;
    }
    *out = *cursor->position++ == 0xc3;
    return true;
}

bool cursor_read_text(struct cursor *cursor, struct slice *out)
{
    return read_content(cursor, KIND_TEXT, out);
}

bool cursor_read_bytes(struct cursor *cursor, struct slice *out)
{
    return read_content(cursor, KIND_BYTES, out);
}

bool cursor_read_array(struct cursor *cursor, uint32_t *count)
{
    return read_length(cursor, KIND_ARRAY, 1, count);
}

bool cursor_read_map(struct cursor *cursor, uint32_t *count)
{
    return read_length(cursor, KIND_MAP, 2, count);
}

/* Moves over a head and what belongs to it but the values inside a container: *inside tells how
 * many of those follow. */
static bool skip_one(struct cursor *cursor, uint64_t *inside)
{
    size_t left = cursor_left(cursor);
    if (left == 0) {
        return false;
    }
    struct head head = HEADS[*cursor->position];
    uint64_t size = 1u + head.size;
    *inside = 0;
    if (head.kind == KIND_INVALID || left < size) {
        return false;
    }
    if (head.kind != KIND_SCALAR) {
        uint64_t length = head_length(cursor->position, head);
        if (head.kind == KIND_ARRAY || head.kind == KIND_MAP) {
            *inside = head.kind == KIND_MAP ? 2 * length : length;
            if (*inside > left - size) {
                return false;
            }
        } else {
            size += length + (head.kind == KIND_EXT ? 1 : 0);
        }
    }
    if (size > left) {
        return false;
    }
    cursor->position += size;
    return true;
}

enum status cursor_skip(struct cursor *cursor, uint32_t depth_max)
{
    uint64_t left[CURSOR_DEPTH_MAX + 1]; /* values still to come at each depth */
    uint32_t depth = 0;
    uint64_t inside;
    assert(depth_max <= CURSOR_DEPTH_MAX);
    left[0] = 1;
    for (;;) {
        if (!skip_one(cursor, &inside)) {
            return STATUS_MALFORMED;
        }
        left[depth]--;
        if (inside > 0) {
            if (depth == depth_max) {
                return STATUS_TOO_LARGE;
            }
            left[++depth] = inside;
        }
        while (left[depth] == 0) {
            if (depth == 0) {
                return STATUS_OK;
            }
            depth--;
        }
    }
}
