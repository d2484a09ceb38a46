#include "base/histogram.h"

#include <assert.h>

enum {
    FEW = 20, /* values: 95 of 100 are all of fewer */
};

#define BOUNDS(values, unit)                              \
    {                                                     \
        values, sizeof(values) / sizeof(values[0]), unit, \
    }

static const uint64_t job_ms[] = {5,      10,     25,      50,      100,      250,     500,
                                  1000,   2500,   5000,    10000,   30000,    60000,   120000,
                                  300000, 600000, 1800000, 3600000, 14400000, 86400000};
static const uint64_t request_us[] = {100,    250,    500,     1000,    2500,
                                      5000,   10000,  25000,   50000,   100000,
                                      250000, 500000, 1000000, 2500000, 10000000};
static const uint64_t call_ms[] = {10,   25,    50,    100,   250,    500,    1000,  2500,
                                   5000, 10000, 30000, 60000, 120000, 300000, 600000};
static const uint64_t counts[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

const struct histogram_bounds HISTOGRAM_JOB = BOUNDS(job_ms, 1e-3);
const struct histogram_bounds HISTOGRAM_REQUEST = BOUNDS(request_us, 1e-6);
const struct histogram_bounds HISTOGRAM_CALL = BOUNDS(call_ms, 1e-3);
const struct histogram_bounds HISTOGRAM_COUNT = BOUNDS(counts, 1);

_Static_assert(sizeof(job_ms) / sizeof(job_ms[0]) < HISTOGRAM_BUCKETS_MAX, "and one above");

/* A value is mostly small against the largest bound: a walk from below is short. */
void histogram_add(struct histogram *histogram, const struct histogram_bounds *bounds,
                   uint64_t value)
{
    size_t bucket = 0;
    assert(bounds->count < HISTOGRAM_BUCKETS_MAX);
    while (bucket < bounds->count && value > bounds->values[bucket]) {
        bucket++;
    }
    histogram->counts[bucket]++;
    histogram->sum += value;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS_MAX; bucket++) {
        histogram->counts[bucket] += other->counts[bucket];
    }
    histogram->sum += other->sum;
}

void histogram_subtract(struct histogram *histogram, const struct histogram *earlier)
{
    for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS_MAX; bucket++) {
        assert(histogram->counts[bucket] >= earlier->counts[bucket]);
        histogram->counts[bucket] -= earlier->counts[bucket];
    }
    histogram->sum -= earlier->sum;
}

uint64_t histogram_count(const struct histogram *histogram)
{
    uint64_t count = 0;
    for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS_MAX; bucket++) {
        count += histogram->counts[bucket];
    }
    return count;
}

/* ---- percentiles ---- */

static double low_of(const struct histogram_bounds *bounds, size_t bucket)
{
    return bucket == 0 ? 0 : (double)bounds->values[bucket - 1];
}

/* The sum of the values of one bucket, were those of all others at a share of theirs (0: as low as
 * they can be, 1: as high). What is above all bounds is taken as at the highest one. */
static double sum_within(const struct histogram *histogram, const struct histogram_bounds *bounds,
                         size_t bucket, double share)
{
    double sum = (double)histogram->sum;
    for (size_t other = 0; other <= bounds->count; other++) {
        double low = low_of(bounds, other);
        double high = other < bounds->count ? (double)bounds->values[other] : low;
        double each = low + (high - low) * share;
        sum -= other == bucket ? 0 : each * (double)histogram->counts[other];
    }
    return sum;
}

/* A value that the highest one is not below, whatever the others are. */
static double highest_for_certain(const struct histogram *histogram,
                                  const struct histogram_bounds *bounds)
{
    size_t bucket = bounds->count;
    while (bucket > 0 && histogram->counts[bucket] == 0) {
        bucket--;
    }
    double low = low_of(bounds, bucket);
    double mean = sum_within(histogram, bounds, bucket, 1) / (double)histogram->counts[bucket];
    return mean > low ? mean : low;
}

/* The value at a share of those of a bucket. */
static double value_within(const struct histogram *histogram, const struct histogram_bounds *bounds,
                           size_t bucket, double share)
{
    double low = low_of(bounds, bucket);
    double high = (double)bounds->values[bucket];
    double middle = sum_within(histogram, bounds, bucket, 0.5) / (double)histogram->counts[bucket];
    middle = middle < low ? low : middle > high ? high : middle;
    if (middle - low < high - middle) {
        high = middle + (middle - low);
    } else {
        low = middle - (high - middle);
    }
    return low + (high - low) * share;
}

uint64_t histogram_percentile(const struct histogram *histogram,
                              const struct histogram_bounds *bounds, uint32_t percent)
{
    uint64_t count = histogram_count(histogram);
    double rank = (double)count * percent / 100;
    double below = 0;
    assert(percent <= 100);
    if (count == 0) {
        return 0;
    }
    for (size_t bucket = 0; bucket < bounds->count; bucket++) {
        double here = (double)histogram->counts[bucket];
        if (here > 0 && below + here >= rank) {
            double value = value_within(histogram, bounds, bucket, (rank - below) / here);
            double most = highest_for_certain(histogram, bounds);
            return (uint64_t)((count < FEW && value > most ? most : value) + 0.5);
        }
        below += here;
    }
    return bounds->values[bounds->count - 1];
}
