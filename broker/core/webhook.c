#include "broker/core/keyed.h"
#include "broker/core/state.h"

/* Webhooks: the endpoints of users, and the deliveries that events become. */

_Static_assert((WEBHOOK_EVENTS & 1 << EVENT_KIND_QUEUED) == 0,
               "no delivery takes the room that was reserved for the jobs of a group");

/* ---- requests of gateways ---- */

static void reply_put(struct core *core, const struct core_event *event, enum reply_code code,
                      uint32_t version)
{
    const struct message_put_endpoint *put = &event->message->put_endpoint;
    emit_reply(
        core, event, put->request,
        (struct message_reply){.code = (uint8_t)code, .job = put->endpoint, .version = version});
}

/* The endpoint, when it is the owner's; *user is the owner's index, or JOB_NONE. */
static uint32_t find(const struct core *core, struct slice owner, const struct id *id,
                     uint32_t *user)
{
    *user = owner.size == 0 ? JOB_NONE : users_find(&core->users, owner);
    return *user == JOB_NONE
               ? JOB_NONE
               : endpoints_find(&core->endpoints, users_user(&core->users, *user)->endpoints, id);
}

bool webhook_is_known(const struct core *core, struct slice owner, const struct id *endpoint)
{
    uint32_t user;
    return find(core, owner, endpoint, &user) != JOB_NONE;
}

static bool is_valid(const struct message_put_endpoint *put)
{
    return put->owner.size > 0 && put->owner.size <= OWNER_SIZE_MAX &&
           !id_is_zero(&put->endpoint) && put->url.size > 0 &&
           put->secret.size >= WEBHOOK_SECRET_SIZE_MIN && put->events != 0 &&
           (put->events & ~(uint32_t)WEBHOOK_EVENTS) == 0;
}

/* Adds an entry and takes its owner. Returns OK, FULL or NO_MEMORY. */
static enum status add(struct core *core, struct slice owner, const struct id *id, uint32_t *out)
{
    uint32_t user;
    bool is_full = core->started && core->endpoints.count >= ENDPOINTS_MAX; /* what is, stays */
    enum status status = is_full ? STATUS_FULL : endpoints_reserve(&core->endpoints);
    if (status == STATUS_OK) {
        status = users_take(&core->users, owner, &user);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct user *entry = users_user(&core->users, user);
    if (entry->endpoint_count >= ENDPOINTS_USER_MAX) {
        users_give(&core->users, user);
        return STATUS_FULL;
    }
    entry->endpoint_count++;
    *out = endpoints_take(&core->endpoints, &entry->endpoints);
    core_endpoint(core, *out)->id = *id;
    core_endpoint(core, *out)->owner = user;
    return STATUS_OK;
}

static struct keyed keyed_of(const struct message_put_endpoint *put)
{
    return (struct keyed){.owner = put->owner, .key = put->key, .hash = put->key_hash};
}

/* Changes an entry that has been found or added, and says so. */
static void change(struct core *core, const struct core_event *event, uint32_t index)
{
    const struct message_put_endpoint *put = &event->message->put_endpoint;
    struct endpoint *endpoint = core_endpoint(core, index);
    endpoint->version++;
    endpoint->events = (uint16_t)put->events;
    endpoint->disabled = endpoint->disabled && put->disabled;
    const struct keyed keyed = keyed_of(put);
    struct effect *effect = emit(core, EFFECT_PUT_ENDPOINT);
    effect->id = endpoint->id;
    effect->owner = user_owner(users_user(&core->users, endpoint->owner));
    effect->endpoint = put;
    effect->version = endpoint->version;
    keyed_note(core, &keyed, &put->endpoint);
    reply_put(core, event, REPLY_CODE_OK, endpoint->version);
}

/* A change names the version that it was made from, so that none is lost. */
static void change_known(struct core *core, const struct core_event *event, uint32_t index)
{
    const struct message_put_endpoint *put = &event->message->put_endpoint;
    const struct endpoint *endpoint = core_endpoint(core, index);
    if (put->version == endpoint->version) {
        change(core, event, index);
    } else if (put->resent && put->version + 1 == endpoint->version) {
        const struct keyed keyed = keyed_of(put);
        keyed_note(core, &keyed, &put->endpoint);
        reply_put(core, event, REPLY_CODE_OK, endpoint->version);
    } else {
        reply_put(core, event, REPLY_CODE_CONFLICT, endpoint->version);
    }
}

/* Answers a request whose key was used before; index is that of the endpoint. */
static bool answer_again(struct core *core, const struct core_event *event,
                         const struct keyed *keyed, uint32_t index)
{
    enum keyed_verdict verdict = keyed_judge(keyed, event->facts);
    if (verdict == KEYED_REPEAT && index != JOB_NONE) {
        reply_put(core, event, REPLY_CODE_OK, core_endpoint(core, index)->version);
        core->effects->items[core->effects->count - 1].reply.replayed = true;
    } else if (verdict == KEYED_REPEAT) {
        reply_put(core, event, REPLY_CODE_NOT_FOUND, 0);
    } else if (verdict == KEYED_REUSED) {
        reply_put(core, event, REPLY_CODE_KEY_REUSED, 0);
    }
    return verdict != KEYED_NEW;
}

void core_put_endpoint(struct core *core, const struct core_event *event)
{
    const struct message_put_endpoint *put = &event->message->put_endpoint;
    const struct keyed keyed = keyed_of(put);
    uint32_t user;
    if (!is_valid(put) || !keyed_is_valid(&keyed)) {
        reply_put(core, event, REPLY_CODE_INVALID, 0);
        return;
    }
    if (keyed_is_open(core, &keyed, event->facts)) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    uint32_t index = find(core, put->owner, &put->endpoint, &user);
    if (answer_again(core, event, &keyed, index)) {
        return;
    }
    if (index != JOB_NONE) {
        change_known(core, event, index);
    } else if (put->version != 0) {
        reply_put(core, event, REPLY_CODE_NOT_FOUND, 0);
    } else if (core->space_low) {
        reply_put(core, event, REPLY_CODE_DISK_FULL, 0);
    } else if (add(core, put->owner, &put->endpoint, &index) == STATUS_OK) {
        change(core, event, index);
    } else {
        reply_put(core, event, REPLY_CODE_TOO_MANY_ENDPOINTS, 0);
    }
}

void core_delete_endpoint(struct core *core, const struct core_event *event)
{
    const struct message_delete_endpoint *message = &event->message->delete_endpoint;
    uint32_t user;
    uint32_t index = find(core, message->owner, &message->endpoint, &user);
    struct message_reply answer = {.code = REPLY_CODE_NOT_FOUND, .job = message->endpoint};
    if (index != JOB_NONE) {
        struct user *entry = users_user(&core->users, user);
        struct effect *effect = emit(core, EFFECT_DELETE_ENDPOINT);
        effect->id = message->endpoint;
        effect->owner = message->owner;
        endpoints_give(&core->endpoints, &entry->endpoints, index);
        entry->endpoint_count--;
        users_give(&core->users, user);
        answer.code = REPLY_CODE_OK;
    }
    emit_reply(core, event, message->request, answer);
}

/* ---- a receiver that is gone ---- */

void webhook_disable(struct core *core, uint32_t job_index)
{
    const struct job *job = core_job(core, job_index);
    const struct user *user = users_user(&core->users, job->owner);
    uint32_t index = endpoints_find(&core->endpoints, user->endpoints, &job->source);
    bool is_delivery = job->kind == JOB_KIND_WEBHOOK;
    if (!is_delivery || index == JOB_NONE || core_endpoint(core, index)->disabled) {
        return;
    }
    core_endpoint(core, index)->disabled = true;
    struct effect *effect = emit(core, EFFECT_DISABLE_ENDPOINT);
    effect->id = job->source;
    effect->owner = user_owner(user);
}

/* ---- deliveries ---- */

/* The same event and endpoint always make the same id: a delivery is never made twice. */
static struct id delivery_id(const struct job *job, uint64_t event, const struct id *endpoint)
{
    uint64_t halves[2];
    uint8_t bytes[ID_SIZE];
    halves[0] = hash_mix(hash_id(endpoint) ^ hash_mix(event));
    halves[1] = hash_mix(halves[0] + hash_mix(event ^ hash_id(&job->id)));
    memcpy(bytes, halves, sizeof(bytes));
    return id_make(id_slot(&job->id), bytes);
}

/* What cannot be delivered for days must not fill the memory. */
static bool all_have_room(const struct core *core)
{
    const uint64_t *all = core->statistics.live[JOB_KIND_WEBHOOK];
    return all[JOB_STATE_WAITING] + all[JOB_STATE_ACTIVE] < DELIVERIES_MAX;
}

static bool has_room(const struct core *core, const struct user *user)
{
    const uint32_t *own = user->queues[JOB_KIND_WEBHOOK].counts;
    return own[JOB_STATE_WAITING] + own[JOB_STATE_ACTIVE] < DELIVERIES_USER_MAX &&
           all_have_room(core);
}

bool webhook_has_room(const struct core *core, struct slice owner)
{
    uint32_t user = users_find(&core->users, owner);
    return user == JOB_NONE ? all_have_room(core) : has_room(core, users_user(&core->users, user));
}

static void fill(struct core *core, struct job *delivery, const struct job *job)
{
    delivery->kind = JOB_KIND_WEBHOOK;
    delivery->character = job->character;
    delivery->media = job->media;
    delivery->created_at = core->now;
    delivery->deadline = core->now + job_rules(delivery)->deadline_ms;
    delivery->accepted = core->event_last + 1;
    delivery->attempt = 1;
    delivery->priority = PRIORITY_USUAL;
}

/* endpoint: zero for the job's own webhook. */
static void deliver(struct core *core, const struct job *job, const struct message_event *event,
                    const struct id *endpoint)
{
    uint32_t owner;
    const struct user *user = users_user(&core->users, job->owner);
    const struct id id = delivery_id(job, event->event, endpoint);
    bool is_possible = core_index(core, &id) == JOB_NONE && has_room(core, user) &&
                       core->delivered < DELIVERIES_STEP_MAX;
    if (!is_possible ||
        job_reserve(core, JOB_KIND_WEBHOOK, user_owner(user), &owner) != STATUS_OK) {
        core->statistics.undelivered++;
        return;
    }
    uint32_t index = slab_take(&core->slab);
    struct job *delivery = core_job(core, index);
    fill(core, delivery, job);
    delivery->id = id;
    delivery->source = *endpoint;
    delivery->owner = owner;
    job_begin(core, index, JOB_STATE_WAITING);
    changes_note(&core->changes, CHANGE_JOB, slice_make(&id, ID_SIZE), SLICE_EMPTY, core->commit);
    core->statistics.accepted++;
    core->queues[JOB_KIND_WEBHOOK].meters.accepted++;
    core->delivered++;
    emit_job(core, EFFECT_ACCEPT, index)->reported = event;
    emit_event(core, index, EVENT_KIND_QUEUED, FAILURE_NONE);
}

void webhook_notify(struct core *core, uint32_t index, const struct message_event *event)
{
    static const struct id own;
    const struct job *job = core_job(core, index);
    uint32_t bit = 1u << event->kind;
    if ((job->webhook_events & bit) != 0) {
        deliver(core, job, event, &own);
    }
    uint32_t place = users_user(&core->users, job->owner)->endpoints;
    while (place != JOB_NONE) {
        const struct endpoint *endpoint = core_endpoint(core, place);
        if (!endpoint->disabled && (endpoint->events & bit) != 0) {
            deliver(core, job, event, &endpoint->id);
        }
        place = endpoint->next;
    }
}

/* ---- restart ---- */

enum status core_restore_endpoint(struct core *core, const struct message_put_endpoint *put,
                                  bool disabled)
{
    uint32_t index;
    uint32_t user;
    assert(!core->started);
    if (!is_valid(put) || put->version == 0 ||
        find(core, put->owner, &put->endpoint, &user) != JOB_NONE) {
        return STATUS_MALFORMED;
    }
    enum status status = add(core, put->owner, &put->endpoint, &index);
    if (status != STATUS_OK) {
        return status == STATUS_FULL ? STATUS_MALFORMED : status;
    }
    core_endpoint(core, index)->version = put->version;
    core_endpoint(core, index)->events = (uint16_t)put->events;
    core_endpoint(core, index)->disabled = disabled;
    return STATUS_OK;
}
