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
    assert_in_range(high, 3990, 4060); /* half of its ten lie below, and their middle is known */
    assert_int_equal(histogram_percentile(&histogram, &HISTOGRAM_JOB, 100), 5000);
}

/* Random numbers of its own: the same ones in each run. */
static uint64_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void test_of_few_values_none_is_told_that_is_above_the_highest(void **state)
{
    static const uint32_t percents[] = {0, 1, 50, 95, 99, 100};
    uint64_t seed = 1;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct histogram histogram = {0};
        uint64_t count = random_next(&seed) % 19 + 1;
        uint64_t scale = UINT64_C(1) << random_next(&seed) % 28;
        uint64_t highest = 0;
        for (uint64_t index = 0; index < count; index++) {
            uint64_t value = random_next(&seed) % scale;
            histogram_add(&histogram, &HISTOGRAM_JOB, value);
            highest = value > highest ? value : highest;
        }
        for (size_t index = 0; index < sizeof percents / sizeof percents[0]; index++) {
            uint64_t told = histogram_percentile(&histogram, &HISTOGRAM_JOB, percents[index]);
            assert_true(told <= highest);
        }
    }
}

static void test_a_higher_percentile_is_never_lower(void **state)
{
    uint64_t seed = 2;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct histogram histogram = {0};
        uint64_t count = random_next(&seed) % 40 + 1;
        uint64_t scale = UINT64_C(1) << random_next(&seed) % 28;
        for (uint64_t index = 0; index < count; index++) {
            histogram_add(&histogram, &HISTOGRAM_JOB, random_next(&seed) % scale);
        }
        uint64_t before = 0;
        for (uint32_t percent = 0; percent <= 100; percent++) {
            uint64_t told = histogram_percentile(&histogram, &HISTOGRAM_JOB, percent);
            assert_true(told >= before);
            before = told;
        }
    }
}

static void test_one_value_is_told_as_it_is(void **state)
{
    static const uint64_t values[] = {0, 1, 6, 10, 11, 12345, 59999, 86400000};
    (void)state;
    for (size_t index = 0; index < sizeof values / sizeof values[0]; index++) {
        struct histogram histogram = {0};
        histogram_add(&histogram, &HISTOGRAM_JOB, values[index]);
        assert_int_equal(histogram_percentile(&histogram, &HISTOGRAM_JOB, 50), values[index]);
        assert_int_equal(histogram_percentile(&histogram, &HISTOGRAM_JOB, 95), values[index]);
    }
}

/* A hundred jobs of 12 to 13 s, which is at the low end of their bucket. */
static void test_many_values_are_told_about_where_they_are(void **state)
{
    struct histogram histogram = {0};
    (void)state;
    for (uint64_t index = 0; index < 100; index++) {
        histogram_add(&histogram, &HISTOGRAM_JOB, 12000 + 10 * index);
    }
    assert_in_range(histogram_percentile(&histogram, &HISTOGRAM_JOB, 50), 12000, 13000);
    assert_in_range(histogram_percentile(&histogram, &HISTOGRAM_JOB, 95), 12500, 15000);
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
        cmocka_unit_test(test_of_few_values_none_is_told_that_is_above_the_highest),
        cmocka_unit_test(test_a_higher_percentile_is_never_lower),
        cmocka_unit_test(test_one_value_is_told_as_it_is),
        cmocka_unit_test(test_many_values_are_told_about_where_they_are),
        cmocka_unit_test(test_what_is_above_all_bounds_counts_as_the_highest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
