#include "tests/sim/gateway_model.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/model_stop.h"
#include "tests/sim/world.h"

enum {
    RECONNECT_MS = 200,
    RECONNECT_MS_MAX = 8000,
    HELLO_MS = 3000, /* without an answer to it: connect anew */
};

void gateway_init(struct world *world, uint32_t index)
{
    struct gateway *gateway = &world->gateways[index];
    memset(gateway, 0, sizeof(*gateway));
    prng_fill(&world->prng, gateway->instance.bytes, ID_SIZE);
    gateway->link = LINK_NONE;
    schedule_add(&world->schedule, world->now + index, WAKE_GATEWAY, index, 0, 0);
    schedule_add(&world->schedule, world->now + 50 + index, WAKE_CLIENT, index, 0, 0);
}

void gateway_fini(struct gateway *gateway)
{
    while (gateway->late != NULL) {
        struct frame *next = gateway->late->next;
        frame_free(gateway->late);
        gateway->late = next;
    }
}

bool gateway_is_idle(const struct gateway *gateway)
{
    for (int index = 0; index < REQUESTS_MAX; index++) {
        if (gateway->requests[index].used) {
            return false;
        }
    }
    return true;
}

/* ---- sending ---- */

/* Sends a message, and behind it the jobs from number first. */
static void send_with_jobs(struct world *world, struct gateway *gateway,
                           const struct message *message, uint32_t first, uint32_t count)
{
    struct buffer bytes;
    struct frame_writer writer;
    buffer_init(&bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(&writer, &bytes, gateway->session);
    assert(status == STATUS_OK);
    status = frame_write(&writer, message);
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        struct message job;
        struct input_text text;
        gateway_submit_message(world, first + index, &text, &job);
        status = frame_write(&writer, &job);
    }
    assert(status == STATUS_OK);
    frame_end(&writer);
    network_send(world, gateway->link, TO_BROKER, buffer_slice(&bytes), &gateway->late);
    buffer_fini(&bytes);
}

static void send_message(struct world *world, struct gateway *gateway,
                         const struct message *message)
{
    send_with_jobs(world, gateway, message, 0, 0);
}

static void send_request(struct world *world, struct gateway *gateway,
                         const struct request *request, bool resent)
{
    struct message message = {0};
    struct input_text text;
    struct id ids[MODEL_BULK_JOBS_MAX];
    uint32_t count = 0;
    if (gateway_change_message(world, request, resent, ids, &message)) {
        count = message.type == MESSAGE_TYPE_SUBMIT_GROUP ? message.submit_group.count : 0;
    } else {
        gateway_submit_message(world, request->job, &text, &message);
        message.submit.request = request->number;
        message.submit.resent = resent;
    }
    if (resent) {
        world_fault(world, FAULT_RESENT);
    }
    send_with_jobs(world, gateway, &message, request->job, count);
}

static void say_hello(struct world *world, struct gateway *gateway)
{
    struct message hello = {.type = MESSAGE_TYPE_GATEWAY_HELLO,
                            .gateway_hello = {.instance = gateway->instance}};
    gateway->session = 0;
    gateway->hello_at = world->now;
    send_message(world, gateway, &hello);
}

/* ---- wishes of clients ---- */

static void ask(struct world *world, uint32_t index, struct request request)
{
    struct gateway *gateway = &world->gateways[index];
    for (int place = 0; place < REQUESTS_MAX; place++) {
        if (!gateway->requests[place].used) {
            request.used = true;
            request.number = ++gateway->request_last;
            request.asked_at = world->now;
            snprintf(request.request_id, sizeof(request.request_id), "%u-%llu", index,
                     (unsigned long long)request.number);
            gateway->requests[place] = request;
            if (gateway->session != 0) {
                send_request(world, gateway, &request, false);
            }
            return;
        }
    }
}

/* A live job, rather one that may end before the request is there. */
static uint32_t pick_ending(struct world *world)
{
    const struct model *model = &world->model;
    uint32_t number = 0;
    for (int tries = 0; tries < 5; tries++) {
        number = model->live[prng_below(&world->prng, model->live_count)];
        if (model->jobs[number].current.progress >= 80) {
            break;
        }
    }
    return number;
}

/* Asks for a change of a job: usually its owner does. */
static void ask_change(struct world *world, uint32_t index, struct request request)
{
    const struct model_job *job = &world->model.jobs[request.job];
    request.user = job->user;
    request.retries = job->durable.retries;
    request.audited = prng_chance(&world->prng, 300);
    if (prng_chance(&world->prng, 100)) {
        request.user = (uint8_t)prng_below(&world->prng, world->settings.users);
        request.admin = prng_chance(&world->prng, 500);
    }
    ask(world, index, request);
}

static void wish_cancel(struct world *world, uint32_t index)
{
    const struct model *model = &world->model;
    if (model->job_count == 0) {
        return;
    }
    uint32_t number = prng_below(&world->prng, model->job_count);
    if (model->live_count > 0 && prng_chance(&world->prng, 800)) {
        number = pick_ending(world);
    }
    struct request request = {.is_cancel = true, .job = number};
    request.is_group = model->jobs[number].group != 0 && prng_chance(&world->prng, 500);
    ask_change(world, index, request);
}

/* A job that failed or was cancelled, or a delivery that has ended, if one is found soon; often one
 * whose task somebody was asked to drop. */
static uint32_t pick_failed(struct world *world)
{
    const struct model *model = &world->model;
    uint32_t number = model_stop_unheard(model);
    bool is_found = number != JOB_UNKNOWN && prng_chance(&world->prng, 500);
    for (int tries = 0; tries < 10 && !is_found; tries++) {
        number = prng_below(&world->prng, model->job_count);
        const struct model_state *state = &model->jobs[number].durable;
        bool is_taken = model->jobs[number].kind == JOB_KIND_WEBHOOK && model_is_terminal(state) &&
                        prng_chance(&world->prng, 100);
        is_found = (state->exists && state->state > JOB_STATE_COMPLETED) || is_taken;
    }
    return number;
}

/* Gives some requests a key; target is the number of what they are about. */
static void wish_key(struct world *world, struct request *request, uint32_t target)
{
    if (prng_chance(&world->prng, world->settings.keyed)) {
        request->key = (uint8_t)(1 + prng_below(&world->prng, MODEL_KEYS));
        request->key_hash[0] = request->is_put ? 1 : 2;
        memcpy(&request->key_hash[1], &target, sizeof(target));
    }
}

/* Of a failed job, or of one that may fail before the request is there; some ask twice, through
 * any gateways. */
static void wish_retry(struct world *world, uint32_t index)
{
    const struct model *model = &world->model;
    if (model->job_count == 0) {
        return;
    }
    struct request request = {.is_retry = true, .job = pick_failed(world)};
    if (model->live_count > 0 && prng_chance(&world->prng, 100)) {
        request.job = pick_ending(world);
    }
    request.endpoint = model_endpoint_named(world, request.job);
    request.reporter = model_reporter_named(world, request.job);
    if (request.job % 4 == 0) { /* as an administrator's request, which names neither */
        request.endpoint = MODEL_ENDPOINTS_MAX;
        request.reporter = 0;
    }
    wish_key(world, &request, request.job);
    ask_change(world, index, request);
    if (prng_chance(&world->prng, 200)) {
        ask_change(world, prng_below(&world->prng, world->settings.gateways), request);
    }
    if (prng_chance(&world->prng, 100)) {
        ask_change(world, index, (struct request){.is_cancel = true, .job = request.job});
    }
}

/* How many jobs there may be when one more is asked for: each endpoint gets a delivery, which is a
 * job too, of each event of those that live. */
static uint32_t asked_max(const struct model *model)
{
    return MODEL_ASKED_MAX / (1 + model->endpoint_count / 4);
}

static void wish_group(struct world *world, uint32_t index)
{
    const struct model *model = &world->model;
    uint32_t user = prng_below(&world->prng, world->settings.users);
    if (model->job_count + GROUP_MODEL_MAX > asked_max(model) ||
        model->group_count == MODEL_GROUPS_MAX) {
        return;
    }
    const struct model_job *first = gateway_new_group(world, user);
    ask(world, index,
        (struct request){
            .is_group = true, .job = model_job_number(model, first), .user = (uint8_t)user});
}

/* Rather a new one than a change of one, and that than its end. */
static void wish_endpoint(struct world *world, uint32_t index)
{
    struct model *model = &world->model;
    uint32_t user = prng_below(&world->prng, world->settings.users);
    struct model_endpoint *endpoint = NULL;
    uint32_t die = prng_below(&world->prng, 10);
    if (model->endpoint_count > 0 && die < 5) {
        endpoint = &model->endpoints[prng_below(&world->prng, model->endpoint_count)];
    } else {
        endpoint = model_endpoint_new(world, user);
    }
    if (endpoint == NULL) {
        return;
    }
    struct request request = {.is_put = die != 0,
                              .is_delete = die == 0,
                              .endpoint = (uint32_t)(endpoint - model->endpoints),
                              .user = endpoint->user,
                              .version = endpoint->current.version};
    if (!prng_chance(&world->prng, 30)) {
        request.events = prng_below(&world->prng, WEBHOOK_EVENTS) & WEBHOOK_EVENTS;
        request.events |= 1u << EVENT_KIND_COMPLETED;
    }
    if (prng_chance(&world->prng, 50)) {
        request.version++;
    }
    if (request.is_put) {
        wish_key(world, &request, request.endpoint);
    }
    ask(world, index, request);
    if (request.key != 0 && prng_chance(&world->prng, 300)) {
        ask(world, prng_below(&world->prng, world->settings.gateways), request);
    }
}

/* Asks for a job that is made from what is deleted: before or after, and often in the same turn. */
static void wish_use(struct world *world, uint32_t index, const struct request *deletion)
{
    const struct model_job *maker = &world->model.jobs[deletion->job];
    bool suits = !deletion->of_media || maker->kind != JOB_KIND_VIDEO;
    if (suits && world->model.job_count < MODEL_JOBS_MAX && prng_chance(&world->prng, 500)) {
        const struct model_job *job = gateway_new_use(world, maker, deletion->of_media);
        ask(world, index,
            (struct request){.job = model_job_number(&world->model, job), .user = job->user});
    }
}

/* Deletes what a job made, or confirms that what was left of it is gone. */
static void wish_delete(struct world *world, uint32_t index)
{
    const struct model *model = &world->model;
    struct request request = {.is_delete_document = true,
                              .of_media = prng_chance(&world->prng, 600)};
    if (model->job_count == 0) {
        return;
    }
    for (int tries = 0; tries < 8; tries++) {
        request.job = prng_below(&world->prng, model->job_count);
        if (model->jobs[request.job].current.state == JOB_STATE_COMPLETED) {
            break;
        }
    }
    request.user = model->jobs[request.job].user;
    request.is_removed = prng_chance(&world->prng, 150);
    request.audited = !request.is_removed && prng_chance(&world->prng, 500);
    if (prng_chance(&world->prng, 200)) {
        request.user = (uint8_t)prng_below(&world->prng, world->settings.users);
        request.admin = prng_chance(&world->prng, 500);
    }
    wish_use(world, index, &request);
    ask(world, index, request);
    wish_use(world, index, &request);
}

static void wish_steer(struct world *world, uint32_t index)
{
    struct request request;
    if (gateway_wish_steer(world, &request)) {
        ask(world, index, request);
    }
}

/* Some bulks are asked for twice, as another one under the same key. */
static void wish_manage(struct world *world, uint32_t index)
{
    struct request request = {.audited = true,
                              .user = (uint8_t)prng_below(&world->prng, world->settings.users)};
    if (world->model.job_count == 0) {
        return;
    }
    if (prng_chance(&world->prng, 500)) {
        if (gateway_wish_change(world, &request)) {
            ask(world, index, request);
        }
        return;
    }
    if (!gateway_wish_bulk(world, &request)) {
        return;
    }
    if (!request.is_delete) {
        wish_key(world, &request, request.action);
    }
    ask(world, index, request);
}

/* What is paused or drained at the end would never end. */
static void resume_all(struct world *world, uint32_t index)
{
    for (uint32_t place = 0; place < world->model.orders_count; place++) {
        const struct model_orders *orders = &world->model.orders[place];
        if (orders->current == WORKER_ORDERS_DRAIN) {
            ask(world, index, (struct request){.is_orders = true, .worker = orders->instance});
        }
    }
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        if (world->model.paused[kind]) {
            ask(world, index, (struct request){.is_queue = true, .kind = kind});
        }
    }
}

static void wish_submit(struct world *world, uint32_t index)
{
    uint32_t user = prng_below(&world->prng, world->settings.users);
    uint32_t count = 1;
    if (prng_chance(&world->prng, world->settings.flood)) {
        count = 2 + prng_below(&world->prng, 30);
    }
    while (count-- > 0 && world->model.job_count < asked_max(&world->model)) {
        const struct model_job *job = gateway_new_job(world, user);
        struct request request = {.job = model_job_number(&world->model, job),
                                  .user = (uint8_t)user};
        ask(world, index, request);
    }
}

void gateway_client(struct world *world, uint32_t index)
{
    if (world->calm) {
        return;
    }
    /* A world that is full gets no new jobs: it must not grow without bound. */
    bool full = world->model.live_count > world->settings.live_max;
    if (prng_chance(&world->prng, world->settings.cancel)) {
        wish_cancel(world, index);
    } else if (prng_chance(&world->prng, world->settings.deletes)) {
        wish_delete(world, index);
    } else if (!full && prng_chance(&world->prng, world->settings.grouped)) {
        wish_group(world, index);
    } else if (prng_chance(&world->prng, world->settings.steers)) {
        wish_steer(world, index);
    } else if (prng_chance(&world->prng, world->settings.manages)) {
        wish_manage(world, index);
    } else if (prng_chance(&world->prng, world->settings.endpoints)) {
        wish_endpoint(world, index);
    } else if (!full && prng_chance(&world->prng, world->settings.retry)) {
        wish_retry(world, index);
    } else if (!full) {
        wish_submit(world, index);
    }
    int64_t pause = world_pause(world, prng_wait(&world->prng, world->settings.client_ms));
    schedule_add(&world->schedule, world->now + 1 + pause, WAKE_CLIENT, index, 0, 0);
}

/* ---- connection ---- */

void gateway_wake(struct world *world, uint32_t index)
{
    struct gateway *gateway = &world->gateways[index];
    for (int place = 0; place < REQUESTS_MAX; place++) {
        struct request *request = &gateway->requests[place];
        if (request->used && world->now - request->asked_at >= REQUEST_MS) {
            request->used = false; /* 503: the outcome is unknown */
        }
    }
    if (gateway->link != LINK_NONE && gateway->session == 0 &&
        world->now - gateway->hello_at > HELLO_MS) {
        network_drop(world, gateway->link, &gateway->late);
        gateway->link = LINK_NONE;
    }
    if (gateway->link == LINK_NONE) {
        gateway->link = network_connect(world, CLIENT_GATEWAY, index, &gateway->late);
        if (gateway->link != LINK_NONE) {
            say_hello(world, gateway);
        }
    }
    if (world->calm) {
        resume_all(world, index);
    }
    int64_t pause = world_pause(world, RECONNECT_MS);
    pause = pause > RECONNECT_MS_MAX ? RECONNECT_MS_MAX : pause;
    schedule_add(&world->schedule, world->now + pause, WAKE_GATEWAY, index, 0, 0);
}

void gateway_lost(struct world *world, uint32_t index, uint32_t link)
{
    struct gateway *gateway = &world->gateways[index];
    if (gateway->link == link) {
        gateway->link = LINK_NONE;
        gateway->session = 0;
    }
}

static void take_welcome(struct world *world, struct gateway *gateway, uint64_t session)
{
    gateway->session = session;
    for (int place = 0; place < REQUESTS_MAX; place++) {
        if (gateway->requests[place].used) {
            send_request(world, gateway, &gateway->requests[place], true);
        }
    }
}

static void take_reply(struct world *world, struct gateway *gateway,
                       const struct message_reply *reply)
{
    for (int place = 0; place < REQUESTS_MAX; place++) {
        struct request *request = &gateway->requests[place];
        if (request->used && request->number == reply->request) {
            request->used = false;
            if (gateway_change_is_written(world, request, reply)) {
                model_audit_acknowledged(world, request->request_id);
            }
            bool is_accepted = !request->is_cancel && !request->is_retry && !request->is_put &&
                               !request->is_delete && !request->is_delete_document &&
                               !request->is_queue && !request->is_orders && !request->is_change &&
                               !request->is_bulk && !request->is_note &&
                               reply->code == REPLY_CODE_OK;
            if (is_accepted && request->is_group) {
                model_group_acknowledged(world, &reply->job);
            } else if (is_accepted) {
                model_job_of(world, &reply->job)->acknowledged = true;
            }
            return;
        }
    }
}

void gateway_receive(struct world *world, uint32_t index, uint32_t link, struct slice bytes)
{
    struct gateway *gateway = &world->gateways[index];
    struct frame_reader reader;
    struct message message;
    enum status status = frame_open(&reader, bytes);
    assert(status == STATUS_OK);
    while (link == gateway->link && frame_next(&reader, &message) == STATUS_OK) {
        if (message.type == MESSAGE_TYPE_GATEWAY_WELCOME) {
            take_welcome(world, gateway, message.gateway_welcome.session);
        } else if (message.type == MESSAGE_TYPE_REPLY) {
            take_reply(world, gateway, &message.reply);
        } else if (message.type == MESSAGE_TYPE_ERROR && gateway->session != 0) {
            say_hello(world, gateway);
        }
    }
}
