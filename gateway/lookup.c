#include "gateway/lookup.h"

struct lookup {
    struct request request; /* GET_JOB */
    struct exchange *exchange;
    enum job_family family;
    struct id job;
    uint64_t ticket; /* of the cache's fill */
    bool filling;
    lookup_done *done;
};

enum job_family job_family_of(enum job_kind kind)
{
    if (kind == JOB_KIND_WEBHOOK) {
        return JOB_FAMILY_NONE;
    }
    return kind == JOB_KIND_CHARACTER ? JOB_FAMILY_CHARACTER : JOB_FAMILY_MEDIA;
}

static bool job_is_visible(const struct exchange *exchange, enum job_family family,
                           const struct message_job_state *state)
{
    if (family == JOB_FAMILY_ANY) {
        return true; /* the route says who may ask */
    }
    return job_family_of(state->kind) == family && exchange_may_see(exchange, state->owner);
}

/* Whether a job's time is over, even if the broker has not let it go yet. */
static bool job_is_expired(const struct exchange *exchange, const struct message_job_state *state)
{
    return state->code == REPLY_CODE_EXPIRED ||
           (state->expires_at != 0 && state->expires_at <= gateway_now_ms(exchange->gateway));
}

static void finish(struct exchange *exchange, enum job_family family, const struct cached_job *job,
                   lookup_done *done)
{
    if (!job_is_visible(exchange, family, job->state)) {
        done(exchange, NULL, &HTTP_ERROR_JOB_NOT_FOUND);
    } else if (job_is_expired(exchange, job->state)) {
        done(exchange, NULL, &HTTP_ERROR_JOB_EXPIRED);
    } else {
        done(exchange, job, NULL);
    }
}

static void lookup_dispose(void *memory)
{
    struct lookup *lookup = memory;
    struct gateway *gateway = lookup->exchange->gateway;
    requests_remove(&gateway->requests, &lookup->request);
    if (lookup->filling) {
        cache_fill_end(gateway->cache, lookup->ticket, &lookup->job, NULL);
    }
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct lookup *lookup = LIST_OWNER(request, struct lookup, request);
    struct exchange *exchange = lookup->exchange;
    struct cache *cache = exchange->gateway->cache;
    const struct message_job_state *state =
        answer->message == NULL ? NULL : &answer->message->job_state;
    bool found = state != NULL && state->code == REPLY_CODE_OK;
    bool is_told = found && state->kind != JOB_KIND_WEBHOOK; /* of deliveries no event is */
    lookup->filling = false;
    cache_fill_end(cache, lookup->ticket, &lookup->job, is_told ? state : NULL);
    if (state == NULL) {
        lookup->done(exchange, NULL, &HTTP_ERROR_BROKER_UNAVAILABLE);
    } else if (!found && state->code != REPLY_CODE_EXPIRED) {
        lookup->done(exchange, NULL, http_error_of_reply(state->code));
    } else {
        struct cached_job job = {.state = state};
        struct cached_job cached;
        if (found && cache_find(cache, &lookup->job, &cached) &&
            cached.state->version >= state->version) {
            job = cached;
        }
        finish(exchange, lookup->family, &job, lookup->done);
    }
}

static void ask(struct exchange *exchange, enum job_family family, const struct id *job,
                lookup_done *done)
{
    struct gateway *gateway = exchange->gateway;
    struct lookup *lookup = exchange_hold(exchange, sizeof(*lookup), lookup_dispose);
    lookup->exchange = exchange;
    lookup->family = family;
    lookup->job = *job;
    lookup->done = done;
    lookup->request.done = on_answer;
    lookup->request.message.type = MESSAGE_TYPE_GET_JOB;
    lookup->request.message.get_job.job = *job;
    if (gateway_ask(gateway, &lookup->request) != STATUS_OK) {
        done(exchange, NULL, &HTTP_ERROR_BUSY);
        return;
    }
    lookup->ticket = cache_fill_begin(gateway->cache, job);
    lookup->filling = true;
}

void lookup_job(struct exchange *exchange, enum job_family family, uint32_t version_min,
                lookup_done *done)
{
    struct id id;
    if (exchange_id(exchange, 0, &id) == STATUS_OK) {
        lookup_job_by_id(exchange, family, &id, version_min, done);
    } else {
        done(exchange, NULL, &HTTP_ERROR_JOB_NOT_FOUND);
    }
}

void lookup_job_by_id(struct exchange *exchange, enum job_family family, const struct id *id,
                      uint32_t version_min, lookup_done *done)
{
    struct gateway *gateway = exchange->gateway;
    struct cached_job job;
    if (session_is_current(&gateway->session, gateway_now_ms(gateway)) &&
        cache_find(gateway->cache, id, &job) && job.state->version >= version_min) {
        finish(exchange, family, &job, done);
    } else {
        ask(exchange, family, id, done);
    }
}
