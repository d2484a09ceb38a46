/* Whose job starts next, and how many may: turns of users, priority, caps, limiters. */

#include "tests/unit/core_world.h"

/* The numbers of the jobs that the last step handed out, in order. */
static uint32_t dispatched(const struct world *world, uint32_t *out)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < world->effects.count; index++) {
        const struct effect *effect = &world->effects.items[index];
        if (effect->type == EFFECT_DISPATCH) {
            memcpy(&out[count], effect->id.bytes, sizeof(out[count]));
            count++;
        }
    }
    return count;
}

static void expect_dispatched(const struct world *world, const uint32_t *expected, uint32_t count)
{
    uint32_t actual[EFFECTS_MAX];
    assert_int_equal(dispatched(world, actual), count);
    for (uint32_t index = 0; index < count; index++) {
        assert_int_equal(actual[index], expected[index]);
    }
}

static void gives_users_turns(void **state)
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
    world_hello(&world, JOB_KIND_IMAGE, 10, 7, 0);
    world_tick(&world);
    expect_dispatched(&world, (const uint32_t[]){1, 5, 7, 2, 6, 3, 4}, 7);
    world_fini(&world);
}

static void delays_another_users_first_job_by_one_round_at_most(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= 100; number++) {
        world_submit_for(&world, JOB_KIND_IMAGE, number, "greedy");
    }
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_tick(&world);
    world_submit_for(&world, JOB_KIND_IMAGE, 101, "late");
    uint32_t first;
    world_heartbeat(&world, 10, session, 2);
    world_tick(&world);
    assert_int_equal(dispatched(&world, &first), 1);
    world_heartbeat(&world, 10, session, 3);
    world_tick(&world);
    uint32_t second;
    assert_int_equal(dispatched(&world, &second), 1);
    assert_true(first == 101 || second == 101);
    world_fini(&world);
}

static void takes_priority_before_age_within_one_user(void **state)
{
    static const uint8_t priorities[5] = {0, 200, 1, PRIORITY_USUAL, 1};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= 5; number++) {
        struct message message = world_submit_message(JOB_KIND_CHARACTER, number);
        message.submit.priority = priorities[number - 1];
        world_request(&world, &message, NULL);
    }
    world_hello(&world, JOB_KIND_CHARACTER, 10, 5, 0);
    world_tick(&world);
    expect_dispatched(&world, (const uint32_t[]){3, 5, 1, 4, 2}, 5);
    world_fini(&world);
}

static void keeps_priority_among_one_users_jobs_only(void **state)
{
    struct message urgent = world_submit_message(JOB_KIND_CHARACTER, 3);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit_for(&world, JOB_KIND_CHARACTER, 1, "first");
    world_submit_for(&world, JOB_KIND_CHARACTER, 2, "first");
    urgent.submit.owner = SLICE_LITERAL("second");
    urgent.submit.priority = 1;
    world_request(&world, &urgent, NULL);
    world_hello(&world, JOB_KIND_CHARACTER, 10, 3, 0);
    world_tick(&world);
    expect_dispatched(&world, (const uint32_t[]){1, 3, 2}, 3);
    world_fini(&world);
}

static void starts_no_more_jobs_in_a_second_than_the_limit(void **state)
{
    struct core_options options;
    struct world world;
    uint32_t none[8];
    (void)state;
    core_options_default(&options);
    world_init(&world, &options);
    for (uint32_t number = 1; number <= 8; number++) {
        world_submit(&world, JOB_KIND_VIDEO, number);
    }
    world_hello(&world, JOB_KIND_VIDEO, 10, 8, 0);
    world_tick(&world);
    assert_int_equal(dispatched(&world, none), 3);
    assert_int_equal(core_wake(world.core), world.now + 1001);
    world_pass(&world, 1000);
    assert_int_equal(dispatched(&world, none), 0);
    world_pass(&world, 1);
    assert_int_equal(dispatched(&world, none), 3);
    world_fini(&world);
}

static void counts_the_second_before_a_start_as_full(void **state)
{
    struct core_options options;
    struct world world = {.now = WORLD_START};
    uint32_t none[8];
    (void)state;
    core_options_default(&options);
    assert_int_equal(core_new(&options, world.now, &world.core), STATUS_OK);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_pass(&world, 1000);
    assert_int_equal(dispatched(&world, none), 0);
    world_pass(&world, 1);
    assert_int_equal(dispatched(&world, none), 1);
    world_fini(&world);
}

static void holds_the_cap_of_a_queue(void **state)
{
    struct core_options options = world_options();
    struct world world;
    uint32_t none[8];
    (void)state;
    options.active_max[JOB_KIND_IMAGE] = 2;
    world_init(&world, &options);
    for (uint32_t number = 1; number <= 3; number++) {
        world_submit(&world, JOB_KIND_IMAGE, number);
    }
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 5, 0);
    world_tick(&world);
    assert_int_equal(dispatched(&world, none), 2);
    world_tick(&world);
    assert_int_equal(dispatched(&world, none), 0);
    world_done(&world, 10, session, 1, 1);
    world_tick(&world);
    expect_dispatched(&world, (const uint32_t[]){3}, 1);
    world_fini(&world);
}

static void holds_the_cap_of_a_user(void **state)
{
    struct core_options options = world_options();
    struct world world;
    (void)state;
    options.user_active_max[JOB_KIND_IMAGE] = 1;
    options.user_active_max[JOB_KIND_VIDEO] = 1;
    world_init(&world, &options);
    world_submit_for(&world, JOB_KIND_IMAGE, 1, "first");
    world_submit_for(&world, JOB_KIND_IMAGE, 2, "first");
    world_submit_for(&world, JOB_KIND_IMAGE, 3, "second");
    world_submit_for(&world, JOB_KIND_VIDEO, 4, "first");
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 5, 0);
    world_tick(&world);
    expect_dispatched(&world, (const uint32_t[]){1, 3}, 2);
    world_hello(&world, JOB_KIND_VIDEO, 11, 5, 0);
    world_tick(&world);
    expect_dispatched(&world, (const uint32_t[]){4}, 1);
    world_done(&world, 10, session, 1, 1);
    world_tick(&world);
    expect_dispatched(&world, (const uint32_t[]){2}, 1);
    world_fini(&world);
}

static void lets_each_queue_start_when_one_alone_could_fill_a_step(void **state)
{
    enum {
        JOBS = 500
    };
    struct world world;
    uint32_t got[JOB_KIND_COUNT] = {0};
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= JOBS; number++) {
        world_submit(&world, JOB_KIND_CHARACTER, number);
        world_submit(&world, JOB_KIND_IMAGE, JOBS + number);
    }
    world_hello(&world, JOB_KIND_CHARACTER, 10, JOBS, 0);
    world_hello(&world, JOB_KIND_IMAGE, 11, JOBS, 0);
    for (int tick = 0; tick < 3; tick++) {
        world_tick(&world);
        for (uint32_t index = 0; index < world.effects.count; index++) {
            const struct effect *effect = &world.effects.items[index];
            got[effect->job->kind] += effect->type == EFFECT_DISPATCH;
        }
        assert_true(core_wake(world.core) == world.now || tick == 2);
    }
    assert_true(got[JOB_KIND_CHARACTER] > 100);
    assert_true(got[JOB_KIND_IMAGE] > 100);
    world_fini(&world);
}

/* A flood of deadlines must not keep jobs from starting. */
static void starts_jobs_while_many_timers_are_due(void **state)
{
    enum {
        JOBS = 2000
    };
    struct world world;
    uint32_t none[EFFECTS_MAX];
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= JOBS; number++) {
        struct message message = world_submit_message(JOB_KIND_CHARACTER, number);
        message.submit.deadline = world.now + 500;
        world_request(&world, &message, NULL);
    }
    world_submit(&world, JOB_KIND_IMAGE, JOBS + 1);
    world_pass(&world, 499);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_pass(&world, 1);
    assert_int_equal(dispatched(&world, none), 1);
    assert_in_range(world_effects(&world, EFFECT_END), 10, JOBS / 2);
    while (core_wake(world.core) == world.now) {
        world_tick(&world);
    }
    assert_int_equal(
        core_count(world.core, SLICE_LITERAL("user"), JOB_KIND_CHARACTER, JOB_STATE_WAITING), 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_users_turns),
        cmocka_unit_test(delays_another_users_first_job_by_one_round_at_most),
        cmocka_unit_test(takes_priority_before_age_within_one_user),
        cmocka_unit_test(keeps_priority_among_one_users_jobs_only),
        cmocka_unit_test(starts_no_more_jobs_in_a_second_than_the_limit),
        cmocka_unit_test(counts_the_second_before_a_start_as_full),
        cmocka_unit_test(holds_the_cap_of_a_queue),
        cmocka_unit_test(holds_the_cap_of_a_user),
        cmocka_unit_test(lets_each_queue_start_when_one_alone_could_fill_a_step),
        cmocka_unit_test(starts_jobs_while_many_timers_are_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
