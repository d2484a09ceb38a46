/* Providers that all share: declarations, calls that are denied, queues that are held. */

#include <stdio.h>
#include <string.h>

#include "tests/unit/core_world.h"

enum {
    MINUTE_MS = 60000,
};

static void declare(struct world *world, uint64_t peer, const char *name, const char *account,
                    uint32_t limit_second, uint32_t limit_minute)
{
    world_declare(world, peer,
                  (struct message_provider){.name = slice_from_string(name),
                                            .account = slice_from_string(account),
                                            .use = PROVIDER_USE_IMAGE,
                                            .limit_second = limit_second,
                                            .limit_minute = limit_minute});
}

/* One that calls "studio". */
static uint64_t worker(struct world *world, uint32_t number, uint32_t limit_second,
                       uint32_t limit_minute)
{
    uint64_t session = world_caller(
        world, number,
        (struct message_provider){.limit_second = limit_second, .limit_minute = limit_minute});
    assert_int_equal(world->effects.count, 0);
    return session;
}

/* start() with job 1 at work at worker 10, which calls "studio". */
static uint64_t start_working(struct world *world)
{
    world_init_late(world);
    world_submit(world, JOB_KIND_IMAGE, 1);
    uint64_t session = worker(world, 10, 0, 0);
    world_tick(world);
    return session;
}

/* Worker `peer`, at work at a job under its first lease, is about to call the provider. */
static void intend(struct world *world, uint64_t peer, uint64_t session, uint32_t job)
{
    world_operation(world, peer, session, job, 1, OPERATION_STATE_INTENT);
}

static void expect_call(struct world *world, uint64_t peer, uint64_t session, uint32_t job)
{
    intend(world, peer, session, job);
    world_effect(world, EFFECT_OPERATION_ACK);
}

static void expect_denied(const struct world *world, enum denial denial, uint64_t retry_after_ms)
{
    const struct effect *effect = world_effect(world, EFFECT_OPERATION_DENIED);
    assert_int_equal(world->effects.count, 1); /* nothing is recorded */
    assert_string_equal(denial_name((enum denial)effect->denial), denial_name(denial));
    assert_int_equal(effect->retry_after_ms, retry_after_ms);
}

static void expect_error(const struct world *world, enum error_code code)
{
    assert_int_equal(world_effect(world, EFFECT_ERROR)->error_code_number, code);
}

static void opens_a_session_when_all_are_declared(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    uint64_t session = world_greet(&world, 10, 2);
    declare(&world, 10, "studio", "", 0, 0);
    world_heartbeat(&world, 10, session, 5);
    expect_error(&world, ERROR_CODE_SESSION);
    world_hold(&world, 10, 77, 1); /* HOLDs come after them */
    expect_error(&world, ERROR_CODE_SESSION);
    declare(&world, 10, "other", "", 0, 0);
    world_tick(&world);
    world_effect(&world, EFFECT_DISPATCH);
    declare(&world, 10, "late", "", 0, 0);
    expect_error(&world, ERROR_CODE_SESSION);
    world_fini(&world);
}

static void refuses_bad_declarations(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    world_greet(&world, 10, 1);
    declare(&world, 10, "", "", 0, 0);
    expect_error(&world, ERROR_CODE_MALFORMED);
    world_greet(&world, 10, 1);
    world_declare(
        &world, 10,
        (struct message_provider){.name = SLICE_LITERAL("studio"), .use = PROVIDER_USE_COUNT});
    expect_error(&world, ERROR_CODE_MALFORMED);
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    message.hello = (struct message_hello){.kind = JOB_KIND_IMAGE,
                                           .instance = world_id(11),
                                           .provider_count = PROVIDERS_ACTOR_MAX + 1};
    world_actor(&world, 11, 0, &message);
    expect_error(&world, ERROR_CODE_LIMIT);
    world_fini(&world);
}

static void ends_the_session_of_who_reports_what_cannot_be(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = worker(&world, 10, 0, 0);
    struct message message = {.type = MESSAGE_TYPE_REPORT};
    message.report.fault = PROVIDER_FAULT_COUNT;
    world_actor(&world, 10, session, &message);
    expect_error(&world, ERROR_CODE_MALFORMED);
    world_fini(&world);
}

/* Fills the table from several workers; the places of those that left are given away. */
static void gives_away_only_the_places_that_nobody_holds(void **state)
{
    struct world world;
    char name[16];
    (void)state;
    world_init_late(&world);
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        if (index % PROVIDERS_ACTOR_MAX == 0) {
            world_greet(&world, 10 + index / PROVIDERS_ACTOR_MAX, PROVIDERS_ACTOR_MAX);
        }
        snprintf(name, sizeof(name), "p%u", index);
        declare(&world, 10 + index / PROVIDERS_ACTOR_MAX, name, "", 0, 5);
        assert_int_equal(world.effects.count, 0);
    }
    world_greet(&world, 30, 1);
    declare(&world, 30, "one-more", "", 0, 0);
    expect_error(&world, ERROR_CODE_LIMIT);
    world_peer_lost(&world, 10);
    world_greet(&world, 30, 1);
    declare(&world, 30, "one-more", "", 0, 0);
    assert_int_equal(world.effects.count, 0);
    world_fini(&world);
}

static void denies_a_provider_that_is_down(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    intend(&world, 10, session, 1);
    expect_denied(&world, DENIAL_DOWN, BREAKER_OPEN_MS);
    assert_int_equal(world_job(&world, 1)->paid_lease, 0);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED); /* a call from before */
    world_effect(&world, EFFECT_OPERATION_ACK);
    world_fini(&world);
}

static void lets_one_call_through_as_a_probe(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_CREDENTIALS, 0);
    world_pass(&world, BREAKER_OPEN_MS);
    expect_call(&world, 10, session, 1);
    intend(&world, 10, session, 1);
    expect_denied(&world, DENIAL_DOWN, PROBE_RETRY_MS); /* it may be over soon */
    world_report(&world, 10, session, 1, 0, PROVIDER_FAULT_NONE, 0);
    expect_call(&world, 10, session, 1);
    world_fini(&world);
}

static void takes_a_probe_that_is_throttled_for_an_answer(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    world_pass(&world, BREAKER_OPEN_MS);
    expect_call(&world, 10, session, 1);
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_THROTTLED, 2000);
    intend(&world, 10, session, 1);
    expect_denied(&world, DENIAL_LIMITED, 2000);
    world_fini(&world);
}

static void holds_a_queue_while_all_its_providers_are_down(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = worker(&world, 10, 0, 0);
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_tick(&world);
    assert_int_equal(world.effects.count, 0);
    assert_int_equal(world_position(&world, 1).reason, WAIT_REASON_PROVIDER_DOWN);
    assert_int_equal(world_position(&world, 2).position, 2);
    assert_int_equal(world_position(&world, 1).eta_seconds, 0);
    assert_int_equal(core_wake(world.core), world.now + BREAKER_OPEN_MS);
    world_pass_until(&world, EFFECT_DISPATCH, BREAKER_OPEN_MS);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_expect_state(&world, 2, JOB_STATE_WAITING); /* a moment later, it may be down still */
    world_pass_until(&world, EFFECT_DISPATCH, PROBE_PACE_MS);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void does_not_hold_a_queue_with_another_provider(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = world_greet(&world, 10, 2);
    declare(&world, 10, "studio", "", 0, 0);
    declare(&world, 10, "other", "", 0, 0);
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_tick(&world);
    world_effect(&world, EFFECT_DISPATCH);
    intend(&world, 10, session, 1);
    expect_denied(&world, DENIAL_DOWN, BREAKER_OPEN_MS);
    world_fini(&world);
}

static void forgets_who_is_down_with_the_last_that_calls_it(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = worker(&world, 10, 0, 0);
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    world_bye(&world, 10, session);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0); /* an older actor declares nothing */
    world_tick(&world);
    world_effect(&world, EFFECT_DISPATCH);
    world_fini(&world);
}

static void forgets_a_use_with_the_last_that_declares_it(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t painter = worker(&world, 10, 0, 0);
    uint64_t talker = world_caller(
        &world, 11,
        (struct message_provider){.name = SLICE_LITERAL("studio"), .use = PROVIDER_USE_CHAT});
    world_bye(&world, 10, painter);
    world_report(&world, 11, talker, 0, 5, PROVIDER_FAULT_DOWN, 0);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    world_hello(&world, JOB_KIND_IMAGE, 12, 1, 0); /* older actors declare nothing */
    world_hello(&world, JOB_KIND_CHARACTER, 13, 1, 0);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    assert_int_equal(world_position(&world, 2).reason, WAIT_REASON_PROVIDER_DOWN);
    world_fini(&world);
}

static void puts_a_job_back_in_its_place_when_its_provider_is_down(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){.job = world_id(1),
                                         .lease = 1,
                                         .kind = FAIL_KIND_THROTTLED,
                                         .code = SLICE_LITERAL("provider_down")};
    world_actor(&world, 10, session, &message);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_WAITING);
    world_expect_text(event->error_code, "provider_down");
    assert_int_equal(event->attempts_made, 0);
    assert_int_equal(world_position(&world, 1).position, 1);
    assert_int_equal(world_position(&world, 1).reason, WAIT_REASON_PROVIDER_DOWN);
    world_fini(&world);
}

static void keeps_the_limits_of_an_account_over_all_workers(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t first = worker(&world, 10, 2, 3);
    uint64_t second = worker(&world, 11, 2, 3);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_tick(&world); /* one for each */
    for (uint32_t count = 0; count < 2; count++) {
        expect_call(&world, 10, first, 1);
    }
    intend(&world, 11, second, 2);
    assert_int_equal(world_effect(&world, EFFECT_OPERATION_DENIED)->denial, DENIAL_LIMITED);
    world_submit(&world, JOB_KIND_IMAGE, 3);
    world_tick(&world);
    assert_int_equal(world_position(&world, 3).reason, WAIT_REASON_RATE_LIMITED);
    world_pass_until(&world, EFFECT_DISPATCH, 1500);
    expect_call(&world, 11, second, 2);
    world_pass(&world, 2000);
    intend(&world, 10, first, 1);
    const struct effect *denied = world_effect(&world, EFFECT_OPERATION_DENIED);
    assert_true(denied->retry_after_ms > MINUTE_MS - 4000);
    world_fini(&world);
}

static void gives_those_that_a_limit_denies_their_turns(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = worker(&world, 10, 0, 6);
    for (uint32_t number = 1; number <= 4; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    world_tick(&world);
    for (uint32_t count = 0; count < 6; count++) {
        expect_call(&world, 10, session, 1);
    }
    uint64_t before = 0;
    for (uint32_t number = 2; number <= 4; number++) {
        intend(&world, 10, session, number);
        uint64_t retry_after_ms = world_effect(&world, EFFECT_OPERATION_DENIED)->retry_after_ms;
        assert_true(retry_after_ms > MINUTE_MS - 1000);
        assert_true(number == 2 || retry_after_ms == before + MINUTE_MS / 6);
        before = retry_after_ms;
    }
    for (uint32_t count = 0; count < 100; count++) { /* turns are given for a window ahead */
        intend(&world, 10, session, 2);
        before = world_effect(&world, EFFECT_OPERATION_DENIED)->retry_after_ms;
        assert_true(before < 2 * MINUTE_MS + 2000);
    }
    world_fini(&world);
}

/* Where calls are denied, jobs start as slowly as they may call. */
static void starts_jobs_at_the_pace_of_a_limit_that_denies(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = worker(&world, 10, 2, 0);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_tick(&world);
    for (uint32_t count = 0; count < 2; count++) {
        intend(&world, 10, session, 1);
    }
    intend(&world, 10, session, 1);
    world_effect(&world, EFFECT_OPERATION_DENIED);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_submit(&world, JOB_KIND_IMAGE, 3);
    world_pass_until(&world, EFFECT_DISPATCH, 1250);
    world_expect_state(&world, 3, JOB_STATE_WAITING);
    assert_int_equal(world_position(&world, 3).reason, WAIT_REASON_RATE_LIMITED);
    assert_int_equal(world_position(&world, 3).eta_seconds, 0);
    world_pass_until(&world, EFFECT_DISPATCH, 500);
    world_expect_state(&world, 3, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void counts_and_never_denies_who_declares_nothing(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    uint64_t old = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_tick(&world);
    uint64_t session = worker(&world, 11, 1, 0);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_tick(&world);
    for (uint32_t count = 0; count < 2; count++) {
        expect_call(&world, 10, old, 1);
    }
    intend(&world, 11, session, 2);
    assert_int_equal(world_effect(&world, EFFECT_OPERATION_DENIED)->denial, DENIAL_LIMITED);
    world_fini(&world);
}

static void pauses_when_the_provider_asks_for_it(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    world_report(&world, 10, session, 0, 9, PROVIDER_FAULT_THROTTLED, 7000);
    world_report(&world, 10, session, 0, 9, PROVIDER_FAULT_THROTTLED,
                 0); /* a pause gets no shorter */
    intend(&world, 10, session, 1);
    expect_denied(&world, DENIAL_LIMITED, 7000);
    world_fini(&world);
}

static void pauses_a_provider_that_fails_and_says_for_how_long(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_DOWN, 0); /* says nothing: one failure */
    expect_call(&world, 10, session, 1);
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_DOWN, 20000);
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_DOWN, 1000); /* it gets no shorter */
    intend(&world, 10, session, 1);
    expect_denied(&world, DENIAL_LIMITED, 20000);
    world_report(&world, 10, session, 0, 9, PROVIDER_FAULT_DOWN, 0);
    world_pass(&world, BREAKER_OPEN_MS); /* and no probe goes meanwhile */
    intend(&world, 10, session, 1);
    assert_int_equal(world_effect(&world, EFFECT_OPERATION_DENIED)->denial, DENIAL_LIMITED);
    world_pass(&world, 20000 - BREAKER_OPEN_MS);
    expect_call(&world, 10, session, 1);
    world_fini(&world);
}

/* Whoever stands between may say anything. */
static void pauses_no_longer_than_a_provider_can_be_down(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_DOWN, 86400000);
    intend(&world, 10, session, 1);
    expect_denied(&world, DENIAL_LIMITED, PROVIDER_PAUSE_MS_MAX);
    world_fini(&world);
}

static void takes_windows_for_full_after_a_restart(void **state)
{
    struct core_options options = world_options();
    struct world world;
    (void)state;
    options.event_last = 1; /* there was a job */
    world_init(&world, &options);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    uint64_t session = worker(&world, 10, 0, 100);
    for (uint32_t count = 0; count < 2; count++) {
        world_pass(&world, 28000);
        world_heartbeat(&world, 10, session, 5);
        assert_int_equal(world_position(&world, 1).reason, WAIT_REASON_RATE_LIMITED);
    }
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    world_fini(&world);
}

static void passes_over_reports_of_what_was_not_declared(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    uint64_t session = start_working(&world);
    uint64_t old = world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_report(&world, 11, old, 0, 100, PROVIDER_FAULT_DOWN, 0);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.stale, 1);
    expect_call(&world, 10, session, 1);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_a_session_when_all_are_declared),
        cmocka_unit_test(refuses_bad_declarations),
        cmocka_unit_test(ends_the_session_of_who_reports_what_cannot_be),
        cmocka_unit_test(gives_away_only_the_places_that_nobody_holds),
        cmocka_unit_test(denies_a_provider_that_is_down),
        cmocka_unit_test(lets_one_call_through_as_a_probe),
        cmocka_unit_test(takes_a_probe_that_is_throttled_for_an_answer),
        cmocka_unit_test(holds_a_queue_while_all_its_providers_are_down),
        cmocka_unit_test(does_not_hold_a_queue_with_another_provider),
        cmocka_unit_test(forgets_who_is_down_with_the_last_that_calls_it),
        cmocka_unit_test(forgets_a_use_with_the_last_that_declares_it),
        cmocka_unit_test(puts_a_job_back_in_its_place_when_its_provider_is_down),
        cmocka_unit_test(keeps_the_limits_of_an_account_over_all_workers),
        cmocka_unit_test(gives_those_that_a_limit_denies_their_turns),
        cmocka_unit_test(starts_jobs_at_the_pace_of_a_limit_that_denies),
        cmocka_unit_test(counts_and_never_denies_who_declares_nothing),
        cmocka_unit_test(pauses_when_the_provider_asks_for_it),
        cmocka_unit_test(pauses_a_provider_that_fails_and_says_for_how_long),
        cmocka_unit_test(pauses_no_longer_than_a_provider_can_be_down),
        cmocka_unit_test(takes_windows_for_full_after_a_restart),
        cmocka_unit_test(passes_over_reports_of_what_was_not_declared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
