/* Histograms with fixed bounds: buckets, sums of several, percentiles. */
#include "tests/unit/test.h"

#include "base/histogram.h"

static const struct histogram_bounds *const all_bounds[] = {&HISTOGRAM_JOB, &HISTOGRAM_REQUEST,
                                                            &HISTOGRAM_CALL, &HISTOGRAM_COUNT};

static void test_bounds_rise_and_leave_a_bucket_for_what_is_above(void **state)
{
    (void)state;
    for (size_t index = 0; index < 4; index++) {
        const struct histogram_bounds *bounds = all_bounds[index];
        assert_true(bounds->count < HISTOGRAM_BUCKETS_MAX);
        for (size_t bucket = 1; bucket < bounds->count; bucket++) {
            assert_true(bounds->values[bucket] > bounds->values[bucket - 1]);
        }
    }
}

static void test_a_bound_is_part_of_its_bucket(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_add(&histogram, &HISTOGRAM_COUNT, 0);
    histogram_add(&histogram, &HISTOGRAM_COUNT, 1);
    histogram_add(&histogram, &HISTOGRAM_COUNT, 2);
    histogram_add(&histogram, &HISTOGRAM_COUNT, 10001);
    assert_int_equal(histogram.counts[0], 2);
    assert_int_equal(histogram.counts[1], 1);
    assert_int_equal(histogram.counts[HISTOGRAM_COUNT.count], 1);
    assert_int_equal(histogram.sum, 10004);
    assert_int_equal(histogram_count(&histogram), 4);
}

static void test_what_was_merged_can_be_taken_away_again(void **state)
{
    struct histogram early = {0};
    struct histogram late;
    (void)state;
    histogram_add(&early, &HISTOGRAM_JOB, 7);
    late = early;
    histogram_add(&late, &HISTOGRAM_JOB, 700);
    histogram_subtract(&late, &early);
    assert_int_equal(histogram_count(&late), 1);
    assert_int_equal(late.sum, 700);
    histogram_merge(&late, &early);
    assert_int_equal(histogram_count(&late), 2);
    assert_int_equal(late.sum, 707);
}

static void test_percentiles_lie_within_their_bucket(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    assert_int_equal(histogram_percentile(&histogram, &HISTOGRAM_JOB, 95), 0);
    for (int count = 0; count < 90; count++) {
        histogram_add(&histogram, &HISTOGRAM_JOB, 20);
    }
    for (int count = 0; count < 10; count++) {
        histogram_add(&histogram, &HISTOGRAM_JOB, 4000);
    }
    uint64_t half = histogram_percentile(&histogram, &HISTOGRAM_JOB, 50);
    uint64_t high = histogram_percentile(&histogram, &HISTOGRAM_JOB, 95);
    assert_true(half > 10 && half <= 25);
    assert_int_equal(high, 3750); /* half of its ten lie below, between 2500 and 5000 */
    assert_int_equal(histogram_percentile(&histogram, &HISTOGRAM_JOB, 100), 5000);
}

static void test_what_is_above_all_bounds_counts_as_the_highest(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    histogram_add(&histogram, &HISTOGRAM_JOB, UINT64_MAX / 2);
    assert_int_equal(histogram_percentile(&histogram, &HISTOGRAM_JOB, 50), 86400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_rise_and_leave_a_bucket_for_what_is_above),
        cmocka_unit_test(test_a_bound_is_part_of_its_bucket),
        cmocka_unit_test(test_what_was_merged_can_be_taken_away_again),
        cmocka_unit_test(test_percentiles_lie_within_their_bucket),
        cmocka_unit_test(test_what_is_above_all_bounds_counts_as_the_highest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
