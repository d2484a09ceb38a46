/* A broker that starts again with what the store has. */

#include "tests/unit/core_world.h"

/* The heads of all live jobs, as a store would have them. */
struct heads {
    struct job items[16];
    uint32_t count;
};

static void take_head(void *context, const struct job *job, struct slice owner)
{
    struct heads *heads = context;
    assert_true(heads->count < 16);
    world_expect_text(owner, "user");
    memset(&heads->items[heads->count], 0xee, sizeof(struct job)); /* not part of the head */
    memcpy(&heads->items[heads->count++], job, JOB_HEAD_SIZE);
}

/* Ends the core and starts another one with the same live jobs. */
static void restart_after(struct world *world, int64_t ms)
{
    struct heads heads = {.count = 0};
    struct core_options options = world_options();
    options.session_base = 5000;
    options.event_last = 1000;
    options.commit_last = core_commit(world->core);
    core_each(world->core, take_head, &heads);
    core_destroy(&world->core);
    world->now += ms;
    assert_int_equal(core_new(&options, world->now, &world->core), STATUS_OK);
    for (uint32_t index = 0; index < heads.count; index++) {
        assert_int_equal(
            core_restore(world->core, &heads.items[index], SLICE_LITERAL("user"), NULL, world->now),
            STATUS_OK);
        core_check(world->core);
    }
    for (uint32_t index = 0; index < heads.count; index++) {
        const struct job *job = core_find(world->core, &heads.items[index].id);
        assert_non_null(job);
        assert_memory_equal(job, &heads.items[index], JOB_HEAD_SIZE);
        world_expect_text(core_owner(world->core, job), "user");
    }
}

static void restart(struct world *world)
{
    restart_after(world, 500);
}

static void goes_on_with_queued_jobs(void **state)
{
    struct message later = world_submit_message(JOB_KIND_CHARACTER, 3);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 60000);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    later.submit.run_at = world.now + 30000;
    world_request(&world, &later, NULL);
    restart(&world);
    assert_int_equal(
        core_count(world.core, SLICE_LITERAL("user"), JOB_KIND_CHARACTER, JOB_STATE_WAITING), 2);
    world_hello(&world, JOB_KIND_CHARACTER, 20, 5, 0);
    world_tick(&world);
    struct id id = world_id(2);
    assert_true(id_equal(&world_effect(&world, EFFECT_DISPATCH)->id, &id));
    const struct message_event *event = world_expect_event(&world, 2, EVENT_KIND_ACTIVE);
    assert_int_equal(event->event, 1001); /* after the last number in the store */
    assert_int_equal(event->version, 2);
    world_fini(&world);
}

static void lets_workers_go_on_with_their_leases(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t old = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    restart(&world);
    world_progress(&world, 10, old, 1, 1, 50, "x");
    world_effect(&world, EFFECT_ERROR);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    assert_int_equal(session, 5001);
    world_hold(&world, 10, 1, 1);
    assert_int_equal(world.effects.count, 0);
    world_pass(&world, LEASE_MS - 1);
    world_progress(&world, 10, session, 1, 1, 50, "x");
    world_expect_event(&world, 1, EVENT_KIND_PROGRESS);
    world_done(&world, 10, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

/* The last attempt at a picture, which the broker was away at the end of. */
static void begin_last_and_restart(struct world *world)
{
    world_init(world, NULL);
    uint64_t session = world_lease(world, JOB_KIND_IMAGE, 1, 10);
    for (uint32_t lease = 1; lease < 3; lease++) {
        world_fail(world, 10, session, 1, lease, FAIL_KIND_RETRY, 0);
        world_heartbeat(world, 10, session, lease + 1);
        world_pass_until(world, EFFECT_DISPATCH, 20000);
    }
    assert_int_equal(world_job(world, 1)->attempts_made, 2);
    restart_after(world, 600000);
    world_tick(world);
    world_expect_state(world, 1, JOB_STATE_ACTIVE);
}

static void takes_what_was_finished_while_it_was_away(void **state)
{
    struct world world;
    (void)state;
    begin_last_and_restart(&world);
    world_pass(&world, LEASE_MS - 1);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    world_tick(&world);
    world_hold(&world, 10, 1, 3);
    world_pass(&world, 1000); /* the lease that was awaited would be over */
    world_done(&world, 10, session, 1, 3);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

static void waits_no_longer_for_a_worker_that_is_back_and_says_nothing(void **state)
{
    struct world world;
    (void)state;
    begin_last_and_restart(&world);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    world_hold(&world, 10, 1, 3);
    world_pass(&world, LEASE_MS / 2);
    world_heartbeat(&world, 10, session, 0);
    world_pass_until(&world, EFFECT_END, LEASE_MS / 2);
    world_expect_text(world_expect_event(&world, 1, EVENT_KIND_FAILED)->error_code, "timeout");
    world_fini(&world);
}

static void keeps_a_deadline_while_it_waits_for_a_worker(void **state)
{
    struct message message = world_submit_message(JOB_KIND_IMAGE, 1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    const int64_t attempt_ms = TIMEOUT_IMAGE_MS + TIMEOUT_SLACK_MS;
    const int64_t deadline = world.now + attempt_ms + 2000;
    message.submit.deadline = deadline;
    struct facts facts = world_facts(&world);
    world_request(&world, &message, &facts);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    restart_after(&world, attempt_ms);
    world_tick(&world);
    core_check(world.core);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, deadline - world.now - 1);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, 1);
    assert_true(job_is_stopping(world_job(&world, 1)));
    world_fini(&world);
}

static void waits_no_longer_for_a_worker_that_comes_back_time_and_again(void **state)
{
    struct world world;
    (void)state;
    begin_last_and_restart(&world);
    const int64_t step_ms = CANCEL_MS - 1;
    for (int64_t ms = step_ms; ms <= LEASE_MS + CANCEL_MS; ms += step_ms) {
        world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
        world_hold(&world, 10, 1, 3);
        world_pass(&world, step_ms);
        world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    }
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    world_hold(&world, 10, 1, 3);
    world_pass_until(&world, EFFECT_END, step_ms / 2);
    world_expect_text(world_expect_event(&world, 1, EVENT_KIND_FAILED)->error_code, "timeout");
    world_fini(&world);
}

static void a_cancel_waits_for_what_its_worker_tells_after_an_outage(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_cancel(&world, 1);
    restart_after(&world, 60000);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 1);
    world_hold(&world, 10, 1, 1);
    world_tick(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_effect(&world, EFFECT_OPERATION_ACK);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_CANCELLED, 0);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

static void waits_a_full_lease_for_workers(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_pass(&world, LEASE_MS - 1);
    restart(&world);
    assert_int_equal(core_wake(world.core), world.now + LEASE_MS);
    world_pass(&world, LEASE_MS - 1);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, 1);
    world_expect_event(&world, 1, EVENT_KIND_STALLED);
    world_fini(&world);
}

static void takes_back_what_a_worker_never_received(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    restart(&world);
    world_hello(&world, JOB_KIND_IMAGE, 10, 0, 0);
    world_tick(&world);
    world_expect_event(&world, 1, EVENT_KIND_WAITING);
    assert_int_equal(world_job(&world, 1)->workers_lost, 0);
    world_fini(&world);
}

static void uses_a_result_of_an_earlier_lease(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_pass(&world, LEASE_MS);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    restart(&world);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 0, 1);
    world_hold(&world, 10, 1, 1);
    assert_int_equal(world.effects.count, 0);
    world_done(&world, 10, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

static void carries_out_a_cancel_that_was_asked_for(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_cancel(&world, 1);
    restart(&world);
    world_tick(&world);
    world_pass(&world, CANCEL_MS - 1); /* its worker may be about to tell of it */
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_pass(&world, 1);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

static void keeps_more_workers_than_may_say_hello(void **state)
{
    struct core_options options = world_options();
    struct job head = {.version = 2,
                       .lease = 1,
                       .attempt = 1,
                       .state = JOB_STATE_ACTIVE,
                       .kind = JOB_KIND_IMAGE,
                       .started_at = 1,
                       .attempt_at = 1,
                       .deadline = 1000000};
    struct core *core;
    (void)state;
    options.event_last = WORKERS_MAX + 10;
    assert_int_equal(core_new(&options, 10, &core), STATUS_OK);
    for (uint32_t number = 1; number <= WORKERS_MAX + 10; number++) {
        head.id = world_id(number);
        head.worker = world_id(number);
        head.accepted = number;
        assert_int_equal(core_restore(core, &head, SLICE_LITERAL("user"), NULL, 10), STATUS_OK);
    }
    core_check(core);
    core_destroy(&core);
}

static void refuses_a_damaged_head(void **state)
{
    struct world world;
    struct heads heads = {.count = 0};
    struct job cases[21];
    size_t count = 0;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    core_each(world.core, take_head, &heads);
    world_fini(&world);
    for (size_t index = 0; index < 21; index++) {
        cases[index] = heads.items[0];
    }
    cases[count++].id = (struct id){{0}};
    cases[count++].kind = JOB_KIND_COUNT;
    cases[count++].state = JOB_STATE_COMPLETED;
    cases[count++].state = JOB_STATE_COUNT;
    cases[count++].state = JOB_STATE_PENDING;
    cases[count++].version = 0;
    cases[count++].accepted = 0;
    cases[count++].accepted = 1001;
    cases[count++].attempts_made = 1;
    cases[count++].attempt = 0;
    cases[count].attempts_made = ATTEMPTS_MAX;
    cases[count++].attempt = ATTEMPTS_MAX + 1;
    cases[count++].workers_lost = WORKERS_LOST_MAX;
    cases[count++].paid_lease = 2;
    cases[count++].lease = 0;
    cases[count++].progress = 101;
    cases[count++].operations = OPERATIONS_MAX + 1;
    cases[count++].open_before = 1;
    cases[count++].deadline = 0;
    cases[count++].attempt_at = 0;
    cases[count++].worker = (struct id){{0}};
    memset(cases[count++].step, 'x', STEP_SIZE_MAX + 1);
    assert_int_equal(count, 21);
    struct core_options options = world_options();
    options.event_last = 1000;
    assert_int_equal(core_new(&options, WORLD_START, &world.core), STATUS_OK);
    for (size_t index = 0; index < count; index++) {
        assert_int_equal(
            core_restore(world.core, &cases[index], SLICE_LITERAL("user"), NULL, WORLD_START),
            STATUS_MALFORMED);
    }
    assert_int_equal(core_restore(world.core, &heads.items[0], SLICE_EMPTY, NULL, WORLD_START),
                     STATUS_MALFORMED);
    assert_int_equal(
        core_restore(world.core, &heads.items[0], SLICE_LITERAL("user"), NULL, WORLD_START),
        STATUS_OK);
    assert_int_equal(
        core_restore(world.core, &heads.items[0], SLICE_LITERAL("user"), NULL, WORLD_START),
        STATUS_MALFORMED); /* twice */
    core_check(world.core);
    world_fini(&world);
}

static void refuses_one_worker_of_two_roles(void **state)
{
    struct job head = {.version = 2,
                       .lease = 1,
                       .attempt = 1,
                       .state = JOB_STATE_ACTIVE,
                       .started_at = 1,
                       .attempt_at = 1,
                       .accepted = 1,
                       .deadline = 1000000};
    struct core_options options = world_options();
    struct core *core;
    (void)state;
    options.event_last = 10;
    assert_int_equal(core_new(&options, 10, &core), STATUS_OK);
    head.id = world_id(1);
    head.worker = world_id(9);
    assert_int_equal(core_restore(core, &head, SLICE_LITERAL("user"), NULL, 10), STATUS_OK);
    head.id = world_id(2);
    head.kind = JOB_KIND_VIDEO;
    assert_int_equal(core_restore(core, &head, SLICE_LITERAL("user"), NULL, 10), STATUS_MALFORMED);
    core_check(core);
    core_destroy(&core);
}

static void goes_on_with_what_a_waiting_job_failed_of(void **state)
{
    const struct message change = {.type = MESSAGE_TYPE_CHANGE_JOB,
                                   .change_job = {.job = world_id(1),
                                                  .action = JOB_ACTION_PRIORITY,
                                                  .user = SLICE_LITERAL("boss"),
                                                  .priority = 5}};
    const struct id id = world_id(1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 600000);
    restart(&world);
    core_restore_error(world.core, &id, SLICE_LITERAL("timeout"), SLICE_LITERAL("too late"));
    world_request(&world, &change, NULL);
    world_expect_text(world_effect(&world, EFFECT_SAVE)->error_code, "timeout");
    world_expect_text(world_effect(&world, EFFECT_EVENT)->event.error_message, "too late");
    world_fini(&world);
}

static void knows_no_error_of_a_job_at_work(void **state)
{
    const struct id id = world_id(1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    restart(&world);
    core_restore_error(world.core, &id, SLICE_LITERAL("timeout"), SLICE_LITERAL("too late"));
    world_pass_until(&world, EFFECT_SAVE, LEASE_MS + 1000); /* its worker is lost */
    world_expect_text(world_effect(&world, EFFECT_SAVE)->error_code, "worker_lost");
    world_fini(&world);
}

/* It ends of it when its task is dropped. */
static void goes_on_with_what_a_last_attempt_failed_of(void **state)
{
    const struct id id = world_id(1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 5, 0);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    for (uint32_t lease = 1; lease <= ATTEMPTS_MAX; lease++) {
        struct message message = {.type = MESSAGE_TYPE_FAIL};
        message.fail = (struct message_fail){.job = id,
                                             .lease = lease,
                                             .kind = FAIL_KIND_RETRY,
                                             .code = SLICE_LITERAL("provider_error")};
        world_pass_until(&world, EFFECT_DISPATCH, 10000);
        world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
        world_actor(&world, 10, session, &message);
    }
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    restart(&world);
    core_restore_error(world.core, &id, SLICE_LITERAL("provider_error"), SLICE_LITERAL("broken"));
    world_pass_until(&world, EFFECT_END, LEASE_MS + 1000);
    world_expect_text(world_effect(&world, EFFECT_END)->error_message, "broken");
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_with_queued_jobs),
        cmocka_unit_test(lets_workers_go_on_with_their_leases),
        cmocka_unit_test(takes_what_was_finished_while_it_was_away),
        cmocka_unit_test(waits_no_longer_for_a_worker_that_is_back_and_says_nothing),
        cmocka_unit_test(keeps_a_deadline_while_it_waits_for_a_worker),
        cmocka_unit_test(waits_no_longer_for_a_worker_that_comes_back_time_and_again),
        cmocka_unit_test(a_cancel_waits_for_what_its_worker_tells_after_an_outage),
        cmocka_unit_test(waits_a_full_lease_for_workers),
        cmocka_unit_test(takes_back_what_a_worker_never_received),
        cmocka_unit_test(uses_a_result_of_an_earlier_lease),
        cmocka_unit_test(carries_out_a_cancel_that_was_asked_for),
        cmocka_unit_test(keeps_more_workers_than_may_say_hello),
        cmocka_unit_test(goes_on_with_what_a_waiting_job_failed_of),
        cmocka_unit_test(knows_no_error_of_a_job_at_work),
        cmocka_unit_test(goes_on_with_what_a_last_attempt_failed_of),
        cmocka_unit_test(refuses_a_damaged_head),
        cmocka_unit_test(refuses_one_worker_of_two_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
