#include <assert.h>
#include <string.h>
#include "broker/query_webhook.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* Webhooks: endpoints as gateways ask for them, and one delivery of each event that one wants. */

struct model_endpoint *model_endpoint_new(struct world *world, uint32_t user)
{
    struct model *model = &world->model;
    uint8_t random[ID_SIZE];
    if (model->endpoint_count == MODEL_ENDPOINTS_MAX) {
        return NULL;
    }
    struct model_endpoint *endpoint = &model->endpoints[model->endpoint_count++];
    prng_fill(&world->prng, random, ID_SIZE);
    endpoint->id = id_make((uint16_t)(user * 512), random);
    endpoint->user = (uint8_t)user;
    return endpoint;
}

struct model_endpoint *model_endpoint_find(struct model *model, const struct id *id)
{
    for (uint32_t index = 0; index < model->endpoint_count; index++) {
        if (id_equal(&model->endpoints[index].id, id)) {
            return &model->endpoints[index];
        }
    }
    return NULL;
}

uint32_t model_endpoint_named(struct world *world, uint32_t number)
{
    struct model *model = &world->model;
    const struct model_endpoint *endpoint = model_endpoint_find(model, &model->jobs[number].source);
    if (model->endpoint_count > 0 && prng_chance(&world->prng, 200)) {
        return prng_below(&world->prng, model->endpoint_count);
    }
    return endpoint == NULL || prng_chance(&world->prng, 50)
               ? MODEL_ENDPOINTS_MAX
               : (uint32_t)(endpoint - model->endpoints);
}

uint32_t model_reporter_named(struct world *world, uint32_t number)
{
    const struct model_job *job = &world->model.jobs[number];
    if (prng_chance(&world->prng, 30)) {
        return 1 + prng_below(&world->prng, world->model.job_count);
    }
    bool is_own = job->kind == JOB_KIND_WEBHOOK && id_is_zero(&job->source);
    return is_own && !prng_chance(&world->prng, 50) ? job->reporter : 0;
}

static void touch(struct model *model, struct model_endpoint *endpoint)
{
    endpoint->dirty = true;
    model->written = true;
}

void model_webhook_committed(struct model *model)
{
    for (uint32_t index = 0; index < model->endpoint_count; index++) {
        struct model_endpoint *endpoint = &model->endpoints[index];
        endpoint->durable = endpoint->current;
        endpoint->dirty = false;
    }
}

void model_webhook_crashed(struct model *model)
{
    for (uint32_t index = 0; index < model->endpoint_count; index++) {
        struct model_endpoint *endpoint = &model->endpoints[index];
        endpoint->current = endpoint->durable;
        endpoint->dirty = false;
    }
}

/* ---- requests ---- */

static uint32_t count_of(const struct model *model, uint32_t user)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < model->endpoint_count; index++) {
        const struct model_endpoint *endpoint = &model->endpoints[index];
        count += endpoint->user == user && endpoint->current.exists;
    }
    return count;
}

/* What a PUT_ENDPOINT must be answered. */
static enum reply_code answer_of_put(const struct model *model,
                                     const struct message_put_endpoint *put,
                                     const struct model_endpoint *endpoint)
{
    const struct model_endpoint_state *state = &endpoint->current;
    bool is_again = put->resent && put->version + 1 == state->version;
    if (put->events == 0) {
        return REPLY_CODE_INVALID;
    }
    if (state->exists) {
        return put->version == state->version || is_again ? REPLY_CODE_OK : REPLY_CODE_CONFLICT;
    }
    if (put->version != 0) {
        return REPLY_CODE_NOT_FOUND;
    }
    if (model->space_low) {
        return REPLY_CODE_DISK_FULL;
    }
    return count_of(model, endpoint->user) >= ENDPOINTS_USER_MAX ? REPLY_CODE_TOO_MANY_ENDPOINTS
                                                                 : REPLY_CODE_OK;
}

void model_webhook_request_before(struct world *world, const struct core_event *event)
{
    struct model *model = &world->model;
    const struct message *message = event->message;
    bool is_put = message->type == MESSAGE_TYPE_PUT_ENDPOINT;
    const struct id *id =
        is_put ? &message->put_endpoint.endpoint : &message->delete_endpoint.endpoint;
    const struct model_endpoint *endpoint = model_endpoint_find(model, id);
    assert(endpoint != NULL);
    model->step.expected = endpoint->current.exists ? REPLY_CODE_OK : REPLY_CODE_NOT_FOUND;
    if (is_put) {
        model->step.expected = answer_of_put(model, &message->put_endpoint, endpoint);
    }
}

void model_webhook_request(struct world *world, const struct core_event *event,
                           const struct message_reply *reply)
{
    const struct message *message = event->message;
    bool is_put = message->type == MESSAGE_TYPE_PUT_ENDPOINT;
    uint64_t request = is_put ? message->put_endpoint.request : message->delete_endpoint.request;
    world_check(world, "endpoints are answered",
                reply->code == world->model.step.expected && reply->request == request,
                "%s, should be %s", reply_code_name(reply->code),
                reply_code_name(world->model.step.expected));
    world_check(world, "refusals change nothing",
                reply->code == REPLY_CODE_OK || world->model.step.writes == 0, "%s",
                reply_code_name(reply->code));
    if (is_put && reply->code == REPLY_CODE_OK) {
        const struct model_endpoint *endpoint = model_endpoint_find(&world->model, &reply->job);
        world_check(world, "versions are told",
                    endpoint != NULL && endpoint->current.version == reply->version,
                    "endpoint version %u", reply->version);
    }
}

/* ---- effects ---- */

void model_webhook_effect(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    struct model_endpoint *endpoint = model_endpoint_find(model, &effect->id);
    world_check(world, "endpoints are their owner's",
                endpoint != NULL && model_user_of(effect->owner) == endpoint->user, "effect %d",
                (int)effect->type);
    struct model_endpoint_state *state = &endpoint->current;
    touch(model, endpoint);
    if (effect->type == EFFECT_PUT_ENDPOINT) {
        world_check(world, "versions are gapless",
                    effect->version == (state->exists ? state->version : 0) + 1, "version %u",
                    effect->version);
        state->disabled = state->exists && state->disabled && effect->endpoint->disabled;
        state->exists = true;
        state->version = effect->version;
        state->events = effect->endpoint->events;
    } else if (effect->type == EFFECT_DELETE_ENDPOINT) {
        *state = (struct model_endpoint_state){0};
        world_seen(world, SEEN_ENDPOINT_DELETED);
    } else {
        world_check(world, "an endpoint is disabled once", state->exists && !state->disabled,
                    "version %u", state->version);
        state->disabled = true;
        world_seen(world, SEEN_ENDPOINT_DISABLED);
    }
}

/* A delivery that the core makes: nobody asked for it. */
struct model_job *model_webhook_accept(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    const struct message_event *reported = effect->reported;
    struct model_job *job = model_find(model, &effect->id);
    const struct model_job *maker = model_job_of(world, &reported->job);
    if (job == NULL) {
        job = model_job_new(world);
    }
    job->id = effect->id;
    job->kind = JOB_KIND_WEBHOOK;
    job->user = maker->user;
    job->character = maker->character;
    job->media = maker->media;
    job->source = effect->job->source;
    job->reported = reported->event;
    job->reporter = model_job_number(model, maker) + 1;
    world_check(world, "deliveries report an event of their owner",
                effect->submit == NULL && maker->kind != JOB_KIND_WEBHOOK &&
                    model_user_of(effect->owner) == maker->user &&
                    id_equal(&effect->job->character, &maker->character) &&
                    id_equal(&effect->job->media, &maker->media),
                "of job %u", model_job_number(model, maker));
    if (model_find(model, &effect->id) == NULL) {
        model_job_index(model, job);
    }
    world_seen(world, SEEN_DELIVERY);
    return job;
}

/* ---- each event has the deliveries that are wanted, and no others ---- */

static uint32_t deliveries_of(const struct effects *effects, uint32_t event,
                              const struct id *source)
{
    uint32_t count = 0;
    for (uint32_t index = event + 1; index < effects->count; index++) {
        const struct effect *effect = &effects->items[index];
        count += effect->type == EFFECT_ACCEPT && effect->submit == NULL &&
                 effect->reported == &effects->items[event].event &&
                 id_equal(&effect->job->source, source);
    }
    return count;
}

/* Whether the user may have had as many deliveries as it can; some may have ended in the step. */
static bool is_full(const struct model *model, uint8_t user, uint32_t ended_max)
{
    uint32_t count = ended_max;
    for (uint32_t place = 0; place < model->live_count; place++) {
        const struct model_job *job = &model->jobs[model->live[place]];
        count += job->kind == JOB_KIND_WEBHOOK && job->user == user;
    }
    return count >= DELIVERIES_USER_MAX;
}

/* Checks that there is one delivery of an event, or that there was no room for it. Returns how many
 * there are. */
static uint32_t check_wanted(struct world *world, const struct effects *effects, uint32_t index,
                             const struct id *source)
{
    const struct message_event *event = &effects->items[index].event;
    const struct model_job *job = model_job_of(world, &event->job);
    uint32_t count = deliveries_of(effects, index, source);
    world_check(world, "one delivery for each event",
                count == 1 || (count == 0 && is_full(&world->model, job->user, effects->count)),
                "job %u: %s, %u times", model_job_number(&world->model, job),
                event_kind_name(event->kind), count);
    return count;
}

static uint32_t check_event(struct world *world, const struct effects *effects, uint32_t index)
{
    static const struct id own;
    struct model *model = &world->model;
    const struct message_event *event = &effects->items[index].event;
    const struct model_job *job = model_job_of(world, &event->job);
    uint32_t bit = 1u << event->kind;
    uint32_t wanted = 0;
    if ((job->webhook_events & bit) != 0) {
        wanted += check_wanted(world, effects, index, &own);
        world_seen(world, SEEN_DELIVERY_OWN);
    }
    for (uint32_t place = 0; place < model->endpoint_count; place++) {
        const struct model_endpoint *endpoint = &model->endpoints[place];
        const struct model_endpoint_state *state = &endpoint->current;
        bool wants = endpoint->user == job->user && state->exists && !state->disabled &&
                     (state->events & bit) != 0;
        if (wants) {
            wanted += check_wanted(world, effects, index, &endpoint->id);
        }
    }
    return wanted;
}

void model_webhook_check(struct world *world, const struct effects *effects)
{
    uint32_t wanted = 0;
    uint32_t made = 0;
    for (uint32_t index = 0; index < effects->count; index++) {
        const struct effect *effect = &effects->items[index];
        made += effect->type == EFFECT_ACCEPT && effect->submit == NULL;
        if (effect->type == EFFECT_EVENT && effect->event.job_kind != JOB_KIND_WEBHOOK) {
            wanted += check_event(world, effects, index);
        }
    }
    world_check(world, "one delivery for each event", made == wanted, "%u made, %u wanted", made,
                wanted);
}

/* ---- what is read ---- */

void model_webhook_check_queries(struct world *world, uint32_t user)
{
    struct model *model = &world->model;
    struct buffer bytes;
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    struct store_view view;
    uint32_t count = 0;
    const struct message_list_endpoints request = {.request = 9, .owner = model_user(user)};
    buffer_init(&bytes, FRAME_SIZE_MAX);
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    enum status status = frame_begin(&writer, &bytes, 0);
    assert(status == STATUS_OK);
    status = query_endpoints(&view.view, &request, &writer);
    world_check(world, "queries answer", status == STATUS_OK, "%s", status_name(status));
    frame_end(&writer);
    status = frame_open(&reader, buffer_slice(&bytes));
    assert(status == STATUS_OK);
    status = frame_next(&reader, &message);
    assert(status == STATUS_OK && message.type == MESSAGE_TYPE_ENDPOINT_PAGE);
    while (frame_next(&reader, &message) == STATUS_OK) {
        const struct model_endpoint *endpoint =
            model_endpoint_find(model, &message.endpoint.endpoint);
        world_check(world, "endpoints are as they were made",
                    endpoint != NULL && endpoint->user == user && endpoint->durable.exists &&
                        endpoint->durable.version == message.endpoint.version &&
                        endpoint->durable.events == message.endpoint.events &&
                        endpoint->durable.disabled == (message.endpoint.disabled_at != 0),
                    "version %u", message.endpoint.version);
        count++;
    }
    for (uint32_t index = 0; index < model->endpoint_count; index++) {
        const struct model_endpoint *endpoint = &model->endpoints[index];
        count -= endpoint->user == user && endpoint->durable.exists;
    }
    world_check(world, "endpoints are as they were made", count == 0, "user %u", user);
    buffer_fini(&bytes);
}
