#include "cli/terminal_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include "base/encoding.h"

void terminal_text(char *text)
{
    uint32_t code;
    char *to = text;
    size_t size = strlen(text);
    for (size_t at = 0; at < size;) {
        size_t acting = utf8_acting_size(slice_make(text + at, size - at), &code);
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
        size_t acting = utf8_acting_size(slice_make(json.data + at, json.size - at), &code);
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
