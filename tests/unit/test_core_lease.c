/* A lease from dispatch to its end, old leases, and what a lost lease is still good for. */

#include "tests/unit/core_world.h"

static void leases_a_waiting_job_to_a_worker_with_credit(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    assert_int_equal(world.effects.count, 3);
    assert_int_equal(world.effects.items[0].type, EFFECT_SAVE);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_ACTIVE);
    assert_int_equal(event->started_at, world.now);
    assert_int_equal(event->version, 2);
    const struct effect *dispatch = world_effect(&world, EFFECT_DISPATCH);
    assert_int_equal(dispatch->session, session);
    assert_int_equal(dispatch->lease, 1);
    const struct job *job = world_job(&world, 1);
    struct id worker = world_id(10);
    assert_int_equal(job->state, JOB_STATE_ACTIVE);
    assert_int_equal(job->attempt, 1);
    assert_int_equal(job->attempts_made, 0);
    assert_true(id_equal(&job->worker, &worker));
    world_fini(&world);
}

static void gives_no_worker_more_than_its_credit(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= 9; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 3, 0);
    world_hello(&world, JOB_KIND_VIDEO, 11, 3, 0);
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 3);
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 0);
    world_heartbeat(&world, 10, session, 2); /* a credit that falls is ignored */
    world_heartbeat(&world, 10, session, 4);
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 1);
    world_heartbeat(&world, 10, session, 1000); /* never more than its slots */
    world_tick(&world);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), 3);
    world_fini(&world);
}

static void spreads_jobs_over_workers_in_turn(void **state)
{
    struct world world;
    uint32_t got[2] = {0};
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= 4; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    world_hello(&world, JOB_KIND_IMAGE, 10, 100, 0);
    world_hello(&world, JOB_KIND_IMAGE, 11, 100, 0);
    world_tick(&world);
    for (uint32_t index = 0; index < world.effects.count; index++) {
        if (world.effects.items[index].type == EFFECT_DISPATCH) {
            got[world.effects.items[index].peer - 10]++;
        }
    }
    assert_int_equal(got[0], 2);
    assert_int_equal(got[1], 2);
    world_fini(&world);
}

static void reports_progress_only_when_it_rises(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_progress(&world, 10, session, 1, 1, 20, "character_loaded");
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_PROGRESS);
    assert_int_equal(event->progress, 20);
    world_expect_text(event->step, "character_loaded");
    assert_int_equal(world_effects(&world, EFFECT_SAVE), 1);
    world_progress(&world, 10, session, 1, 1, 20, "again");
    assert_int_equal(world.effects.count, 0);
    world_progress(&world, 10, session, 1, 1, 10, "back");
    assert_int_equal(world.effects.count, 0);
    assert_int_equal(world_job(&world, 1)->progress, 20);
    world_progress(&world, 10, session, 1, 1, 40, "");
    world_expect_event(&world, 1, EVENT_KIND_PROGRESS);
    assert_string_equal(world_job(&world, 1)->step, "");
    world_fini(&world);
}

static void keeps_a_draft(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_PROGRESS};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    message.progress =
        (struct message_progress){.job = world_id(1), .lease = 1, .draft = SLICE_LITERAL("draft")};
    world_actor(&world, 10, session, &message);
    assert_int_equal(world.effects.count, 1);
    world_expect_text(world_effect(&world, EFFECT_DRAFT)->document, "draft");
    assert_true(world_effect(&world, EFFECT_DRAFT)->is_first);
    assert_true(world_job(&world, 1)->drafted);
    world_fini(&world);
}

static void completes_a_job(void **state)
{
    struct core_statistics statistics;
    struct world world;
    struct id id = world_id(1);
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world.now += 100;
    world_done(&world, 10, session, 1, 1);
    const struct effect *end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->job->state, JOB_STATE_COMPLETED);
    assert_int_equal(end->job->progress, 100);
    assert_int_equal(end->job->attempts_made, 1);
    assert_int_equal(end->job->completed_at, world.now);
    world_expect_text(end->owner, "user");
    world_expect_text(end->url, "/assets/picture.png");
    world_expect_text(end->document, "{\"id\":1}");
    world_expect_text(end->media, "{\"id\":2}");
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_expect_text(event->url, "/assets/picture.png");
    assert_int_equal(event->version, 3);
    const struct effect *ack = world_effect(&world, EFFECT_ACK);
    assert_int_equal(ack->lease, 1);
    assert_int_equal(ack->peer, 10);
    assert_null(core_find(world.core, &id));
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(world.effects.count, 1);
    world_effect(&world, EFFECT_ACK);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.completed, 1);
    assert_int_equal(statistics.stale, 1);
    assert_int_equal(statistics.live[JOB_KIND_IMAGE][JOB_STATE_ACTIVE], 0);
    world_fini(&world);
}

static void records_operations_before_they_are_acknowledged(void **state)
{
    static const struct {
        enum operation_state state;
        bool is_event;
    } cases[] = {
        {OPERATION_STATE_INTENT, false},   {OPERATION_STATE_SUBMITTED, true},
        {OPERATION_STATE_UNKNOWN, true},   {OPERATION_STATE_REFUSED, true},
        {OPERATION_STATE_FINISHED, false},
    };
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        world_operation(&world, 10, session, 1, 1, cases[index].state);
        assert_int_equal(world_effect(&world, EFFECT_OPERATION)->operation.state,
                         cases[index].state);
        const struct effect *ack = world_effect(&world, EFFECT_OPERATION_ACK);
        assert_int_equal(ack->operation.operation, 2);
        assert_int_equal(ack->operation.state, cases[index].state);
        assert_int_equal(world_effects(&world, EFFECT_EVENT), cases[index].is_event);
        assert_int_equal(world_effects(&world, EFFECT_SAVE), 1);
    }
    const struct job *job = world_job(&world, 1);
    assert_int_equal(job->operations, 3);
    assert_int_equal(job->paid_lease, 1);
    world_fini(&world);
}

/* As a worker does whose connection was made anew before it was acknowledged. */
static void tells_an_operation_that_is_said_again_once(void **state)
{
    static const enum operation_state states[] = {
        OPERATION_STATE_INTENT,    OPERATION_STATE_REFUSED,   OPERATION_STATE_INTENT,
        OPERATION_STATE_SUBMITTED, OPERATION_STATE_CANCELLED,
    };
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    for (size_t index = 0; index < 3 * sizeof(states) / sizeof(states[0]); index++) {
        bool is_told = index % 3 == 0 && states[index / 3] != OPERATION_STATE_INTENT;
        world_operation(&world, 10, session, 1, 1, states[index / 3]);
        assert_int_equal(world_effects(&world, EFFECT_EVENT), is_told);
        world_effect(&world, EFFECT_OPERATION);
        world_effect(&world, EFFECT_SAVE);
        world_effect(&world, EFFECT_OPERATION_ACK);
    }
    world_fini(&world);
}

/* Each differs from the one before in one thing. */
static void tells_each_operation_that_is_another(void **state)
{
    static const struct message_operation operations[] = {
        {.operation = 2, .state = OPERATION_STATE_SUBMITTED, .task = {(const uint8_t *)"t-1", 3}},
        {.operation = 2, .state = OPERATION_STATE_SUBMITTED, .task = {(const uint8_t *)"t-2", 3}},
        {.operation = 3, .state = OPERATION_STATE_SUBMITTED, .task = {(const uint8_t *)"t-2", 3}},
        {.operation = 3, .state = OPERATION_STATE_CANCELLED, .task = {(const uint8_t *)"t-2", 3}},
        {.operation = 3,
         .state = OPERATION_STATE_CANCELLED,
         .charged = CHARGE_NO,
         .task = {(const uint8_t *)"t-2", 3}},
    };
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    for (size_t index = 0; index < sizeof(operations) / sizeof(operations[0]); index++) {
        struct message message = {.type = MESSAGE_TYPE_OPERATION, .operation = operations[index]};
        message.operation.job = world_id(1);
        message.operation.lease = 1;
        message.operation.provider = SLICE_LITERAL("studio");
        world_actor(&world, 10, session, &message);
        world_expect_event(&world, 1, EVENT_KIND_PROVIDER);
    }
    world_fini(&world);
}

/* Job 1 was leased to worker 10, which lost its connection for too long; the job waits again. The
 * worker is back with a new session. */
static uint64_t lose(struct world *world)
{
    world_peer_lost(world, 10);
    world_pass(world, LEASE_MS);
    world_expect_event(world, 1, EVENT_KIND_STALLED);
    world_expect_state(world, 1, JOB_STATE_WAITING);
    return world_hello(world, JOB_KIND_IMAGE, 10, 0, 0);
}

static uint64_t lose_a_lease(struct world *world)
{
    world_init(world, NULL);
    world_lease(world, JOB_KIND_IMAGE, 1, 10);
    return lose(world);
}

static uint64_t lose_a_lease_that_paid(struct world *world)
{
    world_init(world, NULL);
    uint64_t session = world_lease(world, JOB_KIND_IMAGE, 1, 10);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    return lose(world);
}

static void uses_a_late_success_of_a_waiting_job(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease(&world);
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(world_effect(&world, EFFECT_END)->job->state, JOB_STATE_COMPLETED);
    assert_int_equal(world_effect(&world, EFFECT_ACK)->lease, 1);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.salvaged, 1);
    world_fini(&world);
}

static void uses_a_late_success_of_a_job_at_work_elsewhere(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease(&world);
    world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_tick(&world);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, 2);
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(world_effect(&world, EFFECT_END)->job->state, JOB_STATE_COMPLETED);
    assert_int_equal(world_effects(&world, EFFECT_ACK), 2);
    for (uint32_t index = 0; index < world.effects.count; index++) {
        const struct effect *effect = &world.effects.items[index];
        if (effect->type == EFFECT_ACK) {
            assert_int_equal(effect->lease, effect->peer == 11 ? 2 : 1);
        }
    }
    world_fini(&world);
}

static void drops_a_late_success_when_a_later_attempt_has_paid(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease(&world);
    uint64_t other = world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_tick(&world);
    world_operation(&world, 11, other, 1, 2, OPERATION_STATE_INTENT);
    for (int time = 0; time < 2; time++) { /* told once */
        world_done_at_price(&world, 10, session, 1, 1, 40000);
        assert_int_equal(world_effect(&world, EFFECT_ACK)->lease, 1);
        assert_int_equal(world_effects(&world, EFFECT_EVENT), time == 0);
        assert_int_equal(world_effects(&world, EFFECT_END), 0);
        world_expect_state(&world, 1, JOB_STATE_ACTIVE);
        if (time == 0) {
            const struct message_event *event = &world_effect(&world, EFFECT_EVENT)->event;
            assert_int_equal(event->kind, EVENT_KIND_PROVIDER);
            assert_int_equal(event->operation_state, OPERATION_STATE_WASTED);
            assert_int_equal(event->charged, CHARGE_YES);
            assert_int_equal(event->price, 40000);
        }
    }
    struct core_statistics statistics;
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.wasted, 1);
    assert_int_equal(statistics.wasted_price, 40000);
    world_progress(&world, 10, session, 1, 1, 50, "late");
    world_effect(&world, EFFECT_ACK);
    assert_int_equal(world.effects.count, 1);
    world_fini(&world);
}

static uint64_t wasted(const struct world *world)
{
    struct core_statistics statistics;
    core_statistics(world->core, &statistics);
    assert_int_equal(statistics.wasted_price, statistics.wasted * 40000);
    return statistics.wasted;
}

static void counts_a_success_that_comes_after_the_end_as_wasted_once(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease(&world);
    uint64_t other = world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_tick(&world);
    world_operation(&world, 11, other, 1, 2, OPERATION_STATE_INTENT);
    world_done_at_price(&world, 11, other, 1, 2, 40000);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    for (int time = 0; time < 2; time++) {
        world_done_at_price(&world, 11, other, 1, 2, 40000); /* its ACK was lost */
        assert_int_equal(wasted(&world), time);
        world_done_at_price(&world, 10, session, 1, 1, 40000);
        assert_int_equal(world.effects.count, 1);
        world_effect(&world, EFFECT_ACK);
        assert_int_equal(wasted(&world), 1);
    }
    world_done_at_price(&world, 10, session, 1, 3, 40000); /* there was no such lease */
    assert_int_equal(wasted(&world), 1);
    world_fini(&world);
}

/* The later lease went on with the task that the lost one had ordered: it was paid for once. */
static void counts_no_success_as_wasted_whose_task_another_lease_has_used(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease_that_paid(&world);
    uint64_t other = world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_tick(&world);
    world_done_at_price(&world, 11, other, 1, 2, 40000);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_done_at_price(&world, 10, session, 1, 1, 40000);
    assert_int_equal(wasted(&world), 0);
    world_fini(&world);
}

static void counts_no_success_behind_one_that_was_salvaged_as_wasted(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease_that_paid(&world);
    uint64_t other = world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_tick(&world);
    world_done_at_price(&world, 10, session, 1, 1, 40000);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_done_at_price(&world, 11, other, 1, 2, 40000);
    assert_int_equal(wasted(&world), 0);
    world_fini(&world);
}

static void counts_a_success_of_a_job_that_was_cancelled_before_as_wasted(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_cancel(&world, 1);
    world_pass(&world, CANCEL_MS);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_done_at_price(&world, 10, session, 1, 1, 40000);
    assert_int_equal(wasted(&world), 1);
    world_fini(&world);
}

static void lets_a_lost_lease_change_nothing_else(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease(&world);
    struct job before = *world_job(&world, 1);
    world_progress(&world, 10, session, 1, 1, 50, "late");
    assert_int_equal(world.effects.count, 0); /* it may go on: its success could be used */
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    assert_int_equal(world.effects.count, 1);
    world_effect(&world, EFFECT_ACK);
    world_release(&world, 10, session, 1, 1);
    assert_int_equal(world.effects.count, 1);
    world_effect(&world, EFFECT_ACK);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    assert_int_equal(world.effects.count, 1);
    world_effect(&world, EFFECT_ACK);
    assert_memory_equal(world_job(&world, 1), &before, JOB_HEAD_SIZE);
    world_fini(&world);
}

static void keeps_a_task_that_a_lost_lease_has_paid_for(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = lose_a_lease(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    world_effect(&world, EFFECT_OPERATION);
    world_effect(&world, EFFECT_ACK);
    world_expect_event(&world, 1, EVENT_KIND_PROVIDER);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_fini(&world);
}

static void takes_no_result_of_a_lease_that_was_never_given(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    uint64_t liar = world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    uint64_t stranger = world_hello(&world, JOB_KIND_VIDEO, 12, 1, 0);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_done(&world, 11, liar, 1, 1);     /* another's */
    world_done(&world, 11, liar, 1, 2);     /* not given yet */
    world_done(&world, 11, liar, 1, 0);     /* none */
    world_done(&world, 11, liar, 2, 1);     /* waiting, never leased */
    world_done(&world, 11, liar, 3, 1);     /* no such job */
    world_done(&world, 12, stranger, 1, 1); /* another role */
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_done(&world, 10, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    world_fini(&world);
}

static void hands_a_released_job_out_again_uncounted(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_release(&world, 10, session, 1, 1);
    world_effect(&world, EFFECT_ACK);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_WAITING);
    assert_int_equal(event->attempts_made, 0);
    assert_int_equal(event->attempt, 1);
    world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    world_tick(&world);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, 2);
    assert_int_equal(world_job(&world, 1)->attempt, 1);
    assert_int_equal(world_job(&world, 1)->workers_lost, 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leases_a_waiting_job_to_a_worker_with_credit),
        cmocka_unit_test(gives_no_worker_more_than_its_credit),
        cmocka_unit_test(spreads_jobs_over_workers_in_turn),
        cmocka_unit_test(reports_progress_only_when_it_rises),
        cmocka_unit_test(keeps_a_draft),
        cmocka_unit_test(completes_a_job),
        cmocka_unit_test(records_operations_before_they_are_acknowledged),
        cmocka_unit_test(tells_an_operation_that_is_said_again_once),
        cmocka_unit_test(tells_each_operation_that_is_another),
        cmocka_unit_test(uses_a_late_success_of_a_waiting_job),
        cmocka_unit_test(uses_a_late_success_of_a_job_at_work_elsewhere),
        cmocka_unit_test(drops_a_late_success_when_a_later_attempt_has_paid),
        cmocka_unit_test(counts_a_success_that_comes_after_the_end_as_wasted_once),
        cmocka_unit_test(counts_no_success_as_wasted_whose_task_another_lease_has_used),
        cmocka_unit_test(counts_no_success_behind_one_that_was_salvaged_as_wasted),
        cmocka_unit_test(counts_a_success_of_a_job_that_was_cancelled_before_as_wasted),
        cmocka_unit_test(lets_a_lost_lease_change_nothing_else),
        cmocka_unit_test(keeps_a_task_that_a_lost_lease_has_paid_for),
        cmocka_unit_test(takes_no_result_of_a_lease_that_was_never_given),
        cmocka_unit_test(hands_a_released_job_out_again_uncounted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
