#include "cli/wrap.h"

#include <stdbool.h>
#include <string.h>
#include "cli/width.h"

#define ELLIPSIS "…"

/* Bytes of a text's beginning of so many columns, or of all of it. */
static size_t bytes_of(const char *text, int columns)
{
    return width_cut(slice_from_string(text), columns);
}

/* How many bytes of a text that is wider than room stand in a line. */
static size_t line_of(const char *text, int room)
{
    size_t whole = bytes_of(text, room);
    for (size_t size = whole; size > whole / 2; size--) {
        if (text[size - 1] == ' ' || text[size - 1] == ',') {
            return size;
        }
    }
    return whole;
}

enum status wrap_draw(const char *text, int indent, int columns, int lines_max, struct buffer *out)
{
    int room = columns - indent;
    enum status status = STATUS_OK;
    for (int line = 1; status == STATUS_OK; line++) {
        bool is_last = room <= 0 || text[bytes_of(text, room)] == '\0';
        bool is_cut = !is_last && line == lines_max;
        if (is_last || is_cut) {
            size_t size = is_last ? strlen(text) : bytes_of(text, room - 1);
            return buffer_append_format(out, "%.*s%s", (int)size, text, is_cut ? ELLIPSIS : "");
        }
        size_t size = line_of(text, room);
        size_t shown = size;
        while (shown > 0 && text[shown - 1] == ' ') {
            shown--;
        }
        status = buffer_append_format(out, "%.*s\n%*s", (int)shown, text, indent, "");
        text += size;
    }
    return status;
}
