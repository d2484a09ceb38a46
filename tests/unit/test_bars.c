#include "cli/bars.h"

#include <stdio.h>
#include "tests/unit/test.h"

static void take(struct bars *bars, uint32_t job, const char *status, int progress, int64_t at_ms)
{
    char id[40];
    snprintf(id, sizeof id, "12345678-1234-4234-8234-%012u", job);
    const struct bars_event event = {id, "image", status, "rendering", progress, 1, at_ms};
    bars_take(bars, &event);
}

static void assert_line_at(const struct bars *bars, uint32_t line, int64_t now_ms, const char *text)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(bars_draw(bars, line, now_ms, 80, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    if (strstr((const char *)out.data, text) == NULL) {
        fail_msg("no \"%s\" in \"%s\"", text, (const char *)out.data);
    }
    buffer_fini(&out);
}

static void assert_line(const struct bars *bars, uint32_t line, const char *text)
{
    assert_line_at(bars, line, 0, text);
}

static void draws_a_bar_for_each_job_and_the_sum(void **state)
{
    struct bars *bars = NULL;
    (void)state;
    assert_int_equal(bars_new("pipeline", 3, &bars), STATUS_OK);
    assert_int_equal(bars_lines(bars), 1);
    assert_line(bars, 0, "0 of 3");
    take(bars, 0, "completed", 100, 1000);
    take(bars, 1, "active", 150, 2000);
    take(bars, 1, "active", 50, 4500);
    assert_int_equal(bars_lines(bars), 3);
    assert_line(bars, 0, "completed");
    assert_line(bars, 1, "rendering");
    assert_line(bars, 1, "  2.5 s");
    assert_line(bars, 2, " 50%  1 of 3");
    assert_line(bars, 2, "  3.5 s");
    assert_false(bars_have_ended(bars));
    bars_destroy(&bars);
    assert_null(bars);
}

static void has_ended_with_the_last_job(void **state)
{
    struct bars *bars = NULL;
    (void)state;
    assert_int_equal(bars_new("batch", 3, &bars), STATUS_OK);
    take(bars, 0, "completed", 100, 1);
    take(bars, 1, "failed", -1, 2);
    assert_false(bars_have_ended(bars));
    take(bars, 2, "cancelled", 0, 3);
    take(bars, 3, "active", 0, 4);
    assert_true(bars_have_ended(bars));
    assert_int_equal(bars_count(bars, "failed"), 1);
    assert_int_equal(bars_count(bars, "active"), 0);
    assert_line(bars, 3, "100%  3 of 3, 1 failed");
    take(bars, 1, "waiting", 0, 5);
    assert_false(bars_have_ended(bars));
    bars_destroy(&bars);
}

static void tells_why_a_job_waits_until_it_goes_on(void **state)
{
    const char *job = "12345678-1234-4234-8234-000000000001";
    struct bars *bars = NULL;
    (void)state;
    assert_int_equal(bars_new("batch", 2, &bars), STATUS_OK);
    bars_wait(bars, job, "no worker is connected"); /* nothing is known of it */
    assert_int_equal(bars_lines(bars), 1);
    take(bars, 0, "completed", 100, 1000);
    assert_false(bars_have_waiting(bars));
    take(bars, 1, "pending", 0, 1000);
    assert_true(bars_have_waiting(bars));
    assert_line(bars, 1, "pending");
    bars_wait(bars, job, "no worker is connected");
    assert_line(bars, 1, "no worker is connected");
    take(bars, 1, "waiting", 0, 1500);
    assert_line(bars, 1, "no worker is connected");
    bars_wait(bars, job, "");
    assert_line(bars, 1, "waiting");
    bars_wait(bars, job, "the queue is paused");
    take(bars, 1, "active", 0, 2000);
    assert_line(bars, 1, "rendering");
    bars_wait(bars, job, "it has begun meanwhile");
    assert_line(bars, 1, "rendering");
    take(bars, 1, "waiting", 0, 3000);
    assert_line(bars, 1, "waiting");
    bars_destroy(&bars);
}

static void tells_the_time_of_what_goes_on_until_now(void **state)
{
    struct bars *bars = NULL;
    (void)state;
    assert_int_equal(bars_new("batch", 2, &bars), STATUS_OK);
    assert_line_at(bars, 0, 9000, "  0.0 s");
    take(bars, 0, "completed", 100, 1000);
    take(bars, 1, "waiting", 0, 2000);
    assert_line_at(bars, 0, 9000, "  0.0 s"); /* it has ended */
    assert_line_at(bars, 1, 9000, "  7.0 s");
    assert_line_at(bars, 2, 9000, "  8.0 s");
    assert_line_at(bars, 1, 1000, "  0.0 s"); /* a clock that is behind */
    take(bars, 1, "completed", 100, 4000);
    assert_line_at(bars, 1, 9000, "  2.0 s");
    assert_line_at(bars, 2, 9000, "  3.0 s");
    bars_destroy(&bars);
}

static void draws_only_the_sum_of_many(void **state)
{
    struct bars *bars = NULL;
    (void)state;
    assert_int_equal(bars_new("batch", BARS_SHOWN_MAX + 1, &bars), STATUS_OK);
    for (uint32_t job = 0; job < BARS_SHOWN_MAX + 1; job++) {
        take(bars, job, "completed", 100, 1);
    }
    assert_int_equal(bars_lines(bars), 1);
    assert_line(bars, 0, "100%  25 of 25");
    bars_destroy(&bars);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_a_bar_for_each_job_and_the_sum),
        cmocka_unit_test(has_ended_with_the_last_job),
        cmocka_unit_test(tells_why_a_job_waits_until_it_goes_on),
        cmocka_unit_test(tells_the_time_of_what_goes_on_until_now),
        cmocka_unit_test(draws_only_the_sum_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
