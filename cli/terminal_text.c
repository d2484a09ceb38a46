#include "cli/terminal_text.h"

#include <stdarg.h>
#include <stdlib.h>

enum {
    DEL = 0x7f,
};

/* In UTF-8: lead is all bytes but the last. */
struct range {
    const char *lead;
    uint8_t first; /* last bytes */
    uint8_t last;
    uint32_t code; /* of the first */
};

static const struct range ranges[] = {
    {"", 0x01, 0x1f, 0x0001},         {"", DEL, DEL, DEL}, {"\xc2", 0x80, 0x9f, 0x0080}, /* C1 */
    {"\xe2\x80", 0xa8, 0xae, 0x2028}, /* ends of lines and paragraphs, embeddings and overrides */
    {"\xe2\x81", 0xa6, 0xa9, 0x2066}, /* isolates */
};

/* Returns the bytes of the character that may act on a terminal and begins text, or 0 when it does
 * not begin with one. */
static size_t acting_size(struct slice text, uint32_t *code_out)
{
    for (size_t index = 0; index < sizeof ranges / sizeof ranges[0]; index++) {
        const struct range *range = &ranges[index];
        size_t lead = strlen(range->lead);
        if (text.size > lead && memcmp(text.data, range->lead, lead) == 0 &&
            text.data[lead] >= range->first && text.data[lead] <= range->last) {
            *code_out = range->code + text.data[lead] - range->first;
            return lead + 1;
        }
    }
    return 0;
}

void terminal_text(char *text)
{
    uint32_t code;
    char *to = text;
    size_t size = strlen(text);
    for (size_t at = 0; at < size;) {
        size_t acting = acting_size(slice_make(text + at, size - at), &code);
        *to++ = acting > 0 ? ' ' : text[at];
        at += acting > 0 ? acting : 1;
    }
    *to = '\0';
}

void terminal_line(FILE *out, const char *format, ...)
{
    char *line = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (size >= 0) {
        terminal_text(line);
        fprintf(out, "%s\n", line);
        free(line);
    }
}

enum status terminal_json(struct slice json, struct buffer *out)
{
    enum status status = STATUS_OK;
    size_t shown = 0; /* bytes that are appended or escaped */
    for (size_t at = 0; at < json.size && status == STATUS_OK; at++) {
        uint32_t code;
        size_t acting = acting_size(slice_make(json.data + at, json.size - at), &code);
        if (acting == 0 || code < ' ') {
            continue; /* in JSON these stand between values only */
        }
        status = buffer_append(out, json.data + shown, at - shown);
        shown = at + acting;
        at = shown - 1;
        if (status == STATUS_OK) {
            status = buffer_append_format(out, "\\u%04x", code);
        }
    }
    return status == STATUS_OK ? buffer_append(out, json.data + shown, json.size - shown) : status;
}
