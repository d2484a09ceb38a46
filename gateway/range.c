#include "gateway/range.h"

/* Takes a decimal number off the front of *text; *out saturates. Returns the count of digits. */
static size_t number_take(struct slice *text, uint64_t *out)
{
    size_t count = 0;
    uint64_t value = 0;
    while (count < text->size && text->data[count] >= '0' && text->data[count] <= '9') {
        uint64_t digit = (uint64_t)(text->data[count] - '0');
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
        count++;
    }
    text->data += count;
    text->size -= count;
    *out = value;
    return count;
}

enum range_result range_parse(struct slice header, uint64_t size, uint64_t *first, uint64_t *last)
{
    static const char unit[] = "bytes=";
    size_t unit_size = sizeof(unit) - 1;
    uint64_t begin = 0;
    uint64_t end = 0;
    if (header.size <= unit_size || memcmp(header.data, unit, unit_size) != 0) {
        return RANGE_WHOLE;
    }
    struct slice text = slice_make(header.data + unit_size, header.size - unit_size);
    bool has_begin = number_take(&text, &begin) > 0;
    if (text.size == 0 || text.data[0] != '-') {
        return RANGE_WHOLE;
    }
    text = slice_make(text.data + 1, text.size - 1);
    bool has_end = number_take(&text, &end) > 0;
    if (text.size > 0 || (!has_begin && !has_end) || (has_begin && has_end && end < begin)) {
        return RANGE_WHOLE;
    }
    if (!has_begin) { /* the last "end" bytes */
        if (end == 0 || size == 0) {
            return RANGE_OUTSIDE;
        }
        *first = end >= size ? 0 : size - end;
        *last = size - 1;
        return RANGE_PART;
    }
    if (begin >= size) {
        return RANGE_OUTSIDE;
    }
    *first = begin;
    *last = !has_end || end >= size ? size - 1 : end;
    return RANGE_PART;
}

bool range_is_one(struct slice header)
{
    uint64_t first = 0;
    uint64_t last = 0;
    return range_parse(header, UINT64_MAX, &first, &last) != RANGE_WHOLE;
}

bool range_parse_size(struct slice text, uint64_t *out)
{
    return number_take(&text, out) > 0 && text.size == 0 && *out < UINT64_MAX;
}

static bool byte_take(struct slice *text, char byte)
{
    if (text->size == 0 || text->data[0] != byte) {
        return false;
    }
    *text = slice_make(text->data + 1, text->size - 1);
    return true;
}

bool range_parse_content(struct slice header, uint64_t *first, uint64_t *last, uint64_t *size)
{
    static const char unit[] = "bytes ";
    size_t unit_size = sizeof(unit) - 1;
    if (header.size <= unit_size || memcmp(header.data, unit, unit_size) != 0) {
        return false;
    }
    struct slice text = slice_make(header.data + unit_size, header.size - unit_size);
    return number_take(&text, first) > 0 && byte_take(&text, '-') && number_take(&text, last) > 0 &&
           byte_take(&text, '/') && range_parse_size(text, size) && *first <= *last &&
           *last < *size;
}
