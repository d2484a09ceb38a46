/* What a job is told that it waits for, its position and the time until it starts. */

#include "tests/unit/core_world.h"

static struct position ask(const struct world *world, uint32_t number)
{
    struct position position;
    struct id id = world_id(number);
    core_position(world->core, &id, world->now, &position);
    return position;
}

static void expect(const struct world *world, uint32_t number, enum wait_reason reason,
                   uint32_t place, uint32_t eta_seconds)
{
    struct position position = ask(world, number);
    assert_string_equal(wait_reason_name(position.reason), wait_reason_name(reason));
    assert_int_equal(position.position, place);
    assert_int_equal(position.eta_seconds, eta_seconds);
}

static void a_job_without_a_worker_says_so_and_nobody_knows_when(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    expect(&world, 1, WAIT_REASON_NO_WORKER, 1, 0);
    world_fini(&world);
}

static void a_job_that_is_at_work_ended_or_unknown_waits_for_nothing(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    expect(&world, 1, WAIT_REASON_NONE, 0, 0);
    world_done(&world, 10, session, 1, 1);
    expect(&world, 1, WAIT_REASON_NONE, 0, 0);
    expect(&world, 77, WAIT_REASON_NONE, 0, 0);
    world_fini(&world);
}

static void positions_follow_the_turns_of_users(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= 4; number++) {
        world_submit_for(&world, JOB_KIND_IMAGE, number, "greedy");
    }
    world_submit_for(&world, JOB_KIND_IMAGE, 5, "second");
    world_submit_for(&world, JOB_KIND_IMAGE, 6, "second");
    world_submit_for(&world, JOB_KIND_IMAGE, 7, "third");
    world_submit_for(&world, JOB_KIND_VIDEO, 8, "third");
    static const uint32_t places[] = {3, 5, 6, 7, 3, 5, 3, 1};
    for (uint32_t number = 1; number <= 8; number++) {
        assert_int_equal(ask(&world, number).position, places[number - 1]);
    }
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB};
    cancel.cancel_job = (struct message_cancel_job){
        .request = 7, .job = world_id(5), .owner = SLICE_LITERAL("second")};
    world_request(&world, &cancel, NULL);
    assert_int_equal(ask(&world, 2).position, 4);
    assert_int_equal(ask(&world, 6).position, 3);
    world_fini(&world);
}

static void a_scheduled_job_waits_for_its_time(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    message.submit.run_at = world.now + 4500;
    world_request(&world, &message, NULL);
    expect(&world, 1, WAIT_REASON_SCHEDULED, 0, 0);
    world_hello(&world, JOB_KIND_CHARACTER, 10, 1, 0);
    expect(&world, 1, WAIT_REASON_SCHEDULED, 0, 5);
    world_fini(&world);
}

static void a_job_between_attempts_waits_for_its_backoff(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    expect(&world, 1, WAIT_REASON_BACKOFF, 0, 2);
    world_fini(&world);
}

static void a_queue_at_its_limit_is_rate_limited(void **state)
{
    struct core_options options = world_options();
    struct world world;
    (void)state;
    options.rate[JOB_KIND_IMAGE] = 2;
    world_init(&world, &options);
    world_hello(&world, JOB_KIND_IMAGE, 10, 9, 0);
    for (uint32_t number = 1; number <= 9; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    world_tick(&world);
    expect(&world, 1, WAIT_REASON_NONE, 0, 0);
    expect(&world, 3, WAIT_REASON_RATE_LIMITED, 1, 2); /* a second and a millisecond */
    assert_int_equal(ask(&world, 9).position, 7);
    assert_int_equal(ask(&world, 9).eta_seconds, 5); /* six more starts, two a second */
    world_fini(&world);
}

static void busy_workers_queue_and_their_pace_tells_when(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 2, 0);
    for (uint32_t number = 1; number <= 6; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    world_tick(&world);
    expect(&world, 3, WAIT_REASON_QUEUED, 1, 0); /* nothing ended yet */
    world_pass(&world, 10000);
    world_done(&world, 10, session, 1, 1);
    world_heartbeat(&world, 10, session, 3);
    world_tick(&world);
    expect(&world, 3, WAIT_REASON_NONE, 0, 0);
    expect(&world, 4, WAIT_REASON_QUEUED, 1, 5); /* two at a time, ten seconds each */
    expect(&world, 6, WAIT_REASON_QUEUED, 3, 15);
    world_fini(&world);
}

/* The broker ends such an attempt by itself: no worker was at work. */
static void a_job_that_could_not_be_read_is_no_run(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 2, 0);
    for (uint32_t number = 1; number <= 6; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    world_tick(&world);
    world_pass(&world, 10000);
    struct message fail = {.type = MESSAGE_TYPE_FAIL};
    fail.fail = (struct message_fail){.job = world_id(1), .lease = 1, .kind = FAIL_KIND_RETRY};
    const struct core_event event = {
        .type = CORE_EVENT_ACTOR, .peer = 10, .session = session, .message = &fail, .unread = true};
    world_step(&world, &event);
    world_heartbeat(&world, 10, session, 3);
    world_tick(&world);
    assert_int_equal(ask(&world, 6).eta_seconds, 0); /* nothing ended yet */
    world_done(&world, 10, session, 2, 1);
    world_heartbeat(&world, 10, session, 4);
    world_tick(&world);
    assert_true(ask(&world, 6).eta_seconds > 0);
    world_fini(&world);
}

static void caps_of_queues_and_users_are_told(void **state)
{
    struct core_options options = world_options();
    struct world world;
    (void)state;
    options.active_max[JOB_KIND_VIDEO] = 1;
    options.user_active_max[JOB_KIND_IMAGE] = 1;
    world_init(&world, &options);
    world_hello(&world, JOB_KIND_VIDEO, 10, 5, 0);
    world_hello(&world, JOB_KIND_IMAGE, 11, 5, 0);
    world_submit_for(&world, JOB_KIND_VIDEO, 1, "one");
    world_submit_for(&world, JOB_KIND_VIDEO, 2, "two");
    world_submit_for(&world, JOB_KIND_IMAGE, 3, "one");
    world_submit_for(&world, JOB_KIND_IMAGE, 4, "one");
    world_tick(&world);
    expect(&world, 2, WAIT_REASON_CAPPED, 1, 0);
    expect(&world, 4, WAIT_REASON_CAPPED, 1, 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_without_a_worker_says_so_and_nobody_knows_when),
        cmocka_unit_test(a_job_that_is_at_work_ended_or_unknown_waits_for_nothing),
        cmocka_unit_test(positions_follow_the_turns_of_users),
        cmocka_unit_test(a_scheduled_job_waits_for_its_time),
        cmocka_unit_test(a_job_between_attempts_waits_for_its_backoff),
        cmocka_unit_test(a_queue_at_its_limit_is_rate_limited),
        cmocka_unit_test(busy_workers_queue_and_their_pace_tells_when),
        cmocka_unit_test(a_job_that_could_not_be_read_is_no_run),
        cmocka_unit_test(caps_of_queues_and_users_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
