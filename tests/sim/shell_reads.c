#include "tests/sim/shell_reads.h"
#include <assert.h>
#include <string.h>
#include "broker/query_bulk.h"
#include "tests/sim/shell_input.h"
#include "tests/sim/world.h"

void reads_init(struct reads *reads)
{
    reads->items = calloc(READS_MAX, sizeof(*reads->items));
    assert(reads->items != NULL);
}

void reads_fini(struct reads *reads)
{
    for (int index = 0; index < READS_MAX; index++) {
        buffer_fini(&reads->items[index].record);
        free(reads->items[index].sweep);
    }
    free(reads->items);
    reads->items = NULL;
}

void reads_clear(struct reads *reads)
{
    for (int index = 0; index < READS_MAX; index++) {
        reads->items[index].used = false;
    }
}

static struct read *reads_take(struct world *world, uint32_t most, enum read_type type)
{
    struct shell *shell = &world->shell;
    uint32_t index = 0;
    while (index < most && shell->reads.items[index].used) {
        index++;
    }
    if (index == most) {
        return NULL;
    }
    struct read *read = &shell->reads.items[index];
    if (read->record.size_max == 0) {
        buffer_init(&read->record, FRAME_SIZE_MAX);
    }
    buffer_clear(&read->record);
    read->used = true;
    read->type = type;
    int64_t at = world->now + prng_wait(&world->prng, world->settings.read_ms);
    schedule_add(&world->schedule, at, WAKE_READ, index, 0, (uint32_t)shell->run);
    return read;
}

void reads_give_facts(struct world *world, const struct core_event *event)
{
    const struct message *message = event->message;
    bool is_group = message->type == MESSAGE_TYPE_SUBMIT_GROUP;
    uint32_t count = is_group ? message->submit_group.count : 0;
    struct read *read = reads_take(world, READS_FACTS_MAX, READ_FACTS);
    if (read == NULL) {
        return;
    }
    read->peer = event->peer;
    enum status status = record_write(&read->record, message);
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        const struct message item = {.type = MESSAGE_TYPE_SUBMIT, .submit = event->items[index]};
        status = record_write(&read->record, &item);
    }
    assert(status == STATUS_OK);
}

void reads_give_dispatch(struct world *world, uint64_t peer, uint64_t session,
                         const struct job *head, struct slice owner)
{
    struct read *read = reads_take(world, READS_MAX, READ_DISPATCH);
    assert(read != NULL && owner.size <= OWNER_MODEL_MAX);
    read->peer = peer;
    read->session = session;
    read->head = *head;
    memcpy(read->owner, owner.data, owner.size);
    read->owner_size = (uint32_t)owner.size;
}

bool reads_give_sweep(struct world *world)
{
    world->shell.sweep->now = world->now;
    return reads_take(world, READS_FACTS_MAX, READ_SWEEP) != NULL;
}

bool reads_give_bulk(struct world *world)
{
    struct shell *shell = &world->shell;
    if (reads_take(world, READS_FACTS_MAX, READ_BULK) == NULL) {
        return false;
    }
    shell->bulk = *core_bulk_next(shell->core);
    return true;
}

bool reads_give_leftovers(struct world *world)
{
    return reads_take(world, READS_FACTS_MAX, READ_LEFTOVERS) != NULL;
}

static enum status look_leftovers(struct read *read, struct view *view)
{
    struct batch batch;
    batch_init(&batch);
    enum status status = query_leftovers(view, &batch);
    if (status == STATUS_OK) {
        status = buffer_append_slice(&read->record, buffer_slice(&batch.bytes));
    }
    read->operations = batch.count;
    batch_fini(&batch);
    return status;
}

static enum status look_change(struct world *world, struct read *read, struct view *view,
                               const struct message_change_job *change)
{
    if (read->sweep == NULL) {
        read->sweep = malloc(sizeof(*read->sweep));
    }
    assert(read->sweep != NULL);
    read->sweep->count = 0;
    read->sweep->version_count = 0;
    (void)world;
    return query_change_facts(view, change, read->sweep, &read->facts);
}

/* Some looks end early. */
static bool is_over(void *context)
{
    return prng_chance(&((struct world *)context)->prng, 300);
}

static enum status look_bulk(struct world *world, struct view *view)
{
    const struct search_limit limit = {.is_over = is_over, .context = world};
    const struct message_bulk told = bulk_told(&world->shell.bulk);
    uint32_t most = 1 + prng_below(&world->prng, 8);
    enum status status = query_bulk_page(view, &told, &limit, most, world->now, world->shell.page);
    const struct model_bulk *bulk = model_bulk_find(&world->model, &told.bulk);
    bool is_stopped = status == STATUS_NOT_FOUND && bulk->current.state != BULK_STATE_RUNNING;
    return is_stopped ? STATUS_OK : status;
}

static enum status look_facts(struct world *world, struct read *read, struct view *view)
{
    struct slice bytes = buffer_slice(&read->record);
    struct message message;
    enum status status = record_read(&bytes, &message);
    assert(status == STATUS_OK);
    memset(&read->facts, 0, sizeof(read->facts));
    if (message.type == MESSAGE_TYPE_SUBMIT_GROUP) {
        struct message_submit items[GROUP_MODEL_MAX];
        assert(message.submit_group.count <= GROUP_MODEL_MAX);
        status = submits_read(&bytes, message.submit_group.count, items);
        assert(status == STATUS_OK);
        return query_group_facts(view, &message.submit_group, items, world->now, &read->facts,
                                 read->items);
    }
    if (message.type == MESSAGE_TYPE_CHANGE_JOB) {
        return look_change(world, read, view, &message.change_job);
    }
    return query_facts(view, &message, world->now, &read->facts);
}

static enum status look_dispatch(struct world *world, struct read *read, struct view *view)
{
    struct frame_writer writer;
    enum status status = frame_begin(&writer, &read->record, read->session);
    assert(status == STATUS_OK);
    status = query_dispatch(view, &read->head, slice_make(read->owner, read->owner_size),
                            world->now, &writer);
    frame_end(&writer);
    return status;
}

static enum status look(struct world *world, struct read *read, struct view *view)
{
    switch (read->type) {
    case READ_FACTS:
        return look_facts(world, read, view);
    case READ_DISPATCH:
        return look_dispatch(world, read, view);
    case READ_SWEEP:
        return query_sweep(view, &world->settings.retention, world->shell.sweep);
    case READ_LEFTOVERS:
        return look_leftovers(read, view);
    case READ_BULK:
        return look_bulk(world, view);
    }
    return STATUS_INVALID;
}

void reads_look(struct world *world, uint32_t index, uint32_t run)
{
    struct shell *shell = &world->shell;
    struct read *read = &shell->reads.items[index];
    if ((uint32_t)shell->run != run || !shell_is_up(shell) || !read->used) {
        return;
    }
    struct store_view view;
    uint64_t at = world->store.synced;
    uint64_t behind = prng_chance(&world->prng, world->settings.view_behind) ? 2 : 0;
    if (behind > 0 && at > behind) {
        world_fault(world, FAULT_VIEW_BEHIND);
    }
    store_view_init(&view, &world->store, at, at > behind ? at - behind : at);
    enum status status = look(world, read, &view.view);
    world_check(world, "readers find what they need", status == STATUS_OK, "%s",
                status_name(status));
    int64_t done = world->now + prng_wait(&world->prng, world->settings.read_ms);
    schedule_add(&world->schedule, done, WAKE_READ_DONE, index, 0, run);
}

/* Whether the disk fails to give what is read. */
static bool read_fails(struct world *world, const struct read *read)
{
    const struct job *job = core_find(world->shell.core, &read->head.id);
    bool is_drop = read->type == READ_DISPATCH && job != NULL && job->stop_by != 0;
    if (is_drop && prng_chance(&world->prng, world->settings.drop_unread)) {
        world_fault(world, FAULT_DROP_UNREAD);
        return true;
    }
    bool fails = prng_chance(&world->prng, world->settings.read_fails);
    if (fails) {
        world_fault(world, FAULT_READ_FAILS);
    }
    return fails;
}

void reads_done(struct world *world, uint32_t index, uint32_t run)
{
    struct shell *shell = &world->shell;
    struct read *read = &shell->reads.items[index];
    if ((uint32_t)shell->run != run || !shell_is_up(shell) || !read->used) {
        return;
    }
    bool fails = read_fails(world, read);
    struct input input = {.read = index};
    if (read->type == READ_DISPATCH) {
        input.type = fails ? INPUT_UNREAD : INPUT_DISPATCH;
    } else if (read->type == READ_SWEEP) {
        read->used = false;
        input.type = INPUT_SWEEP;
        shell->sweep->count = fails ? 0 : shell->sweep->count;
        if (fails) {
            memset(shell->sweep->from, 0, sizeof(shell->sweep->from));
        }
    } else if (read->type == READ_BULK) {
        read->used = false;
        input.type = fails ? INPUT_UNREAD_PAGE : INPUT_PAGE;
    } else if (read->type == READ_LEFTOVERS) {
        read->operations = fails ? 0 : read->operations;
        input.type = fails ? INPUT_UNREAD_LEFTOVERS : INPUT_LEFTOVERS;
    } else if (fails) {
        read->used = false; /* the gateway is told to come again, which it does not */
        return;
    } else {
        input.type = INPUT_FACTS;
    }
    inputs_push(shell, input);
    shell_plan(world);
}
