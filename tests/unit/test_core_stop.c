/* Jobs that end while a worker or a provider is at work for them. */

#include "tests/unit/core_world.h"

/* A video at work whose task is recorded, with a deadline after so many milliseconds. */
static uint64_t begin(struct world *world, int64_t deadline_ms)
{
    struct message message = world_submit_message(JOB_KIND_VIDEO, 1);
    world_init(world, NULL);
    message.submit.deadline = world->now + deadline_ms;
    struct facts facts = world_facts(world);
    world_request(world, &message, &facts);
    uint64_t session = world_hello(world, JOB_KIND_VIDEO, 10, 2, 0);
    world_tick(world);
    world_expect_state(world, 1, JOB_STATE_ACTIVE);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    return session;
}

/* Lets time pass in which a worker is heard of. */
static void pass(struct world *world, uint64_t peer, uint64_t session, int64_t ms)
{
    for (; ms > HEARTBEAT_MS; ms -= HEARTBEAT_MS) {
        world_pass(world, HEARTBEAT_MS);
        world_heartbeat(world, peer, session, 1);
    }
    world_pass(world, ms);
}

static void expect_failed(const struct world *world, const char *code)
{
    const struct effect *end = world_effect(world, EFFECT_END);
    assert_int_equal(end->job->state, JOB_STATE_FAILED);
    world_expect_text(end->error_code, code);
    world_expect_text(world_expect_event(world, 1, EVENT_KIND_FAILED)->error_code, code);
}

static void expect_sent_to_drop(const struct world *world, uint64_t session, uint32_t lease)
{
    const struct effect *dispatch = world_effect(world, EFFECT_DISPATCH);
    assert_int_equal(dispatch->session, session);
    assert_int_equal(dispatch->lease, lease);
    assert_true(job_is_stopping(world_job(world, 1)));
    assert_int_equal(world_job(world, 1)->stop_by, world->now + CANCEL_MS);
}

static void the_worker_lets_go_at_the_deadline(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, 5000);
    world_pass(&world, 4999);
    assert_int_equal(world_effects(&world, EFFECT_CANCEL), 0);
    world_pass(&world, 1);
    assert_int_equal(world_effect(&world, EFFECT_CANCEL)->session, session);
    assert_int_equal(world_effects(&world, EFFECT_SAVE), 1); /* a restart knows of it */
    assert_int_equal(world_effects(&world, EFFECT_EVENT), 0);
    assert_false(job_is_cancelling(world_job(&world, 1)));
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_CANCELLED);
    assert_int_equal(world_effects(&world, EFFECT_OPERATION), 1); /* what became of it is known */
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_CANCELLED, 0);
    expect_failed(&world, "deadline");
    world_fini(&world);
}

static void a_success_after_the_deadline_counts_while_the_worker_lets_go(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, 5000);
    world_pass(&world, 5000);
    world_done(&world, 10, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

static void a_cancel_after_the_deadline_is_carried_out(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, 5000);
    world_pass(&world, 5000);
    int64_t stop_by = world_job(&world, 1)->stop_by;
    world_pass(&world, 1000);
    world_cancel(&world, 1);
    assert_true(world_expect_reply(&world, REPLY_CODE_OK)->cancel_requested);
    world_expect_event(&world, 1, EVENT_KIND_CANCEL_REQUESTED);
    assert_int_equal(world_job(&world, 1)->stop_by, stop_by);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_CANCELLED, 0);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

static void a_worker_that_comes_back_is_asked_again(void **state)
{
    struct world world;
    (void)state;
    begin(&world, 5000);
    world_peer_lost(&world, 10);
    world_pass(&world, 5000);
    assert_int_equal(world_effects(&world, EFFECT_CANCEL), 0);
    uint64_t session = world_hello(&world, JOB_KIND_VIDEO, 10, 2, 1);
    world_hold(&world, 10, 1, 1);
    assert_int_equal(world_effect(&world, EFFECT_CANCEL)->session, session);
    world_fini(&world);
}

/* Where the worker has gone, another one drops the task; once, and then the job ends. */
static void another_worker_drops_the_task_of_one_that_is_silent(void **state)
{
    (void)state;
    for (int is_cancelled = 0; is_cancelled < 2; is_cancelled++) {
        struct world world;
        uint64_t session = begin(&world, 5000);
        world_heartbeat(&world, 10, session, 5); /* it has a place, and comes first */
        uint64_t other = world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
        if (is_cancelled) {
            world_cancel(&world, 1);
        } else {
            world_pass(&world, 5000);
        }
        world_pass(&world, CANCEL_MS);
        expect_sent_to_drop(&world, other, 2);
        assert_int_equal(world_effect(&world, EFFECT_ACK)->lease, 1);
        world_pass(&world, CANCEL_MS);
        if (is_cancelled) {
            world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
        } else {
            expect_failed(&world, "deadline");
        }
        world_fini(&world);
    }
}

static void a_task_that_a_worker_has_left_is_dropped_by_another_attempt(void **state)
{
    static const enum fail_kind kinds[] = {FAIL_KIND_RETRY, FAIL_KIND_THROTTLED};
    (void)state;
    for (size_t index = 0; index < sizeof kinds / sizeof kinds[0]; index++) {
        struct world world;
        uint64_t session = begin(&world, 100000);
        world_cancel(&world, 1);
        /* Its attempt was over before: the task was to stay for the next one. */
        world_fail(&world, 10, session, 1, 1, kinds[index], 0);
        expect_sent_to_drop(&world, session, 2);
        world_operation(&world, 10, session, 1, 2, OPERATION_STATE_CANCELLED);
        world_fail(&world, 10, session, 1, 2, FAIL_KIND_CANCELLED, 0);
        world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
        assert_int_equal(world_effect(&world, EFFECT_END)->job->attempts_made, 0);
        world_fini(&world);
    }
}

static void a_task_that_a_worker_could_not_drop_is_left(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, 100000);
    world_cancel(&world, 1);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_CANCELLED, 0);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

static void a_job_that_waits_with_a_task_has_it_dropped_at_its_deadline(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, 5000);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 60000);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_heartbeat(&world, 10, session, 5);
    world_pass(&world, 5000);
    expect_sent_to_drop(&world, session, 2);
    world_fail(&world, 10, session, 1, 2, FAIL_KIND_CANCELLED, 0);
    expect_failed(&world, "deadline");
    world_fini(&world);
}

static void a_job_that_loses_too_many_workers_has_its_task_dropped(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, 1000000);
    for (uint32_t worker = 11; worker <= 12; worker++) {
        pass(&world, worker, session, LEASE_MS); /* nothing is heard of the one before */
        session = world_hello(&world, JOB_KIND_VIDEO, worker, 1, 0);
        world_tick(&world);
        world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    }
    assert_int_equal(world_job(&world, 1)->workers_lost, 2);
    uint64_t last = world_hello(&world, JOB_KIND_VIDEO, 13, 1, 0);
    for (int64_t ms = 0; ms < LEASE_MS; ms += HEARTBEAT_MS) {
        world_heartbeat(&world, 13, last, 1);
        world_pass(&world, HEARTBEAT_MS);
    }
    expect_sent_to_drop(&world, last, 4);
    world_operation(&world, 13, last, 1, 4, OPERATION_STATE_CANCELLED);
    world_fail(&world, 13, last, 1, 4, FAIL_KIND_CANCELLED, 0);
    expect_failed(&world, "stalled");
    assert_int_equal(world_effect(&world, EFFECT_END)->job->workers_lost, WORKERS_LOST_MAX);
    world_fini(&world);
}

static void fail_of(struct world *world, uint64_t session, uint32_t lease, struct slice code)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){.job = world_id(1),
                                         .lease = lease,
                                         .kind = FAIL_KIND_RETRY,
                                         .code = code,
                                         .message = SLICE_LITERAL("no route")};
    world_actor(world, 10, session, &message);
}

/* A video in its last attempt; its worker has places. */
static uint64_t begin_last(struct world *world)
{
    uint64_t session = begin(world, 10000000);
    for (uint32_t lease = 1; lease < ATTEMPTS_MAX; lease++) {
        world_heartbeat(world, 10, session, 5);
        world_fail(world, 10, session, 1, lease, FAIL_KIND_RETRY, 0);
        pass(world, 10, session, 5000);
        world_expect_state(world, 1, JOB_STATE_ACTIVE);
    }
    return session;
}

/* Its worker could not know whether it is an outage, and has left the task. */
static void a_last_failure_of_the_provider_has_the_task_dropped_by_another_attempt(void **state)
{
    static const struct slice code = SLICE_LITERAL("provider_unreachable");
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    fail_of(&world, session, ATTEMPTS_MAX, code);
    expect_sent_to_drop(&world, session, ATTEMPTS_MAX + 1);
    assert_int_equal(world_job(&world, 1)->attempts_made, ATTEMPTS_MAX - 1);
    world_progress(&world, 10, session, 1, ATTEMPTS_MAX + 1, 10, "submitted");
    world_expect_text(world_effect(&world, EFFECT_SAVE)->error_message, "no route");
    world_operation(&world, 10, session, 1, ATTEMPTS_MAX + 1, OPERATION_STATE_CANCELLED);
    world_fail(&world, 10, session, 1, ATTEMPTS_MAX + 1, FAIL_KIND_CANCELLED, 0);
    expect_failed(&world, "provider_unreachable");
    world_expect_text(world_effect(&world, EFFECT_END)->error_message, "no route");
    assert_int_equal(world_effect(&world, EFFECT_END)->job->attempts_made, ATTEMPTS_MAX);
    world_fini(&world);
}

static void a_cancel_comes_before_a_last_failure(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    fail_of(&world, session, ATTEMPTS_MAX, SLICE_LITERAL("provider_error"));
    world_cancel(&world, 1);
    world_fail(&world, 10, session, 1, ATTEMPTS_MAX + 1, FAIL_KIND_CANCELLED, 0);
    world_expect_text(world_expect_event(&world, 1, EVENT_KIND_CANCELLED)->error_code, "");
    world_fini(&world);
}

/* It has dropped the task itself, as far as that could be done. */
static void a_last_failure_of_the_job_ends_it(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    fail_of(&world, session, ATTEMPTS_MAX, SLICE_LITERAL("provider_task"));
    expect_failed(&world, "provider_task");
    assert_int_equal(world_effect(&world, EFFECT_END)->job->attempts_made, ATTEMPTS_MAX);
    world_fini(&world);
}

static void the_last_attempt_that_hangs_has_its_task_dropped(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    int64_t end = world_job(&world, 1)->attempt_at + TIMEOUT_VIDEO_MS + TIMEOUT_SLACK_MS;
    pass(&world, 10, session, end - world.now);
    expect_sent_to_drop(&world, session, ATTEMPTS_MAX + 1);
    assert_int_equal(world_job(&world, 1)->attempts_made, ATTEMPTS_MAX - 1);
    world_fail(&world, 10, session, 1, ATTEMPTS_MAX + 1, FAIL_KIND_CANCELLED, 0);
    expect_failed(&world, "timeout");
    assert_int_equal(world_effect(&world, EFFECT_END)->job->attempts_made, ATTEMPTS_MAX);
    world_fini(&world);
}

/* A video whose task is recorded waits for its next attempt, and is cancelled: its worker, which
 * has a place, gets it again. */
static uint64_t begin_drop(struct world *world)
{
    uint64_t session = begin(world, 1000000);
    world_fail(world, 10, session, 1, 1, FAIL_KIND_RETRY, 60000);
    world_heartbeat(world, 10, session, 5);
    world_cancel(world, 1);
    expect_sent_to_drop(world, session, 2);
    return session;
}

/* It is ending, and has not tried. */
static void a_task_is_dropped_by_another_worker_than_one_that_hands_it_back(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world);
    int64_t stop_by = world_job(&world, 1)->stop_by;
    uint64_t other = world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
    world_pass(&world, 1000);
    world_release(&world, 10, session, 1, 2);
    const struct effect *dispatch = world_effect(&world, EFFECT_DISPATCH);
    assert_int_equal(dispatch->session, other);
    assert_int_equal(dispatch->lease, 3);
    assert_int_equal(world_job(&world, 1)->stop_by, stop_by); /* it gets no more time by that */
    world_operation(&world, 11, other, 1, 3, OPERATION_STATE_CANCELLED);
    world_fail(&world, 11, other, 1, 3, FAIL_KIND_CANCELLED, 0);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

static void a_task_that_no_other_worker_can_drop_is_left(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world); /* it has places */
    world_release(&world, 10, session, 1, 2);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_pass(&world, CANCEL_MS);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

static void a_task_that_was_dropped_is_handed_to_nobody(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world);
    world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
    world_operation(&world, 10, session, 1, 2, OPERATION_STATE_CANCELLED);
    world_release(&world, 10, session, 1, 2);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

/* It was sent over a connection that was lost, or its worker has ended. */
static void a_task_is_dropped_by_another_worker_than_one_that_is_gone(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world);
    uint64_t other = world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
    world_bye(&world, 10, session);
    world_tick(&world);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->session, other);
    world_fini(&world);
}

static void a_last_failure_is_still_known_when_its_task_is_handed_on(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    fail_of(&world, session, ATTEMPTS_MAX, SLICE_LITERAL("provider_unreachable"));
    uint64_t other = world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
    world_release(&world, 10, session, 1, ATTEMPTS_MAX + 1);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->session, other);
    const struct message_event *active = world_expect_event(&world, 1, EVENT_KIND_ACTIVE);
    world_expect_text(active->error_code, "provider_unreachable"); /* a timeline tells by it */
    world_fail(&world, 11, other, 1, ATTEMPTS_MAX + 2, FAIL_KIND_CANCELLED, 0);
    expect_failed(&world, "provider_unreachable");
    world_expect_text(world_effect(&world, EFFECT_END)->error_message, "no route");
    world_fini(&world);
}

/* The JOB was lost with its session. */
static void a_task_is_dropped_by_its_worker_in_the_next_session(void **state)
{
    struct world world;
    (void)state;
    begin_drop(&world);
    int64_t stop_by = world_job(&world, 1)->stop_by;
    world_pass(&world, 1000);
    world_peer_lost(&world, 10);
    uint64_t session = world_hello(&world, JOB_KIND_VIDEO, 10, 2, 0);
    world_tick(&world);
    const struct effect *dispatch = world_effect(&world, EFFECT_DISPATCH);
    assert_int_equal(dispatch->session, session);
    assert_int_equal(dispatch->lease, 3);
    assert_int_equal(world_job(&world, 1)->stop_by, stop_by); /* it gets no more time by that */
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worker_lets_go_at_the_deadline),
        cmocka_unit_test(a_success_after_the_deadline_counts_while_the_worker_lets_go),
        cmocka_unit_test(a_cancel_after_the_deadline_is_carried_out),
        cmocka_unit_test(a_worker_that_comes_back_is_asked_again),
        cmocka_unit_test(another_worker_drops_the_task_of_one_that_is_silent),
        cmocka_unit_test(a_task_that_a_worker_has_left_is_dropped_by_another_attempt),
        cmocka_unit_test(a_task_that_a_worker_could_not_drop_is_left),
        cmocka_unit_test(a_job_that_waits_with_a_task_has_it_dropped_at_its_deadline),
        cmocka_unit_test(a_job_that_loses_too_many_workers_has_its_task_dropped),
        cmocka_unit_test(the_last_attempt_that_hangs_has_its_task_dropped),
        cmocka_unit_test(a_last_failure_of_the_provider_has_the_task_dropped_by_another_attempt),
        cmocka_unit_test(a_cancel_comes_before_a_last_failure),
        cmocka_unit_test(a_last_failure_of_the_job_ends_it),
        cmocka_unit_test(a_task_is_dropped_by_another_worker_than_one_that_hands_it_back),
        cmocka_unit_test(a_task_that_no_other_worker_can_drop_is_left),
        cmocka_unit_test(a_task_that_was_dropped_is_handed_to_nobody),
        cmocka_unit_test(a_task_is_dropped_by_another_worker_than_one_that_is_gone),
        cmocka_unit_test(a_last_failure_is_still_known_when_its_task_is_handed_on),
        cmocka_unit_test(a_task_is_dropped_by_its_worker_in_the_next_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
