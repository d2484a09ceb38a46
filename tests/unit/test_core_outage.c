/* A provider that is down for everybody: what it costs the jobs that find out, and which wait. */

#include "tests/unit/core_world.h"

static void fail_of(struct world *world, uint64_t session, uint32_t job, struct slice code)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){
        .job = world_id(job), .lease = 1, .kind = FAIL_KIND_RETRY, .code = code};
    world_actor(world, 10, session, &message);
}

/* 503 with Retry-After, as an actor tells it. */
static void fail_for_a_while(struct world *world, uint64_t session, uint32_t job,
                             uint64_t retry_after_ms)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){.job = world_id(job),
                                         .lease = 1,
                                         .kind = FAIL_KIND_THROTTLED,
                                         .code = SLICE_LITERAL("provider_error"),
                                         .retry_after_ms = retry_after_ms};
    world_report(world, 10, session, 0, 1, PROVIDER_FAULT_DOWN, retry_after_ms);
    world_actor(world, 10, session, &message);
}

static void declare(struct world *world, uint64_t peer, const char *name, enum provider_use use)
{
    world_declare(world, peer,
                  (struct message_provider){.name = slice_from_string(name), .use = (uint8_t)use});
}

/* Worker 10 of this queue, which calls "studio" for its own use, and "talker" for its words. */
static uint64_t caller(struct world *world, enum job_kind kind, enum provider_use use,
                       uint32_t slots)
{
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    message.hello = (struct message_hello){.kind = (uint8_t)kind,
                                           .instance = world_id(10),
                                           .slots = slots,
                                           .credit = slots,
                                           .provider_count = 2};
    world_actor(world, 10, 0, &message);
    uint64_t session = world_effect(world, EFFECT_WELCOME)->session;
    declare(world, 10, "studio", use);
    declare(world, 10, "talker", PROVIDER_USE_CHAT);
    return session;
}

static void report(struct world *world, uint64_t session, const char *name,
                   enum provider_fault fault, uint32_t failures, uint64_t retry_after_ms)
{
    struct message message = {.type = MESSAGE_TYPE_REPORT};
    message.report = (struct message_report){.provider = slice_from_string(name),
                                             .failures = failures,
                                             .fault = (uint8_t)fault,
                                             .retry_after_ms = retry_after_ms};
    world_actor(world, 10, session, &message);
}

/* The provider is found to be down, and job 1 is its first probe. */
static void start_probe(struct world *world, uint64_t session)
{
    world_report(world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    world_pass_until(world, EFFECT_DISPATCH, BREAKER_OPEN_MS + 1000);
    world_expect_state(world, 1, JOB_STATE_ACTIVE);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_effect(world, EFFECT_OPERATION_ACK);
}

static void fail_as_probe(struct world *world, uint64_t session, struct slice code)
{
    start_probe(world, session);
    world_report(world, 10, session, 0, 1, PROVIDER_FAULT_DOWN, 0);
    fail_of(world, session, 1, code);
}

static void a_probe_that_fails_uses_up_no_attempt(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = world_caller(&world, 10, (struct message_provider){.limit_second = 0});
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    fail_as_probe(&world, session, SLICE_LITERAL("provider_unreachable"));
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
    world_expect_text(event->error_code, "provider_unreachable");
    assert_int_equal(event->attempts_made, 0);
    assert_int_equal(world_position(&world, 1).reason, WAIT_REASON_PROVIDER_DOWN);
    world_pass_until(&world, EFFECT_DISPATCH, 3 * BREAKER_OPEN_MS);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE); /* the next probe is another one's */
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_fini(&world);
}

/* It was told for how long, or would have asked the next one, which is down as well. */
static void an_uncounted_probe_stands_behind_the_next_one(void **state)
{
    static const int64_t told_ms[] = {3000, 0};
    for (size_t index = 0; index < sizeof told_ms / sizeof told_ms[0]; index++) {
        struct world world;
        (void)state;
        world_init_late(&world);
        uint64_t session = world_caller(&world, 10, (struct message_provider){.limit_second = 0});
        world_submit(&world, JOB_KIND_IMAGE, 1);
        world_submit(&world, JOB_KIND_IMAGE, 2);
        start_probe(&world, session);
        fail_for_a_while(&world, session, 1, (uint64_t)told_ms[index]);
        const struct message_event *event =
            world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
        int64_t longer_ms = told_ms[index] > BACKOFF_BASE_MS ? told_ms[index] : BACKOFF_BASE_MS;
        assert_int_equal(event->attempts_made, 0);
        assert_int_equal(event->next_attempt_at, world.now + 2 * BREAKER_OPEN_MS + longer_ms);
        world_pass_until(&world, EFFECT_DISPATCH, 3 * BREAKER_OPEN_MS);
        world_expect_state(&world, 2, JOB_STATE_ACTIVE);
        world_expect_state(&world, 1, JOB_STATE_WAITING);
        world_fini(&world);
    }
}

/* It is answered so each time, perhaps alone: those that its pause has held go first. */
static void who_is_told_to_wait_stands_behind_those_that_wait_for_it(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    uint64_t session = caller(&world, JOB_KIND_IMAGE, PROVIDER_USE_IMAGE, 1);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    fail_for_a_while(&world, session, 1, 3000);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
    assert_int_equal(event->attempts_made, 0);
    world_heartbeat(&world, 10, session, 2);
    world_tick(&world);
    assert_int_equal(world_position(&world, 2).reason, WAIT_REASON_RATE_LIMITED);
    world_pass_until(&world, EFFECT_DISPATCH, 3000 + TICK_MS);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void owners_take_turns_at_the_probes(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = world_caller(&world, 10, (struct message_provider){.limit_second = 0});
    for (uint32_t number = 1; number <= 4; number++) {
        world_submit_for(&world, JOB_KIND_IMAGE, number, "mallory");
    }
    world_submit_for(&world, JOB_KIND_IMAGE, 5, "ada");
    fail_as_probe(&world, session, SLICE_LITERAL("provider_error"));
    world_pass_until(&world, EFFECT_DISPATCH, 3 * BREAKER_OPEN_MS);
    world_expect_state(&world, 5, JOB_STATE_ACTIVE);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    world_fini(&world);
}

/* Its account's day is used up as well: that is waited for in the queue, which knows when it is not
 * any more. */
static void an_outage_is_not_waited_for_longer_than_it_lasts(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = world_caller(&world, 10, (struct message_provider){.limit_day = 1});
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_tick(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_effect(&world, EFFECT_OPERATION_ACK);
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    fail_of(&world, session, 1, SLICE_LITERAL("provider_error"));
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
    assert_int_equal(event->next_attempt_at, world.now + BREAKER_OPEN_MS + BACKOFF_BASE_MS);
    world_fini(&world);
}

static void the_outage_of_a_picture_costs_a_character_no_attempt(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = caller(&world, JOB_KIND_CHARACTER, PROVIDER_USE_IMAGE, 5);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_tick(&world);
    report(&world, session, "studio", PROVIDER_FAULT_DOWN, 5, 0);
    fail_of(&world, session, 1, SLICE_LITERAL("provider_answer"));
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED)->attempts_made, 0);
    world_fini(&world);
}

static void what_fails_of_itself_or_alone_is_counted(void **state)
{
    static const struct {
        uint32_t failures;
        struct slice code;
    } cases[] = {{1, SLICE_LITERAL("provider_error")}, {5, SLICE_LITERAL("result_unavailable")}};
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct world world;
        (void)state;
        world_init_late(&world);
        world_submit(&world, JOB_KIND_IMAGE, 1);
        uint64_t session = world_caller(&world, 10, (struct message_provider){.limit_second = 0});
        world_tick(&world);
        world_report(&world, 10, session, 0, cases[index].failures, PROVIDER_FAULT_DOWN, 0);
        fail_of(&world, session, 1, cases[index].code);
        assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED)->attempts_made,
                         1);
        world_fini(&world);
    }
}

/* ---- videos and their words ---- */

static void a_video_waits_for_its_words_and_a_task_does_not(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = caller(&world, JOB_KIND_VIDEO, PROVIDER_USE_VIDEO, 5);
    world_submit(&world, JOB_KIND_VIDEO, 1);
    world_tick(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    world_submit(&world, JOB_KIND_VIDEO, 2);
    report(&world, session, "talker", PROVIDER_FAULT_DOWN, 5, 0);
    world_release(&world, 10, session, 1, 1);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    assert_int_equal(world_position(&world, 2).reason, WAIT_REASON_PROVIDER_DOWN);
    world_pass_until(&world, EFFECT_DISPATCH, BREAKER_OPEN_MS + 1000);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void a_video_waits_while_its_words_are_throttled(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = caller(&world, JOB_KIND_VIDEO, PROVIDER_USE_VIDEO, 5);
    report(&world, session, "talker", PROVIDER_FAULT_THROTTLED, 1, 8000);
    world_submit(&world, JOB_KIND_VIDEO, 1);
    world_pass(&world, 7900);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    assert_int_equal(world_position(&world, 1).reason, WAIT_REASON_RATE_LIMITED);
    world_pass(&world, 200);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_that_fails_uses_up_no_attempt),
        cmocka_unit_test(an_uncounted_probe_stands_behind_the_next_one),
        cmocka_unit_test(who_is_told_to_wait_stands_behind_those_that_wait_for_it),
        cmocka_unit_test(owners_take_turns_at_the_probes),
        cmocka_unit_test(an_outage_is_not_waited_for_longer_than_it_lasts),
        cmocka_unit_test(the_outage_of_a_picture_costs_a_character_no_attempt),
        cmocka_unit_test(what_fails_of_itself_or_alone_is_counted),
        cmocka_unit_test(a_video_waits_for_its_words_and_a_task_does_not),
        cmocka_unit_test(a_video_waits_while_its_words_are_throttled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
