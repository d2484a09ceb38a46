#ifndef TROUPE_TESTS_UNIT_SCRAPE_H
#define TROUPE_TESTS_UNIT_SCRAPE_H

/*
 * What a program tells Prometheus, line by line: a test names each line that is to be there, and in
 * the end nothing else may be. What process_metrics_write tells is the system's, and passed over.
 */

#include "base/metrics.h"

enum {
    SCRAPE_LINES_MAX = 2048,
};

struct scrape {
    enum metrics_format format;
    char *text; /* owned; zeros for its line ends */
    size_t count;
    struct {
        const char *text;
        bool is_seen;
    } lines[SCRAPE_LINES_MAX];
};

/* Writes the metrics in that format and takes them apart. */
void scrape_init(struct scrape *scrape, enum metrics_format format,
                 void (*write)(struct metrics_writer *writer));
void scrape_fini(struct scrape *scrape);

/* Asserts that a line is there, once. */
void scrape_expect(struct scrape *scrape, const char *line, ...)
    __attribute__((format(printf, 2, 3)));

/* Asserts a family's type and unit (NULL: none), and that it has words for people. family has no
 * "_total". */
void scrape_family(struct scrape *scrape, const char *family, const char *type, const char *unit);

/* Asserts every sample of a histogram: labels without braces, "" for none. */
void scrape_histogram(struct scrape *scrape, const char *family, const char *labels,
                      const struct histogram_bounds *bounds, const struct histogram *histogram);

/* A histogram with another number in each bucket, all of them different for another first. */
struct histogram scrape_histogram_of(const struct histogram_bounds *bounds, uint64_t first);

/* Asserts that everything was named. */
void scrape_end(struct scrape *scrape);

#endif
