/* Limits of a day in the core: which calls are stored, what a start knows, who waits. And that the
 * first start of all knows that nothing was called, in no window. */

#include "tests/unit/core_world.h"

enum {
    DAY_MS = 86400000,
    MINUTE_MS = 60000,
};

/* An image worker that calls "studio" of the account "main", as often as this limit allows. */
static uint64_t worker(struct world *world, uint32_t number, uint32_t limit_day)
{
    return world_caller(
        world, number,
        (struct message_provider){.account = SLICE_LITERAL("main"), .limit_day = limit_day});
}

static const struct effect *recorded(const struct world *world)
{
    return world_effect(world, EFFECT_OPERATION);
}

static void tells_whose_call_was_granted(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    uint64_t session = worker(&world, 10, 0);
    world_tick(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_expect_text(recorded(&world)->account, "main");
    assert_int_equal(recorded(&world)->day_part, world.now / DAY_PART_MS);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    assert_int_equal(recorded(&world)->account.size, 0); /* it was counted */
    world_fini(&world);
}

static void tells_nobody_s_call_of_what_nobody_has_declared(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    assert_int_equal(recorded(&world)->account.size, 0);
    world_fini(&world);
}

/* A limit of three a day, of which one was used before the start. */
static uint64_t begin(struct world *world)
{
    world_init(world, NULL);
    uint32_t part = (uint32_t)(world->now / DAY_PART_MS);
    core_destroy(&world->core);
    struct core_options options = world_options();
    assert_int_equal(core_new(&options, world->now, &world->core), STATUS_OK);
    assert_int_equal(core_calls_first(world->core), 0); /* the clock of a world begins with 1970 */
    assert_int_equal(core_restore_calls(world->core, part, SLICE_LITERAL("main"), 1), STATUS_OK);
    world_pass(world, 2 * MINUTE_MS);
    uint64_t session = worker(world, 10, 3);
    world_submit(world, JOB_KIND_IMAGE, 1);
    world_submit(world, JOB_KIND_IMAGE, 2);
    world_tick(world);
    for (uint32_t count = 0; count < 2; count++) {
        world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
        world_effect(world, EFFECT_OPERATION_ACK);
    }
    return session;
}

static void knows_at_the_first_start_of_all_that_nothing_was_called(void **state)
{
    const struct message_provider limited = {.limit_second = 1, .limit_minute = 1, .limit_day = 1};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    uint64_t session = world_caller(&world, 10, limited);
    world_tick(&world);
    world_effect(&world, EFFECT_DISPATCH);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_effect(&world, EFFECT_OPERATION_ACK);
    world_fini(&world);
}

static void knows_the_calls_of_before_the_start(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    const struct effect *denied = world_effect(&world, EFFECT_OPERATION_DENIED);
    assert_int_equal(world.effects.count, 1);
    assert_int_equal(denied->denial, DENIAL_LIMITED);
    assert_int_equal(denied->retry_after_ms, MINUTE_MS);
    world_fini(&world);
}

static void lets_jobs_wait_without_an_attempt_until_a_part_is_over(void **state)
{
    struct message_provider_state told[PROVIDERS_MAX];
    struct world world;
    (void)state;
    uint64_t session = begin(&world);
    world_submit(&world, JOB_KIND_IMAGE, 3);
    world_tick(&world);
    assert_int_equal(world_position(&world, 3).reason, WAIT_REASON_RATE_LIMITED);
    world_operation(&world, 10, session, 2, 1, OPERATION_STATE_INTENT);
    world_effect(&world, EFFECT_OPERATION_DENIED);
    world_fail(&world, 10, session, 2, 1, FAIL_KIND_THROTTLED, MINUTE_MS);
    assert_int_equal(world_position(&world, 2).reason, WAIT_REASON_BACKOFF);
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(core_providers(world.core, world.now, told), 1);
    assert_int_equal(told[0].limit_day, 3);
    assert_int_equal(told[0].used_day, 3);
    int64_t until = DAY_MS + DAY_PART_MS; /* the part of all three is the first of all */
    assert_int_equal(told[0].limited_until, until);
    assert_int_equal(told[0].waiting, 2);
    world.now += MINUTE_MS;
    worker(&world, 10, 3); /* it has not been heard of */
    world_tick(&world);
    assert_int_equal(world_position(&world, 2).reason, WAIT_REASON_RATE_LIMITED);
    assert_int_equal(world_job(&world, 2)->attempts_made, 0);
    world.now = until - 1; /* jobs fail after a day, if they do not ask for more */
    worker(&world, 10, 3);
    world_submit(&world, JOB_KIND_IMAGE, 4);
    world_submit(&world, JOB_KIND_IMAGE, 5);
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 0);
    world.now = until;
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 1); /* at the pace of the limit */
    assert_int_equal(core_providers(world.core, world.now, told), 1);
    assert_int_equal(told[0].limited_until, 0);
    assert_int_equal(told[0].used_day, 0);
    world_fini(&world);
}

/* Who has called must not wait for the end of the day to look for what became of it. */
static void lets_who_may_have_a_task_start_now_and_then(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world);
    world_release(&world, 10, session, 2, 1);
    world_tick(&world);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    world_release(&world, 10, session, 1, 1);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    assert_int_equal(world_position(&world, 2).reason, WAIT_REASON_RATE_LIMITED);
    world_release(&world, 10, session, 1, 2);
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 0); /* one a minute */
    world.now += SPENT_PACE_MS;
    worker(&world, 11, 3);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    world_fini(&world);
}

/* Others, that were there before it, need a call. */
static void lets_who_has_a_task_go_on_at_once(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world);
    world_heartbeat(&world, 10, session, 9);
    world_release(&world, 10, session, 1, 1);
    world_operation(&world, 10, session, 2, 1, OPERATION_STATE_SUBMITTED);
    world_release(&world, 10, session, 2, 1);
    world_submit_for(&world, JOB_KIND_IMAGE, 3, "another");
    for (uint32_t lease = 2; lease < 5; lease++) {
        world_tick(&world);
        world_expect_state(&world, 2, JOB_STATE_ACTIVE);
        world_release(&world, 10, session, 2, lease);
    }
    world_tick(&world);
    world_operation(&world, 10, session, 2, 5, OPERATION_STATE_FINISHED);
    world_done(&world, 10, session, 2, 5);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE); /* its call may be found */
    world_expect_state(&world, 3, JOB_STATE_WAITING);
    world_fini(&world);
}

static void finds_a_task_that_is_told_late(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    world_peer_lost(&world, 10);
    world_pass(&world, LEASE_MS);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    uint64_t session = worker(&world, 10, 3);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE); /* it has called */
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    world_operation(&world, 10, session, 2, 1, OPERATION_STATE_SUBMITTED);
    world_tick(&world);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void refuses_what_no_account_can_be(void **state)
{
    static const uint8_t long_name[PROVIDER_SIZE_MAX + 1] = {'a'};
    struct core_options options = world_options();
    struct core *core = NULL;
    (void)state;
    assert_int_equal(core_new(&options, 3 * (int64_t)DAY_MS, &core), STATUS_OK);
    assert_int_equal(core_calls_first(core), 120);
    assert_int_equal(core_restore_calls(core, 170, SLICE_EMPTY, 1), STATUS_MALFORMED);
    assert_int_equal(core_restore_calls(core, 170, slice_make(long_name, sizeof long_name), 1),
                     STATUS_MALFORMED);
    assert_int_equal(core_restore_calls(core, 170, SLICE_LITERAL("a"), UINT64_MAX),
                     STATUS_MALFORMED);
    core_check(core);
    core_destroy(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_whose_call_was_granted),
        cmocka_unit_test(tells_nobody_s_call_of_what_nobody_has_declared),
        cmocka_unit_test(knows_at_the_first_start_of_all_that_nothing_was_called),
        cmocka_unit_test(knows_the_calls_of_before_the_start),
        cmocka_unit_test(lets_jobs_wait_without_an_attempt_until_a_part_is_over),
        cmocka_unit_test(lets_who_may_have_a_task_start_now_and_then),
        cmocka_unit_test(lets_who_has_a_task_go_on_at_once),
        cmocka_unit_test(finds_a_task_that_is_told_late),
        cmocka_unit_test(refuses_what_no_account_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
