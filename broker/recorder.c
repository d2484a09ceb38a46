#include "broker/recorder.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/event_days.h"
#include "broker/expiry.h"
#include "broker/turn.h"
#include "broker/values.h"
#include "broker/keys.h"
#include "broker/record_documents.h"
#include "broker/record_keys.h"
#include "broker/record_orders.h"
#include "broker/record_webhook.h"
#include "proto/codec.h"

struct recorder {
    struct turn turn;
    struct buffer value; /* the value that is being built */
    struct event_days days;
    struct recorder_totals totals;
};

enum status recorder_new(struct recorder **out)
{
    struct recorder *recorder = calloc(1, sizeof *recorder);
    if (recorder == NULL) {
        return STATUS_NO_MEMORY;
    }
    turn_init(&recorder->turn);
    buffer_init(&recorder->value, VALUE_SIZE_MAX);
    *out = recorder;
    return STATUS_OK;
}

void recorder_destroy(struct recorder **recorder)
{
    if (*recorder != NULL) {
        turn_fini(&(*recorder)->turn);
        buffer_fini(&(*recorder)->value);
        free(*recorder);
        *recorder = NULL;
    }
}

struct recorder_totals recorder_totals(const struct recorder *recorder)
{
    return recorder->totals;
}

size_t recorder_size(const struct recorder *recorder)
{
    return turn_size(&recorder->turn);
}

struct slice recorder_last_event(const struct recorder *recorder)
{
    const struct turn *turn = &recorder->turn;
    assert(turn->chunk_count > 0);
    struct turn_span span = turn->chunks[turn->chunk_count - 1].bytes;
    return slice_make(turn->events.data + span.offset, span.size);
}

/* Puts the value that was built, when building it went well. */
static enum status put_built(struct recorder *recorder, struct batch *batch, enum status built,
                             struct slice key)
{
    return built == STATUS_OK ? batch_put(batch, key, buffer_slice(&recorder->value)) : built;
}

static enum status put_index(struct recorder *recorder, struct batch *batch, struct slice key,
                             uint8_t kind)
{
    buffer_clear(&recorder->value);
    return put_built(recorder, batch, index_value_write(&recorder->value, kind), key);
}

/* A format byte and one record. */
static enum status put_record(struct recorder *recorder, struct batch *batch, struct slice key,
                              const struct message *message)
{
    buffer_clear(&recorder->value);
    enum status status = plain_value_write(&recorder->value, SLICE_EMPTY);
    if (status == STATUS_OK) {
        status = record_write(&recorder->value, message);
    }
    return put_built(recorder, batch, status, key);
}

static enum status put_input(struct recorder *recorder, struct batch *batch,
                             const struct message_submit *submit)
{
    uint8_t key[KEY_BYTES_MAX];
    struct message message = {.type = MESSAGE_TYPE_SUBMIT, .submit = *submit};
    message.submit.request = 0;
    message.submit.resent = false;
    message.submit.key = message.submit.key_hash = message.submit.dedupe_key = SLICE_EMPTY;
    message.submit.dedupe_ttl_ms = 0;
    message.submit.user = message.submit.role = SLICE_EMPTY; /* they stand in the audit log */
    message.submit.audit = SLICE_EMPTY;
    return put_record(recorder, batch, key_input(key, &submit->job), &message);
}

/* What a group is, and its idempotency key. */
static enum status add_group(struct recorder *recorder, struct batch *batch,
                             const struct effect *effect, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message_submit_group *group = effect->group;
    buffer_clear(&recorder->value);
    enum status status = group_value_write(&recorder->value, group->kind, now, group->owner);
    for (uint32_t index = 0; index < group->count && status == STATUS_OK; index++) {
        status = group_value_add(&recorder->value, &effect->items[index].job);
    }
    status = put_built(recorder, batch, status, key_group(key, &group->group));
    if (status != STATUS_OK) {
        return status;
    }
    return record_group_key(batch, &recorder->value, group, now);
}

static enum status add_delivery(struct recorder *recorder, struct batch *batch,
                                const struct effect *effect)
{
    enum status status = turn_save(&recorder->turn, effect);
    if (status == STATUS_OK) {
        status = record_delivery(batch, &recorder->value, effect);
    }
    recorder->totals.accepted += status == STATUS_OK;
    return status;
}

static enum status add_accept(struct recorder *recorder, struct batch *batch,
                              const struct effect *effect, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    struct slice owner = effect->owner;
    enum status status = turn_save(&recorder->turn, effect);
    if (status == STATUS_OK) {
        status = turn_count(&recorder->turn, owner, job->kind, TOTAL_ACCEPTED, 1);
    }
    if (status == STATUS_OK) {
        status = put_input(recorder, batch, effect->submit);
    }
    if (status == STATUS_OK) {
        struct slice live = key_live(key, owner, job->kind, job->accepted, &job->id);
        status = put_index(recorder, batch, live, job->kind);
    }
    if (status == STATUS_OK) {
        struct slice list = key_list(key, owner, key_family(job->kind), job->accepted, &job->id);
        status = put_index(recorder, batch, list, job->kind);
    }
    status = status == STATUS_OK ? record_age(batch, job) : status;
    if (status == STATUS_OK) {
        status = record_keys(batch, &recorder->value, effect, now);
    }
    recorder->totals.accepted += status == STATUS_OK;
    return status;
}

/* What the index of ended jobs and the counters say of an end; deliveries are in none but that of
 * all owners. */
static enum status put_ended(struct recorder *recorder, struct batch *batch,
                             const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    enum status status = turn_count_ended(&recorder->turn, job, job->state, 1);
    if (status != STATUS_OK || job->kind == JOB_KIND_WEBHOOK) {
        return status;
    }
    status = turn_count(&recorder->turn, effect->owner, job->kind, job->state, 1);
    if (status == STATUS_OK) {
        struct slice ended = key_state(key, effect->owner, key_family(job->kind), job->state,
                                       job->accepted, &job->id);
        status = put_index(recorder, batch, ended, job->kind);
    }
    if (status == STATUS_OK && job->state == JOB_STATE_COMPLETED) {
        status = record_documents(&recorder->turn, batch, &recorder->value, effect);
    } else if (status == STATUS_OK && job->kind == JOB_KIND_CHARACTER && job->lease > 0) {
        status = record_gone(batch, &recorder->value, &job->character, job->completed_at);
    }
    return status;
}

static enum status add_end(struct recorder *recorder, struct batch *batch,
                           const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    struct slice owner = effect->owner;
    assert(job_state_is_terminal((enum job_state)job->state));
    enum status status = turn_end(&recorder->turn, effect);
    if (status == STATUS_OK) {
        status = batch_delete(batch, key_live(key, owner, job->kind, job->accepted, &job->id));
    }
    status = status == STATUS_OK ? record_age(batch, job) : status;
    status = status == STATUS_OK ? put_ended(recorder, batch, effect) : status;
    status = status == STATUS_OK ? expiry_note(batch, job) : status;
    status = status == STATUS_OK ? record_counts(batch, effect) : status;
    recorder->totals.ended += status == STATUS_OK;
    return status;
}

/* Takes back what put_ended wrote. */
static enum status delete_ended(struct recorder *recorder, struct batch *batch,
                                const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    enum status status = turn_count_ended(&recorder->turn, job, effect->state_before, -1);
    if (status != STATUS_OK || job->kind == JOB_KIND_WEBHOOK) {
        return status;
    }
    status = turn_count(&recorder->turn, effect->owner, job->kind, effect->state_before, -1);
    if (status == STATUS_OK) {
        status = batch_delete(batch, key_state(key, effect->owner, key_family(job->kind),
                                               effect->state_before, job->accepted, &job->id));
    }
    return status;
}

/* What it is to do is needed until it has ended. */
static enum status add_bulk(struct recorder *recorder, struct batch *batch,
                            const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message_bulk told = bulk_told(effect->bulk);
    const struct message message = {.type = MESSAGE_TYPE_BULK, .bulk = told};
    enum status status = put_record(recorder, batch, key_bulk(key, &told.bulk), &message);
    if (status == STATUS_OK && effect->start != NULL) {
        buffer_clear(&recorder->value);
        status = put_built(recorder, batch, order_value_write(&recorder->value, effect->start),
                           key_bulk_order(key, &told.bulk));
    } else if (status == STATUS_OK && !bulk_is_live(effect->bulk)) {
        status = batch_delete(batch, key_bulk_order(key, &told.bulk));
    }
    return status;
}

/* An ended job is live again. */
static enum status add_revive(struct recorder *recorder, struct batch *batch,
                              const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    enum status status = turn_save(&recorder->turn, effect);
    if (status == STATUS_OK) {
        struct slice live = key_live(key, effect->owner, job->kind, job->accepted, &job->id);
        status = put_index(recorder, batch, live, job->kind);
    }
    status = status == STATUS_OK ? record_age(batch, job) : status;
    return status == STATUS_OK ? delete_ended(recorder, batch, effect) : status;
}

static enum status add_operation(struct recorder *recorder, struct batch *batch,
                                 const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message_operation *operation = &effect->operation;
    struct message message = {
        .type = MESSAGE_TYPE_RECORDED,
        .recorded = {.job = operation->job,
                     .operation = operation->operation,
                     .state = operation->state,
                     .provider = operation->provider,
                     .task = operation->task,
                     .lease = operation->lease,
                     .at = operation->at,
                     .call = operation->call,
                     .price = operation->price},
    };
    enum status status = put_record(
        recorder, batch, key_operation(key, &operation->job, operation->operation), &message);
    return status == STATUS_OK ? record_counts(batch, effect) : status;
}

static enum status add_line(struct recorder *recorder, struct batch *batch,
                            const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message message = {.type = MESSAGE_TYPE_AUDIT_LINE, .audit_line = effect->line};
    return put_record(recorder, batch, key_audit(key, effect->line.number), &message);
}

enum status recorder_add(struct recorder *recorder, struct batch *batch,
                         const struct effect *effect, int64_t now)
{
    switch (effect->type) {
    case EFFECT_ACCEPT:
        return effect->submit == NULL ? add_delivery(recorder, batch, effect)
                                      : add_accept(recorder, batch, effect, now);
    case EFFECT_GROUP:
        return add_group(recorder, batch, effect, now);
    case EFFECT_REVIVE:
        return add_revive(recorder, batch, effect);
    case EFFECT_SAVE:
        return turn_save(&recorder->turn, effect);
    case EFFECT_DRAFT:
        return turn_draft(&recorder->turn, effect);
    case EFFECT_OPERATION:
        return add_operation(recorder, batch, effect);
    case EFFECT_END:
        return add_end(recorder, batch, effect);
    case EFFECT_KEY:
        return record_key(batch, &recorder->value, effect, now);
    case EFFECT_PUT_ENDPOINT:
    case EFFECT_DELETE_ENDPOINT:
    case EFFECT_DISABLE_ENDPOINT:
        return record_endpoint(batch, &recorder->value, effect, now);
    case EFFECT_QUEUE:
        return record_queue(batch, &recorder->value, effect);
    case EFFECT_WORKER:
        return record_worker(batch, &recorder->value, effect);
    case EFFECT_BULK:
        return add_bulk(recorder, batch, effect);
    case EFFECT_BULK_GONE: {
        uint8_t key[KEY_BYTES_MAX];
        return batch_delete(batch, key_bulk(key, &effect->id));
    }
    case EFFECT_EXPIRE:
        return expiry_add(&recorder->turn, batch, effect, now);
    case EFFECT_DELETE:
        return record_delete(&recorder->turn, batch, &recorder->value, effect, now);
    case EFFECT_REMOVED:
        return record_removed(batch, effect->document);
    case EFFECT_AUDIT:
        return add_line(recorder, batch, effect);
    case EFFECT_EVENT:
        return turn_event(&recorder->turn, effect);
    case EFFECT_REPLY:
    case EFFECT_DISPATCH:
    case EFFECT_CANCEL:
    case EFFECT_ACK:
    case EFFECT_OPERATION_ACK:
    case EFFECT_OPERATION_DENIED:
    case EFFECT_STOP:
    case EFFECT_WELCOME:
    case EFFECT_ERROR:
    case EFFECT_RESOLVE:
        break;
    }
    return STATUS_OK;
}

/* A draft that was written and one that the job's end makes needless in the same turn cost no
 * key. */
static enum status finish_draft(struct recorder *recorder, struct batch *batch,
                                const struct turn_job *job)
{
    uint8_t key[KEY_BYTES_MAX];
    struct slice draft = turn_text(&recorder->turn, job->draft);
    if (job->draft_over) {
        return job->draft_stored ? batch_delete(batch, key_draft(key, &job->id)) : STATUS_OK;
    }
    if (draft.size == 0) {
        return STATUS_OK;
    }
    buffer_clear(&recorder->value);
    return put_built(recorder, batch, plain_value_write(&recorder->value, draft),
                     key_draft(key, &job->id));
}

static enum status finish_jobs(struct recorder *recorder, struct batch *batch)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct turn *turn = &recorder->turn;
    for (uint32_t index = 0; index < turn->job_count; index++) {
        const struct turn_job *job = &turn->jobs[index];
        enum status status = STATUS_OK;
        if (job->saved) {
            buffer_clear(&recorder->value);
            status = job_value_write(&recorder->value, job->head, turn_owner_name(turn, job->owner),
                                     turn_text(turn, job->error_code),
                                     turn_text(turn, job->error_message), turn_text(turn, job->url),
                                     turn_text(turn, job->links));
            status = put_built(recorder, batch, status, key_job(key, &job->id));
        }
        if (status == STATUS_OK) {
            status = finish_draft(recorder, batch, job);
        }
        if (status == STATUS_OK && job->event_first != TURN_NONE) {
            buffer_clear(&recorder->value);
            status = turn_events_write(turn, job, &recorder->value);
            status =
                put_built(recorder, batch, status, key_events(key, &job->id, job->version_first));
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status put_owner_events(struct recorder *recorder, struct batch *batch,
                                    const struct turn_owner *owner, struct slice name, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct turn *turn = &recorder->turn;
    buffer_clear(&recorder->value);
    enum status status = owner_events_write(&recorder->value, now);
    for (uint32_t job = owner->job_first; job != TURN_NONE && status == STATUS_OK;
         job = turn->jobs[job].owner_next) {
        status =
            owner_events_add(&recorder->value, &turn->jobs[job].id, turn->jobs[job].version_first);
    }
    return put_built(recorder, batch, status, key_owner_events(key, name, owner->event_last));
}

static enum status finish_groups(struct recorder *recorder, struct batch *batch, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct turn *turn = &recorder->turn;
    enum status status = STATUS_OK;
    for (uint32_t index = 0; index < turn->group_count && status == STATUS_OK; index++) {
        const struct turn_group *group = &turn->groups[index];
        buffer_clear(&recorder->value);
        status = owner_events_write(&recorder->value, now);
        for (uint32_t job = group->job_first; job != TURN_NONE && status == STATUS_OK;
             job = turn->jobs[job].group_next) {
            status = owner_events_add(&recorder->value, &turn->jobs[job].id,
                                      turn->jobs[job].version_first);
        }
        status = put_built(recorder, batch, status,
                           key_group_events(key, &group->id, group->event_last));
    }
    return status;
}

static enum status finish_owners(struct recorder *recorder, struct batch *batch, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct turn *turn = &recorder->turn;
    for (uint32_t index = 0; index < turn->owner_count; index++) {
        const struct turn_owner *owner = &turn->owners[index];
        struct slice name = turn_owner_name(turn, index);
        enum status status = STATUS_OK;
        if (owner->job_first != TURN_NONE) {
            status = put_owner_events(recorder, batch, owner, name, now);
        }
        for (uint32_t slot = 0; slot < TURN_TOTAL_COUNT && status == STATUS_OK; slot++) {
            if (owner->totals[slot] != 0) {
                struct slice total =
                    key_total(key, name, turn_total_kind(slot), turn_total_state(slot));
                status = batch_add(batch, total, owner->totals[slot]);
            }
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status recorder_finish(struct recorder *recorder, struct batch *batch, uint64_t event_last,
                            int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct meta meta = {batch->number, event_last, now};
    enum status status = finish_jobs(recorder, batch);
    if (status == STATUS_OK) {
        status = finish_owners(recorder, batch, now);
    }
    if (status == STATUS_OK) {
        status = finish_groups(recorder, batch, now);
    }
    if (status == STATUS_OK && recorder->turn.event_first != 0) {
        status = event_days_note(&recorder->days, batch, &recorder->value,
                                 recorder->turn.event_first, now);
    }
    turn_clear(&recorder->turn);
    if (status != STATUS_OK || batch->count == 0) {
        return status;
    }
    buffer_clear(&recorder->value);
    status = put_built(recorder, batch, meta_write(&recorder->value, &meta), key_meta(key));
    recorder->totals.commits++;
    recorder->totals.keys += batch->count;
    recorder->totals.bytes += batch_size(batch);
    return status;
}
