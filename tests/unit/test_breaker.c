/* The breaker: when it opens, for how long, and what a probe is. */

#include "broker/core/breaker.h"

#include "broker/core/limits.h"
#include "tests/unit/test.h"

enum {
    NOW = 1000000,
};

static const struct id caller = {{1}};
static const struct id other = {{2}};

static struct breaker opened(void)
{
    struct breaker breaker = {0};
    breaker_report(&breaker, &caller, 0, BREAKER_FAILURES_MIN, NOW);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    return breaker;
}

static void opens_at_enough_failures_that_are_half_of_the_calls(void **state)
{
    static const struct {
        uint32_t successes, failures;
        bool opens;
    } cases[] = {
        {0, 4, false}, {0, 5, true},     {5, 5, true},
        {6, 5, false}, {100, 99, false}, {100, 100, true},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct breaker breaker = {0};
        breaker_report(&breaker, &caller, cases[index].successes, 0, NOW);
        breaker_report(&breaker, &caller, 0, cases[index].failures, NOW + 1000);
        assert_int_equal(breaker.state, cases[index].opens ? BREAKER_OPEN : BREAKER_CLOSED);
        assert_true((breaker_next(&breaker) > NOW) == cases[index].opens);
    }
}

static void forgets_what_is_older_than_its_window(void **state)
{
    struct breaker breaker = {0};
    (void)state;
    breaker_report(&breaker, &caller, 0, 4, NOW);
    breaker_report(&breaker, &caller, 0, 1, NOW + 33000);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    breaker_report(&breaker, &caller, 0, 4, NOW + 60000);
    assert_int_equal(breaker.state, BREAKER_OPEN);
}

/* While it opens again and again it is one outage. */
static void knows_since_when_it_is_as_it_is(void **state)
{
    struct breaker breaker = opened();
    int64_t again = NOW + BREAKER_OPEN_MS;
    (void)state;
    assert_int_equal(breaker.since, NOW);
    breaker_call(&breaker, &caller, again);
    breaker_report(&breaker, &caller, 0, 1, again + 5);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    assert_int_equal(breaker.since, NOW);
    again += 3 * BREAKER_OPEN_MS;
    breaker_call(&breaker, &caller, again);
    breaker_report(&breaker, &caller, 1, 0, again + 5);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    assert_int_equal(breaker.since, again + 5);
}

static void lets_one_probe_through_when_its_time_is_over(void **state)
{
    struct breaker breaker = opened();
    (void)state;
    assert_int_equal(breaker_next(&breaker), NOW + BREAKER_OPEN_MS);
    assert_int_equal(breaker_retry(&breaker, NOW), NOW + BREAKER_OPEN_MS);
    breaker_report(&breaker, &caller, 10, 0, NOW + 1); /* of a call from before */
    assert_int_equal(breaker.state, BREAKER_OPEN);
    breaker_call(&breaker, &caller, NOW + BREAKER_OPEN_MS);
    int64_t lost = NOW + BREAKER_OPEN_MS + BREAKER_PROBE_MS;
    assert_int_equal(breaker_next(&breaker), lost);
    assert_int_equal(breaker_retry(&breaker, NOW + BREAKER_OPEN_MS),
                     NOW + BREAKER_OPEN_MS + PROBE_RETRY_MS);
    assert_int_equal(breaker_retry(&breaker, lost - 1), lost);
    breaker_report(&breaker, &caller, 1, 0, NOW + BREAKER_OPEN_MS + 5);
    assert_int_equal(breaker_next(&breaker), INT64_MIN);
}

/* Calls that nobody asks for: the first outcome when its time is over decides. */
static void is_decided_by_calls_that_were_not_asked_for(void **state)
{
    struct breaker breaker = opened();
    (void)state;
    breaker_report(&breaker, &caller, 0, 1, NOW + BREAKER_OPEN_MS);
    assert_int_equal(breaker_next(&breaker), NOW + 3 * BREAKER_OPEN_MS);
    breaker_report(&breaker, &caller, 1, 0, NOW + 3 * BREAKER_OPEN_MS);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void lets_only_its_caller_say_that_a_probe_failed(void **state)
{
    struct breaker breaker = opened();
    (void)state;
    breaker_call(&breaker, &caller, NOW + BREAKER_OPEN_MS);
    breaker_report(&breaker, &other, 0, 9, NOW + BREAKER_OPEN_MS + 1);
    assert_int_equal(breaker.state, BREAKER_PROBING);
    breaker_report(&breaker, &other, 1, 9, NOW + BREAKER_OPEN_MS + 2);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
    breaker = opened();
    breaker_call(&breaker, &caller, NOW + BREAKER_OPEN_MS);
    breaker_report(&breaker, &caller, 0, 1, NOW + BREAKER_OPEN_MS + 1);
    assert_int_equal(breaker.state, BREAKER_OPEN);
    breaker = opened();
    breaker_call(&breaker, &caller, NOW + BREAKER_OPEN_MS);
    breaker_report(&breaker, &other, 0, 1, NOW + BREAKER_OPEN_MS + BREAKER_PROBE_MS);
    assert_int_equal(breaker.state, BREAKER_OPEN); /* the probe is lost: nobody's is awaited */
}

static void takes_a_silent_probe_for_lost(void **state)
{
    struct breaker breaker = opened();
    (void)state;
    breaker_call(&breaker, &caller, NOW + BREAKER_OPEN_MS);
    breaker_report(&breaker, &caller, 0, 0, NOW + BREAKER_OPEN_MS + 1);
    assert_int_equal(breaker.state, BREAKER_PROBING);
    breaker_call(&breaker, &caller, NOW + BREAKER_OPEN_MS + BREAKER_PROBE_MS);
    assert_int_equal(breaker.state, BREAKER_PROBING);
}

static void is_open_twice_as_long_each_time_up_to_a_limit(void **state)
{
    static const int64_t expected[] = {20000, 40000, 80000, 160000, 300000, 300000};
    struct breaker breaker = opened();
    int64_t now = NOW;
    (void)state;
    for (size_t index = 0; index < 6; index++) {
        now = breaker_next(&breaker);
        breaker_call(&breaker, &caller, now);
        breaker_report(&breaker, &caller, 0, 1, now);
        assert_int_equal(breaker_next(&breaker) - now, expected[index]);
    }
    now = breaker_next(&breaker);
    breaker_call(&breaker, &caller, now);
    breaker_report(&breaker, &caller, 1, 0, now);
    breaker_report(&breaker, &caller, 0, 4, now);
    assert_int_equal(breaker.state, BREAKER_CLOSED); /* nothing is left of what was before */
    breaker_report(&breaker, &caller, 0, 1, now);
    assert_int_equal(breaker_next(&breaker) - now, BREAKER_OPEN_MS);
}

static void opens_at_once_when_the_account_is_refused(void **state)
{
    struct breaker breaker = {0};
    (void)state;
    breaker_refuse(&breaker, 3600000, NOW);
    assert_int_equal(breaker_next(&breaker), NOW + 3600000);
    breaker_refuse(&breaker, 1000, NOW + 1);
    assert_int_equal(breaker_next(&breaker), NOW + 3600000);
    breaker_refuse(&breaker, 7200000, NOW + 1);
    assert_int_equal(breaker_next(&breaker), NOW + 1 + 7200000);
    breaker_refuse(&breaker, 0, NOW + 1 + 7200000);
    assert_true(breaker_next(&breaker) > NOW + 1 + 7200000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_at_enough_failures_that_are_half_of_the_calls),
        cmocka_unit_test(forgets_what_is_older_than_its_window),
        cmocka_unit_test(knows_since_when_it_is_as_it_is),
        cmocka_unit_test(lets_one_probe_through_when_its_time_is_over),
        cmocka_unit_test(is_decided_by_calls_that_were_not_asked_for),
        cmocka_unit_test(lets_only_its_caller_say_that_a_probe_failed),
        cmocka_unit_test(takes_a_silent_probe_for_lost),
        cmocka_unit_test(is_open_twice_as_long_each_time_up_to_a_limit),
        cmocka_unit_test(opens_at_once_when_the_account_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
