/* A task that a lost lease tells of while another attempt, which was given before that, is at work:
 * whoever does not know of it would order and pay for another one. */

#include "tests/unit/core_world.h"

struct late {
    struct world world;
    uint64_t lost;  /* session of worker 10, whose lease 1 has announced a call and was lost */
    uint64_t other; /* of worker 11, which has lease 2 and places */
};

static void begin(struct late *late)
{
    struct world *world = &late->world;
    world_init(world, NULL);
    uint64_t session = world_lease(world, JOB_KIND_IMAGE, 1, 10);
    world_operation(world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_peer_lost(world, 10);
    world_pass(world, LEASE_MS);
    late->other = world_hello(world, JOB_KIND_IMAGE, 11, 5, 0);
    world_tick(world);
    assert_int_equal(world_effect(world, EFFECT_DISPATCH)->lease, 2);
    late->lost = world_hello(world, JOB_KIND_IMAGE, 10, 0, 0);
}

static void tell(struct late *late, enum operation_state state)
{
    world_operation(&late->world, 11, late->other, 1, 2, state);
}

static void tell_late(struct late *late)
{
    world_operation(&late->world, 10, late->lost, 1, 1, OPERATION_STATE_SUBMITTED);
}

/* Whether a worker was told that its lease is over. */
static bool was_dismissed(const struct world *world, uint64_t peer, uint32_t lease)
{
    bool found = false;
    for (uint32_t index = 0; index < world->effects.count; index++) {
        const struct effect *effect = &world->effects.items[index];
        found |= effect->type == EFFECT_ACK && effect->peer == peer && effect->lease == lease;
    }
    return found;
}

static void expect_recorded(const struct world *world, bool is_recorded)
{
    assert_int_equal(world_effects(world, EFFECT_OPERATION), is_recorded);
}

static void who_does_not_know_of_a_task_hands_over_to_who_does(void **state)
{
    (void)state;
    for (int has_marked = 0; has_marked < 2; has_marked++) {
        struct late late;
        struct world *world = &late.world;
        begin(&late);
        if (has_marked) { /* it is about to wait before it repeats the call */
            tell(&late, OPERATION_STATE_UNKNOWN);
        }
        tell_late(&late);
        expect_recorded(world, true);
        assert_true(was_dismissed(world, 10, 1));
        assert_true(was_dismissed(world, 11, 2));
        world_expect_event(world, 1, EVENT_KIND_WAITING);
        assert_int_equal(world_job(world, 1)->attempts_made, 0);
        assert_int_equal(world_job(world, 1)->workers_lost, 1);
        world_tick(world);
        assert_int_equal(world_effect(world, EFFECT_DISPATCH)->lease, 3);
        world_fini(world);
    }
}

static void what_it_has_on_its_way_counts_for_nothing(void **state)
{
    static const enum operation_state states[] = {OPERATION_STATE_UNKNOWN, OPERATION_STATE_INTENT};
    (void)state;
    for (int is_again = 0; is_again < 2; is_again++) {
        for (size_t index = 0; index < sizeof states / sizeof states[0]; index++) {
            struct late late;
            struct world *world = &late.world;
            begin(&late);
            tell_late(&late);
            if (is_again) {
                world_tick(world);
                world_expect_state(world, 1, JOB_STATE_ACTIVE);
            }
            tell(&late, states[index]);
            expect_recorded(world, false);
            assert_true(was_dismissed(world, 11, 2));
            assert_int_equal(world_effects(world, EFFECT_OPERATION_ACK), 0);
            world_fini(world);
        }
    }
}

static void who_has_been_granted_a_call_goes_on(void **state)
{
    struct late late;
    (void)state;
    begin(&late);
    tell(&late, OPERATION_STATE_INTENT);
    tell_late(&late);
    expect_recorded(&late.world, false);
    assert_false(was_dismissed(&late.world, 11, 2));
    world_expect_state(&late.world, 1, JOB_STATE_ACTIVE);
    world_fini(&late.world);
}

/* Its acknowledgement was lost, and it is told again. */
static void who_knows_of_the_task_goes_on(void **state)
{
    struct late late;
    struct world *world = &late.world;
    (void)state;
    begin(&late);
    tell_late(&late);
    world_tick(world);
    tell_late(&late);
    assert_false(was_dismissed(world, 11, 3));
    world_expect_state(world, 1, JOB_STATE_ACTIVE);
    assert_int_equal(world_job(world, 1)->lease, 3);
    world_fini(world);
}

/* It is asked to stop, and does so as if there was no task. */
static void who_stops_without_knowing_of_a_task_leaves_it_to_another(void **state)
{
    static const enum fail_kind kinds[] = {FAIL_KIND_CANCELLED, FAIL_KIND_PERMANENT,
                                           FAIL_KIND_RETRY};
    (void)state;
    for (size_t index = 0; index < sizeof kinds / sizeof kinds[0]; index++) {
        struct late late;
        struct world *world = &late.world;
        begin(&late);
        world_cancel(world, 1);
        tell_late(&late);
        expect_recorded(world, true);
        assert_false(was_dismissed(world, 11, 2));
        world_expect_state(world, 1, JOB_STATE_ACTIVE);
        tell(&late, OPERATION_STATE_UNKNOWN);
        expect_recorded(world, false);
        assert_true(was_dismissed(world, 11, 2)); /* it need not wait to be acknowledged */
        world_fail(world, 11, late.other, 1, 2, kinds[index], 0);
        assert_int_equal(world_effect(world, EFFECT_DISPATCH)->lease, 3);
        assert_true(job_is_stopping(world_job(world, 1)));
        tell_late(&late); /* again: who has it knows of it */
        world_operation(world, 11, late.other, 1, 3, OPERATION_STATE_CANCELLED);
        expect_recorded(world, true);
        world_fail(world, 11, late.other, 1, 3, FAIL_KIND_CANCELLED, 0);
        world_expect_event(world, 1, EVENT_KIND_CANCELLED);
        world_fini(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_does_not_know_of_a_task_hands_over_to_who_does),
        cmocka_unit_test(what_it_has_on_its_way_counts_for_nothing),
        cmocka_unit_test(who_has_been_granted_a_call_goes_on),
        cmocka_unit_test(who_knows_of_the_task_goes_on),
        cmocka_unit_test(who_stops_without_knowing_of_a_task_leaves_it_to_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
