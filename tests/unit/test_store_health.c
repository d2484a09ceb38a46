#include "actors/store_health.h"

#include "actors/limits.h"
#include "tests/unit/test.h"

static void one_that_is_not_known_to_be_bad_is_not_probed(void **state)
{
    struct store_health health = {0};
    (void)state;
    assert_false(health.is_bad);
    assert_false(store_health_begin_probe(&health, 5000));
}

static void one_that_fails_is_probed_after_a_while_once_at_a_time(void **state)
{
    struct store_health health = {0};
    (void)state;
    store_health_failed(&health, "FULL", 5000);
    assert_true(health.is_bad);
    assert_string_equal(health.words, "FULL");
    assert_false(store_health_begin_probe(&health, 5000 + STORE_PROBE_MS_MIN - 1));
    assert_true(store_health_begin_probe(&health, 5000 + STORE_PROBE_MS_MIN));
    assert_false(store_health_begin_probe(&health, 100000));
    assert_int_equal(store_health_wait_ms(&health, 100000), STORE_PROBE_MS_MIN);
    store_health_succeeded(&health);
    assert_false(health.is_bad);
    assert_false(store_health_begin_probe(&health, 200000));
}

static void probes_that_fail_get_rarer(void **state)
{
    struct store_health health = {0};
    int64_t now_ms = 0;
    (void)state;
    store_health_failed(&health, "IO", now_ms);
    for (int64_t pause_ms = STORE_PROBE_MS_MIN; pause_ms < 4 * STORE_PROBE_MS_MAX; pause_ms *= 2) {
        int64_t bounded_ms = pause_ms < STORE_PROBE_MS_MAX ? pause_ms : STORE_PROBE_MS_MAX;
        assert_int_equal(store_health_wait_ms(&health, now_ms), bounded_ms);
        assert_false(store_health_begin_probe(&health, now_ms + bounded_ms - 1));
        now_ms += bounded_ms;
        assert_true(store_health_begin_probe(&health, now_ms));
        store_health_failed(&health, "DENIED", now_ms);
    }
    assert_string_equal(health.words, "DENIED");
}

static void those_that_were_under_way_do_not_put_the_probe_off(void **state)
{
    struct store_health health = {0};
    (void)state;
    store_health_failed(&health, "IO", 0);
    store_health_failed(&health, "IO", 900);
    store_health_failed(&health, "IO", 990);
    assert_true(store_health_begin_probe(&health, STORE_PROBE_MS_MIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_not_known_to_be_bad_is_not_probed),
        cmocka_unit_test(one_that_fails_is_probed_after_a_while_once_at_a_time),
        cmocka_unit_test(probes_that_fail_get_rarer),
        cmocka_unit_test(those_that_were_under_way_do_not_put_the_probe_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
