#include "gateway/jobs.h"

#include "gateway/job_timeline.h"
#include "gateway/lookup.h"
#include "gateway/respond.h"
#include "gateway/validate.h"

static const char *const INCLUDES[] = {"timeline", NULL};

static const struct field_rule RULES[] = {
    {.name = "include", .type = FIELD_WORD, .words = INCLUDES},
    {.name = "wait", .type = FIELD_INTEGER, .min = 0, .max = WAIT_S_MAX},
    {.name = "since", .type = FIELD_INTEGER, .min = 0, .max = UINT32_MAX},
};

/* What a status request asked for besides the job. Its waiting starts at most once. */
struct job_get {
    struct wait wait;
    struct exchange *exchange;
    enum job_family family;
    int64_t wait_s;
    uint32_t since;
    bool timeline;
};

/* ---- GET ---- */

static void on_job_found(struct exchange *exchange, const struct cached_job *job,
                         const struct http_error *error)
{
    const struct job_get *get = exchange->handler_data; /* NULL: asked for nothing besides */
    if (error != NULL) {
        respond_error(exchange, error, NULL);
    } else if (get != NULL && get->timeline) {
        job_timeline_send(exchange, job);
    } else {
        job_send(exchange, job, NULL);
    }
}

static void on_wait_over(struct wait *wait)
{
    struct job_get *get = LIST_OWNER(wait, struct job_get, wait);
    lookup_job(get->exchange, get->family, 0, on_job_found);
}

static void job_get_dispose(void *memory)
{
    struct job_get *get = memory;
    waits_remove(&get->wait);
}

/* Whether the answer must wait for something to happen to the job. */
static bool must_wait(struct job_get *get, const struct message_job_state *state)
{
    if (state->version < get->since) {
        return true;
    }
    if (get->since > 0 || get->wait_s == 0 || job_state_is_terminal(state->state)) {
        return false;
    }
    bool tagged = exchange_header(get->exchange, H2O_TOKEN_IF_NONE_MATCH).size > 0;
    return !tagged || job_etag_is_known(get->exchange, state->version);
}

static void on_waiting_job_found(struct exchange *exchange, const struct cached_job *job,
                                 const struct http_error *error);

static void job_get_start(struct exchange *exchange, enum job_family family,
                          const struct query_string *query)
{
    struct slice text;
    int64_t since = 0;
    struct job_get *get = exchange_hold(exchange, sizeof(*get), job_get_dispose);
    get->exchange = exchange;
    get->family = family;
    if (query_string_find(query, "wait", &text) > 0) {
        validate_integer(text, &get->wait_s);
    }
    if (query_string_find(query, "since", &text) > 0) {
        validate_integer(text, &since);
    }
    get->since = (uint32_t)since;
    get->timeline = query_string_find(query, "include", &text) > 0;
    exchange->handler_data = get;
    lookup_job(exchange, family, 0, on_waiting_job_found);
}

static void on_waiting_job_found(struct exchange *exchange, const struct cached_job *job,
                                 const struct http_error *error)
{
    enum {
        SINCE_WAIT_S = 5 /* how far behind another gateway this one may be */
    };
    struct job_get *get = exchange->handler_data;
    struct gateway *gateway = exchange->gateway;
    if (error != NULL || !must_wait(get, job->state)) {
        on_job_found(exchange, job, error);
        return;
    }
    exchange->is_waiting = true;
    int64_t wait_s = get->wait_s > 0 ? get->wait_s : SINCE_WAIT_S;
    get->wait.deadline_ms = gateway_now_ms(gateway) + wait_s * 1000;
    get->wait.version_min = get->since > 0 ? get->since : job->state->version + 1;
    get->wait.any_version =
        get->since > 0 || exchange_header(exchange, H2O_TOKEN_IF_NONE_MATCH).size > 0;
    get->wait.state = job->state->state;
    get->wait.done = on_wait_over;
    if (waits_add(&gateway->waits, &gateway->hub, &job->state->job, &get->wait) != STATUS_OK) {
        on_job_found(exchange, job, NULL);
    }
}

static void job_get(struct exchange *exchange, enum job_family family)
{
    struct slice text = exchange_query(exchange);
    if (text.size == 0) {
        lookup_job(exchange, family, 0, on_job_found);
        return;
    }
    struct query_string query;
    struct problems problems = {0};
    if (query_string_parse(text, &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        validate_query(RULES, sizeof(RULES) / sizeof(RULES[0]), &query, &problems);
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        job_get_start(exchange, family, &query);
    }
}

void jobs_get_character(struct exchange *exchange)
{
    job_get(exchange, JOB_FAMILY_CHARACTER);
}

void jobs_get_media(struct exchange *exchange)
{
    job_get(exchange, JOB_FAMILY_MEDIA);
}
