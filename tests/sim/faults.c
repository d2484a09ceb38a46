#include "tests/sim/world.h"

/* What the world breaks from time to time. */

static uint32_t any_link(struct world *world)
{
    const struct network *network = &world->network;
    for (int tries = 0; tries < 8 && network->count > 0; tries++) {
        uint32_t back = prng_below(&world->prng, network->count < 12 ? network->count : 12);
        uint32_t link = network->count - 1 - back;
        if (network->links[link].open) {
            return link;
        }
    }
    return LINK_NONE;
}

static void break_link(struct world *world)
{
    uint32_t link = any_link(world);
    if (link != LINK_NONE) {
        const struct link *broken = &world->network.links[link];
        world_fault(world, FAULT_LINK_DROP);
        network_drop(world, link, world_late(world, broken->type, broken->client));
    }
}

static void partition(struct world *world)
{
    uint32_t link = any_link(world);
    int64_t until = world->now + 1 + prng_wait(&world->prng, 9000);
    if (link == LINK_NONE) {
        return;
    }
    switch (prng_below(&world->prng, 3)) {
    case 0:
        world_fault(world, FAULT_PARTITION_TO_BROKER);
        network_block(world, link, TO_BROKER, until);
        break;
    case 1:
        world_fault(world, FAULT_PARTITION_TO_CLIENT);
        network_block(world, link, TO_CLIENT, until);
        break;
    default:
        world_fault(world, FAULT_PARTITION_BOTH);
        network_block(world, link, TO_BROKER, until);
        network_block(world, link, TO_CLIENT, until);
        break;
    }
}

/* The broker cannot write to a living actor's connection and gives it up. */
static void give_up(struct world *world)
{
    uint32_t link = any_link(world);
    if (link != LINK_NONE && world->network.links[link].type == CLIENT_ACTOR &&
        shell_is_up(&world->shell)) {
        world_fault(world, FAULT_PEER_GIVEN_UP);
        shell_peer_lost(world, link);
    }
}

static void break_broker(struct world *world)
{
    const struct settings *settings = &world->settings;
    if (!shell_is_up(&world->shell)) {
        return;
    }
    if (prng_chance(&world->prng, settings->crash)) {
        int64_t down = prng_wait(&world->prng, 3000);
        world_fault(world, FAULT_CRASH_IDLE);
        if (prng_chance(&world->prng, settings->outage)) {
            world_fault(world, FAULT_LONG_OUTAGE);
            down = prng_between(&world->prng, 3600000, 150000000);
        }
        shell_crash(world, down);
    } else if (prng_chance(&world->prng, settings->stall) &&
               world->shell.busy_until <= world->now) {
        int64_t until = world->now + prng_between(&world->prng, 200, 60000);
        world_fault(world, FAULT_STALL);
        world_trace(world, "stall ms", NULL, until - world->now, 0, 0, 0);
        shell_stall(world, until);
    } else if (prng_chance(&world->prng, settings->space) && world->space_low_until <= world->now) {
        world_fault(world, FAULT_SPACE_LOW);
        world->space_low_until = world->now + prng_between(&world->prng, 500, 5000);
        shell_space(world, true);
        schedule_add(&world->schedule, world->space_low_until, WAKE_SPACE, 0, 0, 0);
    }
}

static void break_actor(struct world *world)
{
    const struct settings *settings = &world->settings;
    uint32_t actor = prng_below(&world->prng, settings->actors);
    if (prng_chance(&world->prng, settings->actor_crash)) {
        actor_crash(world, actor);
    } else if (prng_chance(&world->prng, settings->actor_hang)) {
        actor_hang(world, actor, world->now + prng_between(&world->prng, 1000, 60000));
    } else if (prng_chance(&world->prng, settings->actor_drain)) {
        actor_drain(world, actor);
    }
}

void world_break(struct world *world)
{
    const struct settings *settings = &world->settings;
    if (world->calm) {
        return;
    }
    break_broker(world);
    break_actor(world);
    if (prng_chance(&world->prng, settings->drop)) {
        break_link(world);
    }
    if (prng_chance(&world->prng, settings->partition)) {
        partition(world);
    }
    if (prng_chance(&world->prng, settings->given_up)) {
        give_up(world);
    }
    if (prng_chance(&world->prng, settings->provider_down)) {
        world_fault(world, FAULT_PROVIDER_DOWN);
        uint32_t provider = prng_below(&world->prng, settings->providers);
        world->provider_down_until[provider] = world->now + prng_between(&world->prng, 1000, 60000);
    }
    int64_t pause = world_pause(world, prng_wait(&world->prng, settings->fault_ms));
    schedule_add(&world->schedule, world->now + 1 + pause, WAKE_FAULT, 0, 0, 0);
}
