#include "base/metrics.h"

#include <assert.h>
#include <stdio.h>
#include "base/header_list.h"

enum {
    NUMBER_SIZE = 32, /* bytes of a number's text */
};

/* ---- what is asked for ---- */

static bool version_is_known(struct slice parameters)
{
    bool known = true;
    while (parameters.size > 0) {
        struct slice value = header_part_take(&parameters, ';');
        if (header_token_is(header_part_take(&value, '='), "version")) {
            known = header_token_is(value, "1.0.0") || header_token_is(value, "0.0.1");
        }
    }
    return known;
}

enum metrics_format metrics_format_of(struct slice accept)
{
    int open = HEADER_WEIGHT_NONE;
    int text = HEADER_WEIGHT_NONE;
    while (accept.size > 0) {
        struct slice range = header_part_take(&accept, ',');
        struct slice type = header_part_take(&range, ';');
        int weight = header_weight(range);
        if (header_token_is(type, "application/openmetrics-text") && version_is_known(range)) {
            open = weight > open ? weight : open;
        } else if (header_token_is(type, "text/plain")) {
            text = weight > text ? weight : text;
        }
    }
    return open > 0 && open >= text ? METRICS_OPENMETRICS : METRICS_TEXT;
}

const char *metrics_content_type(enum metrics_format format)
{
    return format == METRICS_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

/* ---- writing ---- */

void metrics_init(struct metrics_writer *writer, enum metrics_format format, struct buffer *out)
{
    *writer = (struct metrics_writer){.out = out, .format = format};
}

static void put(struct metrics_writer *writer, const char *text)
{
    if (writer->status == STATUS_OK) {
        writer->status = buffer_append(writer->out, text, strlen(text));
    }
}

/* Both formats escape the backslash and the line's end; the quote where there are some. */
static void put_escaped(struct metrics_writer *writer, const char *text)
{
    for (; *text != '\0'; text++) {
        char plain[2] = {*text, '\0'};
        put(writer, *text == '\\' ? "\\\\" : *text == '\n' ? "\\n" : *text == '"' ? "\\\"" : plain);
    }
}

static const char *suffix_of(const struct metric *metric)
{
    switch (metric->type) {
    case METRIC_COUNTER:
        return "_total";
    case METRIC_INFO:
        return "_info";
    case METRIC_GAUGE:
    case METRIC_HISTOGRAM:
        break;
    }
    return "";
}

static void put_about(struct metrics_writer *writer, const char *what)
{
    put(writer, "# ");
    put(writer, what);
    put(writer, " ");
    put(writer, writer->metric->name);
    /* OpenMetrics names the family, the older format the sample. */
    put(writer, writer->format == METRICS_OPENMETRICS ? "" : suffix_of(writer->metric));
    put(writer, " ");
}

static const char *type_name(const struct metrics_writer *writer)
{
    switch (writer->metric->type) {
    case METRIC_COUNTER:
        return "counter";
    case METRIC_HISTOGRAM:
        return "histogram";
    case METRIC_INFO:
        return writer->format == METRICS_OPENMETRICS ? "info" : "gauge";
    case METRIC_GAUGE:
        break;
    }
    return "gauge";
}

void metrics_begin(struct metrics_writer *writer, const struct metric *metric)
{
    writer->metric = metric;
    put_about(writer, "HELP");
    put(writer, metric->help); /* of ours: it has nothing to escape */
    put(writer, "\n");
    put_about(writer, "TYPE");
    put(writer, type_name(writer));
    put(writer, "\n");
    if (metric->unit != NULL && writer->format == METRICS_OPENMETRICS) {
        put_about(writer, "UNIT");
        put(writer, metric->unit);
        put(writer, "\n");
    }
}

/* bound: of a histogram's bucket, or NULL. */
static void put_name(struct metrics_writer *writer, const char *suffix, const char *const values[],
                     const char *bound)
{
    const char *between = "{";
    put(writer, writer->metric->name);
    put(writer, suffix);
    for (size_t index = 0; index < METRIC_LABELS_MAX && writer->metric->labels[index] != NULL;
         index++) {
        put(writer, between);
        put(writer, writer->metric->labels[index]);
        put(writer, "=\"");
        put_escaped(writer, values[index]);
        put(writer, "\"");
        between = ",";
    }
    if (bound != NULL) {
        put(writer, between);
        put(writer, "le=\"");
        put(writer, bound);
        put(writer, "\"");
        between = ",";
    }
    put(writer, between[0] == ',' ? "} " : " ");
}

static void put_integer(struct metrics_writer *writer, uint64_t value)
{
    if (writer->status == STATUS_OK) {
        writer->status = buffer_append_format(writer->out, "%llu\n", (unsigned long long)value);
    }
}

/* The shortest text that is that number; with a point or an exponent, as OpenMetrics has bounds. */
static void number_format(double value, char out[NUMBER_SIZE])
{
    snprintf(out, NUMBER_SIZE, "%.15g", value);
    size_t size = strlen(out);
    if (strcspn(out, ".en") == size) {
        snprintf(out + size, NUMBER_SIZE - size, ".0");
    }
}

static void put_number(struct metrics_writer *writer, double value)
{
    char text[NUMBER_SIZE];
    number_format(value, text);
    put(writer, text);
    put(writer, "\n");
}

void metrics_integer(struct metrics_writer *writer, const char *const values[], uint64_t value)
{
    put_name(writer, suffix_of(writer->metric), values, NULL);
    put_integer(writer, value);
}

void metrics_number(struct metrics_writer *writer, const char *const values[], double value)
{
    put_name(writer, suffix_of(writer->metric), values, NULL);
    put_number(writer, value);
}

void metrics_histogram(struct metrics_writer *writer, const char *const values[],
                       const struct histogram *histogram)
{
    const struct histogram_bounds *bounds = writer->metric->bounds;
    uint64_t below = 0;
    assert(writer->metric->type == METRIC_HISTOGRAM);
    for (size_t bucket = 0; bucket <= bounds->count; bucket++) {
        char bound[NUMBER_SIZE] = "+Inf";
        if (bucket < bounds->count) {
            number_format((double)bounds->values[bucket] * bounds->unit, bound);
        }
        below += histogram->counts[bucket];
        put_name(writer, "_bucket", values, bound);
        put_integer(writer, below);
    }
    put_name(writer, "_sum", values, NULL);
    put_number(writer, (double)histogram->sum * bounds->unit);
    put_name(writer, "_count", values, NULL);
    put_integer(writer, below);
}

void metrics_one(struct metrics_writer *writer, const struct metric *metric, uint64_t value)
{
    metrics_begin(writer, metric);
    metrics_integer(writer, NULL, value);
}

enum status metrics_end(struct metrics_writer *writer)
{
    if (writer->format == METRICS_OPENMETRICS) {
        put(writer, "# EOF\n");
    }
    return writer->status;
}
