/* Jobs that are to end and wait for a worker with a place, which drops their task. */

#include "tests/unit/core_world.h"

/* A video at work whose task is recorded; its worker has two slots. */
static uint64_t begin(struct world *world)
{
    world_init(world, NULL);
    world_submit(world, JOB_KIND_VIDEO, 1);
    uint64_t session = world_hello(world, JOB_KIND_VIDEO, 10, 2, 0);
    world_tick(world);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    return session;
}

/* Lets time pass in which the worker is heard of. */
static void pass(struct world *world, uint64_t session, int64_t ms)
{
    for (; ms > HEARTBEAT_MS; ms -= HEARTBEAT_MS) {
        world_pass(world, HEARTBEAT_MS);
        world_heartbeat(world, 10, session, 1);
    }
    world_pass(world, ms);
}

static void expect_sent(const struct world *world, uint64_t session, uint32_t lease)
{
    const struct effect *dispatch = world_effect(world, EFFECT_DISPATCH);
    assert_int_equal(dispatch->session, session);
    assert_int_equal(dispatch->lease, lease);
    assert_int_equal(world_job(world, 1)->stop_by, world->now + CANCEL_MS);
}

/* What its last attempt has failed of is what it fails of. */
static void expect_failed(const struct world *world)
{
    const struct effect *end = world_effect(world, EFFECT_END);
    assert_int_equal(end->job->state, JOB_STATE_FAILED);
    assert_int_equal(end->job->attempts_made, ATTEMPTS_MAX);
    world_expect_text(end->error_code, "provider_unreachable");
    world_expect_text(end->error_message, "no route");
}

/* A video in its last attempt, whose worker has no place but the one that it holds. */
static uint64_t begin_last(struct world *world)
{
    uint64_t session = begin(world);
    for (uint32_t lease = 1; lease < ATTEMPTS_MAX; lease++) {
        world_fail(world, 10, session, 1, lease, FAIL_KIND_RETRY, 0);
        world_heartbeat(world, 10, session, lease + 1);
        pass(world, session, 5000);
        world_expect_state(world, 1, JOB_STATE_ACTIVE);
    }
    return session;
}

/* It leaves the task. */
static void fail_last(struct world *world, uint64_t session)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){.job = world_id(1),
                                         .lease = ATTEMPTS_MAX,
                                         .kind = FAIL_KIND_RETRY,
                                         .code = SLICE_LITERAL("provider_unreachable"),
                                         .message = SLICE_LITERAL("no route")};
    world_actor(world, 10, session, &message);
}

/* FAIL has no credit for the place that its ACK frees. */
static void a_task_waits_for_a_place_to_be_dropped_before_other_jobs(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    world_submit(&world, JOB_KIND_VIDEO, 2);
    fail_last(&world, session);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 0);
    assert_int_equal(world_position(&world, 1).reason, WAIT_REASON_QUEUED);
    assert_int_equal(world_position(&world, 1).position, 0);
    world_heartbeat(&world, 10, session, ATTEMPTS_MAX + 1);
    world_tick(&world);
    expect_sent(&world, session, ATTEMPTS_MAX + 1);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    world_fail(&world, 10, session, 1, ATTEMPTS_MAX + 1, FAIL_KIND_CANCELLED, 0);
    expect_failed(&world);
    world_fini(&world);
}

static void a_task_is_left_when_no_place_comes_in_time(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    fail_last(&world, session);
    pass(&world, session, DROP_WAIT_MS - 1);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_pass(&world, 1);
    expect_failed(&world);
    world_fini(&world);
}

static void a_job_whose_task_waits_to_be_dropped_is_cancelled(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    fail_last(&world, session);
    int64_t stop_by = world_job(&world, 1)->stop_by;
    world_pass(&world, 1000);
    world_cancel(&world, 1);
    assert_true(world_expect_reply(&world, REPLY_CODE_OK)->cancel_requested);
    world_expect_event(&world, 1, EVENT_KIND_CANCEL_REQUESTED);
    assert_int_equal(world_job(&world, 1)->stop_by, stop_by);
    world_heartbeat(&world, 10, session, ATTEMPTS_MAX + 1);
    world_tick(&world);
    expect_sent(&world, session, ATTEMPTS_MAX + 1);
    world_fail(&world, 10, session, 1, ATTEMPTS_MAX + 1, FAIL_KIND_CANCELLED, 0);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

/* Whoever was there is gone; what waits for its next attempt is no longer in its turn. */
static void a_task_of_a_job_that_waits_is_dropped_by_who_comes(void **state)
{
    (void)state;
    for (int is_delayed = 0; is_delayed < 2; is_delayed++) {
        struct world world;
        uint64_t session = begin(&world);
        world_fail(&world, 10, session, 1, 1, FAIL_KIND_THROTTLED, is_delayed ? 60000 : 0);
        world_bye(&world, 10, session);
        world_pass(&world, 5000);
        world_cancel(&world, 1);
        world_expect_event(&world, 1, EVENT_KIND_CANCEL_REQUESTED);
        world_tick(&world);
        assert_int_equal(world_position(&world, 1).reason, WAIT_REASON_NO_WORKER);
        uint64_t other = world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
        world_tick(&world);
        expect_sent(&world, other, 2);
        world_fini(&world);
    }
}

static void a_late_success_completes_a_job_whose_task_waits_to_be_dropped(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_last(&world);
    fail_last(&world, session);
    world_done(&world, 10, session, 1, ATTEMPTS_MAX);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

/* Cancelled between two attempts, and on its way to a worker that drops its task. */
static uint64_t begin_drop(struct world *world)
{
    uint64_t session = begin(world);
    world_fail(world, 10, session, 1, 1, FAIL_KIND_THROTTLED, 60000);
    world_heartbeat(world, 10, session, 5);
    world_cancel(world, 1);
    expect_sent(world, session, 2);
    return session;
}

/* The broker cannot read what the worker needs: THROTTLED, its disk; RETRY, it is damaged. */
static void cannot_be_read(struct world *world, uint64_t session, uint32_t lease,
                           enum fail_kind kind)
{
    struct message fail = {.type = MESSAGE_TYPE_FAIL};
    fail.fail = (struct message_fail){.job = world_id(1), .lease = lease, .kind = (uint8_t)kind};
    const struct core_event event = {
        .type = CORE_EVENT_ACTOR, .peer = 10, .session = session, .message = &fail, .unread = true};
    world_step(world, &event);
}

/* Nobody pays for it: the session goes on, and its place is there for another job. */
static void a_job_to_stop_that_a_disk_cannot_read_harms_nobody(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world);
    world_heartbeat(&world, 10, session, 9); /* more than it has places */
    world_submit(&world, JOB_KIND_VIDEO, 2);
    world_submit(&world, JOB_KIND_VIDEO, 3);
    world_submit(&world, JOB_KIND_VIDEO, 4);
    world_tick(&world);
    world_expect_state(&world, 4, JOB_STATE_WAITING);
    cannot_be_read(&world, session, 2, FAIL_KIND_THROTTLED);
    assert_int_equal(world_effects(&world, EFFECT_ERROR), 0);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 1);
    world_expect_state(&world, 4, JOB_STATE_ACTIVE);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_fini(&world);
}

static void a_job_to_stop_that_a_disk_cannot_read_is_read_again_ever_later(void **state)
{
    static const int64_t waits_ms[] = {DROP_AGAIN_MS, 1000, 2000, 4000};
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world);
    int64_t stop_by = world_job(&world, 1)->stop_by;
    uint32_t lease = 2;
    for (int times = 0; times < 4; times++) {
        cannot_be_read(&world, session, lease++, FAIL_KIND_THROTTLED);
        world_pass(&world, waits_ms[times] - 1);
        world_expect_state(&world, 1, JOB_STATE_WAITING);
        world_pass(&world, 1);
        assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->session, session);
        assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, lease);
        assert_int_equal(world_job(&world, 1)->stop_by, stop_by); /* it gets no more time by that */
    }
    world_operation(&world, 10, session, 1, lease, OPERATION_STATE_CANCELLED);
    world_fail(&world, 10, session, 1, lease, FAIL_KIND_CANCELLED, 0);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

/* It was at work when its cancel came, and its JOB had not left the broker yet. */
static void a_job_that_is_cancelled_while_a_disk_fails_to_read_it_waits_as_well(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_THROTTLED, 0);
    world_heartbeat(&world, 10, session, 5);
    world_pass(&world, THROTTLE_MIN_MS);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_cancel(&world, 1);
    cannot_be_read(&world, session, 2, FAIL_KIND_THROTTLED);
    world_pass(&world, DROP_AGAIN_MS - 1);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_pass(&world, 1);
    expect_sent(&world, session, 3);
    world_fini(&world);
}

/* The broker has heard of the disk, not of the worker. */
static void a_worker_whose_jobs_cannot_be_read_is_lost_in_its_time(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world);
    int64_t heard_at = world.now;
    cannot_be_read(&world, session, 2, FAIL_KIND_THROTTLED);
    world_pass(&world, CANCEL_MS);
    world_submit(&world, JOB_KIND_VIDEO, 2);
    world_tick(&world);
    world_pass(&world, heard_at + LEASE_MS - 1 - world.now);
    struct message fail = {.type = MESSAGE_TYPE_FAIL};
    fail.fail = (struct message_fail){.job = world_id(2), .lease = 1, .kind = FAIL_KIND_THROTTLED};
    const struct core_event event = {
        .type = CORE_EVENT_ACTOR, .peer = 10, .session = session, .message = &fail, .unread = true};
    world_step(&world, &event);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    world_pass(&world, 1);
    world_step(&world, &event); /* nobody is told of what nobody has asked */
    assert_int_equal(world_effects(&world, EFFECT_ERROR), 0);
    world_heartbeat(&world, 10, session, 9);
    assert_int_equal(world_effects(&world, EFFECT_ERROR), 1);
    world_fini(&world);
}

static void a_task_whose_job_cannot_be_read_is_left(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_drop(&world);
    cannot_be_read(&world, session, 2, FAIL_KIND_RETRY); /* never */
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
    session = begin_drop(&world);
    world_pass(&world, CANCEL_MS - 1);
    cannot_be_read(&world, session, 2, FAIL_KIND_THROTTLED); /* not in time */
    world_pass(&world, 1);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_waits_for_a_place_to_be_dropped_before_other_jobs),
        cmocka_unit_test(a_task_is_left_when_no_place_comes_in_time),
        cmocka_unit_test(a_job_whose_task_waits_to_be_dropped_is_cancelled),
        cmocka_unit_test(a_task_of_a_job_that_waits_is_dropped_by_who_comes),
        cmocka_unit_test(a_late_success_completes_a_job_whose_task_waits_to_be_dropped),
        cmocka_unit_test(a_job_to_stop_that_a_disk_cannot_read_harms_nobody),
        cmocka_unit_test(a_job_to_stop_that_a_disk_cannot_read_is_read_again_ever_later),
        cmocka_unit_test(a_job_that_is_cancelled_while_a_disk_fails_to_read_it_waits_as_well),
        cmocka_unit_test(a_worker_whose_jobs_cannot_be_read_is_lost_in_its_time),
        cmocka_unit_test(a_task_whose_job_cannot_be_read_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
