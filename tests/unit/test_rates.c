/* The limit of submitted jobs: exact in every window, bounded, and open about where a user
 * stands. */
#include "gateway/rates.h"

#include <stdio.h>
#include "gateway/limits.h"
#include "tests/unit/test.h"

static void test_a_policy_is_read(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        struct rate_policy policy;
    } cases[] = {
        {"off", STATUS_OK, {0, 0}},
        {"100/60", STATUS_OK, {100, 60}},
        {"1/1", STATUS_OK, {1, 1}},
        {"10000/86400", STATUS_OK, {10000, 86400}},
        {"10001/60", STATUS_INVALID, {0, 0}},
        {"1/86401", STATUS_INVALID, {0, 0}},
        {"0/60", STATUS_INVALID, {0, 0}},
        {"1/0", STATUS_INVALID, {0, 0}},
        {"100", STATUS_INVALID, {0, 0}},
        {"100/", STATUS_INVALID, {0, 0}},
        {"/60", STATUS_INVALID, {0, 0}},
        {"100/60s", STATUS_INVALID, {0, 0}},
        {"-1/60", STATUS_INVALID, {0, 0}},
        {" 1/60", STATUS_INVALID, {0, 0}},
        {"1000000000000/60", STATUS_INVALID, {0, 0}},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct rate_policy policy;
        assert_int_equal(rate_policy_parse(cases[index].text, &policy), cases[index].status);
        assert_int_equal(policy.jobs, cases[index].policy.jobs);
        assert_int_equal(policy.window_s, cases[index].policy.window_s);
    }
}

static void rates_open(struct rates *rates, uint32_t jobs, uint32_t window_s)
{
    const struct rate_policy policy = {jobs, window_s};
    assert_int_equal(rates_init(rates, &policy, 7), STATUS_OK);
}

static void takes(struct rates *rates, const char *owner, uint32_t jobs, int64_t now_ms,
                  enum status status, uint32_t remaining, uint32_t reset_s)
{
    struct rate_state out = {0};
    assert_int_equal(rates_take(rates, slice_from_string(owner), jobs, now_ms, &out), status);
    assert_int_equal(out.remaining, remaining);
    assert_int_equal(out.reset_s, reset_s);
}

static void test_no_window_has_more_than_the_policy_says(void **state)
{
    struct rates rates;
    (void)state;
    rates_open(&rates, 3, 10);
    takes(&rates, "ada", 1, 1000, STATUS_OK, 2, 10);
    takes(&rates, "ada", 1, 5500, STATUS_OK, 1, 6);
    takes(&rates, "ada", 1, 9000, STATUS_OK, 0, 2);
    takes(&rates, "ada", 1, 10999, STATUS_AGAIN, 0, 1);
    takes(&rates, "ada", 1, 11000, STATUS_OK, 0, 5); /* the first one is exactly a window old */
    takes(&rates, "ada", 1, 15499, STATUS_AGAIN, 0, 1);
    takes(&rates, "ada", 1, 15500, STATUS_OK, 0, 4);
    takes(&rates, "ada", 1, 99000, STATUS_OK, 2, 10);
    rates_fini(&rates);
}

static void test_users_are_counted_apart(void **state)
{
    struct rates rates;
    (void)state;
    rates_open(&rates, 1, 10);
    takes(&rates, "ada", 1, 0, STATUS_OK, 0, 10);
    takes(&rates, "bob", 1, 0, STATUS_OK, 0, 10);
    takes(&rates, "ada", 1, 1, STATUS_AGAIN, 0, 10);
    rates_fini(&rates);
}

static void test_several_jobs_are_taken_whole_or_not_at_all(void **state)
{
    struct rates rates;
    (void)state;
    rates_open(&rates, 10, 10);
    takes(&rates, "ada", 4, 0, STATUS_OK, 6, 10);
    takes(&rates, "ada", 3, 2000, STATUS_OK, 3, 8);
    takes(&rates, "ada", 5, 3000, STATUS_AGAIN, 3, 7); /* two of the first four are enough */
    takes(&rates, "ada", 8, 3000, STATUS_AGAIN, 3, 9); /* one of the next three as well */
    takes(&rates, "ada", 11, 3000, STATUS_AGAIN, 3, 10);
    takes(&rates, "ada", 3, 3000, STATUS_OK, 0, 7);
    rates_fini(&rates);
}

static void test_memory_is_bounded_and_comes_back(void **state)
{
    struct rates rates;
    struct rate_state out;
    char name[256];
    size_t known = 0;
    enum status status = STATUS_OK;
    (void)state;
    rates_open(&rates, 10000, 1);
    while (status == STATUS_OK && known < 1000000) {
        snprintf(name, sizeof(name), "%0255zu", known);
        status = rates_take(&rates, slice_from_string(name), 200, 1000, &out);
        known += status == STATUS_OK;
    }
    assert_int_equal(status, STATUS_FULL);
    assert_true(known > 10000 && rates.size <= RATE_SIZE_MAX);
    assert_int_equal(rates_take(&rates, SLICE_LITERAL("ada"), 200, 1999, &out), STATUS_FULL);
    snprintf(name, sizeof(name), "%0255d", 0);
    takes(&rates, name, 1, 1999, STATUS_OK, 10000 - 201, 1); /* who is known goes on */
    takes(&rates, "ada", 200, 2000, STATUS_OK, 9800, 1);
    assert_true(rates.user_count <= known + 1);
    rates_fini(&rates);
    rates_fini(&rates);
}

static void test_without_a_limit_it_needs_nothing(void **state)
{
    struct rates rates;
    const struct rate_policy policy = {0, 0};
    (void)state;
    assert_int_equal(rates_init(&rates, &policy, 1), STATUS_OK);
    assert_null(rates.buckets);
    rates_fini(&rates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_policy_is_read),
        cmocka_unit_test(test_no_window_has_more_than_the_policy_says),
        cmocka_unit_test(test_users_are_counted_apart),
        cmocka_unit_test(test_several_jobs_are_taken_whole_or_not_at_all),
        cmocka_unit_test(test_memory_is_bounded_and_comes_back),
        cmocka_unit_test(test_without_a_limit_it_needs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
