/* Providers of one account. */

#include "tests/unit/core_world.h"

static void declare(struct world *world, const char *name)
{
    world_declare(world, 10,
                  (struct message_provider){.name = slice_from_string(name),
                                            .account = SLICE_LITERAL("account"),
                                            .use = PROVIDER_USE_IMAGE,
                                            .limit_second = 5});
}

/* Another model of the account may work, and its limits are its own concern. */
static void a_pause_of_one_provider_delays_no_other_of_its_account(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = world_greet(&world, 10, 2);
    declare(&world, "studio");
    declare(&world, "other");
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_DOWN, 300000);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_tick(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    assert_int_equal(world_effect(&world, EFFECT_OPERATION_DENIED)->retry_after_ms, 300000);
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    message.operation = (struct message_operation){
        .job = world_id(1), .lease = 1, .provider = SLICE_LITERAL("other")};
    for (uint32_t operation = 0; operation < 6; operation++) {
        message.operation.operation = operation;
        world_actor(&world, 10, session, &message);
        assert_int_equal(world_effects(&world, EFFECT_OPERATION_ACK), operation < 5);
    }
    assert_in_range(world_effect(&world, EFFECT_OPERATION_DENIED)->retry_after_ms, 1, 1200);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_of_one_provider_delays_no_other_of_its_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
