#ifndef TROUPE_BASE_HISTOGRAM_H
#define TROUPE_BASE_HISTOGRAM_H

/*
 * How often a quantity was how large, in buckets with fixed bounds: what is counted in two places
 * or at two times can be added up, and percentiles of the sum are as good as those of its parts. A
 * histogram has no bounds of its own; its owner names the same ones each time. Pure. Embedded.
 */

#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_BUCKETS_MAX = 24, /* that of what is above all bounds included */
};

/* Upper bounds, rising, each part of its bucket: at most HISTOGRAM_BUCKETS_MAX - 1. */
struct histogram_bounds {
    const uint64_t *values;
    size_t count;
    double unit; /* of a value in the base unit that is shown: 0.001 for milliseconds */
};

/* For jobs that wait or run: 5 ms to a day, in milliseconds. */
extern const struct histogram_bounds HISTOGRAM_JOB;
/* For requests and commits: 100 microseconds to 10 s, in microseconds. */
extern const struct histogram_bounds HISTOGRAM_REQUEST;
/* For calls of providers: 10 ms to 10 minutes, in milliseconds. */
extern const struct histogram_bounds HISTOGRAM_CALL;
/* For things counted: 1 to 10000. */
extern const struct histogram_bounds HISTOGRAM_COUNT;

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS_MAX]; /* of each bucket by itself */
    uint64_t sum;                           /* of all values */
};

/* Counts a value. */
void histogram_add(struct histogram *histogram, const struct histogram_bounds *bounds,
                   uint64_t value);

/* Adds what another one has counted. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* Takes away what an earlier copy of the same histogram had counted. */
void histogram_subtract(struct histogram *histogram, const struct histogram *earlier);

/* How many values were counted. */
uint64_t histogram_count(const struct histogram *histogram);

/* The value that a share of them (0..100 percent) does not exceed; the highest bound when it is
 * above all of them; 0 when nothing was counted. Values are taken as spread evenly within their
 * bucket, around the middle that the sum of all leaves them. Of fewer than 20 values, whose highest
 * would be their 95th percentile, it is never more than the highest is for certain. */
uint64_t histogram_percentile(const struct histogram *histogram,
                              const struct histogram_bounds *bounds, uint32_t percent);

#endif
