#include "cli/view_head.h"

#include <stdio.h>
#include "base/clock.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/width.h"

enum {
    HEAD_SIZE = STACK_URL_SIZE_MAX + 2048, /* bytes; more is cut */
};

/* Takes its text, which is changed. */
static enum status draw_line(char *text, enum table_colour colour, struct buffer *out)
{
    terminal_text(text);
    size_t shown = width_cut(slice_from_string(text), terminal_columns());
    bool is_coloured = shown > 0 && colour == TABLE_YELLOW && terminal_has_colours();
    return buffer_append_format(out, is_coloured ? "\033[33m%.*s\033[0m\n" : "%.*s\n", (int)shown,
                                text);
}

enum status view_head_draw(const struct session *session, const char *what, int64_t at_ms,
                           const char *amiss, struct buffer *out)
{
    char at[CLOCK_TEXT_SIZE];
    char head[HEAD_SIZE];
    clock_format(at_ms, at);
    snprintf(head, sizeof head, "q ends  %s  troupe %s  %s", at, what, session->stack.url);
    enum status status = draw_line(head, TABLE_PLAIN, out);
    snprintf(head, sizeof head, "%s", amiss);
    return status == STATUS_OK ? draw_line(head, TABLE_YELLOW, out) : status;
}
