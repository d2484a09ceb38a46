/* What the core counts of its queues: each thing once, where it is decided. */
#include "tests/unit/core_world.h"

#include "broker/core/limiter.h"

static const struct meters *meters_of(const struct world *world)
{
    return core_meters(world->core, JOB_KIND_IMAGE);
}

static void counts_a_job_from_its_acceptance_to_its_end(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_pass(&world, 1500);
    assert_int_equal(meters_of(&world)->accepted, 1);
    assert_int_equal(meters_of(&world)->started, 0);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_tick(&world);
    assert_int_equal(meters_of(&world)->started, 1);
    assert_int_equal(histogram_count(&meters_of(&world)->waits), 1);
    assert_true(meters_of(&world)->waits.sum >= 1500);
    world.now += 700;
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(meters_of(&world)->ended[JOB_STATE_COMPLETED], 1);
    assert_int_equal(histogram_count(&meters_of(&world)->runs), 1);
    assert_int_equal(meters_of(&world)->runs.sum, 700);
    assert_int_equal(core_meters(world.core, JOB_KIND_VIDEO)->accepted, 0);
    world_fini(&world);
}

static void counts_a_wait_from_the_end_of_a_backoff(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    uint64_t waited = meters_of(&world)->waits.sum;
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    assert_int_equal(meters_of(&world)->retried, 1);
    assert_int_equal(meters_of(&world)->ended[JOB_STATE_FAILED], 0);
    world_heartbeat(&world, 10, session, 2);
    world_pass_until(&world, EFFECT_DISPATCH, BACKOFF_BASE_MS + TICK_MS);
    assert_int_equal(meters_of(&world)->started, 2);
    assert_true(meters_of(&world)->waits.sum - waited <= TICK_MS);
    world_fini(&world);
}

static void counts_a_job_that_is_cancelled_before_it_starts(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_cancel(&world, 1);
    assert_int_equal(meters_of(&world)->ended[JOB_STATE_CANCELLED], 1);
    assert_int_equal(histogram_count(&meters_of(&world)->waits), 0);
    assert_int_equal(histogram_count(&meters_of(&world)->runs), 0);
    world_fini(&world);
}

static void tells_slots_and_what_the_limiter_has_used(void **state)
{
    struct core_statistics statistics;
    struct world world;
    struct core_options options = world_options();
    (void)state;
    options.rate[JOB_KIND_IMAGE] = 3;
    world_init(&world, &options);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.slots[JOB_KIND_IMAGE], 1);
    assert_int_equal(statistics.limit[JOB_KIND_IMAGE], 3);
    assert_int_equal(statistics.limit_used[JOB_KIND_IMAGE], 1);
    assert_int_equal(statistics.limit[JOB_KIND_VIDEO], 0);
    world_pass(&world, LIMITER_WINDOW_MS + TICK_MS);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.limit_used[JOB_KIND_IMAGE], 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_job_from_its_acceptance_to_its_end),
        cmocka_unit_test(counts_a_wait_from_the_end_of_a_backoff),
        cmocka_unit_test(counts_a_job_that_is_cancelled_before_it_starts),
        cmocka_unit_test(tells_slots_and_what_the_limiter_has_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
