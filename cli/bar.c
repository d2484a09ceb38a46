#include "cli/bar.h"

#include <stdio.h>
#include "cli/terminal_text.h"
#include "cli/width.h"

enum {
    BAR_WIDTH_MIN = 10, /* columns of the bar itself */
    BAR_WIDTH_MAX = 40,
    LABEL_WIDTH = 9, /* columns of the label, at least, and of the progress with its spaces */
    PROGRESS_WIDTH = 7,
    STEP_WIDTH_MIN = 9, /* as much as a status needs */
    STEP_WIDTH_MAX = 24,
    LABEL_SIZE = 128, /* bytes, the NUL included; more is cut */
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

int bar_label_width(const char *label)
{
    return width_columns(slice_from_string(label));
}

/* A name has at most a third of a narrow terminal. */
static int label_width(const struct bar *bar)
{
    int most = bar->columns / 3;
    int width = bar->label_width < most ? bar->label_width : most;
    return width > LABEL_WIDTH ? width : LABEL_WIDTH;
}

/* The label in its columns, cut or filled up. */
static enum status draw_label(const struct bar *bar, struct buffer *out)
{
    char label[LABEL_SIZE];
    int room = label_width(bar);
    snprintf(label, sizeof label, "%s", bar->label);
    terminal_text(label);
    bool is_cut = bar_label_width(label) > room;
    size_t size = width_cut(slice_from_string(label), is_cut ? room - 1 : room);
    int used = width_columns(slice_make(label, size));
    return buffer_append_format(out, "%.*s%s%*s", (int)size, label, is_cut ? "…" : "",
                                room - used - is_cut, "");
}

/* How the columns are shared: the bar gives way first, then the step, then what stands behind. */
struct widths {
    int bar, step;
    bool has_tail;
};

static struct widths widths_of(const struct bar *bar, int tail)
{
    int rest = bar->columns - label_width(bar) - 1 - PROGRESS_WIDTH;
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

/* The step in its columns, which are not its bytes, and what stands behind it. */
static enum status draw_step(const char *step, int room, const char *tail, struct buffer *out)
{
    struct slice text = slice_from_string(step);
    size_t size = width_cut(text, room);
    int used = width_columns(slice_make(step, size));
    return buffer_append_format(out, "%.*s%*s%s", (int)size, step, room - used, "", tail);
}

enum status bar_draw(const struct bar *bar, struct buffer *out)
{
    char step[STEP_SIZE];
    char tail[TAIL_SIZE];
    int size = snprintf(tail, sizeof tail, " %5.1f s", (double)bar->elapsed_ms / 1000);
    if (bar->attempt > 1) {
        size += snprintf(tail + size, sizeof tail - (size_t)size, "  attempt %d", bar->attempt);
    }
    struct widths widths = widths_of(bar, size);
    snprintf(step, sizeof step, "%s", bar->step[0] != '\0' ? bar->step : bar->status);
    terminal_text(step);
    enum status status = draw_label(bar, out);
    if (status == STATUS_OK) {
        status = buffer_append_format(out, " %s", colour_of(bar));
    }
    if (status == STATUS_OK) {
        status = draw_cells(widths.bar, bar->progress, out);
    }
    if (status == STATUS_OK) {
        status =
            buffer_append_format(out, "%s %3d%%  ", bar->colours ? "\033[0m" : "", bar->progress);
    }
    return status == STATUS_OK ? draw_step(step, widths.step, widths.has_tail ? tail : "", out)
                               : status;
}
