/* Workers as those who run them see and steer them. */

#include "tests/unit/core_world.h"

static enum reply_code set(struct world *world, uint32_t worker, uint8_t orders)
{
    const struct message message = {
        .type = MESSAGE_TYPE_SET_WORKER,
        .set_worker = {.request = 3, .worker = world_id(worker), .orders = orders}};
    world_request(world, &message, NULL);
    const struct effect *reply = world_effect(world, EFFECT_REPLY);
    assert_int_equal(reply->reply.request, 3);
    return (enum reply_code)reply->reply.code;
}

static void a_drained_worker_gets_nothing_until_it_works_again(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_DRAIN), REPLY_CODE_OK);
    assert_int_equal(world_effect(&world, EFFECT_WORKER)->orders, WORKER_ORDERS_DRAIN);
    assert_int_equal(world_effects(&world, EFFECT_STOP), 0);
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(world_effects(&world, EFFECT_END), 1);
    world_heartbeat(&world, 10, session, 5);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_pass(&world, 1000);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_WORK), REPLY_CODE_OK);
    world_tick(&world);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void expect_room(const struct world *world, uint32_t draining, uint64_t slots,
                        uint64_t credit)
{
    struct message_queue queues[JOB_KIND_COUNT];
    struct core_statistics statistics;
    core_queues(world->core, world->now, queues);
    core_statistics(world->core, &statistics);
    assert_int_equal(queues[JOB_KIND_IMAGE].workers, 1);
    assert_int_equal(queues[JOB_KIND_IMAGE].workers_draining, draining);
    assert_int_equal(queues[JOB_KIND_IMAGE].slots, slots);
    assert_int_equal(statistics.workers[JOB_KIND_IMAGE], 1);
    assert_int_equal(statistics.draining[JOB_KIND_IMAGE], draining);
    assert_int_equal(statistics.slots[JOB_KIND_IMAGE], slots);
    assert_int_equal(statistics.credit[JOB_KIND_IMAGE], credit);
}

static void a_drained_worker_has_no_room_but_what_it_uses(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 3, 0);
    expect_room(&world, 0, 3, 3);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_tick(&world);
    expect_room(&world, 0, 3, 2);
    set(&world, 10, WORKER_ORDERS_DRAIN);
    expect_room(&world, 1, 1, 0);
    world_done(&world, 10, session, 1, 1);
    expect_room(&world, 1, 0, 0);
    set(&world, 10, WORKER_ORDERS_WORK);
    expect_room(&world, 0, 3, 2);
    world_fini(&world);
}

static void the_same_orders_are_written_once(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_WORK), REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_WORKER), 0);
    set(&world, 10, WORKER_ORDERS_DRAIN);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_DRAIN), REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_WORKER), 0);
    world_fini(&world);
}

static void a_stopped_worker_is_told_in_each_session_and_cannot_go_on(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_STOP), REPLY_CODE_OK);
    assert_int_equal(world_effect(&world, EFFECT_STOP)->peer, 10);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_WORK), REPLY_CODE_CONFLICT);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_DRAIN), REPLY_CODE_CONFLICT);
    world_peer_lost(&world, 10);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    assert_int_equal(world_effects(&world, EFFECT_STOP), 1);
    world_fini(&world);
}

static void orders_go_with_their_worker(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    set(&world, 10, WORKER_ORDERS_DRAIN);
    world_bye(&world, 10, session);
    assert_int_equal(world_effect(&world, EFFECT_WORKER)->orders, WORKER_ORDERS_WORK);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_DRAIN), REPLY_CODE_NOT_FOUND);
    world_hello(&world, JOB_KIND_IMAGE, 11, 1, 0);
    set(&world, 11, WORKER_ORDERS_DRAIN);
    world_peer_lost(&world, 11);
    assert_int_equal(world_effects(&world, EFFECT_WORKER), 0);
    world_pass_until(&world, EFFECT_WORKER, LEASE_MS + 1000);
    assert_int_equal(world_effect(&world, EFFECT_WORKER)->orders, WORKER_ORDERS_WORK);
    world_fini(&world);
}

static void a_restart_keeps_them_for_a_lease(void **state)
{
    struct world world;
    struct core_options options = world_options();
    const struct id id = world_id(10);
    (void)state;
    memset(&world, 0, sizeof(world));
    world.now = WORLD_START;
    assert_int_equal(core_new(&options, world.now, &world.core), STATUS_OK);
    assert_int_equal(
        core_restore_worker(world.core, &id, JOB_KIND_IMAGE, WORKER_ORDERS_DRAIN, world.now),
        STATUS_OK);
    assert_int_equal(
        core_restore_worker(world.core, &id, JOB_KIND_IMAGE, WORKER_ORDERS_DRAIN, world.now),
        STATUS_MALFORMED);
    world_tick(&world);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_pass(&world, 1000);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_fini(&world);
}

static void what_there_is_not_or_may_not_be_is_refused(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    assert_int_equal(set(&world, 99, WORKER_ORDERS_DRAIN), REPLY_CODE_NOT_FOUND);
    assert_int_equal(set(&world, 10, WORKER_ORDERS_COUNT), REPLY_CODE_INVALID);
    world_fini(&world);
}

static void a_walk_tells_each_worker_and_its_jobs(void **state)
{
    struct world world;
    struct worker_told told;
    uint32_t place = 0;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    assert_true(core_worker_next(world.core, &place, &told));
    assert_int_equal(told.peer, 10);
    assert_int_equal(told.worker.busy, 1);
    assert_int_equal(told.worker.slots, 1);
    const struct job *job = core_worker_job(world.core, &told);
    assert_true(job == world_job(&world, 1));
    assert_null(core_worker_job(world.core, &told));
    assert_false(core_worker_next(world.core, &place, &told));
    world_peer_lost(&world, 10);
    place = 0;
    assert_true(core_worker_next(world.core, &place, &told));
    assert_true(told.worker.lost && told.peer == 0);
    world_fini(&world);
}

/* One that has come back and has told half of what it holds. */
static void a_walk_tells_the_jobs_that_are_returning(void **state)
{
    struct world world;
    struct worker_told told;
    uint32_t place = 0;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_hello(&world, JOB_KIND_IMAGE, 10, 2, 0);
    world_pass(&world, 1000);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE);
    world_peer_lost(&world, 10);
    world_hello(&world, JOB_KIND_IMAGE, 10, 2, 2);
    world_hold(&world, 10, 1, 1);
    assert_true(core_worker_next(world.core, &place, &told));
    assert_int_equal(told.worker.busy, 2);
    assert_true(core_worker_job(world.core, &told) == world_job(&world, 1));
    assert_true(core_worker_job(world.core, &told) == world_job(&world, 2));
    assert_null(core_worker_job(world.core, &told));
    assert_null(core_worker_job(world.core, &told));
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drained_worker_gets_nothing_until_it_works_again),
        cmocka_unit_test(a_drained_worker_has_no_room_but_what_it_uses),
        cmocka_unit_test(the_same_orders_are_written_once),
        cmocka_unit_test(a_stopped_worker_is_told_in_each_session_and_cannot_go_on),
        cmocka_unit_test(orders_go_with_their_worker),
        cmocka_unit_test(a_restart_keeps_them_for_a_lease),
        cmocka_unit_test(what_there_is_not_or_may_not_be_is_refused),
        cmocka_unit_test(a_walk_tells_each_worker_and_its_jobs),
        cmocka_unit_test(a_walk_tells_the_jobs_that_are_returning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
