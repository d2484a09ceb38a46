#include "base/histogram.h"

#include <assert.h>

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

uint64_t histogram_percentile(const struct histogram *histogram,
                              const struct histogram_bounds *bounds, uint32_t percent)
{
    double rank = (double)histogram_count(histogram) * percent / 100;
    double below = 0;
    assert(percent <= 100);
    if (histogram_count(histogram) == 0) {
        return 0;
    }
    for (size_t bucket = 0; bucket < bounds->count; bucket++) {
        double here = (double)histogram->counts[bucket];
        if (here > 0 && below + here >= rank) {
            uint64_t low = bucket == 0 ? 0 : bounds->values[bucket - 1];
            double share = (rank - below) / here;
            return low + (uint64_t)((double)(bounds->values[bucket] - low) * share + 0.5);
        }
        below += here;
    }
    return bounds->values[bounds->count - 1];
}
