#include "tests/sim/shell_output.h"
#include <assert.h>
#include <string.h>
#include "broker/query.h"
#include "tests/sim/world.h"

enum {
    OUTBOXES_MAX = 16, /* frames begun at once */
};

/* A frame for one peer under one session. */
struct outbox {
    uint64_t peer;
    uint64_t session;
    struct buffer bytes;
    struct frame_writer writer;
};

static bool effect_is_sent(enum effect_type type)
{
    switch (type) {
    case EFFECT_REPLY:
    case EFFECT_DISPATCH:
    case EFFECT_CANCEL:
    case EFFECT_ACK:
    case EFFECT_OPERATION_ACK:
    case EFFECT_OPERATION_DENIED:
    case EFFECT_STOP:
    case EFFECT_WELCOME:
    case EFFECT_ERROR:
        return true;
    case EFFECT_ACCEPT:
    case EFFECT_GROUP:
    case EFFECT_REVIVE:
    case EFFECT_SAVE:
    case EFFECT_DRAFT:
    case EFFECT_OPERATION:
    case EFFECT_END:
    case EFFECT_KEY:
    case EFFECT_PUT_ENDPOINT:
    case EFFECT_DELETE_ENDPOINT:
    case EFFECT_DISABLE_ENDPOINT:
    case EFFECT_QUEUE:
    case EFFECT_WORKER:
    case EFFECT_AUDIT:
    case EFFECT_EXPIRE:
    case EFFECT_BULK:
    case EFFECT_BULK_GONE:
    case EFFECT_DELETE:
    case EFFECT_REMOVED:
    case EFFECT_EVENT:
    case EFFECT_RESOLVE:
        return false;
    }
    return false;
}

static struct outgoing *outgoing_new(struct shell *shell)
{
    if (shell->outgoing_count == shell->outgoing_capacity) {
        shell->outgoing_capacity =
            shell->outgoing_capacity == 0 ? 64 : shell->outgoing_capacity * 2;
        shell->outgoing =
            realloc(shell->outgoing, shell->outgoing_capacity * sizeof(*shell->outgoing));
        assert(shell->outgoing != NULL);
    }
    return &shell->outgoing[shell->outgoing_count++];
}

void outgoing_keep_read(struct shell *shell, uint32_t read)
{
    const struct read *found = &shell->reads.items[read];
    struct outgoing *outgoing = outgoing_new(shell);
    outgoing->type = EFFECT_DISPATCH;
    outgoing->peer = found->peer;
    outgoing->session = found->session;
    outgoing->id = found->head.id;
    outgoing->lease = found->head.lease;
    outgoing->read = read;
}

void outgoing_keep(struct shell *shell, const struct effect *effect)
{
    if (!effect_is_sent(effect->type)) {
        return;
    }
    struct outgoing *outgoing = outgoing_new(shell);
    outgoing->read = READ_NONE;
    outgoing->type = effect->type;
    outgoing->peer = effect->peer;
    outgoing->session = effect->session;
    outgoing->id = effect->id;
    outgoing->lease = effect->lease;
    outgoing->error = effect->error_code_number;
    outgoing->reply = effect->reply;
    outgoing->reply.url = SLICE_EMPTY; /* borrowed, and read by nobody here */
    outgoing->operation = effect->operation;
    outgoing->denial = effect->denial;
    outgoing->retry_after_ms = effect->retry_after_ms;
    if (effect->type == EFFECT_DISPATCH) {
        outgoing->job = *effect->job;
        assert(effect->owner.size <= OWNER_MODEL_MAX);
        memcpy(outgoing->owner, effect->owner.data, effect->owner.size);
        outgoing->owner_size = (uint32_t)effect->owner.size;
    }
}

static void message_of(const struct outgoing *outgoing, struct message *out)
{
    memset(out, 0, sizeof(*out));
    switch (outgoing->type) {
    case EFFECT_REPLY:
        out->type = MESSAGE_TYPE_REPLY;
        out->reply = outgoing->reply;
        break;
    case EFFECT_CANCEL:
        out->type = MESSAGE_TYPE_CANCEL;
        out->cancel = (struct message_cancel){outgoing->id, outgoing->lease};
        break;
    case EFFECT_ACK:
        out->type = MESSAGE_TYPE_ACK;
        out->ack = (struct message_ack){outgoing->id, outgoing->lease};
        break;
    case EFFECT_OPERATION_ACK:
        out->type = MESSAGE_TYPE_OPERATION_ACK;
        out->operation_ack = (struct message_operation_ack){outgoing->id, outgoing->lease,
                                                            outgoing->operation.operation,
                                                            outgoing->operation.state};
        break;
    case EFFECT_OPERATION_DENIED:
        out->type = MESSAGE_TYPE_OPERATION_DENIED;
        out->operation_denied = (struct message_operation_denied){
            outgoing->id, outgoing->lease, outgoing->operation.operation, outgoing->denial,
            outgoing->retry_after_ms};
        break;
    case EFFECT_STOP:
        out->type = MESSAGE_TYPE_DRAIN;
        break;
    case EFFECT_WELCOME:
        out->type = MESSAGE_TYPE_WELCOME;
        out->welcome = (struct message_welcome){outgoing->session, LEASE_MS, HEARTBEAT_MS};
        break;
    case EFFECT_ERROR:
        out->type = MESSAGE_TYPE_ERROR;
        out->error.code = (uint8_t)outgoing->error;
        break;
    case EFFECT_DISPATCH:
    case EFFECT_ACCEPT:
    case EFFECT_GROUP:
    case EFFECT_REVIVE:
    case EFFECT_SAVE:
    case EFFECT_DRAFT:
    case EFFECT_OPERATION:
    case EFFECT_END:
    case EFFECT_KEY:
    case EFFECT_PUT_ENDPOINT:
    case EFFECT_DELETE_ENDPOINT:
    case EFFECT_DISABLE_ENDPOINT:
    case EFFECT_QUEUE:
    case EFFECT_WORKER:
    case EFFECT_AUDIT:
    case EFFECT_EXPIRE:
    case EFFECT_BULK:
    case EFFECT_BULK_GONE:
    case EFFECT_DELETE:
    case EFFECT_REMOVED:
    case EFFECT_EVENT:
    case EFFECT_RESOLVE:
        assert(!"not a plain message");
    }
}

static void outbox_begin(struct outbox *outbox, const struct outgoing *outgoing)
{
    outbox->peer = outgoing->peer;
    outbox->session = outgoing->session;
    buffer_init(&outbox->bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&outbox->writer, &outbox->bytes, outgoing->session);
    assert(status == STATUS_OK);
}

static void outbox_flush(struct world *world, struct outbox *outbox)
{
    frame_end(&outbox->writer);
    network_send(world, link_of_peer(outbox->peer), TO_CLIENT, buffer_slice(&outbox->bytes), NULL);
    buffer_fini(&outbox->bytes);
}

/* Finds or begins the frame of a peer and session. Frames stay where they are: their writers point
 * into them. */
static struct outbox *outbox_of(struct world *world, struct outbox *outboxes, uint32_t *count,
                                const struct outgoing *outgoing)
{
    uint32_t place = 0;
    while (place < *count && outboxes[place].peer != outgoing->peer) {
        place++;
    }
    if (place == OUTBOXES_MAX) {
        place = 0;
    }
    struct outbox *outbox = &outboxes[place];
    if (place == *count) {
        (*count)++;
    } else if (outbox->peer == outgoing->peer && outbox->session == outgoing->session) {
        return outbox;
    } else {
        outbox_flush(world, outbox);
    }
    outbox_begin(outbox, outgoing);
    return outbox;
}

/* The input of a job that was accepted a moment ago is at hand, and it needs nothing else. */
static bool is_fresh(struct world *world, const struct outgoing *outgoing)
{
    return outgoing->type == EFFECT_DISPATCH && outgoing->job.kind == JOB_KIND_CHARACTER &&
           outgoing->job.lease == 1 && prng_chance(&world->prng, 700);
}

static void outgoing_write(struct world *world, const struct outgoing *outgoing,
                           struct frame_writer *writer)
{
    enum status status;
    if (outgoing->type == EFFECT_DISPATCH) {
        struct input_text text;
        const struct model_job *job = model_find(&world->model, &outgoing->id);
        const struct job_input input =
            gateway_input(job, model_job_number(&world->model, job), &text);
        status =
            query_dispatch_fresh(&outgoing->job, slice_make(outgoing->owner, outgoing->owner_size),
                                 &input, world->now, writer);
    } else {
        struct message message;
        message_of(outgoing, &message);
        status = frame_write(writer, &message);
    }
    world_check(world, "send", status == STATUS_OK, "effect %d: %s", (int)outgoing->type,
                status_name(status));
}

static void outgoing_send_one(struct world *world, const struct outgoing *outgoing,
                              struct outbox *outboxes, uint32_t *count)
{
    model_sending(world, outgoing);
    if (outgoing->type == EFFECT_DISPATCH && outgoing->read == READ_NONE &&
        !is_fresh(world, outgoing)) {
        struct slice owner = slice_make(outgoing->owner, outgoing->owner_size);
        reads_give_dispatch(world, outgoing->peer, outgoing->session, &outgoing->job, owner);
        return;
    }
    struct outbox *outbox = outbox_of(world, outboxes, count, outgoing);
    if (outgoing->read == READ_NONE) {
        outgoing_write(world, outgoing, &outbox->writer);
        return;
    }
    struct read *read = &world->shell.reads.items[outgoing->read];
    outbox_flush(world, outbox); /* what was to be said before goes before */
    outbox_begin(outbox, outgoing);
    network_send(world, link_of_peer(outgoing->peer), TO_CLIENT, buffer_slice(&read->record), NULL);
    read->used = false;
}

bool outgoing_send(struct world *world)
{
    struct shell *shell = &world->shell;
    struct outbox outboxes[OUTBOXES_MAX];
    uint32_t count = 0;
    size_t end = shell->outgoing_count;
    bool dies = end > 1 && prng_chance(&world->prng, world->settings.commit_crash / 3);
    if (dies) {
        end = prng_below(&world->prng, (uint32_t)end);
    }
    for (size_t index = 0; index < end; index++) {
        outgoing_send_one(world, &shell->outgoing[index], outboxes, &count);
    }
    while (count > 0) {
        outbox_flush(world, &outboxes[--count]);
    }
    shell->outgoing_count = 0;
    if (dies) {
        world_fault(world, FAULT_CRASH_AMID_SEND);
        shell_crash(world, prng_wait(&world->prng, 2000));
    }
    return !dies;
}
