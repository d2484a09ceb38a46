/* Tasks that somebody was asked to drop and told nothing of: who gets the job when it is tried
 * again is told that they may be gone. */

#include "tests/unit/core_world.h"

static bool is_asked(const struct job *job)
{
    return (job->flags & JOB_FLAG_ASKED) != 0;
}

/* A video at work whose call is announced. */
static uint64_t begin(struct world *world)
{
    world_init(world, NULL);
    uint64_t session = world_lease(world, JOB_KIND_VIDEO, 1, 10);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    return session;
}

static uint64_t begin_with_task(struct world *world)
{
    uint64_t session = begin(world);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    return session;
}

/* The job ends within this time, and is tried again. Returns its head as it ended. */
static struct job end_and_retry(struct world *world, int64_t ms)
{
    struct message retry = {.type = MESSAGE_TYPE_RETRY_JOB};
    struct facts facts = world_facts(world);
    retry.retry_job = (struct message_retry_job){
        .request = 7, .job = world_id(1), .owner = SLICE_LITERAL("user")};
    world_pass_until(world, EFFECT_END, ms);
    facts.job_found = true;
    facts.owner_size = 4;
    memcpy(facts.owner, "user", 4);
    memcpy(&facts.head, world_effect(world, EFFECT_END)->job, JOB_HEAD_SIZE);
    world_tick(world);
    facts.commit = core_commit(world->core) - 1;
    world_request(world, &retry, &facts);
    world_expect_reply(world, REPLY_CODE_OK);
    return facts.head;
}

/* Nobody comes in its place. */
static struct job lose_worker(struct world *world)
{
    world_peer_lost(world, 10);
    return end_and_retry(world, 2 * (LEASE_MS + DROP_WAIT_MS));
}

static const struct job *dispatched(struct world *world, uint32_t lease)
{
    world_tick(world);
    assert_int_equal(world_effect(world, EFFECT_DISPATCH)->lease, lease);
    return world_effect(world, EFFECT_DISPATCH)->job;
}

static void who_tries_again_is_told_of_a_drop_that_nothing_was_heard_of(void **state)
{
    struct world world;
    (void)state;
    begin_with_task(&world);
    assert_false(is_asked(world_job(&world, 1)));
    world_cancel(&world, 1);
    assert_true(is_asked(world_job(&world, 1)));
    struct job ended = lose_worker(&world);
    assert_int_equal(ended.state, JOB_STATE_CANCELLED);
    uint64_t session = world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
    assert_true(is_asked(dispatched(&world, 2)));
    world_fail(&world, 11, session, 1, 2, FAIL_KIND_THROTTLED, 0); /* it has not come so far */
    world_heartbeat(&world, 11, session, 2);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    assert_true(is_asked(world_effect(&world, EFFECT_DISPATCH)->job));
    world_operation(&world, 11, session, 1, 3, OPERATION_STATE_ABANDONED);
    assert_false(is_asked(world_job(&world, 1)));
    world_operation(&world, 11, session, 1, 3, OPERATION_STATE_INTENT);
    world_operation(&world, 11, session, 1, 3, OPERATION_STATE_SUBMITTED);
    assert_false(is_asked(world_job(&world, 1))); /* another task */
    world_fini(&world);
}

static void a_task_that_comes_on_record_while_the_job_is_to_stop_may_be_dropped(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world);
    world_cancel(&world, 1);
    assert_false(is_asked(world_job(&world, 1)));
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    assert_true(is_asked(world_job(&world, 1)));
    world_fini(&world);
}

static void what_was_told_of_a_drop_is_known(void **state)
{
    static const enum operation_state states[] = {
        OPERATION_STATE_CANCELLED, OPERATION_STATE_ABANDONED, OPERATION_STATE_FINISHED,
        OPERATION_STATE_REFUSED, OPERATION_STATE_UNKNOWN};
    (void)state;
    for (size_t index = 0; index < sizeof states / sizeof states[0]; index++) {
        struct world world;
        uint64_t session = begin_with_task(&world);
        world_cancel(&world, 1);
        world_operation(&world, 10, session, 1, 1, states[index]);
        assert_false(is_asked(world_job(&world, 1)));
        world_fini(&world);
    }
}

static void who_gets_a_job_only_to_drop_its_task_is_asked(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_with_task(&world);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_THROTTLED, 60000);
    world_cancel(&world, 1); /* its worker has no place */
    assert_false(is_asked(world_job(&world, 1)));
    world_heartbeat(&world, 10, session, 2);
    assert_true(is_asked(dispatched(&world, 2)));
    assert_true(is_asked(world_job(&world, 1)));
    struct job ended = end_and_retry(&world, CANCEL_MS);
    assert_true(is_asked(&ended));
    assert_true(is_asked(world_job(&world, 1)));
    world_fini(&world);
}

static void nobody_was_asked_where_no_worker_had_a_place(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin_with_task(&world);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_THROTTLED, 60000);
    world_cancel(&world, 1);
    struct job ended = lose_worker(&world);
    assert_int_equal(ended.state, JOB_STATE_CANCELLED);
    assert_true((ended.flags & JOB_FLAG_TASK) != 0);
    assert_false(is_asked(&ended));
    world_hello(&world, JOB_KIND_VIDEO, 11, 1, 0);
    assert_false(is_asked(dispatched(&world, 2)));
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_tries_again_is_told_of_a_drop_that_nothing_was_heard_of),
        cmocka_unit_test(a_task_that_comes_on_record_while_the_job_is_to_stop_may_be_dropped),
        cmocka_unit_test(what_was_told_of_a_drop_is_known),
        cmocka_unit_test(who_gets_a_job_only_to_drop_its_task_is_asked),
        cmocka_unit_test(nobody_was_asked_where_no_worker_had_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
