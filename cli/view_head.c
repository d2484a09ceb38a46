#include "cli/view_head.h"

#include <stdio.h>
#include "base/clock.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/width.h"

enum {
    HEAD_SIZE = STACK_URL_SIZE_MAX + 2048, /* bytes; more is cut */
};

enum status view_head_draw(const struct session *session, const char *what, int64_t at_ms,
                           struct buffer *out)
{
    char at[CLOCK_TEXT_SIZE];
    char head[HEAD_SIZE];
    clock_format(at_ms, at);
    snprintf(head, sizeof head, "q ends  %s  troupe %s  %s", at, what, session->stack.url);
    terminal_text(head);
    size_t shown = width_cut(slice_from_string(head), terminal_columns());
    return buffer_append_format(out, "%.*s\n\n", (int)shown, head);
}
