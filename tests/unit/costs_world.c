#include "tests/unit/costs_world.h"

void costs_declare(struct world *world, uint64_t peer, const char *name, enum provider_use use,
                   uint8_t rank, uint32_t price)
{
    world_declare(
        world, peer,
        (struct message_provider){
            .name = slice_from_string(name), .use = (uint8_t)use, .rank = rank, .price = price});
}

uint64_t costs_worker(struct world *world)
{
    uint64_t session = world_greet(world, 10, 3);
    costs_declare(world, 10, "studio", PROVIDER_USE_CHAT, 0, CHAT);
    costs_declare(world, 10, "studio", PROVIDER_USE_IMAGE, 0, IMAGE);
    costs_declare(world, 10, "studio", PROVIDER_USE_VIDEO, 0, VIDEO);
    return session;
}

void costs_operate(struct world *world, uint64_t session, uint32_t lease, uint8_t number,
                   enum operation_state state, enum charge charged, uint32_t price)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    message.operation = (struct message_operation){.job = world_id(1),
                                                   .lease = lease,
                                                   .operation = number,
                                                   .state = (uint8_t)state,
                                                   .charged = (uint8_t)charged,
                                                   .price = price,
                                                   .provider = SLICE_LITERAL("studio")};
    world_actor(world, 10, session, &message);
}

void costs_expect(const struct world *world, uint64_t spent, uint64_t reserved)
{
    struct spending found;
    core_spending(world->core, SLICE_LITERAL("user"), world->now, &found);
    assert_int_equal(found.spent, spent);
    assert_int_equal(found.reserved, reserved);
}

uint64_t costs_lease(struct world *world, const struct core_options *options)
{
    world_init(world, options);
    uint64_t session = costs_worker(world);
    world_submit(world, JOB_KIND_IMAGE, 1);
    world_tick(world);
    world_effect(world, EFFECT_DISPATCH);
    costs_expect(world, 0, IMAGE);
    return session;
}
