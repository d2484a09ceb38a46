#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* The idempotency keys of requests that change what there is: used once, for one request. */

struct key {
    uint8_t user;
    uint8_t name; /* 0: none */
    struct slice hash;
};

static struct key key_of(const struct core_event *event)
{
    const struct message *message = event->message;
    struct slice owner = SLICE_EMPTY;
    struct slice name = SLICE_EMPTY;
    struct key key = {0};
    if (message->type == MESSAGE_TYPE_RETRY_JOB) {
        owner = message->retry_job.owner;
        name = message->retry_job.key;
        key.hash = message->retry_job.key_hash;
    } else if (message->type == MESSAGE_TYPE_PUT_ENDPOINT) {
        owner = message->put_endpoint.owner;
        name = message->put_endpoint.key;
        key.hash = message->put_endpoint.key_hash;
    } else if (message->type == MESSAGE_TYPE_START_BULK) {
        owner = message->start_bulk.user;
        name = message->start_bulk.key;
        key.hash = message->start_bulk.key_hash;
    }
    if (name.size > 0) {
        key.user = (uint8_t)model_user_of(owner);
        key.name = (uint8_t)(name.data[name.size - 1] - '0');
    }
    return key;
}

void model_keyed_before(struct world *world, const struct core_event *event)
{
    const struct key key = key_of(event);
    const struct model_change_key *known = &world->model.change_keys[key.user][key.name];
    bool is_used = key.name != 0 && known->at != 0 && world->now - known->at < KEY_LIFE_MS;
    world->model.step.keys = 0;
    world->model.step.keyed = KEYED_ANSWER_NEW;
    if (is_used) {
        bool is_same = memcmp(known->hash, key.hash.data, HASH_SIZE) == 0;
        world->model.step.keyed = is_same ? KEYED_ANSWER_REPEATED : KEYED_ANSWER_REUSED;
    }
}

/* A key is written with what was done under it, or found to be done already. */
static void check_new(struct world *world, const struct key *key, const struct message_reply *reply)
{
    const struct model_step *step = &world->model.step;
    bool is_done = reply->code == REPLY_CODE_OK;
    world_check(world, "a key is kept with what is done under it",
                step->keys == (key->name != 0 && is_done ? 1 : 0) && !reply->replayed,
                "%u keys, answered %s", step->keys, reply_code_name(reply->code));
}

bool model_keyed_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *reply)
{
    const struct model_step *step = &world->model.step;
    const struct key key = key_of(event);
    if (step->keyed == KEYED_ANSWER_NEW) {
        bool is_invalid = reply->code == REPLY_CODE_INVALID;
        if (!is_invalid) {
            check_new(world, &key, reply);
        }
        return false;
    }
    if (reply->code == REPLY_CODE_INVALID) {
        return false; /* what is no request has no key */
    }
    world_check(world, "a change is made once for its key", step->writes == 0 && step->keys == 0,
                "%u effects", step->writes);
    if (step->keyed == KEYED_ANSWER_REPEATED) {
        bool is_put = event->message->type == MESSAGE_TYPE_PUT_ENDPOINT;
        bool is_kept = !is_put && step->job != NULL && step->before.exists &&
                       !step->before.expired && !step->before.forgotten;
        bool is_gone = (reply->code == REPLY_CODE_NOT_FOUND || reply->code == REPLY_CODE_EXPIRED) &&
                       !is_kept; /* deleted or let go of since */
        world_check(world, "a repeated change is answered again",
                    is_gone || (reply->code == REPLY_CODE_OK && reply->replayed), "%s",
                    reply_code_name(reply->code));
        world_seen(world, SEEN_CHANGE_REPEATED);
    } else {
        world_check(world, "one body for an idempotency key", reply->code == REPLY_CODE_KEY_REUSED,
                    "%s", reply_code_name(reply->code));
        world_seen(world, SEEN_CHANGE_REUSED);
    }
    return true;
}

void model_keyed_effect(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    uint8_t name = (uint8_t)(effect->key.data[effect->key.size - 1] - '0');
    struct model_change_key *key = &model->change_keys[model_user_of(effect->owner)][name];
    world_check(world, "keys are whole", effect->key_hash.size == HASH_SIZE, "%zu bytes",
                effect->key_hash.size);
    key->at = world->now;
    memcpy(key->hash, effect->key_hash.data, HASH_SIZE);
    model->change_keys_dirty = true;
    model->written = true;
    model->step.keys++;
}

void model_keyed_committed(struct model *model)
{
    if (model->change_keys_dirty) {
        memcpy(model->change_keys_durable, model->change_keys, sizeof(model->change_keys));
    }
    model->change_keys_dirty = false;
}

void model_keyed_crashed(struct model *model)
{
    memcpy(model->change_keys, model->change_keys_durable, sizeof(model->change_keys));
    model->change_keys_dirty = false;
}
