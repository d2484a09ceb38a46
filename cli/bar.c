#include "cli/bar.h"

#include <stdio.h>
#include "cli/terminal_text.h"

enum {
    BAR_WIDTH_MIN = 10, /* columns of the bar itself */
    BAR_WIDTH_MAX = 40,
    BAR_TEXT_WIDTH = 50, /* columns that the texts beside it take */
    LABEL_SIZE = 64,     /* bytes, the NUL included; more is cut */
    STEP_SIZE = 256,
};

static const char *colour_of(const struct bar *bar)
{
    struct slice status = slice_from_string(bar->status);
    if (!bar->colours) {
        return "";
    }
    if (slice_equal(status, SLICE_LITERAL("completed"))) {
        return "\033[32m";
    }
    if (slice_equal(status, SLICE_LITERAL("failed"))) {
        return "\033[31m";
    }
    if (slice_equal(status, SLICE_LITERAL("active"))) {
        return "\033[36m";
    }
    return "\033[33m";
}

enum status bar_draw(const struct bar *bar, struct buffer *out)
{
    /* Eighths of a cell, so that the bar moves smoothly. */
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int width = bar->columns - BAR_TEXT_WIDTH;
    width = width < BAR_WIDTH_MIN ? BAR_WIDTH_MIN : width > BAR_WIDTH_MAX ? BAR_WIDTH_MAX : width;
    int eighths = bar->progress * width * 8 / 100;
    char label[LABEL_SIZE];
    snprintf(label, sizeof label, "%s", bar->label);
    terminal_text(label);
    enum status status = buffer_append_format(out, "%-9s %s", label, colour_of(bar));
    for (int cell = 0; cell < width && status == STATUS_OK; cell++) {
        int filled = eighths - cell * 8;
        status = filled >= 8  ? buffer_append_format(out, "█")
                 : filled > 0 ? buffer_append_format(out, "%s", parts[filled])
                              : buffer_append_format(out, "░");
    }
    if (status == STATUS_OK) {
        char step[STEP_SIZE];
        snprintf(step, sizeof step, "%s", bar->step[0] != '\0' ? bar->step : bar->status);
        terminal_text(step);
        status = buffer_append_format(out, "%s %3d%%  %-24s %5.1f s", bar->colours ? "\033[0m" : "",
                                      bar->progress, step, (double)bar->elapsed_ms / 1000);
    }
    if (status == STATUS_OK && bar->attempt > 1) {
        status = buffer_append_format(out, "  attempt %d", bar->attempt);
    }
    return status;
}
