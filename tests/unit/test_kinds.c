/* The table of the queues' rules. */

#include "tests/unit/test.h"
#include "broker/core/kinds.h"

static void tries_what_generates_three_times(void **state)
{
    (void)state;
    for (uint8_t kind = 0; kind < JOB_KIND_ASKED_COUNT; kind++) {
        assert_int_equal(kind_rules(kind)->attempts_max, 3);
        assert_int_equal(kind_rules(kind)->workers_lost_max, 3);
        assert_int_equal(kind_rules(kind)->backoff_ms[0], 2000);
        assert_int_equal(kind_rules(kind)->backoff_ms[1], 4000);
        assert_int_equal(kind_rules(kind)->deadline_ms, 86400000);
    }
}

static void tries_a_delivery_over_three_days(void **state)
{
    const struct kind_rules *rules = kind_rules(JOB_KIND_WEBHOOK);
    int64_t sum_ms = 0;
    (void)state;
    assert_int_equal(rules->attempts_max, 10);
    for (uint32_t failure = 0; failure < rules->attempts_max - 1; failure++) {
        sum_ms += rules->backoff_ms[failure] + rules->timeout_ms;
    }
    assert_int_equal(rules->backoff_ms[0], 5000);
    assert_int_equal(rules->backoff_ms[8], 86400000);
    assert_true(sum_ms > 3 * INT64_C(86400000));
    assert_true(sum_ms < rules->deadline_ms);
}

static void gives_every_pause_of_every_kind(void **state)
{
    (void)state;
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        const struct kind_rules *rules = kind_rules(kind);
        assert_true(rules->attempts_max <= ATTEMPTS_LIMIT);
        for (uint32_t failure = 0; failure < rules->attempts_max - 1; failure++) {
            assert_true(rules->backoff_ms[failure] > 0);
        }
        assert_non_null(rules->timeout_text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tries_what_generates_three_times),
        cmocka_unit_test(tries_a_delivery_over_three_days),
        cmocka_unit_test(gives_every_pause_of_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
