#include "cli/history_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "cli/spark.h"
#include "cli/terminal_text.h"

enum {
    MEMBER_SIZE = 64,
    FAILED_WIDTH = 29, /* columns of how much of what ended failed, at most */
    LABEL_WIDTH = 11,  /* columns of what a line is called, with the space behind it */
    GAP = 2,
    CELLS_MIN = 8, /* of a line of bars, however narrow the terminal is */
    SUM_SIZE = 64, /* bytes of what stands behind the bars */
    TIME_SIZE = 16,
    TIME_DIGITS_MIN = 16, /* characters of a time up to its minutes */
    MINUTE_MS = 60000,
    HOUR_MS = 3600000,
    STEP_MS_MAX = HOUR_MS * 24 * 7, /* of a step that is none of the broker's */
};

/* ---- the numbers ---- */

enum line_kind {
    LINE_STARTED,
    LINE_COMPLETED,
    LINE_FAILED,
    LINE_CANCELLED,
    LINE_WAIT_P50,
    LINE_WAIT_P95,
    LINE_RUN_P50,
    LINE_RUN_P95,
};
enum {
    LINE_COUNT = LINE_RUN_P95 + 1,
};

static const struct {
    const char *label, *member;
    const char *colour;
    bool is_time;
    enum line_kind scale; /* the line whose most is a whole bar */
} lines[LINE_COUNT] = {
    [LINE_STARTED] = {"started", "started", "\033[36m", false, LINE_STARTED},
    [LINE_COMPLETED] = {"completed", "completed", "\033[32m", false, LINE_COMPLETED},
    [LINE_FAILED] = {"failed", "failed", "\033[31m", false, LINE_FAILED},
    [LINE_CANCELLED] = {"cancelled", "cancelled", "\033[33m", false, LINE_CANCELLED},
    [LINE_WAIT_P50] = {"wait p50", "waitMs.p50", "", true, LINE_WAIT_P95},
    [LINE_WAIT_P95] = {"wait p95", "waitMs.p95", "", true, LINE_WAIT_P95},
    [LINE_RUN_P50] = {"run p50", "runMs.p50", "", true, LINE_RUN_P95},
    [LINE_RUN_P95] = {"run p95", "runMs.p95", "", true, LINE_RUN_P95},
};

static size_t points_of(const struct document *document)
{
    size_t count = document_count(document, "data.points");
    return count < HISTORY_POINTS_MAX ? count : HISTORY_POINTS_MAX;
}

static int64_t number_at(const struct document *document, size_t point, const char *name,
                         int64_t otherwise)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.points.%zu.%s", point, name);
    return document_integer(document, member, otherwise);
}

static const char *time_at(const struct document *document, size_t point)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.points.%zu.at", point);
    return document_text(document, member, "");
}

/* The sum of numbers that a server told: they are at least 0, and it is INT64_MAX at most. */
static int64_t add(int64_t one, int64_t other)
{
    other = other > 0 ? other : 0;
    return one > INT64_MAX - other ? INT64_MAX : one + other;
}

static int64_t sum_of(const struct document *document, enum line_kind kind)
{
    int64_t sum = 0;
    size_t count = points_of(document);
    for (size_t point = 0; point < count; point++) {
        sum = add(sum, number_at(document, point, lines[kind].member, 0));
    }
    return sum;
}

bool history_has_any(const struct document *document)
{
    return sum_of(document, LINE_STARTED) > 0 || sum_of(document, LINE_COMPLETED) > 0 ||
           sum_of(document, LINE_FAILED) > 0 || sum_of(document, LINE_CANCELLED) > 0;
}

/* ---- words ---- */

/* How long something took: 850 ms, 1.2 s, 3.4 min, 2.5 h. */
static void duration_write(int64_t ms, char out[SUM_SIZE])
{
    if (ms < 1000) {
        snprintf(out, SUM_SIZE, "%" PRId64 " ms", ms);
    } else if (ms < MINUTE_MS) {
        snprintf(out, SUM_SIZE, "%.1f s", (double)ms / 1000);
    } else if (ms < HOUR_MS) {
        snprintf(out, SUM_SIZE, "%.1f min", (double)ms / MINUTE_MS);
    } else {
        snprintf(out, SUM_SIZE, "%.1f h", (double)ms / HOUR_MS);
    }
}

/* The length of a step: 1 min, 6 h. */
static void step_write(int64_t ms, char out[SUM_SIZE])
{
    bool is_hours = ms >= HOUR_MS && ms % HOUR_MS == 0;
    snprintf(out, SUM_SIZE, "%" PRId64 " %s", ms / (is_hours ? HOUR_MS : MINUTE_MS),
             is_hours ? "h" : "min");
}

/* 2026-01-02T03:04:05.678Z as 2 Jan 03:04. */
static void moment_write(const char *time, char out[TIME_SIZE])
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int month = 0;
    int day = 0;
    snprintf(out, TIME_SIZE, "?");
    if (strlen(time) >= TIME_DIGITS_MIN && sscanf(time, "%*4d-%2d-%2dT", &month, &day) == 2 &&
        month >= 1 && month <= 12) {
        snprintf(out, TIME_SIZE, "%d %s %.5s", day, months[month - 1], time + 11);
        terminal_text(out);
    }
}

/* ---- the picture ---- */

/* One picture while it is drawn. */
struct picture {
    size_t group; /* steps of a bar */
    size_t cells;
    int64_t numbers[LINE_COUNT][HISTORY_POINTS_MAX];
    char sums[LINE_COUNT][SUM_SIZE]; /* what stands behind the bars */
};

static void sum_write(const struct document *document, const struct picture *picture,
                      enum line_kind kind, char out[SUM_SIZE])
{
    int64_t most = spark_most(picture->numbers[kind], picture->cells);
    int64_t sum = lines[kind].is_time ? 0 : sum_of(document, kind);
    char longest[SUM_SIZE];
    if (!lines[kind].is_time) {
        snprintf(out, SUM_SIZE, sum > 0 ? "%" PRId64 ", most %" PRId64 : "%" PRId64, sum, most);
        return;
    }
    bool has_any = false;
    for (size_t cell = 0; cell < picture->cells; cell++) {
        has_any = has_any || picture->numbers[kind][cell] != SPARK_NONE;
    }
    duration_write(most, longest);
    snprintf(out, SUM_SIZE, "%s%.32s", has_any ? "most " : "", has_any ? longest : "-");
}

static void fill(const struct document *document, size_t group, struct picture *picture)
{
    size_t count = points_of(document);
    picture->group = group;
    for (size_t kind = 0; kind < LINE_COUNT; kind++) {
        bool is_time = lines[kind].is_time;
        for (size_t point = 0; point < count; point++) {
            int64_t number = number_at(document, point, lines[kind].member, SPARK_NONE);
            bool is_none = number < 0 || (!is_time && number == 0);
            picture->numbers[kind][point] = is_none ? SPARK_NONE : number;
        }
        picture->cells = spark_merge(picture->numbers[kind], count, group,
                                     is_time ? SPARK_MERGE_MOST : SPARK_MERGE_SUM);
        sum_write(document, picture, (enum line_kind)kind, picture->sums[kind]);
    }
}

static int width_of(const struct picture *picture)
{
    size_t widest = 0;
    for (size_t kind = 0; kind < LINE_COUNT; kind++) {
        size_t width = strlen(picture->sums[kind]);
        widest = width > widest ? width : widest;
    }
    return LABEL_WIDTH + (int)picture->cells + GAP + (int)widest;
}

/* Makes as few steps one as there is need for. */
static void fit(const struct document *document, int columns, struct picture *picture)
{
    size_t group = 1;
    fill(document, group, picture);
    while (width_of(picture) > columns && picture->cells > CELLS_MIN) {
        fill(document, ++group, picture);
    }
}

static enum status draw_head(const struct document *document, const char *queue, size_t group,
                             int columns, struct buffer *out)
{
    char step[SUM_SIZE];
    size_t before = out->size;
    int64_t failed = sum_of(document, LINE_FAILED);
    int64_t ended = add(failed, sum_of(document, LINE_COMPLETED));
    int64_t step_ms = document_integer(document, "data.stepMs", 0);
    step_write(step_ms > 0 && step_ms < STEP_MS_MAX ? step_ms * (int64_t)group : 0, step);
    enum status status = buffer_append_format(out, "%s: each bar %s", queue, step);
    if (status == STATUS_OK && failed > 0) {
        bool has_room = out->size - before + FAILED_WIDTH <= (size_t)columns;
        status =
            buffer_append_format(out, "%s%.1f%% of what ended failed", has_room ? ", " : "\n  ",
                                 100.0 * (double)failed / (double)ended);
    }
    return status == STATUS_OK ? buffer_append(out, "\n", 1) : status;
}

static enum status draw_line(const struct picture *picture, enum line_kind kind, bool colours,
                             struct buffer *out)
{
    const int64_t *scale = picture->numbers[lines[kind].scale];
    bool is_coloured = colours && lines[kind].colour[0] != '\0';
    enum status status = buffer_append_format(out, "%-*s%s", LABEL_WIDTH, lines[kind].label,
                                              is_coloured ? lines[kind].colour : "");
    if (status == STATUS_OK) {
        status = spark_draw(picture->numbers[kind], picture->cells,
                            spark_most(scale, picture->cells), out);
    }
    return status == STATUS_OK
               ? buffer_append_format(out, "%s%*s%s\n", is_coloured ? "\033[0m" : "", GAP, "",
                                      picture->sums[kind])
               : status;
}

/* The first time below the first bar, and the last one so that it ends below the last bar. */
static enum status draw_times(const struct document *document, size_t cells, struct buffer *out)
{
    char first[TIME_SIZE];
    char last[TIME_SIZE];
    moment_write(time_at(document, 0), first);
    moment_write(time_at(document, points_of(document) - 1), last);
    int room = (int)cells - (int)strlen(first);
    int width = (int)strlen(last) + 1;
    return buffer_append_format(out, "%*s%s%*s UTC\n", LABEL_WIDTH, "", first,
                                room > width ? room : width, last);
}

enum status history_draw(const struct document *document, const char *queue,
                         const struct history_look *look, struct buffer *out)
{
    struct picture picture;
    if (points_of(document) == 0) {
        return STATUS_OK;
    }
    fit(document, look->columns, &picture);
    enum status status = draw_head(document, queue, picture.group, look->columns, out);
    for (size_t kind = 0; kind < LINE_COUNT && status == STATUS_OK; kind++) {
        status = draw_line(&picture, (enum line_kind)kind, look->colours, out);
    }
    return status == STATUS_OK ? draw_times(document, picture.cells, out) : status;
}

/* ---- the table ---- */

const char *const history_names[] = {
    "QUEUE",        "AT",           "#STARTED",    "#COMPLETED",  "#FAILED", "#CANCELLED",
    "#WAIT P50 MS", "#WAIT P95 MS", "#RUN P50 MS", "#RUN P95 MS", NULL,
};

void history_put(const struct document *document, const char *queue, struct table *table)
{
    size_t count = points_of(document);
    for (size_t point = 0; point < count; point++) {
        table_put(table, TABLE_PLAIN, "%s", queue);
        table_put(table, TABLE_PLAIN, "%s", time_at(document, point));
        for (size_t kind = 0; kind < LINE_COUNT; kind++) {
            int64_t number = number_at(document, point, lines[kind].member, SPARK_NONE);
            if (number < 0) {
                table_put(table, TABLE_PLAIN, "-");
            } else {
                table_put(table, TABLE_PLAIN, "%" PRId64, number);
            }
        }
    }
}
