/* Queues as those who run them see and steer them. */

#include "tests/unit/core_world.h"

static struct message set(uint8_t kind, bool paused)
{
    return (struct message){.type = MESSAGE_TYPE_SET_QUEUE,
                            .set_queue = {.request = 3, .kind = kind, .paused = paused}};
}

static void world_set(struct world *world, uint8_t kind, bool paused)
{
    const struct message message = set(kind, paused);
    world_request(world, &message, NULL);
    assert_int_equal(world_expect_reply(world, REPLY_CODE_OK)->request, 3);
}

static struct message_queue look(const struct world *world, enum job_kind kind)
{
    struct message_queue queues[JOB_KIND_COUNT];
    core_queues(world->core, world->now, queues);
    assert_int_equal(queues[kind].kind, kind);
    return queues[kind];
}

static void a_paused_queue_starts_nothing_until_it_goes_on(void **state)
{
    struct world world;
    struct position position;
    const struct id id = world_id(1);
    (void)state;
    world_init(&world, NULL);
    world_hello(&world, JOB_KIND_IMAGE, 10, 5, 0);
    world_set(&world, JOB_KIND_IMAGE, true);
    const struct effect *effect = world_effect(&world, EFFECT_QUEUE);
    assert_true(effect->kind == JOB_KIND_IMAGE && effect->paused);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_pass(&world, 5000);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    assert_true(core_wake(world.core) > world.now);
    core_position(world.core, &id, world.now, &position);
    assert_int_equal(position.reason, WAIT_REASON_PAUSED);
    assert_int_equal(position.position, 1);
    assert_int_equal(position.eta_seconds, 0);
    world_set(&world, JOB_KIND_IMAGE, false);
    assert_false(world_effect(&world, EFFECT_QUEUE)->paused);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void other_queues_and_jobs_at_work_go_on(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_set(&world, JOB_KIND_IMAGE, true);
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(world_effects(&world, EFFECT_END), 1);
    world_lease(&world, JOB_KIND_CHARACTER, 2, 11);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void what_is_so_already_is_not_written_again(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_set(&world, JOB_KIND_VIDEO, false);
    assert_int_equal(world_effects(&world, EFFECT_QUEUE), 0);
    world_set(&world, JOB_KIND_VIDEO, true);
    world_set(&world, JOB_KIND_VIDEO, true);
    assert_int_equal(world_effects(&world, EFFECT_QUEUE), 0);
    world_fini(&world);
}

static void a_queue_that_there_is_not_is_refused(void **state)
{
    struct world world;
    const struct message message = set(JOB_KIND_COUNT, true);
    (void)state;
    world_init(&world, NULL);
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    assert_int_equal(world_effects(&world, EFFECT_QUEUE), 0);
    world_fini(&world);
}

static void a_restart_keeps_what_is_paused_and_how_many_ended(void **state)
{
    static const uint64_t ended[JOB_STATE_COUNT] = {
        [JOB_STATE_COMPLETED] = 7, [JOB_STATE_FAILED] = 2};
    struct world world;
    struct core_options options = world_options();
    (void)state;
    memset(&world, 0, sizeof(world));
    world.now = WORLD_START;
    assert_int_equal(core_new(&options, world.now, &world.core), STATUS_OK);
    core_restore_queue(world.core, JOB_KIND_WEBHOOK, true, ended);
    world_tick(&world);
    struct message_queue queue = look(&world, JOB_KIND_WEBHOOK);
    assert_true(queue.paused);
    assert_int_equal(queue.completed, 7);
    assert_int_equal(queue.failed, 2);
    assert_false(look(&world, JOB_KIND_IMAGE).paused);
    world_fini(&world);
}

static void a_queue_tells_its_jobs_and_workers(void **state)
{
    struct world world;
    struct core_options options = world_options();
    (void)state;
    options.rate[JOB_KIND_IMAGE] = 3;
    world_init(&world, &options);
    int64_t before = world.now;
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world.now += 10;
    world_submit(&world, JOB_KIND_IMAGE, 2);
    struct message_queue queue = look(&world, JOB_KIND_IMAGE);
    assert_int_equal(queue.waiting, 2);
    assert_int_equal(queue.workers, 0);
    assert_int_equal(queue.oldest_waiting_at, before);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_tick(&world);
    queue = look(&world, JOB_KIND_IMAGE);
    assert_int_equal(queue.waiting, 1);
    assert_int_equal(queue.active, 1);
    assert_int_equal(queue.workers, 1);
    assert_int_equal(queue.slots, 1);
    assert_int_equal(queue.slots_busy, 1);
    assert_int_equal(queue.rate, 3);
    assert_int_equal(queue.rate_used, 1);
    assert_int_equal(queue.oldest_waiting_at, before + 10);
    assert_int_equal(queue.minute_started, 1);
    world_done(&world, 10, session, 1, 1);
    world_cancel(&world, 2);
    queue = look(&world, JOB_KIND_IMAGE);
    assert_int_equal(queue.active, 0);
    assert_int_equal(queue.completed, 1);
    assert_int_equal(queue.cancelled, 1);
    assert_int_equal(queue.slots_busy, 0);
    assert_int_equal(queue.oldest_waiting_at, 0);
    assert_int_equal(queue.minute_completed, 1);
    assert_int_equal(queue.minute_failed, 0);
    world_pass(&world, 61000);
    queue = look(&world, JOB_KIND_IMAGE);
    assert_int_equal(queue.minute_started, 0);
    assert_int_equal(queue.rate_used, 0);
    assert_int_equal(queue.completed, 1);
    world_fini(&world);
}

/* Notes the mark of the queue's workers, which is another one than before. */
static void expect_another_mark(const struct world *world, uint64_t *mark)
{
    uint64_t now = look(world, JOB_KIND_IMAGE).workers_mark;
    assert_true(now != *mark && now <= INT64_MAX);
    *mark = now;
}

static void workers_are_marked_when_anything_of_them_changes(void **state)
{
    struct world world;
    uint64_t mark = 0;
    (void)state;
    world_init(&world, NULL);
    assert_int_equal(look(&world, JOB_KIND_IMAGE).workers_mark, 0);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 5, 0);
    expect_another_mark(&world, &mark);
    world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    expect_another_mark(&world, &mark);
    assert_int_equal(look(&world, JOB_KIND_VIDEO).workers_mark, 0);
    world_heartbeat(&world, 10, session, 5);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    expect_another_mark(&world, &mark);
    world_progress(&world, 10, session, 1, 1, 20, "half");
    assert_int_equal(look(&world, JOB_KIND_IMAGE).workers_mark, mark);
    world_pass(&world, 1000);
    assert_int_equal(look(&world, JOB_KIND_IMAGE).workers_mark, mark);
    world_done(&world, 10, session, 1, 1);
    expect_another_mark(&world, &mark);
    const struct message orders = {
        .type = MESSAGE_TYPE_SET_WORKER,
        .set_worker = {.request = 4, .worker = world_id(11), .orders = WORKER_ORDERS_DRAIN}};
    world_request(&world, &orders, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    expect_another_mark(&world, &mark);
    world_peer_lost(&world, 11);
    expect_another_mark(&world, &mark);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paused_queue_starts_nothing_until_it_goes_on),
        cmocka_unit_test(other_queues_and_jobs_at_work_go_on),
        cmocka_unit_test(what_is_so_already_is_not_written_again),
        cmocka_unit_test(a_queue_that_there_is_not_is_refused),
        cmocka_unit_test(a_restart_keeps_what_is_paused_and_how_many_ended),
        cmocka_unit_test(a_queue_tells_its_jobs_and_workers),
        cmocka_unit_test(workers_are_marked_when_anything_of_them_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
