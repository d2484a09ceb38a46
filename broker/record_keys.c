#include "broker/record_keys.h"

#include <assert.h>
#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/values.h"

static enum status put_idempotency(struct batch *batch, struct buffer *value, struct slice name,
                                   const struct key_value *stored)
{
    buffer_clear(value);
    enum status status = key_value_write(value, stored);
    return status == STATUS_OK ? batch_put(batch, name, buffer_slice(value)) : status;
}

/* Whoever had the key before has it no longer. */
static enum status put_dedupe(struct batch *batch, struct buffer *value,
                              const struct effect *accept)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = accept->job;
    const struct message_submit *submit = accept->submit;
    const struct dedupe_value stored = {job->id, job->created_at, (int64_t)submit->dedupe_ttl_ms};
    struct slice name = key_dedupe(key, accept->owner, job->kind, submit->dedupe_key);
    buffer_clear(value);
    enum status status = dedupe_value_write(value, &stored);
    return status == STATUS_OK ? batch_put(batch, name, buffer_slice(value)) : status;
}

static struct key_value value_of(const struct id *first, struct slice hash, int64_t now)
{
    struct key_value value = {.job = *first, .time_ms = now};
    assert(hash.size <= HASH_SIZE);
    bytes_put(value.hash, hash.data, hash.size);
    return value;
}

enum status record_keys(struct batch *batch, struct buffer *value, const struct effect *accept,
                        int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message_submit *submit = accept->submit;
    enum status status = STATUS_OK;
    if (submit->key.size > 0) {
        const struct key_value stored = value_of(&accept->job->id, submit->key_hash, now);
        status = put_idempotency(batch, value, key_idempotency(key, accept->owner, submit->key),
                                 &stored);
    }
    if (status == STATUS_OK && submit->dedupe_key.size > 0) {
        status = put_dedupe(batch, value, accept);
    }
    return status;
}

enum status record_age(struct batch *batch, const struct job *job)
{
    uint8_t key[KEY_BYTES_MAX];
    uint8_t bytes[AGE_VALUE_SIZE];
    bool has_ended = job_state_is_terminal((enum job_state)job->state);
    const struct age_value value = {job->kind, has_ended ? job->state : JOB_STATE_PENDING};
    return batch_put(batch, key_age(key, job->accepted, &job->id), age_value_write(&value, bytes));
}

enum status record_group_key(struct batch *batch, struct buffer *value,
                             const struct message_submit_group *group, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    if (group->key.size == 0) {
        return STATUS_OK;
    }
    const struct key_value stored = value_of(&group->group, group->key_hash, now);
    return put_idempotency(batch, value, key_idempotency(key, group->owner, group->key), &stored);
}

enum status record_key(struct batch *batch, struct buffer *value, const struct effect *effect,
                       int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct key_value stored = value_of(&effect->id, effect->key_hash, now);
    return put_idempotency(batch, value, key_idempotency(key, effect->owner, effect->key), &stored);
}

/* Adds what was counted to a day of an owner. */
static enum status add_spend(struct batch *batch, struct slice owner, struct slice provider,
                             const struct spend *spend)
{
    uint8_t key[KEY_BYTES_MAX];
    const int64_t amounts[SPEND_SLOT_COUNT] = {
        [SPEND_SLOT_AMOUNT] = (int64_t)spend->amount,
        [SPEND_SLOT_UNCERTAIN] = (int64_t)spend->uncertain,
        [SPEND_SLOT_OPERATIONS] = spend->operations,
        [SPEND_SLOT_JOBS] = spend->is_first,
    };
    enum status status = STATUS_OK;
    for (uint8_t slot = 0; slot < SPEND_SLOT_COUNT && status == STATUS_OK; slot++) {
        if (amounts[slot] != 0) {
            status =
                batch_add(batch, key_spent(key, spend->day, owner, provider, slot), amounts[slot]);
        }
    }
    return status;
}

static enum status record_spend(struct batch *batch, const struct effect *effect)
{
    struct slice provider = effect->operation.provider;
    enum status status = add_spend(batch, effect->owner, provider, &effect->spend);
    return status == STATUS_OK ? add_spend(batch, SLICE_EMPTY, provider, &effect->spend) : status;
}

enum status record_counts(struct batch *batch, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = record_spend(batch, effect);
    bool is_call = effect->account.size > 0;
    return status == STATUS_OK && is_call
               ? batch_add(batch, key_calls(key, effect->day_part, effect->account), 1)
               : status;
}
