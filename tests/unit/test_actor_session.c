#include "actors/session.h"

#include "actors/limits.h"
#include "tests/unit/test.h"

enum {
    HEARTBEAT_MS = 1000,
    LEASE_MS = 6000,
};

static void welcome(struct session *session, uint64_t id, uint32_t heartbeat_ms, int64_t now_ms)
{
    const struct message_welcome message = {
        .session = id, .lease_ms = LEASE_MS, .heartbeat_ms = heartbeat_ms};
    session_welcome(session, &message, now_ms);
}

static void open_session(struct session *session, size_t slots, int64_t now_ms)
{
    session_init(session, now_ms);
    session_connected(session, now_ms);
    assert_int_equal(session_duty(session, now_ms), SESSION_DUTY_HELLO);
    assert_int_equal(session_hello(session, slots, now_ms), slots);
    welcome(session, 7, HEARTBEAT_MS, now_ms);
    assert_int_equal(session->state, SESSION_STATE_OPEN);
}

static void hello_is_due_when_connected_and_not_before(void **state)
{
    struct session session;
    (void)state;
    session_init(&session, 0);
    assert_int_equal(session_duty(&session, 100000), SESSION_DUTY_NONE);
    session_connected(&session, 100000);
    assert_int_equal(session_duty(&session, 100000), SESSION_DUTY_HELLO);
}

static void hello_is_repeated_when_nobody_welcomes(void **state)
{
    struct session session;
    (void)state;
    session_init(&session, 0);
    session_connected(&session, 0);
    session_hello(&session, 5, 0);
    assert_int_equal(session_duty(&session, WELCOME_WAIT_MS - 1), SESSION_DUTY_NONE);
    assert_int_equal(session_duty(&session, WELCOME_WAIT_MS), SESSION_DUTY_HELLO);
    assert_int_equal(session_duty(&session, SILENCE_HEARTBEATS * HEARTBEAT_MS_DEFAULT),
                     SESSION_DUTY_RESET);
}

static void credit_is_jobs_received_and_free_slots_and_never_falls(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 5, 0);
    session_job(&session); /* one slot taken */
    assert_int_equal(session_credit(&session, 4), 5);
    assert_false(session_credit_is_news(&session, 4));
    assert_true(session_credit_is_news(&session, 5)); /* its result was acknowledged */
    assert_int_equal(session_credit(&session, 5), 6);
    assert_int_equal(session_credit(&session, 3), 6);
}

static void a_second_copy_of_a_job_gives_its_credit_back(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 1, 0);
    session_job(&session);
    assert_int_equal(session_credit(&session, 0), 1);
    session_job(&session); /* the same lease again: no slot taken, credit used */
    assert_int_equal(session_credit(&session, 0), 2);
}

static void credit_begins_anew_in_each_session(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 5, 0);
    session_job(&session);
    session_job(&session);
    session_refused(&session, 10);
    assert_int_equal(session_hello(&session, 3, 10), 3);
    welcome(&session, 8, HEARTBEAT_MS, 10);
    assert_int_equal(session_credit(&session, 3), 3);
    session_job(&session);
    assert_int_equal(session_credit(&session, 3), 4);
}

static void credit_stays_while_draining(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 2, 0);
    session_drain(&session);
    session_job(&session);
    assert_int_equal(session_credit(&session, 2), 2);
    assert_false(session_credit_is_news(&session, 2));
    session_refused(&session, 0);
    assert_int_equal(session_hello(&session, 2, 0), 0);
}

static void heartbeats_come_at_the_brokers_pace(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 5, 0);
    assert_int_equal(session_due_ms(&session), HEARTBEAT_MS);
    assert_int_equal(session_duty(&session, HEARTBEAT_MS - 1), SESSION_DUTY_NONE);
    assert_int_equal(session_duty(&session, HEARTBEAT_MS), SESSION_DUTY_HEARTBEAT);
    assert_int_equal(session_duty(&session, HEARTBEAT_MS), SESSION_DUTY_NONE);
}

static void silence_resets_the_connection_and_any_word_puts_it_off(void **state)
{
    struct session session;
    int64_t silence_ms = SILENCE_HEARTBEATS * HEARTBEAT_MS;
    (void)state;
    open_session(&session, 5, 0);
    session_heard(&session, 500);
    assert_int_not_equal(session_duty(&session, silence_ms), SESSION_DUTY_RESET);
    assert_int_equal(session_duty(&session, silence_ms + 500), SESSION_DUTY_RESET);
}

static void refusals_in_a_row_double_the_delay_up_to_a_bound(void **state)
{
    struct session session;
    int64_t now_ms = 0;
    int64_t delay_ms = HELLO_BACKOFF_MS_MIN;
    (void)state;
    session_init(&session, 0);
    session_connected(&session, 0);
    for (int count = 0; count < 40; count++) {
        session_heard(&session, now_ms);
        session_hello(&session, 5, now_ms);
        session_refused(&session, now_ms);
        session_refused(&session, now_ms); /* a second ERROR about the same session */
        assert_int_equal(session_due_ms(&session), now_ms + delay_ms);
        assert_int_equal(session_duty(&session, now_ms + delay_ms - 1), SESSION_DUTY_NONE);
        now_ms += delay_ms;
        assert_int_equal(session_duty(&session, now_ms), SESSION_DUTY_HELLO);
        delay_ms = 2 * delay_ms > HELLO_BACKOFF_MS_MAX ? HELLO_BACKOFF_MS_MAX : 2 * delay_ms;
    }
}

static void a_session_that_lived_is_opened_again_at_once(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 5, 0);
    session_heard(&session, HELLO_BACKOFF_MS_MAX);
    session_refused(&session, HELLO_BACKOFF_MS_MAX);
    assert_int_equal(session_due_ms(&session), HELLO_BACKOFF_MS_MAX);
}

static void a_session_refused_right_after_its_welcome_waits(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 5, 0);
    session_refused(&session, 1);
    assert_int_equal(session_due_ms(&session), 1 + HELLO_BACKOFF_MS_MIN);
}

static void a_welcome_without_a_connection_opens_nothing(void **state)
{
    struct session session;
    (void)state;
    session_init(&session, 0);
    welcome(&session, 7, HEARTBEAT_MS, 0);
    assert_int_equal(session.state, SESSION_STATE_DOWN);
}

static void heartbeats_beyond_reason_are_brought_within_limits(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 5, 0);
    welcome(&session, 9, 0, 0);
    assert_int_equal(session.heartbeat_ms, HEARTBEAT_MS_MIN);
    welcome(&session, 9, UINT32_MAX, 0);
    assert_int_equal(session.heartbeat_ms, HEARTBEAT_MS_MAX);
}

/* Who has no connection cannot know; what is said before a session is open renews nothing. */
static void leases_may_be_lost_when_nothing_was_heard_for_their_time(void **state)
{
    struct session session;
    (void)state;
    open_session(&session, 5, 0);
    assert_false(session_may_be_lost(&session, LEASE_MS - 1));
    assert_true(session_may_be_lost(&session, LEASE_MS));
    session_heard(&session, 1000);
    session_disconnected(&session, 2000);
    assert_false(session_may_be_lost(&session, LEASE_MS + 999));
    assert_true(session_may_be_lost(&session, LEASE_MS + 1000));
    session_connected(&session, 9000);
    session_heard(&session, 9000);
    assert_true(session_may_be_lost(&session, 9000));
    session_hello(&session, 5, 9000);
    welcome(&session, 8, HEARTBEAT_MS, 9001);
    assert_false(session_may_be_lost(&session, 9001));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_is_due_when_connected_and_not_before),
        cmocka_unit_test(hello_is_repeated_when_nobody_welcomes),
        cmocka_unit_test(credit_is_jobs_received_and_free_slots_and_never_falls),
        cmocka_unit_test(a_second_copy_of_a_job_gives_its_credit_back),
        cmocka_unit_test(credit_begins_anew_in_each_session),
        cmocka_unit_test(credit_stays_while_draining),
        cmocka_unit_test(heartbeats_come_at_the_brokers_pace),
        cmocka_unit_test(silence_resets_the_connection_and_any_word_puts_it_off),
        cmocka_unit_test(refusals_in_a_row_double_the_delay_up_to_a_bound),
        cmocka_unit_test(a_session_that_lived_is_opened_again_at_once),
        cmocka_unit_test(a_session_refused_right_after_its_welcome_waits),
        cmocka_unit_test(a_welcome_without_a_connection_opens_nothing),
        cmocka_unit_test(heartbeats_beyond_reason_are_brought_within_limits),
        cmocka_unit_test(leases_may_be_lost_when_nothing_was_heard_for_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
