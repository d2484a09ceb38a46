#include "tests/unit/scrape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/test.h"

enum {
    LINE_SIZE_MAX = 512,
};

static bool is_of_the_process(const char *line)
{
    static const char *const begins[] = {"process_", "troupe_build"};
    if (strncmp(line, "# ", 2) == 0) {
        line += strcspn(line + 2, " ") + 3;
    }
    for (size_t index = 0; index < sizeof begins / sizeof begins[0]; index++) {
        if (strncmp(line, begins[index], strlen(begins[index])) == 0) {
            return true;
        }
    }
    return false;
}

void scrape_init(struct scrape *scrape, enum metrics_format format,
                 void (*write)(struct metrics_writer *writer))
{
    struct buffer out;
    struct metrics_writer writer;
    *scrape = (struct scrape){.format = format};
    buffer_init(&out, METRICS_SIZE_MAX);
    metrics_init(&writer, format, &out);
    write(&writer);
    assert_int_equal(metrics_end(&writer), STATUS_OK);
    scrape->text = calloc(1, out.size + 1);
    assert_non_null(scrape->text);
    memcpy(scrape->text, out.data, out.size);
    assert_int_equal(scrape->text[out.size - 1], '\n');
    buffer_fini(&out);
    char *rest = scrape->text;
    while (*rest != '\0') {
        char *line = rest;
        rest = strchr(line, '\n') + 1;
        rest[-1] = '\0';
        assert_true(scrape->count < SCRAPE_LINES_MAX);
        scrape->lines[scrape->count].text = line;
        scrape->lines[scrape->count++].is_seen = is_of_the_process(line);
    }
}

void scrape_fini(struct scrape *scrape)
{
    free(scrape->text);
    scrape->text = NULL;
}

/* Finds a line, which begins with that text or is it, that was not named yet. */
static const char *find(struct scrape *scrape, const char *text, bool is_whole)
{
    for (size_t index = 0; index < scrape->count; index++) {
        const char *line = scrape->lines[index].text;
        bool is_it = is_whole ? strcmp(line, text) == 0 : strncmp(line, text, strlen(text)) == 0;
        if (is_it && !scrape->lines[index].is_seen) {
            scrape->lines[index].is_seen = true;
            return line + strlen(text);
        }
    }
    fail_msg("no line %s", text);
    return "";
}

void scrape_expect(struct scrape *scrape, const char *line, ...)
{
    char text[LINE_SIZE_MAX];
    va_list arguments;
    va_start(arguments, line);
    int size = vsnprintf(text, sizeof text, line, arguments);
    va_end(arguments);
    assert_true(size > 0 && size < (int)sizeof text);
    find(scrape, text, true);
}

void scrape_family(struct scrape *scrape, const char *family, const char *type, const char *unit)
{
    bool is_open = scrape->format == METRICS_OPENMETRICS;
    const char *end = !is_open && strcmp(type, "counter") == 0 ? "_total" : "";
    char text[LINE_SIZE_MAX];
    scrape_expect(scrape, "# TYPE %s%s %s", family, end, type);
    if (unit != NULL && is_open) {
        scrape_expect(scrape, "# UNIT %s %s", family, unit);
    }
    snprintf(text, sizeof text, "# HELP %s%s ", family, end);
    assert_true(strlen(find(scrape, text, false)) > 10);
}

/* The value of a sample that is named. */
static double value_of(struct scrape *scrape, const char *family, const char *end,
                       const char *labels)
{
    char text[LINE_SIZE_MAX];
    bool has_labels = labels[0] != '\0';
    snprintf(text, sizeof text, "%s%s%s%s%s ", family, end, has_labels ? "{" : "", labels,
             has_labels ? "}" : "");
    return strtod(find(scrape, text, false), NULL);
}

static void assert_close(double found, double expected)
{
    double off = found > expected ? found - expected : expected - found;
    assert_true(off <= expected * 1e-9);
}

void scrape_histogram(struct scrape *scrape, const char *family, const char *labels,
                      const struct histogram_bounds *bounds, const struct histogram *histogram)
{
    char text[LINE_SIZE_MAX];
    uint64_t below = 0;
    snprintf(text, sizeof text, "%s_bucket{%s%sle=\"", family, labels, labels[0] ? "," : "");
    for (size_t bucket = 0; bucket <= bounds->count; bucket++) {
        char *end;
        double bound = strtod(find(scrape, text, false), &end); /* in the order of the bounds */
        below += histogram->counts[bucket];
        if (bucket < bounds->count) {
            assert_close(bound, (double)bounds->values[bucket] * bounds->unit);
        } else {
            assert_true(bound > 1e300);
        }
        assert_memory_equal(end, "\"} ", 3);
        assert_int_equal(strtoull(end + 3, NULL, 10), below);
    }
    assert_close(value_of(scrape, family, "_sum", labels), (double)histogram->sum * bounds->unit);
    assert_close(value_of(scrape, family, "_count", labels), (double)below);
}

struct histogram scrape_histogram_of(const struct histogram_bounds *bounds, uint64_t first)
{
    struct histogram histogram = {.sum = first * 1000 + 7};
    for (size_t bucket = 0; bucket <= bounds->count; bucket++) {
        histogram.counts[bucket] = first + bucket;
    }
    return histogram;
}

void scrape_end(struct scrape *scrape)
{
    if (scrape->format == METRICS_OPENMETRICS) {
        assert_string_equal(scrape->lines[scrape->count - 1].text, "# EOF");
        scrape->lines[scrape->count - 1].is_seen = true;
    }
    for (size_t index = 0; index < scrape->count; index++) {
        if (!scrape->lines[index].is_seen) {
            fail_msg("nobody has named %s", scrape->lines[index].text);
        }
    }
}
