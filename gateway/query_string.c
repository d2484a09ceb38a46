#include "gateway/query_string.h"

#include "proto/text.h"

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static enum status value_decode(struct slice text, struct query_string_pair *out)
{
    out->value_size = 0;
    for (size_t index = 0; index < text.size; index++) {
        uint8_t byte = text.data[index];
        if (out->value_size == QUERY_VALUE_SIZE_MAX) {
            return STATUS_TOO_LARGE;
        }
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            int high = index + 2 < text.size ? hex_digit(text.data[index + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.data[index + 2]) : -1;
            if (low < 0) {
                return STATUS_MALFORMED;
            }
            byte = (uint8_t)(high * 16 + low);
            index += 2;
        }
        out->value[out->value_size] = (char)byte;
        out->value_size++;
    }
    /* It may go on to the broker, whose protocol has no text but UTF-8. */
    return text_is_valid(slice_make(out->value, out->value_size)) ? STATUS_OK : STATUS_MALFORMED;
}

/* Takes the bytes up to separator (or all) off the front of *text. */
static struct slice part_take(struct slice *text, char separator)
{
    const uint8_t *end = text->size == 0 ? NULL : memchr(text->data, separator, text->size);
    size_t size = end == NULL ? text->size : (size_t)(end - text->data);
    size_t step = end == NULL ? size : size + 1;
    struct slice part = slice_make(text->data, size);
    text->data += step;
    text->size -= step;
    return part;
}

enum status query_string_parse(struct slice text, struct query_string *out)
{
    out->count = 0;
    while (text.size > 0) {
        struct slice value = part_take(&text, '&');
        if (value.size == 0) {
            continue;
        }
        if (out->count == QUERY_PAIRS_MAX) {
            return STATUS_TOO_LARGE;
        }
        struct query_string_pair *pair = &out->pairs[out->count];
        pair->name = part_take(&value, '=');
        enum status status = value_decode(value, pair);
        if (status != STATUS_OK) {
            return status;
        }
        out->count++;
    }
    return STATUS_OK;
}

size_t query_string_find(const struct query_string *query, const char *name, struct slice *out)
{
    size_t count = 0;
    struct slice wanted = slice_from_string(name);
    for (size_t index = 0; index < query->count; index++) {
        const struct query_string_pair *pair = &query->pairs[index];
        if (!slice_equal(pair->name, wanted)) {
            continue;
        }
        if (count == 0) {
            *out = slice_make(pair->value, pair->value_size);
        }
        count++;
    }
    return count;
}
