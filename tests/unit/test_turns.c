#include "actors/turns.h"

#include <string.h>
#include "tests/unit/test.h"

enum {
    MAX = 2,
};

static struct turns turns;
static struct turn turn[5];
static uint32_t come[5]; /* how often each was called */

static int set_up(void **state)
{
    (void)state;
    memset(&turns, 0, sizeof(turns));
    memset(turn, 0, sizeof(turn));
    memset(come, 0, sizeof(come));
    return 0;
}

static void on_come(void *context)
{
    (*(uint32_t *)context)++;
}

static bool take(size_t index)
{
    return turn_take(&turn[index], &turns, MAX, on_come, &come[index]);
}

static void who_comes_first_has_it_at_once(void **state)
{
    (void)state;
    assert_true(take(0) && take(1));
    assert_false(take(2));
    assert_true(take(0));
    assert_int_equal(turns.taken, MAX);
}

static void the_others_have_it_in_their_order(void **state)
{
    (void)state;
    for (size_t index = 0; index < 5; index++) {
        take(index);
    }
    assert_false(take(2)); /* asked again: no second place */
    turn_end(&turn[1]);
    assert_true(take(2));
    turn_end(&turn[2]);
    assert_true(take(3));
    assert_false(take(4));
    assert_int_equal(come[2], 1);
    assert_int_equal(come[3], 1);
    assert_int_equal(come[4], 0);
}

static void who_leaves_the_queue_is_passed_over(void **state)
{
    (void)state;
    for (size_t index = 0; index < 5; index++) {
        take(index);
    }
    turn_end(&turn[3]);
    turn_end(&turn[3]);
    turn_end(&turn[0]);
    turn_end(&turn[1]);
    assert_true(turn[2].is_had && turn[4].is_had);
    assert_int_equal(come[3], 0);
    turn_end(&turn[2]);
    turn_end(&turn[4]);
    assert_int_equal(turns.taken, 0);
    assert_null(turns.first);
    assert_null(turns.last);
}

static void end_at_once(void *context)
{
    turn_end(context);
}

static void a_turn_may_end_when_it_comes(void **state)
{
    (void)state;
    take(0);
    take(1);
    for (size_t index = 2; index < 5; index++) {
        assert_false(turn_take(&turn[index], &turns, MAX, end_at_once, &turn[index]));
    }
    turn_end(&turn[0]);
    assert_int_equal(turns.taken, 1);
    assert_null(turns.first);
    assert_true(take(2));
}

static void it_is_awaited_while_others_wait(void **state)
{
    (void)state;
    take(0);
    take(1);
    assert_false(turn_is_awaited(&turn[0]));
    take(2);
    assert_true(turn_is_awaited(&turn[0]));
    assert_false(turn_is_awaited(&turn[2])); /* which is not had */
    turn_end(&turn[1]);
    assert_false(turn_is_awaited(&turn[0]));
    turn_end(&turn[0]);
    assert_false(turn_is_awaited(&turn[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(who_comes_first_has_it_at_once, set_up),
        cmocka_unit_test_setup(the_others_have_it_in_their_order, set_up),
        cmocka_unit_test_setup(who_leaves_the_queue_is_passed_over, set_up),
        cmocka_unit_test_setup(a_turn_may_end_when_it_comes, set_up),
        cmocka_unit_test_setup(it_is_awaited_while_others_wait, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
