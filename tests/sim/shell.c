#include "tests/sim/shell.h"
#include "tests/sim/shell_bulk.h"
#include "tests/sim/shell_gateways.h"
#include "tests/sim/shell_input.h"
#include "tests/sim/shell_output.h"
#include "tests/sim/shell_sweep.h"
#include "tests/sim/world.h"
#include <assert.h>
#include <string.h>
#include "broker/dispatch.h"
#include "broker/query.h"

void shell_init(struct world *world)
{
    struct shell *shell = &world->shell;
    memset(shell, 0, sizeof(*shell));
    batch_init(&shell->batch);
    shell->effects = malloc(sizeof(*shell->effects));
    shell->items = calloc(GROUP_JOBS_MAX, sizeof(*shell->items));
    assert(shell->effects != NULL && shell->items != NULL);
    shell->effects->count = 0;
    shell->sweep = calloc(1, sizeof(*shell->sweep));
    shell->page = calloc(1, sizeof(*shell->page));
    assert(shell->sweep != NULL && shell->page != NULL);
    reads_init(&shell->reads);
}

void shell_fini(struct shell *shell)
{
    core_destroy(&shell->core);
    recorder_destroy(&shell->recorder);
    batch_fini(&shell->batch);
    free(shell->effects);
    free(shell->items);
    free(shell->sweep);
    free(shell->page);
    inputs_clear(shell);
    reads_fini(&shell->reads);
    free(shell->outgoing);
    memset(shell, 0, sizeof(*shell));
}

bool shell_is_up(const struct shell *shell)
{
    return shell->core != NULL;
}

void shell_plan(struct world *world)
{
    struct shell *shell = &world->shell;
    int64_t at = shell->turn_last + world->settings.tick_ms;
    int64_t wake = core_wake(shell->core);
    at = wake < at ? wake : at;
    at = shell->inputs != NULL ? world->now : at;
    at = at < shell->busy_until ? shell->busy_until : at;
    at = at < world->now ? world->now : at;
    if (shell->turn_at <= at) {
        return;
    }
    shell->turn_at = at;
    shell->turn_generation++;
    schedule_add(&world->schedule, at, WAKE_TURN, 0, 0, shell->turn_generation);
}

void shell_crash(struct world *world, int64_t down)
{
    struct shell *shell = &world->shell;
    assert(shell->core != NULL);
    world_trace(world, "broker-dies down", NULL, down, 0, 0, 0);
    core_destroy(&shell->core);
    recorder_destroy(&shell->recorder);
    inputs_clear(shell);
    reads_clear(&shell->reads);
    shell->starts_at = world->now + down;
    shell->outgoing_count = 0;
    shell->gateway_count = 0;
    shell->turn_generation++;
    store_memory_crash(&world->store);
    model_crashed(world);
    network_drop_all(world);
    schedule_add(&world->schedule, shell->starts_at, WAKE_START, 0, 0, 0);
}

/* ---- input ---- */

void shell_receive(struct world *world, uint32_t link, struct frame *frame)
{
    if (!shell_is_up(&world->shell)) {
        frame_free(frame);
        return;
    }
    inputs_push(&world->shell, (struct input){.type = INPUT_FRAME, .link = link, .frame = frame});
    shell_plan(world);
}

void shell_peer_lost(struct world *world, uint32_t link)
{
    inputs_push(&world->shell, (struct input){.type = INPUT_PEER_LOST, .link = link});
    shell_plan(world);
}

void shell_space(struct world *world, bool low)
{
    if (shell_is_up(&world->shell)) {
        inputs_push(&world->shell, (struct input){.type = INPUT_SPACE, .space_low = low});
        shell_plan(world);
    }
}

void shell_stall(struct world *world, int64_t until)
{
    struct shell *shell = &world->shell;
    if (until > shell->busy_until) {
        shell->busy_until = until;
        shell->turn_at = INT64_MAX;
        shell->turn_generation++;
        shell_plan(world);
    }
}

/* ---- the turn ---- */

static void shell_step(struct world *world, const struct core_event *event)
{
    struct shell *shell = &world->shell;
    model_before_step(world, event);
    core_step(shell->core, event, world->now, shell->effects);
    world->steps++;
    core_check(shell->core);
    model_after_step(world, event, shell->effects);
    for (uint32_t index = 0; index < shell->effects->count; index++) {
        const struct effect *effect = &shell->effects->items[index];
        enum status status = recorder_add(shell->recorder, &shell->batch, effect, world->now);
        world_check(world, "record", status == STATUS_OK, "recorder_add: %s", status_name(status));
        shell->leftovers_wanted |= effect->type == EFFECT_DELETE;
        if (effect->type == EFFECT_EVENT) {
            shell->event_last = effect->event.event;
        } else if (effect->type == EFFECT_RESOLVE) {
            if (event->facts != NULL) {
                world_fault(world, FAULT_FACTS_AGAIN);
            }
            reads_give_facts(world, event);
        } else {
            outgoing_keep(shell, effect);
        }
    }
}

static bool needs_facts(const struct message *message)
{
    return message->type == MESSAGE_TYPE_SUBMIT || message->type == MESSAGE_TYPE_CANCEL_JOB ||
           message->type == MESSAGE_TYPE_DELETE_DOCUMENT ||
           message->type == MESSAGE_TYPE_CHANGE_JOB;
}

static void shell_request(struct world *world, const struct core_event *event)
{
    if (event->message->type == MESSAGE_TYPE_GATEWAY_HELLO) {
        gateways_welcome(world, event->peer, &event->message->gateway_hello.instance);
    } else if (!gateways_knows(world, event->peer, event->session)) {
        return;
    } else if (prng_chance(&world->prng, 300) && needs_facts(event->message)) {
        reads_give_facts(world, event); /* before it is asked for */
    } else {
        shell_step(world, event);
    }
}

/* The jobs of a group stand behind it in the frame. */
static void shell_read_items(struct world *world, struct frame_reader *reader, uint32_t count)
{
    struct slice rest = slice_make(reader->position, (size_t)(reader->end - reader->position));
    enum status status = submits_read(&rest, count, world->shell.items);
    world_check(world, "codec", status == STATUS_OK, "submits_read: %s", status_name(status));
    reader->position = rest.data;
    reader->left -= count;
}

/* Steps the records of one frame, as far as the turn goes. Returns whether it is used up. */
static bool shell_step_frame(struct world *world, struct input *input, uint32_t *left)
{
    struct shell *shell = &world->shell;
    enum client_type type = world->network.links[input->link].type;
    while (*left > 0 && shell->batch.bytes.size < COMMIT_SIZE_MAX) {
        struct message message;
        enum status status = frame_next(&input->reader, &message);
        if (status == STATUS_NOT_FOUND) {
            return true;
        }
        world_check(world, "codec", status == STATUS_OK, "frame_next: %s", status_name(status));
        (*left)--;
        struct core_event event = {
            .type = type == CLIENT_ACTOR ? CORE_EVENT_ACTOR : CORE_EVENT_GATEWAY,
            .peer = link_peer(input->link),
            .session = input->reader.session,
            .message = &message,
            .items = shell->items,
        };
        if (message.type == MESSAGE_TYPE_SUBMIT_GROUP) {
            shell_read_items(world, &input->reader, message.submit_group.count);
        }
        if (type == CLIENT_GATEWAY) {
            shell_request(world, &event);
        } else {
            shell_step(world, &event);
        }
    }
    return false;
}

static void shell_step_facts(struct world *world, uint32_t index)
{
    struct read *read = &world->shell.reads.items[index];
    struct slice bytes = buffer_slice(&read->record);
    struct message message;
    enum status status = record_read(&bytes, &message);
    assert(status == STATUS_OK);
    if (message.type == MESSAGE_TYPE_SUBMIT_GROUP) {
        status = submits_read(&bytes, message.submit_group.count, world->shell.items);
        assert(status == STATUS_OK);
    }
    struct facts facts = read->facts;
    struct core_event event = {.type = CORE_EVENT_GATEWAY,
                               .peer = read->peer,
                               .message = &message,
                               .items = world->shell.items,
                               .facts = &facts};
    read->used = false;
    shell_step(world, &event);
}

/* Whether the lease that an input was read for still is one. */
static const struct job *shell_leased(const struct shell *shell, const struct read *read)
{
    const struct job *job = core_find(shell->core, &read->head.id);
    bool is_leased =
        job != NULL && job->state == JOB_STATE_ACTIVE && job->lease == read->head.lease;
    return is_leased ? job : NULL;
}

/* What a dispatched job needs is there: it is sent, and then what may have been said of the lease
 * meanwhile. One that is over is sent as well: both sides count jobs as credit. */
static void shell_take_dispatch(struct world *world, uint32_t index)
{
    struct shell *shell = &world->shell;
    const struct read *read = &shell->reads.items[index];
    const struct job *job = shell_leased(shell, read);
    struct effect more = {.type = EFFECT_ACK,
                          .peer = read->peer,
                          .session = read->session,
                          .id = read->head.id,
                          .lease = read->head.lease};
    outgoing_keep_read(shell, index);
    if (job == NULL) {
        world_seen(world, SEEN_LEASE_OVER_FIRST);
        outgoing_keep(shell, &more);
    } else if (job->stop_by != 0) {
        world_seen(world, SEEN_CANCEL_FIRST);
        more.type = EFFECT_CANCEL;
        outgoing_keep(shell, &more);
    }
}

/* The input cannot be read: of one half that is damage and a failed attempt, of the other the
 * fault of the disk, and they wait. Its worker has a place again, also when the lease is over. */
static void shell_fail_dispatch(struct world *world, uint32_t index)
{
    struct shell *shell = &world->shell;
    struct read *read = &shell->reads.items[index];
    const struct job *job = shell_leased(shell, read);
    bool is_drop = job != NULL && job->stop_by != 0;
    bool is_intact = is_drop && world->settings.drop_unread > 0;
    bool is_damaged = read->head.lease % 2 == 0 && !is_intact;
    struct message fail = {.type = MESSAGE_TYPE_FAIL};
    fail.fail = (struct message_fail){.job = read->head.id,
                                      .lease = read->head.lease,
                                      .kind = is_damaged ? FAIL_KIND_RETRY : FAIL_KIND_THROTTLED,
                                      .retry_after_ms = is_damaged ? 0 : DISPATCH_AGAIN_MS,
                                      .code = SLICE_LITERAL("input_unreadable"),
                                      .message = SLICE_LITERAL("it cannot be read")};
    struct core_event event = {
        .type = CORE_EVENT_ACTOR, .peer = read->peer, .session = read->session, .message = &fail};
    event.unread = true;
    shell_step(world, &event);
    read->used = false;
}

/* What was found of leftovers goes into the turn's batch. One that failed is made again. */
static void shell_take_leftovers(struct world *world, const struct input *input)
{
    struct shell *shell = &world->shell;
    struct read *read = &shell->reads.items[input->read];
    shell->leftovers_read = false;
    read->used = false;
    if (input->type == INPUT_UNREAD_LEFTOVERS) {
        shell->leftovers_wanted = true;
        return;
    }
    shell->leftovers_wanted |= read->operations > 0;
    if (read->operations > 0) {
        enum status status =
            batch_append(&shell->batch, buffer_slice(&read->record), read->operations);
        assert(status == STATUS_OK);
        world_seen(world, SEEN_LEFTOVERS);
    }
}

/* Steps one input. Returns whether it is used up. */
static bool shell_step_input(struct world *world, struct input *input, uint32_t *left)
{
    struct shell *shell = &world->shell;
    struct core_event event = {0};
    switch (input->type) {
    case INPUT_FRAME:
        return shell_step_frame(world, input, left);
    case INPUT_FACTS:
        shell_step_facts(world, input->read);
        break;
    case INPUT_DISPATCH:
        shell_take_dispatch(world, input->read);
        break;
    case INPUT_UNREAD:
        shell_fail_dispatch(world, input->read);
        break;
    case INPUT_SWEEP:
        event.type = CORE_EVENT_SWEEP;
        event.sweep = shell->sweep;
        if (shell->sweep->count > 0) {
            shell_step(world, &event);
        }
        shell_sweep_taken(world);
        break;
    case INPUT_PAGE:
        event.type = CORE_EVENT_PAGE;
        event.page = shell->page;
        shell_step(world, &event);
        shell_bulk_taken(world);
        break;
    case INPUT_UNREAD_PAGE:
        shell_bulk_taken(world);
        break;
    case INPUT_LEFTOVERS:
    case INPUT_UNREAD_LEFTOVERS:
        shell_take_leftovers(world, input);
        break;
    case INPUT_PEER_LOST:
        event.type = CORE_EVENT_PEER_LOST;
        event.peer = link_peer(input->link);
        shell_step(world, &event);
        break;
    case INPUT_SPACE:
        event.type = CORE_EVENT_SPACE;
        event.space_low = input->space_low;
        shell_step(world, &event);
        break;
    }
    (*left)--;
    return true;
}

static void shell_drain(struct world *world)
{
    struct shell *shell = &world->shell;
    uint32_t left = world->settings.drain_max;
    while (left > 0 && shell->inputs != NULL && shell->batch.bytes.size < COMMIT_SIZE_MAX) {
        if (shell_step_input(world, shell->inputs, &left)) {
            inputs_pop(shell);
        }
    }
}

/* Makes the batch durable. Returns false when the broker died over it. */
static bool shell_commit(struct world *world)
{
    struct shell *shell = &world->shell;
    bool dies = prng_chance(&world->prng, world->settings.commit_crash);
    uint32_t where = dies ? prng_below(&world->prng, 3) : 3;
    int64_t down = prng_wait(&world->prng, 2000);
    if (where == 0) {
        world_fault(world, FAULT_CRASH_BEFORE_COMMIT);
        shell_crash(world, down);
        return false;
    }
    store_memory_apply(&world->store, &shell->batch);
    if (where == 1) {
        world_fault(world, FAULT_CRASH_UNSYNCED_LOST);
        shell_crash(world, down);
        return false;
    }
    store_memory_sync(&world->store);
    model_committed(world);
    world->coverage->commits++;
    if (where == 2) {
        world_fault(world, FAULT_CRASH_BEFORE_SEND);
        shell_crash(world, down);
        return false;
    }
    return true;
}

static int64_t shell_commit_time(struct world *world)
{
    if (prng_chance(&world->prng, world->settings.slow_disk)) {
        world_fault(world, FAULT_SLOW_DISK);
        return prng_between(&world->prng, 50, 900);
    }
    return prng_wait(&world->prng, world->settings.commit_ms);
}

void shell_turn(struct world *world, uint32_t generation)
{
    struct shell *shell = &world->shell;
    if (!shell_is_up(shell) || generation != shell->turn_generation) {
        return;
    }
    shell->turn_at = INT64_MAX;
    shell->turn_last = world->now;
    batch_clear(&shell->batch, core_commit(shell->core));
    shell_drain(world);
    shell_step(world, &(struct core_event){.type = CORE_EVENT_TICK});
    world->coverage->ticks++;
    model_turn_ends(world);

    shell->busy_until = world->now;
    if (shell->batch.count == 0 && !model_dirty(&world->model)) {
        store_memory_skip(&world->store, shell->batch.number);
    } else {
        enum status status =
            recorder_finish(shell->recorder, &shell->batch, shell->event_last, world->now);
        world_check(world, "record", status == STATUS_OK, "recorder_finish: %s",
                    status_name(status));
        if (!shell_commit(world)) {
            return;
        }
        shell->busy_until = world->now + shell_commit_time(world);
    }
    if (outgoing_send(world)) {
        shell_sweep_push(world);
        shell_bulk_push(world);
        if (shell->leftovers_wanted && !shell->leftovers_read) {
            shell->leftovers_read = reads_give_leftovers(world);
            shell->leftovers_wanted = !shell->leftovers_read;
        }
        shell_plan(world);
    }
}
