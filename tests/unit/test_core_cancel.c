/* CANCEL_JOB of queued, active and ended jobs. */

#include "tests/unit/core_world.h"

static void ends_a_queued_job_at_once(void **state)
{
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 2);
    struct world world;
    struct id id = world_id(1);
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_cancel(&world, 1);
    const struct effect *end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->job->state, JOB_STATE_CANCELLED);
    assert_int_equal(end->job->completed_at, world.now);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->state, JOB_STATE_CANCELLED);
    assert_int_equal(reply->version, 2);
    assert_null(core_find(world.core, &id));
    message.submit.run_at = world.now + 1000;
    world_request(&world, &message, NULL);
    world_cancel(&world, 2);
    assert_int_equal(world_effect(&world, EFFECT_END)->job->state, JOB_STATE_CANCELLED);
    world_fini(&world);
}

/* A video that waits between two attempts; its provider may be at work for it. */
static uint64_t begin_between(struct world *world, enum operation_state state)
{
    world_init(world, NULL);
    uint64_t session = world_lease(world, JOB_KIND_VIDEO, 1, 10);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    if (state != OPERATION_STATE_SUBMITTED) {
        world_operation(world, 10, session, 1, 1, state);
    }
    world_fail(world, 10, session, 1, 1, FAIL_KIND_RETRY, 60000);
    world_expect_state(world, 1, JOB_STATE_WAITING);
    assert_true(world_job(world, 1)->next_attempt_at > world->now);
    return session;
}

static void a_job_with_a_task_goes_to_a_worker_that_drops_it(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_between(&world, OPERATION_STATE_SUBMITTED);
    world_heartbeat(&world, 10, session, 5);
    const struct message pause = {.type = MESSAGE_TYPE_SET_QUEUE,
                                  .set_queue = {.request = 7, .kind = JOB_KIND_VIDEO, .paused = 1}};
    world_request(&world, &pause, NULL);
    world_cancel(&world, 1);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->state, JOB_STATE_ACTIVE);
    assert_true(reply->cancel_requested);
    assert_int_equal(world_effects(&world, EFFECT_EVENT), 2); /* that it is active, and this: */
    world_expect_event(&world, 1, EVENT_KIND_CANCEL_REQUESTED);
    assert_int_equal(world_job(&world, 1)->stop_by, world.now + CANCEL_MS);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->session, session);
    assert_int_equal(world_effects(&world, EFFECT_CANCEL), 0); /* the worker has not the job yet */
    world_operation(&world, 10, session, 1, 2, OPERATION_STATE_CANCELLED);
    world_fail(&world, 10, session, 1, 2, FAIL_KIND_CANCELLED, 0);
    assert_int_equal(world_effect(&world, EFFECT_END)->job->state, JOB_STATE_CANCELLED);
    world_fini(&world);
}

static void a_job_with_a_task_waits_for_a_worker_that_has_a_place(void **state)
{
    struct world world;
    (void)state;
    begin_between(&world, OPERATION_STATE_SUBMITTED);
    world_peer_lost(&world, 10);
    world_cancel(&world, 1);
    assert_true(world_expect_reply(&world, REPLY_CODE_OK)->cancel_requested);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_pass_until(&world, EFFECT_END, DROP_WAIT_MS);
    assert_int_equal(world_effect(&world, EFFECT_END)->job->state, JOB_STATE_CANCELLED);
    world_fini(&world);
}

static void a_job_whose_task_has_ended_ends_at_once(void **state)
{
    static const enum operation_state ends[] = {OPERATION_STATE_FINISHED, OPERATION_STATE_CANCELLED,
                                                OPERATION_STATE_ABANDONED, OPERATION_STATE_REFUSED,
                                                OPERATION_STATE_UNKNOWN};
    (void)state;
    for (size_t index = 0; index < sizeof ends / sizeof ends[0]; index++) {
        struct world world;
        uint64_t session = begin_between(&world, ends[index]);
        world_heartbeat(&world, 10, session, 5);
        world_cancel(&world, 1);
        assert_int_equal(world_effect(&world, EFFECT_END)->job->state, JOB_STATE_CANCELLED);
        world_fini(&world);
    }
}

/* A character that is tried again has its personality written anew while its portrait's task, which
 * an earlier attempt ordered, may still be at work. */
static void a_chat_says_nothing_of_the_task(void **state)
{
    static const enum operation_state states[] = {OPERATION_STATE_FINISHED, OPERATION_STATE_REFUSED,
                                                  OPERATION_STATE_UNKNOWN};
    (void)state;
    for (size_t index = 0; index < sizeof states / sizeof states[0]; index++) {
        struct world world;
        world_init(&world, NULL);
        uint64_t session = world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
        world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
        world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
        const struct message chat = {
            .type = MESSAGE_TYPE_OPERATION,
            .operation = {.job = world_id(1),
                          .lease = 1,
                          .operation = OPERATIONS_WITH_TASKS,
                          .state = (uint8_t)states[index],
                          .provider = SLICE_LITERAL("studio")},
        };
        world_actor(&world, 10, session, &chat);
        world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 60000);
        world_heartbeat(&world, 10, session, 5);
        world_cancel(&world, 1);
        assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->state, JOB_STATE_ACTIVE);
        world_fini(&world);
    }
}

static void asks_the_worker_of_an_active_job_once(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_cancel(&world, 1);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_CANCEL_REQUESTED);
    assert_true(event->cancel_requested);
    assert_int_equal(event->state, JOB_STATE_ACTIVE);
    assert_int_equal(world_effects(&world, EFFECT_SAVE), 1);
    const struct effect *cancel = world_effect(&world, EFFECT_CANCEL);
    assert_int_equal(cancel->session, session);
    assert_int_equal(cancel->lease, 1);
    for (int again = 0; again < 2; again++) {
        const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
        assert_int_equal(reply->state, JOB_STATE_ACTIVE);
        assert_true(reply->cancel_requested);
        world_cancel(&world, 1);
        assert_int_equal(world.effects.count, 1);
    }
    assert_int_equal(world_job(&world, 1)->stop_by, world.now + CANCEL_MS);
    world_fini(&world);
}

static void ends_cancelled_when_the_worker_complies(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_cancel(&world, 1);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_CANCELLED, 0);
    const struct effect *end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->job->state, JOB_STATE_CANCELLED);
    assert_int_equal(end->job->attempts_made, 0);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_effect(&world, EFFECT_ACK);
    world_fini(&world);
}

static void ends_it_without_the_worker_when_time_is_up(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_cancel(&world, 1);
    assert_int_equal(core_wake(world.core), world.now + CANCEL_MS);
    world_pass(&world, CANCEL_MS - 1);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, 1);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    assert_int_equal(world_effect(&world, EFFECT_ACK)->session, session);
    world_done(&world, 10, session, 1, 1); /* too late */
    assert_int_equal(world.effects.count, 1);
    world_fini(&world);
}

static void lets_a_success_before_the_end_win(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_cancel(&world, 1);
    world_done(&world, 10, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

static void lets_a_permanent_failure_win(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_cancel(&world, 1);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    world_expect_event(&world, 1, EVENT_KIND_FAILED);
    world_fini(&world);
}

/* The ways of an attempt to end that would otherwise lead to another one. */
enum way {
    WAY_RETRY,
    WAY_THROTTLED,
    WAY_RELEASE,
    WAY_BYE,
    WAY_LOST,
    WAY_COUNT,
};

static void go(struct world *world, enum way way, uint64_t session)
{
    switch (way) {
    case WAY_RETRY:
        world_fail(world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
        break;
    case WAY_THROTTLED:
        world_fail(world, 10, session, 1, 1, FAIL_KIND_THROTTLED, 100);
        break;
    case WAY_RELEASE:
        world_release(world, 10, session, 1, 1);
        break;
    case WAY_BYE:
        world_bye(world, 10, session);
        world_tick(world);
        break;
    case WAY_LOST:
        world_pass(world, 2000);
        break;
    case WAY_COUNT:
        break;
    }
}

static void tries_nothing_again_after_the_request(void **state)
{
    (void)state;
    for (int way = 0; way < WAY_COUNT; way++) {
        struct world world;
        world_init(&world, NULL);
        uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
        world_pass(&world, LEASE_MS - 2000);
        world_cancel(&world, 1);
        go(&world, (enum way)way, session);
        world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
        assert_int_equal(world_effect(&world, EFFECT_END)->error_code.size, 0);
        world_fini(&world);
    }
}

static struct message cancel_message(uint32_t number, const char *owner, bool admin)
{
    struct message message = {.type = MESSAGE_TYPE_CANCEL_JOB};
    message.cancel_job = (struct message_cancel_job){
        .request = 7, .job = world_id(number), .owner = slice_from_string(owner), .admin = admin};
    return message;
}

static void hides_jobs_of_others_but_not_from_an_operator(void **state)
{
    struct message stranger = cancel_message(1, "another", false);
    struct message admin = cancel_message(1, "operator", true);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_request(&world, &stranger, NULL);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_request(&world, &admin, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void looks_in_the_store_for_a_job_that_is_not_live(void **state)
{
    struct message message = cancel_message(1, "user", false);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    world_request(&world, &message, NULL);
    world_effect(&world, EFFECT_RESOLVE);
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    facts.job_found = true;
    facts.head.state = JOB_STATE_COMPLETED;
    facts.head.version = 8;
    world_request(&world, &message, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_ALREADY_ENDED);
    assert_int_equal(reply->version, 8);
    assert_int_equal(reply->state, JOB_STATE_COMPLETED);
    world_fini(&world);
}

static void looks_again_when_the_job_ended_meanwhile(void **state)
{
    struct message message = cancel_message(1, "user", false);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
    struct facts facts = world_facts(&world);
    facts.job_found = true;
    facts.head.state = JOB_STATE_ACTIVE;
    world_done(&world, 10, session, 1, 1);
    world_request(&world, &message, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    world_tick(&world);
    facts.commit = core_commit(world.core) - 1;
    facts.head.state = JOB_STATE_COMPLETED;
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_ALREADY_ENDED);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_a_queued_job_at_once),
        cmocka_unit_test(a_job_with_a_task_goes_to_a_worker_that_drops_it),
        cmocka_unit_test(a_job_with_a_task_waits_for_a_worker_that_has_a_place),
        cmocka_unit_test(a_job_whose_task_has_ended_ends_at_once),
        cmocka_unit_test(a_chat_says_nothing_of_the_task),
        cmocka_unit_test(asks_the_worker_of_an_active_job_once),
        cmocka_unit_test(ends_cancelled_when_the_worker_complies),
        cmocka_unit_test(ends_it_without_the_worker_when_time_is_up),
        cmocka_unit_test(lets_a_success_before_the_end_win),
        cmocka_unit_test(lets_a_permanent_failure_win),
        cmocka_unit_test(tries_nothing_again_after_the_request),
        cmocka_unit_test(hides_jobs_of_others_but_not_from_an_operator),
        cmocka_unit_test(looks_in_the_store_for_a_job_that_is_not_live),
        cmocka_unit_test(looks_again_when_the_job_ended_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
