/* Failures, backoff, timeouts and deadlines. */

#include "tests/unit/core_world.h"

/* Fails attempt after attempt of job 1 on worker 10, which heartbeats its credit. */
static void run_again(struct world *world, uint64_t session, uint32_t lease)
{
    world_heartbeat(world, 10, session, lease);
    world_tick(world);
    assert_int_equal(world_effect(world, EFFECT_DISPATCH)->lease, lease);
}

static void retries_after_2_and_4_seconds_and_then_fails(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    for (uint32_t attempt = 1; attempt <= 2; attempt++) {
        int64_t delay = attempt * 2000;
        world_progress(&world, 10, session, 1, attempt, 20, "character_loaded");
        world_fail(&world, 10, session, 1, attempt, FAIL_KIND_RETRY, 0);
        assert_int_equal(world_effect(&world, EFFECT_ACK)->lease, attempt);
        const struct effect *save = world_effect(&world, EFFECT_SAVE);
        world_expect_text(save->error_code, "provider_failed");
        world_expect_text(save->error_message, "no luck");
        const struct message_event *event =
            world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
        assert_int_equal(event->state, JOB_STATE_WAITING);
        assert_int_equal(event->attempts_made, attempt);
        assert_int_equal(event->attempt, attempt + 1);
        assert_int_equal(event->next_attempt_at, world.now + delay);
        assert_int_equal(event->progress, 20);
        world_expect_text(event->error_code, "provider_failed");
        assert_int_equal(core_wake(world.core), world.now + delay);
        world_pass(&world, delay - 1);
        world_heartbeat(&world, 10, session, attempt + 1);
        world_pass(&world, 1);
        assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, attempt + 1);
        assert_int_equal(world_job(&world, 1)->progress, 0);
        assert_int_equal(world_job(&world, 1)->next_attempt_at, 0);
    }
    world_fail(&world, 10, session, 1, 3, FAIL_KIND_RETRY, 0);
    const struct effect *end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->job->state, JOB_STATE_FAILED);
    assert_int_equal(end->job->attempts_made, 3);
    world_expect_text(end->error_code, "provider_failed");
    world_expect_event(&world, 1, EVENT_KIND_FAILED);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.retried, 2);
    assert_int_equal(statistics.failed, 1);
    world_fini(&world);
}

static void waits_longer_when_the_provider_says_so(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 7000);
    assert_int_equal(world_job(&world, 1)->next_attempt_at, world.now + 7000);
    world_pass(&world, 7000);
    run_again(&world, session, 2);
    world_fail(&world, 10, session, 1, 2, FAIL_KIND_RETRY, 3000);
    assert_int_equal(world_job(&world, 1)->next_attempt_at, world.now + 4000);
    world_fini(&world);
}

static void fails_at_once_when_it_is_permanent(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    const struct effect *end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->job->state, JOB_STATE_FAILED);
    assert_int_equal(end->job->attempts_made, 1);
    world_expect_text(end->error_message, "no luck");
    world_expect_event(&world, 1, EVENT_KIND_FAILED);
    world_effect(&world, EFFECT_ACK);
    world_fini(&world);
}

static void does_not_count_throttling_nor_spin_on_it(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    for (uint32_t lease = 1; lease <= 10; lease++) {
        int64_t delay = lease % 2 == 0 ? 5000 : THROTTLE_MIN_MS;
        world_fail(&world, 10, session, 1, lease, FAIL_KIND_THROTTLED, lease % 2 == 0 ? 5000 : 0);
        const struct message_event *event =
            world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
        assert_int_equal(event->attempts_made, 0);
        assert_int_equal(event->next_attempt_at, world.now + delay);
        world_pass(&world, delay);
        run_again(&world, session, lease + 1);
    }
    assert_int_equal(world_job(&world, 1)->attempt, 1);
    world_fini(&world);
}

/* It could not take the job, says so, and that it has a place. */
static void does_not_spin_on_a_worker_that_hands_back_and_stays(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_release(&world, 10, session, 1, 1); /* it may be about to leave */
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_WAITING)->next_attempt_at, 0);
    run_again(&world, session, 2);
    for (uint32_t lease = 2; lease <= 5; lease++) {
        world_release(&world, 10, session, 1, lease);
        const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_WAITING);
        assert_int_equal(event->next_attempt_at, world.now + THROTTLE_MIN_MS);
        assert_int_equal(event->attempts_made, 0);
        world_pass(&world, THROTTLE_MIN_MS);
        run_again(&world, session, lease + 1);
    }
    world_fini(&world);
}

/* A worker that leaves lets its credit stay; it may have been busy, and short of memory, before. */
static void hands_out_at_once_what_comes_back_from_a_worker_that_leaves(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 3, 0);
    for (uint32_t number = 1; number <= 3; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    world_tick(&world);
    world_heartbeat(&world, 10, session, 4); /* of a job that has ended */
    for (uint32_t number = 1; number <= 3; number++) {
        world_release(&world, 10, session, number, 1);
        assert_int_equal(world_expect_event(&world, number, EVENT_KIND_WAITING)->next_attempt_at,
                         0);
    }
    world_fini(&world);
}

static void set_orders(struct world *world, enum worker_orders orders)
{
    const struct message message = {
        .type = MESSAGE_TYPE_SET_WORKER,
        .set_worker = {.request = 3, .worker = world_id(10), .orders = (uint8_t)orders}};
    world_request(world, &message, NULL);
    world_expect_reply(world, REPLY_CODE_OK);
}

static void hands_out_at_once_what_comes_back_from_a_worker_that_gets_nothing_more(void **state)
{
    static const enum worker_orders cases[] = {WORKER_ORDERS_DRAIN, WORKER_ORDERS_STOP};
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct world world;
        world_init(&world, NULL);
        uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
        world_release(&world, 10, session, 1, 1);
        run_again(&world, session, 2);
        set_orders(&world, cases[index]);
        world_release(&world, 10, session, 1, 2);
        assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_WAITING)->next_attempt_at, 0);
        world_fini(&world);
    }
}

/* What it said in the session before is not about this one. */
static void hands_out_at_once_what_comes_back_in_a_new_session(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_release(&world, 10, session, 1, 1);
    run_again(&world, session, 2);
    session = world_hello(&world, JOB_KIND_IMAGE, 10, 2, 1);
    world_hold(&world, 10, 1, 2);
    world_heartbeat(&world, 10, session, 2);
    world_release(&world, 10, session, 1, 2);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_WAITING)->next_attempt_at, 0);
    world_fini(&world);
}

static void counts_a_worker_that_stops_without_being_asked(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_CANCELLED, 0);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
    world_expect_text(event->error_code, "cancelled_unasked");
    assert_int_equal(event->attempts_made, 1);
    world_fini(&world);
}

static void ends_an_attempt_that_takes_too_long(void **state)
{
    static const struct {
        enum job_kind kind;
        int64_t timeout;
        const char *message;
    } cases[] = {
        {JOB_KIND_CHARACTER, TIMEOUT_CHARACTER_MS, "the attempt took longer than 300 seconds"},
        {JOB_KIND_IMAGE, TIMEOUT_IMAGE_MS, "the attempt took longer than 300 seconds"},
        {JOB_KIND_VIDEO, TIMEOUT_VIDEO_MS, "the attempt took longer than 600 seconds"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct world world;
        world_init(&world, NULL);
        uint64_t session = world_lease(&world, cases[index].kind, 1, 10);
        int64_t end = world.now + cases[index].timeout + TIMEOUT_SLACK_MS;
        while (world.now + HEARTBEAT_MS < end) {
            world_pass(&world, HEARTBEAT_MS);
            world_heartbeat(&world, 10, session, 1);
        }
        world_pass(&world, end - world.now - 1);
        world_expect_state(&world, 1, JOB_STATE_ACTIVE);
        world_pass(&world, 1);
        const struct message_event *event =
            world_expect_event(&world, 1, EVENT_KIND_RETRY_SCHEDULED);
        world_expect_text(event->error_code, "timeout");
        world_expect_text(event->error_message, cases[index].message);
        assert_int_equal(event->attempts_made, 1);
        assert_int_equal(world_effect(&world, EFFECT_ACK)->lease, 1);
        world_fini(&world);
    }
}

/* Nobody begins anew with what a provider has refused. */
static void keeps_the_draft_of_a_job_that_can_go_on_from_it(void **state)
{
    static const struct {
        const char *code;
        bool is_kept;
    } rows[] = {{"provider_credentials", true}, {"content_policy", false}};
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct world world;
        world_init(&world, NULL);
        uint64_t session = world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
        struct message message = {.type = MESSAGE_TYPE_FAIL};
        message.fail = (struct message_fail){.job = world_id(1),
                                             .lease = 1,
                                             .kind = FAIL_KIND_PERMANENT,
                                             .code = slice_from_string(rows[row].code)};
        world_actor(&world, 10, session, &message);
        assert_int_equal(world_effect(&world, EFFECT_END)->keeps_draft, rows[row].is_kept);
        world_fini(&world);
    }
}

static void fails_a_job_that_waits_at_its_deadline(void **state)
{
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    message.submit.deadline = world.now + 5000;
    world_request(&world, &message, NULL);
    world_pass(&world, 4999);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_pass(&world, 1);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_FAILED);
    world_expect_text(event->error_code, "deadline");
    world_fini(&world);
}

static void fails_a_job_that_does_not_start_in_time(void **state)
{
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    message.submit.start_by = world.now + 5000;
    world_request(&world, &message, NULL);
    world_pass(&world, 5000);
    world_expect_text(world_expect_event(&world, 1, EVENT_KIND_FAILED)->error_code,
                      "start_deadline");
    world_fini(&world);
}

static void needs_no_start_in_time_after_the_first_lease(void **state)
{
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    message.submit.start_by = world.now + 5000;
    world_request(&world, &message, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_CHARACTER, 10, 1, 0);
    world_tick(&world);
    world_release(&world, 10, session, 1, 1);
    world_pass(&world, 6000);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retries_after_2_and_4_seconds_and_then_fails),
        cmocka_unit_test(waits_longer_when_the_provider_says_so),
        cmocka_unit_test(fails_at_once_when_it_is_permanent),
        cmocka_unit_test(does_not_count_throttling_nor_spin_on_it),
        cmocka_unit_test(does_not_spin_on_a_worker_that_hands_back_and_stays),
        cmocka_unit_test(hands_out_at_once_what_comes_back_from_a_worker_that_leaves),
        cmocka_unit_test(hands_out_at_once_what_comes_back_from_a_worker_that_gets_nothing_more),
        cmocka_unit_test(hands_out_at_once_what_comes_back_in_a_new_session),
        cmocka_unit_test(counts_a_worker_that_stops_without_being_asked),
        cmocka_unit_test(ends_an_attempt_that_takes_too_long),
        cmocka_unit_test(keeps_the_draft_of_a_job_that_can_go_on_from_it),
        cmocka_unit_test(fails_a_job_that_waits_at_its_deadline),
        cmocka_unit_test(fails_a_job_that_does_not_start_in_time),
        cmocka_unit_test(needs_no_start_in_time_after_the_first_lease),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
