/* The window against its definition: what happened in the last milliseconds, counted one by one. */

#include "broker/core/window.h"

#include "tests/unit/test.h"

static void allows_nothing_in_its_own_length_at_first(void **state)
{
    struct window window;
    (void)state;
    window_init(&window, 1000, 5000);
    assert_int_equal(window_next(&window, 3, 5000), 6001);
    assert_int_equal(window_next(&window, 3, 6001), 6001);
    assert_int_equal(window_next(&window, 3, 9000), 9000);
}

static void allows_the_next_when_the_oldest_part_is_over(void **state)
{
    struct window window;
    (void)state;
    window_init(&window, 60000, 0);
    window_count(&window, 100000); /* parts are a second long */
    window_count(&window, 100999);
    window_count(&window, 130500);
    assert_int_equal(window_next(&window, 4, 130500), 130500);
    assert_int_equal(window_next(&window, 3, 130500), 161000);
    assert_int_equal(window_next(&window, 1, 130500), 191000);
    assert_int_equal(window_next(&window, 3, 161000), 161000);
}

static void obeys_a_limit_that_was_lowered(void **state)
{
    struct window window;
    (void)state;
    window_init(&window, 60000, 0);
    for (int64_t count = 0; count < 50; count++) {
        window_count(&window, 100000 + count * 1000);
    }
    assert_int_equal(window_next(&window, 100, 149000), 149000);
    assert_int_equal(window_next(&window, 10, 149000), 201000);
}

static void tells_how_many_are_used(void **state)
{
    struct window window;
    (void)state;
    window_init(&window, 60000, 0);
    assert_int_equal(window_used(&window, 5, 60000), 5); /* nothing is known yet */
    assert_int_equal(window_used(&window, 5, 60001), 0);
    window_count(&window, 100000);
    window_count(&window, 100999);
    window_count(&window, 130500);
    assert_int_equal(window_used(&window, 5, 130500), 3);
    assert_int_equal(window_used(&window, 2, 160999), 3); /* of a limit that was lowered */
    assert_int_equal(window_used(&window, 5, 161000), 1);
    assert_int_equal(window_used(&window, 5, 190999), 1);
    assert_int_equal(window_used(&window, 5, 191000), 0);
    assert_int_equal(window_used(&window, 5, 1000000), 0);
}

static void knows_what_was_restored(void **state)
{
    struct window window;
    (void)state;
    window_init_known(&window, 60000); /* parts are a second long */
    assert_int_equal(window_next(&window, 1, 100500), 100500);
    window_restore(&window, 39, 9, 100500); /* over */
    window_restore(&window, 40, 2, 100500);
    window_restore(&window, 99, 3, 100500);
    assert_int_equal(window_used(&window, 9, 100500), 5);
    assert_int_equal(window_next(&window, 5, 100500), 101000);
    assert_int_equal(window_next(&window, 3, 100500), 160000);
    window_count(&window, 100500);
    assert_int_equal(window_used(&window, 9, 100999), 6);
    assert_int_equal(window_used(&window, 9, 101000), 4);
}

/* As when the clock was set back between two runs: it is full for longer. */
static void takes_what_is_to_come_for_now(void **state)
{
    struct window window;
    (void)state;
    window_init_known(&window, 60000);
    window_restore(&window, 500, 3, 100500);
    assert_int_equal(window_used(&window, 3, 100500), 3);
    assert_int_equal(window_next(&window, 3, 100500), 161000);
}

static void counts_no_more_than_a_part_holds(void **state)
{
    struct window window;
    (void)state;
    window_init_known(&window, 60000);
    window_restore(&window, 100, UINT64_MAX, 100500);
    window_restore(&window, 100, UINT64_MAX, 100500);
    window_count(&window, 100500);
    assert_int_equal(window_used(&window, 1, 100500), UINT32_MAX);
    assert_int_equal(window_next(&window, UINT32_MAX, 100500), 161000);
    assert_int_equal(window_used(&window, 1, 161000), 0);
}

/* Calls as often as allowed, at uneven times with long pauses, and counts each window that ends
 * with a call. */
static void never_exceeds_its_limit_in_any_window(void **state)
{
    enum {
        LIMIT = 7,
        CALLS = 3000
    };
    static const int64_t lengths[] = {1000, 60000};
    static int64_t calls[CALLS];
    uint32_t random = 1;
    (void)state;
    for (size_t length = 0; length < 2; length++) {
        struct window window;
        int64_t now = 1000;
        window_init(&window, lengths[length], now);
        for (int count = 0; count < CALLS; count++) {
            random = random * 1664525 + 1013904223;
            now += (random >> 24) % 9 == 0 ? lengths[length] * ((random >> 16) % 30) / 10
                                           : (random >> 16) % 3;
            int64_t next = window_next(&window, LIMIT, now);
            assert_true(next - now <= 61 * ((lengths[length] + 59) / 60));
            now = next;
            window_count(&window, now);
            calls[count] = now;
            assert_true(count < LIMIT || now - calls[count - LIMIT] > lengths[length]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_nothing_in_its_own_length_at_first),
        cmocka_unit_test(allows_the_next_when_the_oldest_part_is_over),
        cmocka_unit_test(obeys_a_limit_that_was_lowered),
        cmocka_unit_test(tells_how_many_are_used),
        cmocka_unit_test(knows_what_was_restored),
        cmocka_unit_test(takes_what_is_to_come_for_now),
        cmocka_unit_test(counts_no_more_than_a_part_holds),
        cmocka_unit_test(never_exceeds_its_limit_in_any_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
