/* The limiter against its definition: the starts of the last second, counted. */

#include "broker/core/limiter.h"

#include "tests/unit/test.h"

static void is_full_at_first(void **state)
{
    struct limiter limiter;
    (void)state;
    assert_int_equal(limiter_init(&limiter, 3, 5000), STATUS_OK);
    assert_int_equal(limiter_next(&limiter), 6001);
    limiter_fini(&limiter);
    limiter_fini(&limiter);
}

static void allows_everything_without_a_rate(void **state)
{
    struct limiter limiter;
    (void)state;
    assert_int_equal(limiter_init(&limiter, 0, 5000), STATUS_OK);
    for (int start = 0; start < 1000; start++) {
        assert_true(limiter_next(&limiter) <= 5000);
        limiter_start(&limiter, 5000);
    }
    limiter_fini(&limiter);
}

static void forgets_a_start_when_more_than_a_second_has_passed(void **state)
{
    struct limiter limiter;
    (void)state;
    assert_int_equal(limiter_init(&limiter, 2, 0), STATUS_OK);
    limiter_start(&limiter, 2000);
    limiter_start(&limiter, 2999);
    assert_int_equal(limiter_next(&limiter), 3001);
    limiter_start(&limiter, 3001);
    assert_int_equal(limiter_next(&limiter), 4000);
    limiter_fini(&limiter);
}

/* Starts as often as allowed, at uneven times, and counts each window that ends with a start. */
static void never_exceeds_its_rate_in_any_second(void **state)
{
    enum {
        RATE = 5,
        STARTS = 2000
    };
    static int64_t starts[STARTS];
    struct limiter limiter;
    int64_t now = 1000;
    uint32_t random = 1;
    (void)state;
    assert_int_equal(limiter_init(&limiter, RATE, 0), STATUS_OK);
    for (int count = 0; count < STARTS; count++) {
        random = random * 1664525 + 1013904223;
        now += (random >> 24) % 7 == 0 ? (random >> 16) % 900 : (random >> 16) % 3;
        now = now < limiter_next(&limiter) ? limiter_next(&limiter) : now;
        limiter_start(&limiter, now);
        starts[count] = now;
        if (count >= RATE) {
            assert_true(now - starts[count - RATE] > LIMITER_WINDOW_MS);
        }
    }
    limiter_fini(&limiter);
}

static void tells_how_much_of_the_window_is_used(void **state)
{
    struct limiter limiter;
    (void)state;
    assert_int_equal(limiter_init(&limiter, 2, 0), STATUS_OK);
    assert_int_equal(limiter_used(&limiter, 1000), 2);
    assert_int_equal(limiter_used(&limiter, 1001), 0);
    limiter_start(&limiter, 3000);
    assert_int_equal(limiter_used(&limiter, 4000), 1);
    assert_int_equal(limiter_used(&limiter, 4001), 0);
    limiter_fini(&limiter);
    assert_int_equal(limiter_init(&limiter, 0, 0), STATUS_OK);
    assert_int_equal(limiter_used(&limiter, 10), 0);
    limiter_fini(&limiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_full_at_first),
        cmocka_unit_test(allows_everything_without_a_rate),
        cmocka_unit_test(forgets_a_start_when_more_than_a_second_has_passed),
        cmocka_unit_test(tells_how_much_of_the_window_is_used),
        cmocka_unit_test(never_exceeds_its_rate_in_any_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
