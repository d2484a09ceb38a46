#include "tests/sim/network.h"
#include "tests/sim/world.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint64_t link_peer(uint32_t link)
{
    return (uint64_t)link + 1;
}

uint32_t link_of_peer(uint64_t peer)
{
    return (uint32_t)(peer - 1);
}

struct frame *frame_new(struct slice bytes)
{
    struct frame *frame = malloc(sizeof(*frame) + bytes.size);
    assert(frame != NULL);
    uint8_t *copy = (uint8_t *)(frame + 1);
    memcpy(copy, bytes.data, bytes.size);
    *frame = (struct frame){.bytes = {copy, bytes.size}};
    return frame;
}

void frame_free(struct frame *frame)
{
    free(frame);
}

static void frames_free(struct frame **frames)
{
    while (*frames != NULL) {
        struct frame *next = (*frames)->next;
        frame_free(*frames);
        *frames = next;
    }
}

void network_init(struct network *network)
{
    memset(network, 0, sizeof(*network));
}

static void pipe_clear(struct pipe *pipe)
{
    frames_free(&pipe->first);
    pipe->last = NULL;
}

void network_fini(struct network *network)
{
    for (uint32_t index = 0; index < network->count; index++) {
        struct link *link = &network->links[index];
        pipe_clear(&link->pipes[TO_BROKER]);
        pipe_clear(&link->pipes[TO_CLIENT]);
        frame_free(link->delivered);
    }
    free(network->links);
    memset(network, 0, sizeof(*network));
}

static void pipe_push(struct world *world, uint32_t index, enum direction direction,
                      struct frame *frame, int64_t due)
{
    struct pipe *pipe = &world->network.links[index].pipes[direction];
    frame->next = NULL;
    frame->due = due > pipe->due_last ? due : pipe->due_last;
    pipe->due_last = frame->due;
    if (pipe->last == NULL) {
        pipe->first = frame;
    } else {
        pipe->last->next = frame;
    }
    pipe->last = frame;
    if (!pipe->blocked) {
        schedule_add(&world->schedule, frame->due, WAKE_DELIVER, index, direction, 0);
    }
}

uint32_t network_connect(struct world *world, enum client_type type, uint32_t client,
                         struct frame **late)
{
    struct network *network = &world->network;
    if (!shell_is_up(&world->shell)) {
        return LINK_NONE;
    }
    if (network->count == network->capacity) {
        network->capacity = network->capacity == 0 ? 64 : network->capacity * 2;
        network->links = realloc(network->links, network->capacity * sizeof(*network->links));
        assert(network->links != NULL);
    }
    uint32_t index = network->count++;
    network->links[index] = (struct link){.type = type, .client = client, .open = true};
    while (*late != NULL) {
        struct frame *frame = *late;
        *late = frame->next;
        world_fault(world, FAULT_FRAME_LATE);
        pipe_push(world, index, TO_BROKER, frame, world->now + 1);
    }
    return index;
}

static void frame_keep(struct world *world, struct frame *frame, struct frame **late)
{
    uint32_t count = 0;
    struct frame **place = late;
    while (place != NULL && *place != NULL) {
        place = &(*place)->next;
        count++;
    }
    if (place == NULL || count >= LATE_MAX || !prng_chance(&world->prng, world->settings.late)) {
        frame_free(frame);
        world_fault(world, FAULT_FRAMES_LOST);
        return;
    }
    frame->next = NULL;
    *place = frame;
}

void network_send(struct world *world, uint32_t index, enum direction direction, struct slice bytes,
                  struct frame **late)
{
    assert(index < world->network.count);
    struct frame *frame = frame_new(bytes);
    if (!world->network.links[index].open) {
        frame_keep(world, frame, late);
        return;
    }
    int64_t delay = prng_wait(&world->prng, world->settings.delay_ms);
    pipe_push(world, index, direction, frame, world->now + delay);
}

/* What becomes of the frames that were on their way to the broker. */
static void pipe_break(struct world *world, uint32_t index, struct frame **late)
{
    struct link *link = &world->network.links[index];
    struct pipe *pipe = &link->pipes[TO_BROKER];
    struct frame *frame = pipe->first;
    pipe->first = pipe->last = NULL;
    bool read = shell_is_up(&world->shell) && prng_chance(&world->prng, 400);
    int64_t due = world->now + prng_between(&world->prng, 0, 3000);
    while (frame != NULL) {
        struct frame *next = frame->next;
        if (read) {
            world_fault(world, FAULT_FRAME_AFTER_DROP);
            pipe_push(world, index, TO_BROKER, frame, due);
        } else {
            frame_keep(world, frame, late);
        }
        frame = next;
    }
    if (link->delivered != NULL && late != NULL && link->type == CLIENT_ACTOR &&
        prng_chance(&world->prng, world->settings.late)) {
        world_fault(world, FAULT_FRAME_TWICE);
        frame_keep(world, link->delivered, late);
        link->delivered = NULL;
    }
}

void network_drop(struct world *world, uint32_t index, struct frame **late)
{
    struct link *link = &world->network.links[index];
    if (!link->open) {
        return;
    }
    world_trace(world, "drop peer client", link->type == CLIENT_ACTOR ? "actor" : "gateway",
                (int64_t)link_peer(index), link->client, 0, 0);
    link->open = false;
    link->pipes[TO_BROKER].blocked = link->pipes[TO_CLIENT].blocked = false;
    pipe_break(world, index, late);
    if (prng_chance(&world->prng, 500)) {
        pipe_clear(&link->pipes[TO_CLIENT]);
    }
    int64_t noticed = world->now + prng_wait(&world->prng, 500);
    schedule_add(&world->schedule, noticed, WAKE_CLIENT_LOST, index, 0, 0);
    if (shell_is_up(&world->shell) && prng_chance(&world->prng, 750)) {
        noticed = world->now + prng_wait(&world->prng, 2000);
        schedule_add(&world->schedule, noticed, WAKE_PEER_LOST, index, 0, 0);
    } else {
        world_fault(world, FAULT_PEER_UNNOTICED);
    }
}

void network_drop_all(struct world *world)
{
    assert(!shell_is_up(&world->shell));
    for (uint32_t index = 0; index < world->network.count; index++) {
        struct link *link = &world->network.links[index];
        if (link->open) {
            network_drop(world, index, world_late(world, link->type, link->client));
        }
        pipe_clear(&link->pipes[TO_BROKER]);
    }
}

void network_block(struct world *world, uint32_t index, enum direction direction, int64_t until)
{
    struct link *link = &world->network.links[index];
    if (link->open && !link->pipes[direction].blocked) {
        world_trace(world, "block peer ms", direction == TO_BROKER ? "to broker" : "to client",
                    (int64_t)link_peer(index), until - world->now, 0, 0);
        link->pipes[direction].blocked = true;
        schedule_add(&world->schedule, until, WAKE_HEAL, index, direction, 0);
    }
}

void network_heal(struct world *world, uint32_t index, enum direction direction)
{
    struct pipe *pipe = &world->network.links[index].pipes[direction];
    struct frame *frame = pipe->first;
    pipe->first = pipe->last = NULL;
    pipe->blocked = false;
    pipe->due_last = world->now;
    while (frame != NULL) {
        struct frame *next = frame->next;
        pipe_push(world, index, direction, frame, world->now);
        frame = next;
    }
}

void network_heal_all(struct world *world)
{
    for (uint32_t index = 0; index < world->network.count; index++) {
        network_heal(world, index, TO_BROKER);
        network_heal(world, index, TO_CLIENT);
    }
}

void network_deliver(struct world *world, uint32_t index, enum direction direction)
{
    struct link *link = &world->network.links[index];
    struct pipe *pipe = &link->pipes[direction];
    struct frame *frame = pipe->first;
    if (frame == NULL || pipe->blocked || frame->due > world->now) {
        return;
    }
    pipe->first = frame->next;
    if (pipe->first == NULL) {
        pipe->last = NULL;
    }
    if (direction == TO_BROKER) {
        if (world->settings.late > 0 && link->type == CLIENT_ACTOR) {
            frame_free(link->delivered);
            link->delivered = frame_new(frame->bytes);
        }
        shell_receive(world, index, frame);
        return;
    }
    if (link->type == CLIENT_ACTOR) {
        actor_receive(world, link->client, index, frame->bytes);
    } else {
        gateway_receive(world, link->client, index, frame->bytes);
    }
    frame_free(frame);
}

void network_peer_lost(struct world *world, uint32_t index)
{
    struct link *link = &world->network.links[index];
    if (link->type == CLIENT_ACTOR && shell_is_up(&world->shell)) {
        world_fault(world, FAULT_PEER_LOST);
        shell_peer_lost(world, index);
    }
}
