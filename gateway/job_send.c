#include "gateway/job_send.h"

#include <stdio.h>
#include "gateway/job_copy.h"
#include "gateway/job_json.h"
#include "gateway/respond.h"

enum {
    ETAG_SIZE = 16,
    JOB_BODY_SIZE_MAX = 32 << 10, /* bytes of one job's envelope: its wire limits, escaped */
};

static struct slice etag_write(uint32_t version, char out[ETAG_SIZE])
{
    return slice_make(out, (size_t)snprintf(out, ETAG_SIZE, "\"%u\"", version));
}

bool job_etag_is_known(const struct exchange *exchange, uint32_t version)
{
    char text[ETAG_SIZE];
    return exchange_has_etag(exchange, etag_write(version, text));
}

void job_body_send(struct exchange *exchange, uint32_t version, struct slice body)
{
    char text[ETAG_SIZE];
    respond_json(exchange, 200, body, etag_write(version, text));
}

static void render_and_send(struct exchange *exchange, const struct message_job_state *state,
                            const struct job_wait *wait, const char *message)
{
    struct buffer body;
    buffer_init(&body, JOB_BODY_SIZE_MAX);
    if (job_json_envelope(state, wait, message, &body) == STATUS_OK) {
        job_body_send(exchange, state->version, buffer_slice(&body));
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

/* ---- what a job waits for ---- */

struct position_get {
    struct request request; /* GET_POSITION */
    struct exchange *exchange;
    struct job_copy job; /* as it is to be told, unless the cache knows something newer then */
};

static void position_get_dispose(void *memory)
{
    struct position_get *get = memory;
    requests_remove(&get->exchange->gateway->requests, &get->request);
    job_copy_fini(&get->job);
}

/* An answer that does not come costs the client no more than these members. */
static void on_position(struct request *request, const struct answer *answer)
{
    struct position_get *get = LIST_OWNER(request, struct position_get, request);
    struct gateway *gateway = get->exchange->gateway;
    const struct message_job_state *state = &get->job.state;
    struct cached_job cached;
    if (answer->message == NULL) {
        render_and_send(get->exchange, state, NULL, NULL);
        return;
    }
    struct job_wait wait = job_wait_of(&answer->message->position);
    cache_wait(gateway->cache, &state->job, state->version, &wait, gateway_now_ms(gateway));
    if (cache_find(gateway->cache, &state->job, &cached) && cached.body.size > 0 &&
        cached.state->version >= state->version) {
        job_body_send(get->exchange, cached.state->version, cached.body);
    } else {
        render_and_send(get->exchange, state, &wait, NULL);
    }
}

/* Returns OK, NO_MEMORY or FULL. */
static enum status position_ask(struct exchange *exchange, const struct message_job_state *state)
{
    struct position_get *get = exchange_hold(exchange, sizeof(*get), position_get_dispose);
    get->exchange = exchange;
    enum status status = job_copy_set(&get->job, state);
    if (status == STATUS_OK) {
        struct message *message = &get->request.message;
        message->type = MESSAGE_TYPE_GET_POSITION;
        message->get_position.jobs = slice_make(get->job.state.job.bytes, ID_SIZE);
        get->request.done = on_position;
        status = gateway_ask(exchange->gateway, &get->request);
    }
    return status;
}

static bool must_ask(const struct exchange *exchange, const struct cached_job *job)
{
    return job_json_waits(job->state) &&
           gateway_now_ms(exchange->gateway) - job->waited_at_ms >= POSITION_FRESH_MS;
}

void job_send(struct exchange *exchange, const struct cached_job *job, const char *message)
{
    uint32_t version = job->state->version;
    if (message != NULL) {
        render_and_send(exchange, job->state, NULL, message);
        return;
    }
    if (job_etag_is_known(exchange, version)) {
        char text[ETAG_SIZE];
        respond_empty(exchange, 304, etag_write(version, text));
        return;
    }
    if (must_ask(exchange, job)) {
        if (position_ask(exchange, job->state) != STATUS_OK) {
            render_and_send(exchange, job->state, NULL, NULL);
        }
    } else if (job->body.size > 0) {
        job_body_send(exchange, version, job->body);
    } else {
        render_and_send(exchange, job->state, NULL, NULL);
    }
}
