#include "proto/traceparent.h"

enum {
    VERSION_END = 2, /* where each part ends, and a dash follows but after the last */
    TRACE_ID_END = 35,
    PARENT_ID_END = 52,
};

static bool is_hexadecimal(struct slice text)
{
    for (size_t index = 0; index < text.size; index++) {
        uint8_t byte = text.data[index];
        if ((byte < '0' || byte > '9') && (byte < 'a' || byte > 'f')) {
            return false;
        }
    }
    return true;
}

static bool is_zero(struct slice text)
{
    size_t index = 0;
    while (index < text.size && text.data[index] == '0') {
        index++;
    }
    return index == text.size;
}

/* The part between two places, without the dash before it. */
static struct slice part_of(struct slice text, size_t begin, size_t end)
{
    return slice_make(text.data + begin, end - begin);
}

/* The four parts, whatever the version. */
static bool has_parts(struct slice text)
{
    struct slice trace_id = part_of(text, VERSION_END + 1, TRACE_ID_END);
    struct slice parent_id = part_of(text, TRACE_ID_END + 1, PARENT_ID_END);
    bool dashes = text.data[VERSION_END] == '-' && text.data[TRACE_ID_END] == '-' &&
                  text.data[PARENT_ID_END] == '-';
    return dashes && is_hexadecimal(part_of(text, 0, VERSION_END)) && is_hexadecimal(trace_id) &&
           is_hexadecimal(parent_id) &&
           is_hexadecimal(part_of(text, PARENT_ID_END + 1, TRACEPARENT_SIZE)) &&
           !is_zero(trace_id) && !is_zero(parent_id);
}

bool traceparent_is_valid(struct slice text)
{
    return text.size == TRACEPARENT_SIZE && memcmp(text.data, "00", VERSION_END) == 0 &&
           has_parts(text);
}

bool traceparent_read(struct slice header, char out[TRACEPARENT_SIZE])
{
    if (header.size < TRACEPARENT_SIZE || !has_parts(header)) {
        return false;
    }
    bool first = memcmp(header.data, "00", VERSION_END) == 0;
    bool forbidden = memcmp(header.data, "ff", VERSION_END) == 0;
    bool longer = header.size > TRACEPARENT_SIZE;
    if (forbidden || (longer && (first || header.data[TRACEPARENT_SIZE] != '-'))) {
        return false;
    }
    memcpy(out, header.data, TRACEPARENT_SIZE);
    memcpy(out, "00", VERSION_END);
    return true;
}
