/* How many refused tries of one user have a line of their own. */
#include "gateway/audit_rates.h"

#include <stdio.h>
#include "tests/unit/test.h"

static struct audit_rates rates;

static int set_up(void **state)
{
    (void)state;
    rates = (struct audit_rates){0};
    return 0;
}

static bool take(const char *user, int64_t now_ms)
{
    return audit_rates_take(&rates, slice_from_string(user), SLICE_LITERAL("viewer"), now_ms);
}

/* Uses up a user's window. */
static void fill(const char *user, int64_t now_ms)
{
    for (int count = 0; count < AUDIT_WINDOW_LINES; count++) {
        assert_true(take(user, now_ms));
    }
}

static void a_window_has_so_many_lines_of_a_user(void **state)
{
    (void)state;
    fill("ann", 1000);
    assert_false(take("ann", 1000));
    assert_false(take("ann", 1000 + AUDIT_WINDOW_MS - 1));
    assert_true(take("ben", 1000));
    assert_true(take("ann", 1000 + AUDIT_WINDOW_MS));
}

static void what_is_left_out_is_told_once_when_the_window_is_over(void **state)
{
    struct audit_rest rest;
    (void)state;
    fill("ann", 0);
    assert_false(take("ann", 10));
    assert_false(take("ann", 20));
    assert_false(audit_rates_over(&rates, AUDIT_WINDOW_MS - 1, &rest));
    assert_true(audit_rates_over(&rates, AUDIT_WINDOW_MS, &rest));
    assert_int_equal(rest.left_out, 2);
    assert_true(slice_equal(slice_make(rest.user, rest.user_size), SLICE_LITERAL("ann")));
    assert_true(slice_equal(slice_make(rest.role, rest.role_size), SLICE_LITERAL("viewer")));
    assert_false(audit_rates_over(&rates, AUDIT_WINDOW_MS, &rest));
}

static void what_is_left_out_is_not_forgotten_by_a_new_window(void **state)
{
    struct audit_rest rest;
    (void)state;
    fill("ann", 0);
    assert_false(take("ann", 10));
    fill("ann", AUDIT_WINDOW_MS);
    assert_false(take("ann", AUDIT_WINDOW_MS));
    assert_false(audit_rates_over(&rates, AUDIT_WINDOW_MS, &rest));
    assert_true(audit_rates_over(&rates, 2 * AUDIT_WINDOW_MS, &rest));
    assert_int_equal(rest.left_out, 2);
}

static void beyond_the_bound_users_share_a_count(void **state)
{
    char name[32];
    struct audit_rest rest;
    (void)state;
    for (int user = 0; user < AUDIT_USERS_MAX; user++) {
        snprintf(name, sizeof name, "user-%d", user);
        assert_true(take(name, 0));
    }
    for (int user = 0; user < AUDIT_WINDOW_LINES; user++) {
        snprintf(name, sizeof name, "other-%d", user);
        assert_true(take(name, 0));
    }
    assert_false(take("one more", 0));
    assert_true(take("user-0", 0));
    assert_true(audit_rates_over(&rates, AUDIT_WINDOW_MS, &rest));
    assert_true(slice_equal(slice_make(rest.user, rest.user_size), SLICE_LITERAL("(others)")));
    /* A window that is over gives its place up. */
    fill("one more", AUDIT_WINDOW_MS);
    assert_false(take("one more", AUDIT_WINDOW_MS));
    assert_true(take("and another", AUDIT_WINDOW_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_window_has_so_many_lines_of_a_user, set_up),
        cmocka_unit_test_setup(what_is_left_out_is_told_once_when_the_window_is_over, set_up),
        cmocka_unit_test_setup(what_is_left_out_is_not_forgotten_by_a_new_window, set_up),
        cmocka_unit_test_setup(beyond_the_bound_users_share_a_count, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
