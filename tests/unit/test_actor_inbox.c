/* What the broker says to an actor: each record does what it says once, and what is wrong is
 * answered or handed back, so that no job is lost in silence. */
#include "actors/limits.h"
#include "tests/unit/actor_world.h"

static struct runtime runtime;

static int set_up(void **state)
{
    (void)state;
    actor_start(&runtime);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    actor_stop(&runtime);
    return 0;
}

static struct message cancel_of(uint32_t number, uint32_t lease)
{
    return (struct message){.type = MESSAGE_TYPE_CANCEL,
                            .cancel = {.job = actor_job(number), .lease = lease}};
}

/* What has been written to the broker in this turn. */
static size_t sent(enum message_type type, struct message *last)
{
    actor_turn(&runtime);
    return actor_count_sent(type, last);
}

/* ---- JOB ---- */

static void a_second_copy_of_a_job_changes_nothing(void **state)
{
    (void)state;
    actor_give_job(1, false);
    actor_give_job(1, false);
    assert_int_equal(runtime.leases.count, 1);
    actor_give_job(2, true);
    actor_give_job(2, true); /* its result is on the way */
    assert_int_equal(sent(MESSAGE_TYPE_DONE, NULL), 1);
    assert_int_equal(sent(MESSAGE_TYPE_RELEASE, NULL), 0);
    assert_int_equal(runtime.leases.count, 2);
}

static void expect_handed_back(uint32_t number)
{
    struct message release;
    assert_int_equal(sent(MESSAGE_TYPE_RELEASE, &release), 1);
    assert_int_equal(release.release.lease, 1);
    const struct id id = actor_job(number);
    assert_true(id_equal(&release.release.job, &id));
    assert_int_equal(runtime.leases.count, 0);
}

static void a_job_of_another_kind_is_handed_back(void **state)
{
    struct message message = actor_job_message(1, true);
    (void)state;
    message.job.kind = JOB_KIND_VIDEO;
    actor_say(message);
    expect_handed_back(1);
}

static void a_job_without_its_operations_is_handed_back(void **state)
{
    struct message messages[2] = {actor_job_message(1, true), {.type = MESSAGE_TYPE_RECORDED}};
    (void)state;
    messages[0].job.operation_count = 1;
    actor_say_in(ACTOR_SESSION, messages, 1); /* there is none */
    expect_handed_back(1);
    actor_forget_sent();
    messages[1].recorded.job = actor_job(2);
    messages[1].recorded.state = OPERATION_STATE_INTENT;
    messages[1].recorded.provider = SLICE_LITERAL("p");
    actor_say_in(ACTOR_SESSION, messages, 2); /* it is another job's */
    expect_handed_back(1);
    actor_forget_sent();
    messages[1].recorded.job = actor_job(1);
    actor_say_in(ACTOR_SESSION, messages, 2);
    assert_int_equal(sent(MESSAGE_TYPE_DONE, NULL), 1);
    assert_int_equal(sent(MESSAGE_TYPE_RELEASE, NULL), 0);
}

static void a_job_that_comes_while_the_actor_stops_is_handed_back(void **state)
{
    (void)state;
    runtime.options.grace_ms = 60000;
    actor_give_job(1, false);
    actor_say((struct message){.type = MESSAGE_TYPE_DRAIN});
    assert_int_equal(runtime.phase, RUNTIME_PHASE_DRAINING);
    actor_give_job(2, true);
    struct message release;
    assert_int_equal(sent(MESSAGE_TYPE_RELEASE, &release), 1);
    const struct id id = actor_job(2);
    assert_true(id_equal(&release.release.job, &id));
    assert_int_equal(runtime.leases.count, 1);
    actor_say(cancel_of(1, 1));
    actor_acknowledge(1);
}

/* ---- ACK, CANCEL, OPERATION_ACK ---- */

static void a_result_is_kept_until_it_is_acknowledged(void **state)
{
    (void)state;
    actor_give_job(1, true);
    assert_int_equal(sent(MESSAGE_TYPE_DONE, NULL), 1);
    assert_int_equal(runtime.leases.count, 1);
    actor_acknowledge(1);
    assert_int_equal(runtime.leases.count, 0);
    actor_acknowledge(1);
    assert_int_equal(runtime.leases.count, 0);
}

/* Its JOB may be on the way, with a task that is to be dropped. */
static void a_cancel_that_comes_before_its_job_is_passed_over(void **state)
{
    (void)state;
    actor_give_job(1, false);
    actor_say(cancel_of(1, 2));
    assert_int_equal(sent(MESSAGE_TYPE_FAIL, NULL), 0);
    assert_int_equal(runtime.leases.working, 1);
}

static void a_success_that_was_told_wins_over_a_cancel(void **state)
{
    (void)state;
    actor_give_job(1, true);
    assert_int_equal(sent(MESSAGE_TYPE_DONE, NULL), 1);
    actor_say(cancel_of(1, 1));
    assert_int_equal(sent(MESSAGE_TYPE_FAIL, NULL), 0);
    assert_int_equal(runtime.leases.count, 1);
}

static void an_operation_of_a_lease_that_is_not_at_work_is_nobodys(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION_ACK};
    (void)state;
    message.operation_ack.job = actor_job(1);
    message.operation_ack.lease = 1;
    message.operation_ack.state = OPERATION_STATE_INTENT;
    actor_say(message);
    actor_give_job(1, true);
    actor_say(message);
    assert_int_equal(sent(MESSAGE_TYPE_DONE, NULL), 1);
    assert_int_equal(runtime.leases.count, 1);
}

/* ---- the session ---- */

static void a_ping_is_answered_by_a_heartbeat(void **state)
{
    struct message beat;
    (void)state;
    actor_say((struct message){.type = MESSAGE_TYPE_PING});
    assert_int_equal(sent(MESSAGE_TYPE_HEARTBEAT, &beat), 1);
    assert_int_equal(beat.heartbeat.credit, ACTOR_SLOTS);
}

static void records_of_another_session_are_not_taken(void **state)
{
    const struct message message = actor_job_message(1, true);
    (void)state;
    actor_say_in(ACTOR_SESSION + 1, &message, 1);
    actor_say_in(0, &message, 1);
    assert_int_equal(runtime.leases.count, 0);
    assert_int_equal(sent(MESSAGE_TYPE_RELEASE, NULL), 0);
}

static void a_refusal_ends_the_session_and_an_unknown_message_does_not(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_ERROR, .error = {.code = ERROR_CODE_UNKNOWN}};
    (void)state;
    actor_give_job(1, false);
    actor_say(message);
    assert_int_equal(runtime.session.state, SESSION_STATE_OPEN);
    message.error.code = ERROR_CODE_SESSION;
    actor_say(message);
    assert_int_not_equal(runtime.session.state, SESSION_STATE_OPEN);
    assert_int_equal(runtime.leases.count, 1);
    actor_wire()->options.on_change(actor_wire()->options.context, false);
    actor_forget_sent();
    actor_open_session(&runtime);
}

/* ---- what is wrong ---- */

/* One answer in a while, however much comes. */
static void expect_error(enum error_code code)
{
    struct message error;
    assert_int_equal(sent(MESSAGE_TYPE_ERROR, &error), 1);
    assert_int_equal(error.error.code, code);
    actor_forget_sent();
    runtime.error_sent_ms -= ERROR_REPLY_INTERVAL_MS;
}

static void what_is_no_frame_or_no_record_is_refused(void **state)
{
    static const uint8_t version[] = {0x93, 2, 0, 0x90};
    static const uint8_t unknown[] = {0x93, 1, ACTOR_SESSION, 0x91, 0x92, 0xcc, 250, 0x80};
    static const uint8_t bare[] = {0x93, 1, ACTOR_SESSION, 0x91, 0x92, MESSAGE_TYPE_ACK, 0x80};
    const struct message beat = {.type = MESSAGE_TYPE_HEARTBEAT};
    (void)state;
    runtime.error_sent_ms = loop_now_ms(runtime.loop) - ERROR_REPLY_INTERVAL_MS;
    actor_say_bytes(SLICE_LITERAL("GET / HTTP/1.1"));
    actor_say_bytes(SLICE_EMPTY);
    expect_error(ERROR_CODE_MALFORMED);
    assert_int_equal(runtime.frames_refused, 2);
    actor_say_bytes(slice_make(version, sizeof(version)));
    expect_error(ERROR_CODE_VERSION);
    actor_say_bytes(slice_make(unknown, sizeof(unknown)));
    expect_error(ERROR_CODE_UNKNOWN);
    actor_say_bytes(slice_make(bare, sizeof(bare)));
    expect_error(ERROR_CODE_MALFORMED);
    actor_say(beat); /* only actors say it */
    expect_error(ERROR_CODE_FORBIDDEN);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_copy_of_a_job_changes_nothing),
        TEST(a_job_of_another_kind_is_handed_back),
        TEST(a_job_without_its_operations_is_handed_back),
        TEST(a_job_that_comes_while_the_actor_stops_is_handed_back),
        TEST(a_result_is_kept_until_it_is_acknowledged),
        TEST(a_cancel_that_comes_before_its_job_is_passed_over),
        TEST(a_success_that_was_told_wins_over_a_cancel),
        TEST(an_operation_of_a_lease_that_is_not_at_work_is_nobodys),
        TEST(a_ping_is_answered_by_a_heartbeat),
        TEST(records_of_another_session_are_not_taken),
        TEST(a_refusal_ends_the_session_and_an_unknown_message_does_not),
        TEST(what_is_no_frame_or_no_record_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
