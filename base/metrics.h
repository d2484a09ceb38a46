#ifndef TROUPE_BASE_METRICS_H
#define TROUPE_BASE_METRICS_H

/*
 * Writes metrics for Prometheus: its text format 0.0.4, or OpenMetrics 1.0. What there is to count
 * is a constant table in each program; the counts are plain numbers in who counts, read when
 * somebody asks. Every set of label values is made of names of ours, of a bounded number. Pure.
 */

#include "base/buffer.h"
#include "base/histogram.h"

enum {
    METRIC_LABELS_MAX = 3,
    METRICS_SIZE_MAX = 1 << 20, /* bytes of one answer: more is a mistake of ours */
};

enum metric_type {
    METRIC_COUNTER, /* shown as name_total */
    METRIC_GAUGE,
    METRIC_HISTOGRAM,
    METRIC_INFO, /* shown as name_info; its labels say something, its value is 1 */
};

struct metric {
    const char *name; /* without _total and _info; of a quantity with a unit, ends with it */
    enum metric_type type;
    const char *unit; /* in plural, or NULL */
    const char *help;
    const char *labels[METRIC_LABELS_MAX]; /* their names; the rest NULL */
    const struct histogram_bounds *bounds; /* of a histogram */
};

enum metrics_format {
    METRICS_TEXT,
    METRICS_OPENMETRICS,
};

/* What an Accept header (may be empty) asks for: OpenMetrics when it names a version of it that is
 * known and prefers nothing to it. */
enum metrics_format metrics_format_of(struct slice accept);

/* The value of Content-Type. */
const char *metrics_content_type(enum metrics_format format);

struct metrics_writer {
    struct buffer *out;
    enum metrics_format format;
    enum status status;          /* the first failure: what follows it does nothing */
    const struct metric *metric; /* the one that is being written */
};

void metrics_init(struct metrics_writer *writer, enum metrics_format format, struct buffer *out);

/* Begins a metric, whose samples follow; each metric once. */
void metrics_begin(struct metrics_writer *writer, const struct metric *metric);

/* Each adds a sample of the metric that was begun. values: of its labels, in their order, any text;
 * NULL when it has none. */
void metrics_integer(struct metrics_writer *writer, const char *const values[], uint64_t value);
void metrics_number(struct metrics_writer *writer, const char *const values[], double value);
void metrics_histogram(struct metrics_writer *writer, const char *const values[],
                       const struct histogram *histogram);

/* A metric without labels and its sample, in one call. */
void metrics_one(struct metrics_writer *writer, const struct metric *metric, uint64_t value);

/* Ends the answer. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status metrics_end(struct metrics_writer *writer);

#endif
