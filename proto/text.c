#include "proto/text.h"

enum {
    WORD_SIZE = 8,
};

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Size of the character at the front of left bytes (left > 0), or 0 when there is none (RFC 3629,
 * section 4). */
static size_t character_size(const uint8_t *at, size_t left)
{
    uint8_t first = at[0];
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (left < size) {
        return 0;
    }
    /* The second byte is narrower where a form would be too long, a surrogate or too great. */
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t index = 2; index < size; index++) {
        if (!is_continuation(at[index])) {
            return 0;
        }
    }
    return size;
}

/* Bytes of ASCII at the front, counted in whole words: nearly all text that we carry. */
static size_t ascii_size(const uint8_t *at, size_t left)
{
    size_t size = 0;
    while (left - size >= WORD_SIZE) {
        uint64_t word;
        memcpy(&word, at + size, WORD_SIZE);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        size += WORD_SIZE;
    }
    return size;
}

struct slice text_clip(struct slice text, size_t size_max)
{
    size_t limit = text.size < size_max ? text.size : size_max;
    size_t size = 0;
    while (size < limit) {
        size += ascii_size(text.data + size, limit - size);
        size_t step = size < limit ? character_size(text.data + size, limit - size) : 0;
        if (step == 0) {
            break;
        }
        size += step;
    }
    return slice_make(text.data, size);
}

bool text_is_valid(struct slice text)
{
    return text_clip(text, text.size).size == text.size;
}
