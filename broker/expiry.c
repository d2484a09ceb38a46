#include "broker/expiry.h"

#include <assert.h>
#include "broker/keys.h"
#include "broker/values.h"

/* The value is that of other indexes (values.h), made without memory: each end comes here. */
static enum status put_index(struct batch *batch, enum retained retained, int64_t since,
                             const struct job *job)
{
    uint8_t key[KEY_BYTES_MAX];
    const uint8_t value[] = {VALUE_FORMAT, job->kind};
    struct slice name = key_retained(key, (uint8_t)retained, since, &job->id);
    return batch_put(batch, name, slice_make(value, sizeof value));
}

enum status expiry_note(struct batch *batch, const struct job *job)
{
    assert(job_state_is_terminal((enum job_state)job->state));
    return put_index(batch, (enum retained)job->state, job->completed_at, job);
}

static enum status delete_index(struct batch *batch, const struct swept *swept)
{
    uint8_t key[KEY_BYTES_MAX];
    return batch_delete(batch,
                        key_retained(key, (uint8_t)swept->retained, swept->since, &swept->head.id));
}

static enum status delete_events(struct batch *batch, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct swept *swept = effect->swept;
    enum status status = STATUS_OK;
    for (uint32_t index = 0; index < swept->version_count && status == STATUS_OK; index++) {
        uint32_t version = swept->versions[index];
        status = batch_delete(batch, key_events(key, &swept->head.id, version));
    }
    return status;
}

static enum status delete_operations(struct batch *batch, const struct job *head)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = STATUS_OK;
    for (uint8_t operation = 0; operation < head->operations && status == STATUS_OK; operation++) {
        status = batch_delete(batch, key_operation(key, &head->id, operation));
    }
    return status;
}

/* The listing indexes of a job. */
static enum status delete_places(struct batch *batch, const struct job *head, struct slice owner)
{
    uint8_t key[KEY_BYTES_MAX];
    uint8_t family = key_family(head->kind);
    enum status status =
        batch_delete(batch, key_list(key, owner, family, head->accepted, &head->id));
    if (status == STATUS_OK) {
        struct slice ended = key_state(key, owner, family, head->state, head->accepted, &head->id);
        status = batch_delete(batch, ended);
    }
    return status;
}

/* A job that did not complete may have kept its draft. */
static enum status delete_draft(struct batch *batch, const struct job *head)
{
    uint8_t key[KEY_BYTES_MAX];
    bool may_have = head->state != JOB_STATE_COMPLETED && head->lease > 0;
    return may_have ? batch_delete(batch, key_draft(key, &head->id)) : STATUS_OK;
}

/* The record, the input and where it is listed. The live index went at the end. */
static enum status delete_records(struct batch *batch, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *head = effect->job;
    enum status status = batch_delete(batch, key_job(key, &head->id));
    if (status == STATUS_OK) {
        status = batch_delete(batch, key_age(key, head->accepted, &head->id));
    }
    if (status == STATUS_OK) {
        status = batch_delete(batch, key_input(key, &head->id));
    }
    if (status != STATUS_OK || head->kind != JOB_KIND_WEBHOOK) {
        return status == STATUS_OK ? delete_places(batch, head, effect->owner) : status;
    }
    const struct id *log = &effect->swept->log;
    return batch_delete(batch, key_delivery(key, log, head->accepted, &head->id));
}

static enum status put_tombstone(struct batch *batch, const struct job *head, struct slice owner,
                                 int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer value;
    buffer_init(&value, VALUE_SIZE_MAX);
    const struct tombstone_value tombstone = {
        .kind = head->kind, .state = head->state, .version = head->version, .owner = owner};
    enum status status = tombstone_value_write(&value, &tombstone);
    if (status == STATUS_OK) {
        status = batch_put(batch, key_tombstone(key, &head->id), buffer_slice(&value));
    }
    buffer_fini(&value);
    return status == STATUS_OK ? put_index(batch, RETAINED_TOMBSTONE, now, head) : status;
}

/* Totals tell what lists show. */
static enum status count_off(struct turn *turn, const struct job *head, struct slice owner)
{
    enum status status = turn_count(turn, owner, head->kind, TOTAL_ACCEPTED, -1);
    return status == STATUS_OK ? turn_count(turn, owner, head->kind, head->state, -1) : status;
}

static enum status expire_job(struct turn *turn, struct batch *batch, const struct effect *effect,
                              int64_t now)
{
    const struct job *head = effect->job;
    assert(job_state_is_terminal((enum job_state)head->state));
    enum status status = delete_index(batch, effect->swept);
    status = status == STATUS_OK ? delete_events(batch, effect) : status;
    status = status == STATUS_OK ? delete_operations(batch, head) : status;
    status = status == STATUS_OK ? delete_records(batch, effect) : status;
    status = status == STATUS_OK ? delete_draft(batch, head) : status;
    status = status == STATUS_OK ? turn_count_ended(turn, head, head->state, -1) : status;
    if (status != STATUS_OK || head->kind == JOB_KIND_WEBHOOK) {
        return status; /* nobody asks for a delivery by its id, and none is counted */
    }
    status = put_tombstone(batch, head, effect->owner, now);
    return status == STATUS_OK ? count_off(turn, head, effect->owner) : status;
}

enum status expiry_add(struct turn *turn, struct batch *batch, const struct effect *effect,
                       int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    assert(effect->type == EFFECT_EXPIRE);
    switch (effect->swept->kind) {
    case SWEPT_JOB:
        return expire_job(turn, batch, effect, now);
    case SWEPT_EVENTS:
        return delete_events(batch, effect);
    case SWEPT_INDEX:
        return delete_index(batch, effect->swept);
    case SWEPT_TOMBSTONE: {
        enum status status = delete_index(batch, effect->swept);
        struct slice tombstone = key_tombstone(key, &effect->id);
        return status == STATUS_OK ? batch_delete(batch, tombstone) : status;
    }
    }
    assert(false);
    return STATUS_OK;
}
