#include "actors/timers.h"

#include "tests/unit/test.h"

enum {
    COUNT = 500,
};

static void nothing(void *context)
{
    (void)context;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void fire_in_the_order_of_their_times(void **state)
{
    static struct timer all[COUNT];
    struct timers timers;
    uint32_t seed = 1;
    (void)state;
    timers_init(&timers);
    assert_int_equal(timers_reserve(&timers, COUNT), STATUS_OK);
    for (size_t index = 0; index < COUNT; index++) {
        all[index] = (struct timer){.fire = nothing};
        timers_start(&timers, &all[index], next_random(&seed) % 1000);
    }
    int64_t last_ms = -1;
    for (size_t index = 0; index < COUNT; index++) {
        struct timer *timer = timers_take_due(&timers, 1000);
        assert_non_null(timer);
        assert_true(timer->due_ms >= last_ms);
        assert_false(timer_is_running(timer));
        last_ms = timer->due_ms;
    }
    assert_null(timers_take_due(&timers, 1000));
    timers_fini(&timers);
}

static void keep_their_order_when_any_of_them_stops_or_moves(void **state)
{
    static struct timer all[COUNT];
    struct timers timers;
    uint32_t seed = 7;
    (void)state;
    timers_init(&timers);
    assert_int_equal(timers_reserve(&timers, COUNT), STATUS_OK);
    for (size_t index = 0; index < COUNT; index++) {
        all[index] = (struct timer){.fire = nothing};
        timers_start(&timers, &all[index], next_random(&seed) % 1000);
    }
    for (size_t round = 0; round < 10 * COUNT; round++) {
        struct timer *timer = &all[next_random(&seed) % COUNT];
        if (next_random(&seed) % 2 == 0) {
            timers_stop(&timers, timer);
        } else {
            timers_start(&timers, timer, next_random(&seed) % 1000);
        }
    }
    size_t running = timers.count;
    int64_t last_ms = -1;
    for (size_t index = 0; index < running; index++) {
        struct timer *timer = timers_take_due(&timers, 1000);
        assert_non_null(timer);
        assert_true(timer->due_ms >= last_ms);
        last_ms = timer->due_ms;
    }
    assert_int_equal(timers.count, 0);
    timers_fini(&timers);
}

static void are_due_at_their_time_and_not_before(void **state)
{
    struct timers timers;
    struct timer timer = {.fire = nothing};
    int64_t due_ms = 0;
    (void)state;
    timers_init(&timers);
    assert_int_equal(timers_reserve(&timers, 1), STATUS_OK);
    assert_false(timers_next(&timers, &due_ms));
    timers_start(&timers, &timer, 50);
    assert_true(timers_next(&timers, &due_ms));
    assert_int_equal(due_ms, 50);
    assert_null(timers_take_due(&timers, 49));
    assert_ptr_equal(timers_take_due(&timers, 50), &timer);
    timers_stop(&timers, &timer);
    timers_fini(&timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fire_in_the_order_of_their_times),
        cmocka_unit_test(keep_their_order_when_any_of_them_stops_or_moves),
        cmocka_unit_test(are_due_at_their_time_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
