#include "cli/bar.h"

#include <stdio.h>
#include "cli/terminal_text.h"

enum {
    BAR_WIDTH_MIN = 10, /* columns of the bar itself */
    BAR_WIDTH_MAX = 40,
    LABEL_WIDTH = 10, /* columns of the label and the progress, with their spaces */
    PROGRESS_WIDTH = 7,
    STEP_WIDTH_MIN = 9, /* as much as a status needs */
    STEP_WIDTH_MAX = 24,
    LABEL_SIZE = 64, /* bytes, the NUL included; more is cut */
    STEP_SIZE = 256,
    TAIL_SIZE = 64,
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

/* How the columns are shared: the bar gives way first, then the step, then what stands behind. */
struct widths {
    int bar, step;
    bool has_tail;
};

static struct widths widths_of(const struct bar *bar, int tail)
{
    int rest = bar->columns - LABEL_WIDTH - PROGRESS_WIDTH;
    int bar_width = rest - STEP_WIDTH_MAX - tail;
    bar_width = bar_width < BAR_WIDTH_MIN   ? BAR_WIDTH_MIN
                : bar_width > BAR_WIDTH_MAX ? BAR_WIDTH_MAX
                                            : bar_width;
    rest -= bar_width;
    bool has_tail = rest - tail >= STEP_WIDTH_MIN;
    rest -= has_tail ? tail : 0;
    return (struct widths){bar_width, rest > STEP_WIDTH_MAX ? STEP_WIDTH_MAX : rest, has_tail};
}

static enum status draw_cells(int width, int progress, struct buffer *out)
{
    /* Eighths of a cell, so that the bar moves smoothly. */
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int eighths = progress * width * 8 / 100;
    enum status status = STATUS_OK;
    for (int cell = 0; cell < width && status == STATUS_OK; cell++) {
        int filled = eighths - cell * 8;
        status = filled >= 8  ? buffer_append_format(out, "█")
                 : filled > 0 ? buffer_append_format(out, "%s", parts[filled])
                              : buffer_append_format(out, "░");
    }
    return status;
}

enum status bar_draw(const struct bar *bar, struct buffer *out)
{
    char label[LABEL_SIZE];
    char step[STEP_SIZE];
    char tail[TAIL_SIZE];
    int size = snprintf(tail, sizeof tail, " %5.1f s", (double)bar->elapsed_ms / 1000);
    if (bar->attempt > 1) {
        size += snprintf(tail + size, sizeof tail - (size_t)size, "  attempt %d", bar->attempt);
    }
    struct widths widths = widths_of(bar, size);
    snprintf(label, sizeof label, "%s", bar->label);
    snprintf(step, sizeof step, "%s", bar->step[0] != '\0' ? bar->step : bar->status);
    terminal_text(label);
    terminal_text(step);
    enum status status = buffer_append_format(out, "%-9s %s", label, colour_of(bar));
    if (status == STATUS_OK) {
        status = draw_cells(widths.bar, bar->progress, out);
    }
    if (status == STATUS_OK) {
        status = buffer_append_format(out, "%s %3d%%  %-*.*s%s", bar->colours ? "\033[0m" : "",
                                      bar->progress, widths.step, widths.step, step,
                                      widths.has_tail ? tail : "");
    }
    return status;
}
