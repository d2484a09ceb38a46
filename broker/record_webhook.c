#include "broker/record_webhook.h"

#include <assert.h>
#include "broker/keys.h"
#include "broker/record_keys.h"
#include "broker/values.h"
#include "proto/codec.h"

static enum status put(struct batch *batch, struct buffer *value, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    struct message message = {.type = MESSAGE_TYPE_PUT_ENDPOINT, .put_endpoint = *effect->endpoint};
    message.put_endpoint.request = 0;
    message.put_endpoint.resent = false;
    message.put_endpoint.key = SLICE_EMPTY;
    message.put_endpoint.key_hash = SLICE_EMPTY;
    message.put_endpoint.version = effect->version;
    buffer_clear(value);
    enum status status = plain_value_write(value, SLICE_EMPTY);
    if (status == STATUS_OK) {
        status = record_write(value, &message);
    }
    if (status == STATUS_OK) {
        struct slice name = key_endpoint(key, effect->owner, &effect->id);
        status = batch_put(batch, name, buffer_slice(value));
    }
    if (status == STATUS_OK && !effect->endpoint->disabled) {
        status = batch_delete(batch, key_disabled(key, effect->owner, &effect->id));
    }
    return status;
}

static enum status forget(struct batch *batch, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = batch_delete(batch, key_endpoint(key, effect->owner, &effect->id));
    return status == STATUS_OK ? batch_delete(batch, key_disabled(key, effect->owner, &effect->id))
                               : status;
}

static enum status disable(struct batch *batch, struct buffer *value, const struct effect *effect,
                           int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    buffer_clear(value);
    enum status status = time_value_write(value, now);
    if (status != STATUS_OK) {
        return status;
    }
    return batch_put(batch, key_disabled(key, effect->owner, &effect->id), buffer_slice(value));
}

enum status record_endpoint(struct batch *batch, struct buffer *value, const struct effect *effect,
                            int64_t now)
{
    if (effect->type == EFFECT_PUT_ENDPOINT) {
        return put(batch, value, effect);
    }
    if (effect->type == EFFECT_DELETE_ENDPOINT) {
        return forget(batch, effect);
    }
    assert(effect->type == EFFECT_DISABLE_ENDPOINT);
    return disable(batch, value, effect, now);
}

/* ---- deliveries ---- */

/* Makes the input: a SUBMIT record whose payload is the EVENT record. */
static enum status write_input(const struct effect *effect, struct buffer *event,
                               struct buffer *value)
{
    const struct job *job = effect->job;
    const struct message reported = {.type = MESSAGE_TYPE_EVENT, .event = *effect->reported};
    struct message input = {.type = MESSAGE_TYPE_SUBMIT};
    enum status status = record_write(event, &reported);
    if (status == STATUS_OK) {
        status = plain_value_write(value, SLICE_EMPTY);
    }
    if (status != STATUS_OK) {
        return status;
    }
    input.submit.job = job->id;
    input.submit.kind = job->kind;
    input.submit.owner = effect->owner;
    input.submit.character = job->character;
    input.submit.media = job->media;
    input.submit.source = job->source;
    input.submit.payload = buffer_slice(event);
    return record_write(value, &input);
}

static enum status put_input(struct batch *batch, struct buffer *value, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer event;
    buffer_init(&event, PAYLOAD_SIZE_MAX);
    buffer_clear(value);
    enum status status = write_input(effect, &event, value);
    buffer_fini(&event);
    return status == STATUS_OK
               ? batch_put(batch, key_input(key, &effect->job->id), buffer_slice(value))
               : status;
}

enum status record_delivery(struct batch *batch, struct buffer *value, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    const struct id *log = id_is_zero(&job->source) ? &effect->reported->job : &job->source;
    enum status status = put_input(batch, value, effect);
    buffer_clear(value);
    if (status == STATUS_OK) {
        status = index_value_write(value, job->kind);
    }
    if (status == STATUS_OK) {
        struct slice live = key_live(key, effect->owner, job->kind, job->accepted, &job->id);
        status = batch_put(batch, live, buffer_slice(value));
    }
    if (status == STATUS_OK) {
        struct slice place = key_delivery(key, log, job->accepted, &job->id);
        status = batch_put(batch, place, buffer_slice(value));
    }
    return status == STATUS_OK ? record_age(batch, job) : status;
}
