#include "broker/core/minute.h"

#include "tests/unit/test.h"

enum {
    START = 1000000, /* milliseconds */
};

static void nothing_has_happened_at_first(void **state)
{
    const struct minute minute = {0};
    (void)state;
    assert_int_equal(minute_sum(&minute, MINUTE_STARTED, 0), 0);
    assert_int_equal(minute_sum(&minute, MINUTE_STARTED, START), 0);
}

static void things_are_counted_apart(void **state)
{
    struct minute minute = {0};
    (void)state;
    minute_count(&minute, MINUTE_STARTED, START);
    minute_count(&minute, MINUTE_STARTED, START + 999);
    minute_count(&minute, MINUTE_FAILED, START + 5000);
    assert_int_equal(minute_sum(&minute, MINUTE_STARTED, START + 5000), 2);
    assert_int_equal(minute_sum(&minute, MINUTE_FAILED, START + 5000), 1);
    assert_int_equal(minute_sum(&minute, MINUTE_COMPLETED, START + 5000), 0);
}

static void what_is_a_minute_old_counts_no_longer(void **state)
{
    struct minute minute = {0};
    (void)state;
    minute_count(&minute, MINUTE_STARTED, START);
    minute_count(&minute, MINUTE_STARTED, START + 30000);
    assert_int_equal(minute_sum(&minute, MINUTE_STARTED, START + 59999), 2);
    assert_int_equal(minute_sum(&minute, MINUTE_STARTED, START + 60000), 1);
    assert_int_equal(minute_sum(&minute, MINUTE_STARTED, START + 89999), 1);
    assert_int_equal(minute_sum(&minute, MINUTE_STARTED, START + 90000), 0);
}

/* Counts in every second of ten minutes and holds the sum against a list of all. */
static void the_sum_is_that_of_the_last_sixty_seconds(void **state)
{
    enum {
        SECONDS = 600
    };
    static uint32_t counts[SECONDS];
    struct minute minute = {0};
    uint32_t random = 1;
    (void)state;
    for (int second = 0; second < SECONDS; second++) {
        uint64_t expected = 0;
        random = random * 1664525 + 1013904223;
        uint32_t quiet = second > 200 && second < 400; /* longer than the ring */
        counts[second] = quiet ? 0 : (random >> 24) % 5;
        for (uint32_t count = 0; count < counts[second]; count++) {
            minute_count(&minute, MINUTE_COMPLETED, START + second * 1000);
        }
        for (int past = second; past >= 0 && past > second - MINUTE_SECONDS; past--) {
            expected += counts[past];
        }
        assert_int_equal(minute_sum(&minute, MINUTE_COMPLETED, START + second * 1000), expected);
    }
}

static void many_at_once_do_not_overflow(void **state)
{
    struct minute minute = {0};
    (void)state;
    minute_add(&minute, MINUTE_FAILED, 7, START);
    assert_int_equal(minute_sum(&minute, MINUTE_FAILED, START), 7);
    minute_add(&minute, MINUTE_FAILED, UINT32_MAX, START);
    minute_add(&minute, MINUTE_FAILED, UINT32_MAX, START + 1000);
    assert_int_equal(minute_sum(&minute, MINUTE_FAILED, START + 1000), 2 * (uint64_t)UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_happened_at_first),
        cmocka_unit_test(things_are_counted_apart),
        cmocka_unit_test(what_is_a_minute_old_counts_no_longer),
        cmocka_unit_test(many_at_once_do_not_overflow),
        cmocka_unit_test(the_sum_is_that_of_the_last_sixty_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
