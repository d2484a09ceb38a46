#include "broker/core/pace.h"

#include "tests/unit/test.h"

static void knows_nothing_before_the_first_end(void **state)
{
    const struct pace pace = {0};
    (void)state;
    assert_int_equal(pace_run_ms(&pace, 5000), 0);
}

static void tells_the_mean_of_the_last_ends_alone(void **state)
{
    struct pace pace = {0};
    (void)state;
    pace_end(&pace, 1000, 10);
    pace_end(&pace, 3000, 20);
    assert_int_equal(pace_run_ms(&pace, 20), 2000);
    for (int count = 0; count < PACE_RUNS; count++) {
        pace_end(&pace, 40, 30);
    }
    assert_int_equal(pace_run_ms(&pace, 30), 40);
}

static void is_never_zero_once_something_ended(void **state)
{
    struct pace pace = {0};
    (void)state;
    pace_end(&pace, 0, 10);
    assert_int_equal(pace_run_ms(&pace, 10), 1);
}

static void forgets_after_an_hour_without_an_end(void **state)
{
    struct pace pace = {0};
    (void)state;
    pace_end(&pace, 500, 10);
    assert_int_equal(pace_run_ms(&pace, 10 + PACE_KEPT_MS), 500);
    assert_int_equal(pace_run_ms(&pace, 11 + PACE_KEPT_MS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_nothing_before_the_first_end),
        cmocka_unit_test(tells_the_mean_of_the_last_ends_alone),
        cmocka_unit_test(is_never_zero_once_something_ended),
        cmocka_unit_test(forgets_after_an_hour_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
