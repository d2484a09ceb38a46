#include "broker/broker.h"

#include <assert.h>
#include <inttypes.h>
#include "base/log.h"
#include "broker/questions.h"

/* What becomes of the core's effects. */

static void put_actor(struct broker *broker, const struct effect *effect,
                      const struct message *message)
{
    struct peer *peer = peers_find(&broker->actors.peers, effect->peer);
    if (peer != NULL) {
        port_put(&broker->actors, peer, message);
    }
}

static void put_gateway(struct broker *broker, uint64_t number, const struct message_reply *reply)
{
    const struct message message = {.type = MESSAGE_TYPE_REPLY, .reply = *reply};
    struct peer *peer = peers_find(&broker->gateways.peers, number);
    if (peer != NULL) {
        port_put(&broker->gateways, peer, &message);
    }
}

static void welcome(struct broker *broker, const struct effect *effect)
{
    const struct message message = {
        .type = MESSAGE_TYPE_WELCOME,
        .welcome = {effect->session, LEASE_MS, HEARTBEAT_MS},
    };
    struct peer *peer = peers_find(&broker->actors.peers, effect->peer);
    if (peer != NULL) {
        peer->session = effect->session;
        port_put(&broker->actors, peer, &message);
    }
}

static void cancel(struct broker *broker, const struct effect *effect)
{
    const struct message message = {.type = MESSAGE_TYPE_CANCEL,
                                    .cancel = {effect->id, effect->lease}};
    put_actor(broker, effect, &message);
}

static void acknowledge(struct broker *broker, const struct effect *effect)
{
    const struct message message = {.type = MESSAGE_TYPE_ACK, .ack = {effect->id, effect->lease}};
    put_actor(broker, effect, &message);
}

static void acknowledge_operation(struct broker *broker, const struct effect *effect)
{
    const struct message message = {
        .type = MESSAGE_TYPE_OPERATION_ACK,
        .operation_ack = {effect->id, effect->lease, effect->operation.operation,
                          effect->operation.state},
    };
    put_actor(broker, effect, &message);
}

static void deny_operation(struct broker *broker, const struct effect *effect)
{
    const struct message message = {
        .type = MESSAGE_TYPE_OPERATION_DENIED,
        .operation_denied = {effect->id, effect->lease, effect->operation.operation, effect->denial,
                             effect->retry_after_ms},
    };
    put_actor(broker, effect, &message);
}

static void stop(struct broker *broker, const struct effect *effect)
{
    const struct message message = {.type = MESSAGE_TYPE_DRAIN,
                                    .drain = {.reason = SLICE_LITERAL("stopped by an operator")}};
    put_actor(broker, effect, &message);
}

static void refuse(struct broker *broker, const struct effect *effect)
{
    const struct message message = {
        .type = MESSAGE_TYPE_ERROR,
        .error = {.code = (uint8_t)effect->error_code_number},
    };
    put_actor(broker, effect, &message);
}

/* ---- facts ---- */

/* Has the request looked up by a reader, after this turn's commit. */
static void resolve(struct broker *broker, const struct core_event *event, struct slice record,
                    struct read *read)
{
    const struct peer *peer = peers_find(&broker->gateways.peers, event->peer);
    if (read == NULL) {
        read = readers_take(broker->readers, READ_FACTS, record);
    }
    if (read == NULL) {
        put_gateway(broker, event->peer,
                    &(struct message_reply){.request = question_number(event->message),
                                            .code = REPLY_CODE_BUSY});
        return;
    }
    read->peer = event->peer;
    read->session = peer == NULL ? 0 : peer->session;
    read->next = NULL;
    *broker->resolves_end = read;
    broker->resolves_end = &read->next;
}

/* ---- effects ---- */

/* Nothing of it is stored. */
static enum status publish_removal(struct broker *broker, const struct message_event *event)
{
    const struct message message = {.type = MESSAGE_TYPE_EVENT, .event = *event};
    struct buffer record;
    buffer_init(&record, FRAME_SIZE_TARGET);
    enum status status = record_write(&record, &message);
    if (status == STATUS_OK) {
        status = publication_add(&broker->publication, buffer_slice(&record));
    }
    buffer_fini(&record);
    return status;
}

/* Writes an effect that must be durable. */
static void record_effect(struct broker *broker, const struct effect *effect)
{
    enum status status = recorder_add(broker->recorder, &broker->batch, effect, broker->now);
    if (status == STATUS_OK && effect->type == EFFECT_EVENT) {
        broker->event_last = effect->event.event;
    }
    if (status == STATUS_OK && effect->type == EFFECT_EVENT &&
        effect->event.job_kind != JOB_KIND_WEBHOOK) {
        status = publication_add(&broker->publication, recorder_last_event(broker->recorder));
    }
    if (status == STATUS_OK && effect->type == EFFECT_EXPIRE && effect->event.removed) {
        status = publish_removal(broker, &effect->event);
    }
    if (status != STATUS_OK) {
        log_error("cannot record", "status=%s bytes=%zu", status_name(status),
                  broker->batch.bytes.size);
        broker->failed = true;
    }
}

/* A fresh character is dispatched without a look at the disk. */
static void accept(struct broker *broker, const struct effect *effect)
{
    record_effect(broker, effect);
    if (effect->job->kind == JOB_KIND_CHARACTER) {
        const struct job_input input = {
            .payload = effect->submit->payload,
            .trace = effect->submit->trace,
            .request_id = effect->submit->request_id,
        };
        inputs_put(&broker->inputs, &effect->job->id, &input);
    }
}

static void take_effect(struct broker *broker, const struct core_event *event,
                        const struct effect *effect)
{
    switch (effect->type) {
    case EFFECT_ACCEPT:
        accept(broker, effect);
        break;
    case EFFECT_END:
        inputs_drop(&broker->inputs, &effect->job->id);
        record_effect(broker, effect);
        break;
    case EFFECT_DELETE:
        broker->leftovers.wanted = true;
        record_effect(broker, effect);
        break;
    case EFFECT_GROUP:
    case EFFECT_REVIVE:
    case EFFECT_EXPIRE:
    case EFFECT_SAVE:
    case EFFECT_REMOVED:
    case EFFECT_DRAFT:
    case EFFECT_OPERATION:
    case EFFECT_KEY:
    case EFFECT_PUT_ENDPOINT:
    case EFFECT_DELETE_ENDPOINT:
    case EFFECT_DISABLE_ENDPOINT:
    case EFFECT_QUEUE:
    case EFFECT_WORKER:
    case EFFECT_BULK:
    case EFFECT_BULK_GONE:
    case EFFECT_AUDIT:
    case EFFECT_EVENT:
        record_effect(broker, effect);
        break;
    case EFFECT_REPLY:
        put_gateway(broker, effect->peer, &effect->reply);
        break;
    case EFFECT_DISPATCH:
        dispatch_job(broker, effect);
        break;
    case EFFECT_CANCEL:
        cancel(broker, effect);
        break;
    case EFFECT_ACK:
        acknowledge(broker, effect);
        break;
    case EFFECT_OPERATION_ACK:
        acknowledge_operation(broker, effect);
        break;
    case EFFECT_OPERATION_DENIED:
        deny_operation(broker, effect);
        break;
    case EFFECT_STOP:
        stop(broker, effect);
        break;
    case EFFECT_WELCOME:
        welcome(broker, effect);
        break;
    case EFFECT_ERROR:
        refuse(broker, effect);
        break;
    case EFFECT_RESOLVE:
        assert(event->message != NULL);
        break;
    }
}

void broker_step(struct broker *broker, const struct core_event *event, struct slice record,
                 struct read *read)
{
    bool is_unresolved = false;
    core_step(broker->core, event, broker->now, broker->effects);
    for (uint32_t index = 0; index < broker->effects->count; index++) {
        const struct effect *effect = &broker->effects->items[index];
        is_unresolved |= effect->type == EFFECT_RESOLVE;
        take_effect(broker, event, effect);
    }
    if (is_unresolved) {
        resolve(broker, event, record, read);
    } else if (read != NULL) {
        readers_give(broker->readers, read);
    }
}
