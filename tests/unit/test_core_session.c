/* Sessions: HELLO, HOLDs, renewal, loss, expiry, and what is refused. */

#include <stdlib.h>

#include "tests/unit/core_world.h"

static void expect_error(const struct world *world, uint64_t peer, enum error_code code)
{
    const struct effect *effect = world_effect(world, EFFECT_ERROR);
    assert_int_equal(effect->peer, peer);
    assert_string_equal(error_code_name(effect->error_code_number), error_code_name(code));
}

static struct message hello_message(enum job_kind kind, uint32_t instance)
{
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    message.hello = (struct message_hello){
        .kind = (uint8_t)kind, .instance = world_id(instance), .slots = 1, .credit = 1};
    return message;
}

static void numbers_sessions_from_their_base(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    assert_int_equal(world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0), 101);
    assert_int_equal(world_effect(&world, EFFECT_WELCOME)->peer, 10);
    assert_int_equal(world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0), 102);
    world_fini(&world);
}

static void hands_out_no_job_before_the_last_hold(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 2);
    world_tick(&world);
    assert_int_equal(world.effects.count, 0);
    world_heartbeat(&world, 10, session, 1);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_hold(&world, 10, 77, 1);
    assert_int_equal(world_effect(&world, EFFECT_ACK)->session, session);
    world_hold(&world, 10, 78, 1);
    world_tick(&world);
    world_effect(&world, EFFECT_DISPATCH);
    world_hold(&world, 10, 79, 1);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_fini(&world);
}

static void refuses_records_of_no_session_or_anothers(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_done(&world, 10, 0, 1, 1);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_done(&world, 10, session + 1, 1, 1);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_done(&world, 11, session, 1, 1);
    expect_error(&world, 11, ERROR_CODE_SESSION);
    world_hold(&world, 11, 1, 1);
    expect_error(&world, 11, ERROR_CODE_SESSION);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_done(&world, 10, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.sessionless, 4);
    assert_int_equal(statistics.refused_records, 0);
    assert_int_equal(statistics.refused, 0);
    world_fini(&world);
}

static void refuses_bad_greetings(void **state)
{
    struct message cases[5];
    static const enum error_code codes[5] = {
        ERROR_CODE_MALFORMED, ERROR_CODE_MALFORMED, ERROR_CODE_FORBIDDEN,
        ERROR_CODE_LIMIT,     ERROR_CODE_LIMIT,
    };
    struct core_statistics statistics;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    for (size_t index = 0; index < 5; index++) {
        cases[index] = hello_message(JOB_KIND_IMAGE, 11);
    }
    cases[0].hello.kind = JOB_KIND_COUNT;
    cases[1].hello.instance = (struct id){{0}};
    cases[2] = hello_message(JOB_KIND_VIDEO, 10); /* an instance of another role */
    cases[3].hello.slots = SLOTS_MAX + 1;
    cases[4].hello.hold_count = HOLDS_MAX + 1;
    for (size_t index = 0; index < 5; index++) {
        world_actor(&world, 12, 0, &cases[index]);
        assert_int_equal(world.effects.count, 1);
        expect_error(&world, 12, codes[index]);
    }
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.refused_records, 5);
    assert_int_equal(statistics.refused, 0); /* those are requests */
    assert_int_equal(statistics.workers[JOB_KIND_IMAGE], 1);
    world_fini(&world);
}

static void refuses_more_workers_than_the_limit(void **state)
{
    struct effects *effects = malloc(sizeof(*effects));
    struct core_options options = world_options();
    struct core *core;
    (void)state;
    assert_non_null(effects);
    assert_int_equal(core_new(&options, 0, &core), STATUS_OK);
    for (uint32_t number = 1; number <= WORKERS_MAX + 1; number++) {
        struct message message = hello_message(JOB_KIND_IMAGE, number);
        const struct core_event event = {
            .type = CORE_EVENT_ACTOR, .peer = number, .message = &message};
        core_step(core, &event, 0, effects);
        assert_int_equal(effects->items[0].type,
                         number <= WORKERS_MAX ? EFFECT_WELCOME : EFFECT_ERROR);
    }
    assert_int_equal(effects->items[0].error_code_number, ERROR_CODE_LIMIT);
    core_check(core);
    core_destroy(&core);
    free(effects);
}

static void ends_the_session_of_a_peer_that_breaks_the_rules(void **state)
{
    struct message cases[6] = {
        {.type = MESSAGE_TYPE_SUBMIT},    {.type = MESSAGE_TYPE_WELCOME},
        {.type = MESSAGE_TYPE_OPERATION}, {.type = MESSAGE_TYPE_OPERATION},
        {.type = MESSAGE_TYPE_PROGRESS},  {.type = MESSAGE_TYPE_FAIL},
    };
    (void)state;
    cases[2].operation.operation = OPERATIONS_MAX;
    cases[3].operation.state = OPERATION_STATE_COUNT;
    cases[4].progress.progress = 101;
    cases[5].fail.kind = FAIL_KIND_COUNT;
    for (size_t index = 0; index < 6; index++) {
        struct world world;
        world_init(&world, NULL);
        uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
        world_actor(&world, 10, session, &cases[index]);
        expect_error(&world, 10, index < 2 ? ERROR_CODE_FORBIDDEN : ERROR_CODE_MALFORMED);
        world_heartbeat(&world, 10, session, 5);
        expect_error(&world, 10, ERROR_CODE_SESSION);
        world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
        world_hold(&world, 10, 1, 1); /* its lease is still there */
        world_pass(&world, 1000);
        world_expect_state(&world, 1, JOB_STATE_ACTIVE);
        world_fini(&world);
    }
}

static void takes_a_report_of_an_error(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_ERROR};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_actor(&world, 10, session, &message);
    assert_int_equal(world.effects.count, 0);
    world_fini(&world);
}

static void takes_back_the_leases_of_a_silent_worker(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    assert_int_equal(core_wake(world.core), world.now + LEASE_MS);
    world_pass(&world, LEASE_MS - 1);
    world_progress(&world, 10, session, 1, 1, 10, "a"); /* any message renews */
    world_pass(&world, LEASE_MS - 1);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, 1);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_STALLED);
    assert_int_equal(event->state, JOB_STATE_WAITING);
    assert_int_equal(event->attempts_made, 0);
    world_expect_text(event->error_code, "worker_lost");
    assert_int_equal(world_job(&world, 1)->workers_lost, 1);
    world_heartbeat(&world, 10, session, 9);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.stalled, 1);
    world_fini(&world);
}

static void fails_a_job_that_three_workers_were_lost_with(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    for (uint32_t worker = 10; worker < 13; worker++) {
        world_hello(&world, JOB_KIND_IMAGE, worker, 1, 0);
        world_tick(&world);
        world_effect(&world, EFFECT_DISPATCH);
        world_pass(&world, LEASE_MS);
        world_expect_event(&world, 1, worker < 12 ? EVENT_KIND_STALLED : EVENT_KIND_FAILED);
    }
    const struct effect *end = world_effect(&world, EFFECT_END);
    world_expect_text(end->error_code, "stalled");
    assert_int_equal(end->job->attempts_made, 0);
    world_fini(&world);
}

static void lets_a_worker_come_back_for_its_leases(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_hello(&world, JOB_KIND_IMAGE, 10, 2, 0);
    world_tick(&world);
    world_peer_lost(&world, 10);
    assert_int_equal(world.effects.count, 0);
    world_submit(&world, JOB_KIND_IMAGE, 3);
    world_pass(&world, LEASE_MS - 1000); /* nothing is given to it meanwhile */
    world_expect_state(&world, 3, JOB_STATE_WAITING);
    struct message message = hello_message(JOB_KIND_IMAGE, 10);
    message.hello.hold_count = 2;
    message.hello.credit = 0;
    world_actor(&world, 20, 0, &message);
    uint64_t session = world_effect(&world, EFFECT_WELCOME)->session;
    world_hold(&world, 20, 1, 1);
    assert_int_equal(world.effects.count, 0);
    world_hold(&world, 20, 1, 1); /* said twice; the other was never received */
    world_tick(&world);
    const struct message_event *event = world_expect_event(&world, 2, EVENT_KIND_WAITING);
    assert_int_equal(event->attempts_made, 0);
    assert_int_equal(world_job(&world, 2)->workers_lost, 0);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_done(&world, 20, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

static void replaces_the_session_of_the_same_instance(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t first = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    uint64_t second = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    uint64_t third = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    assert_true(first < second && second < third);
    world_hold(&world, 10, 1, 1);
    world_done(&world, 10, first, 1, 1);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_done(&world, 10, second, 1, 1);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_done(&world, 10, third, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

static void ends_the_session_of_another_process_on_the_same_connection(void **state)
{
    struct message message = hello_message(JOB_KIND_IMAGE, 11);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_actor(&world, 10, 0, &message);
    world_heartbeat(&world, 10, session, 2);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_pass(&world, LEASE_MS);
    assert_int_equal(world_job(&world, 1)->workers_lost, 1);
    world_fini(&world);
}

static void judges_each_held_lease(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10); /* lost, then leased to 11, which pays */
    world_submit(&world, JOB_KIND_IMAGE, 2);    /* never leased to anybody */
    world_peer_lost(&world, 10);
    world_pass(&world, LEASE_MS);
    uint64_t other = world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_tick(&world);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, 2);
    world_hello(&world, JOB_KIND_IMAGE, 10, 0, 5);
    world_hold(&world, 10, 1, 1); /* could be salvaged: it goes on */
    assert_int_equal(world.effects.count, 0);
    world_operation(&world, 11, other, 1, 2, OPERATION_STATE_INTENT);
    world_hold(&world, 10, 1, 1);
    assert_int_equal(world_effect(&world, EFFECT_ACK)->lease, 1);
    world_hold(&world, 10, 1, 2); /* another's */
    world_effect(&world, EFFECT_ACK);
    world_hold(&world, 10, 2, 1); /* never given */
    world_effect(&world, EFFECT_ACK);
    world_hold(&world, 10, 3, 1); /* no such job */
    world_effect(&world, EFFECT_ACK);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void repeats_a_cancel_to_a_worker_that_comes_back(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_peer_lost(&world, 10);
    world_cancel(&world, 1);
    assert_int_equal(world_effects(&world, EFFECT_CANCEL), 0);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    world_hold(&world, 10, 1, 1);
    assert_int_equal(world_effect(&world, EFFECT_CANCEL)->session, session);
    world_fini(&world);
}

static void takes_leases_back_when_the_holds_never_come(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 2);
    world_hold(&world, 10, 77, 1);
    world_pass(&world, LEASE_MS);
    world_expect_event(&world, 1, EVENT_KIND_STALLED);
    world_fini(&world);
}

static void gives_back_what_a_leaving_worker_still_holds(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_bye(&world, 10, session);
    world_tick(&world);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_WAITING);
    assert_int_equal(event->attempts_made, 0);
    assert_int_equal(world_job(&world, 1)->workers_lost, 0);
    world_heartbeat(&world, 10, session, 1);
    expect_error(&world, 10, ERROR_CODE_SESSION);
    world_fini(&world);
}

static void moves_deadlines_when_the_broker_was_stalled(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_pass(&world, LEASE_MS - 1000);
    world.now += 60000; /* nobody looked for a minute */
    world_submit(&world, JOB_KIND_VIDEO, 2);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, 999);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_heartbeat(&world, 10, session, 1);
    world_pass(&world, LEASE_MS - 1);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, 1);
    world_expect_event(&world, 1, EVENT_KIND_STALLED);
    world_fini(&world);
}

static void forgets_workers_without_leases(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_hello(&world, JOB_KIND_IMAGE, 10, 3, 0);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.workers[JOB_KIND_IMAGE], 1);
    assert_int_equal(statistics.credit[JOB_KIND_IMAGE], 3);
    world_peer_lost(&world, 10);
    world_peer_lost(&world, 10);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.workers[JOB_KIND_IMAGE], 0);
    assert_int_equal(core_wake(world.core), INT64_MAX);
    world_fini(&world);
}

/* More leases than one step has room for. */
static void takes_many_leases_back_over_several_ticks(void **state)
{
    enum {
        JOBS = 1000
    };
    struct world world;
    uint32_t events = 0;
    uint32_t ticks = 0;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= JOBS; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, JOBS, 0);
    for (uint32_t given = 0; given < JOBS; given += world_effects(&world, EFFECT_DISPATCH)) {
        world_tick(&world);
        assert_true(world_effects(&world, EFFECT_DISPATCH) > 0);
    }
    world_bye(&world, 10, session);
    while (core_wake(world.core) == world.now) {
        world_tick(&world);
        events += world_effects(&world, EFFECT_EVENT);
        ticks++;
    }
    assert_int_equal(events, JOBS);
    assert_in_range(ticks, 3, 20);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_sessions_from_their_base),
        cmocka_unit_test(hands_out_no_job_before_the_last_hold),
        cmocka_unit_test(refuses_records_of_no_session_or_anothers),
        cmocka_unit_test(refuses_bad_greetings),
        cmocka_unit_test(refuses_more_workers_than_the_limit),
        cmocka_unit_test(ends_the_session_of_a_peer_that_breaks_the_rules),
        cmocka_unit_test(takes_a_report_of_an_error),
        cmocka_unit_test(takes_back_the_leases_of_a_silent_worker),
        cmocka_unit_test(fails_a_job_that_three_workers_were_lost_with),
        cmocka_unit_test(lets_a_worker_come_back_for_its_leases),
        cmocka_unit_test(replaces_the_session_of_the_same_instance),
        cmocka_unit_test(ends_the_session_of_another_process_on_the_same_connection),
        cmocka_unit_test(judges_each_held_lease),
        cmocka_unit_test(repeats_a_cancel_to_a_worker_that_comes_back),
        cmocka_unit_test(takes_leases_back_when_the_holds_never_come),
        cmocka_unit_test(gives_back_what_a_leaving_worker_still_holds),
        cmocka_unit_test(moves_deadlines_when_the_broker_was_stalled),
        cmocka_unit_test(forgets_workers_without_leases),
        cmocka_unit_test(takes_many_leases_back_over_several_ticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
