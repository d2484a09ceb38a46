#include "cli/terminal_text.h"

#include <stdarg.h>
#include <stdlib.h>

enum {
    DEL = 0x7f,
    C1_LEAD = 0xc2, /* of U+0080 to U+00BF in UTF-8 */
    C1_FIRST = 0x80,
    C1_LAST = 0x9f,
};

/* Whether the control character C1 is at the text, which ends with a NUL or after the two bytes. */
static bool is_c1(const uint8_t *text)
{
    return text[0] == C1_LEAD && text[1] >= C1_FIRST && text[1] <= C1_LAST;
}

void terminal_text(char *text)
{
    const uint8_t *from = (const uint8_t *)text;
    uint8_t *to = (uint8_t *)text;
    while (*from != '\0') {
        size_t size = is_c1(from) ? 2 : 1;
        *to++ = size == 2 || *from < ' ' || *from == DEL ? ' ' : *from;
        from += size;
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
    const uint8_t *text = json.data;
    enum status status = STATUS_OK;
    size_t shown = 0; /* bytes that are appended or escaped */
    for (size_t at = 0; at < json.size && status == STATUS_OK; at++) {
        bool is_control = at + 1 < json.size && is_c1(text + at);
        if (is_control || text[at] == DEL) {
            status = buffer_append(out, text + shown, at - shown);
            at += is_control;
            shown = at + 1;
            if (status == STATUS_OK) {
                status = buffer_append_format(out, "\\u%04x", text[at]);
            }
        }
    }
    return status == STATUS_OK ? buffer_append(out, text + shown, json.size - shown) : status;
}
