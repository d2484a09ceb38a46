#include "actors/providers.h"

#include <stdio.h>
#include "base/json_writer.h"
#include "base/log.h"

/*
 * An order whose outcome is not known is looked for in the provider's own list before it is made
 * again: the seed, which is the media entry's own, tells it from all others.
 */

enum {
    PAGE_SIZE = 100,         /* predictions: the API's limit */
    PAGES_MAX = 20,          /* since the job was accepted: two thousand predictions */
    CLOCKS_APART_MS = 60000, /* the provider's and ours, at most */
};

static void ask(struct task *task, struct prediction_call *call);

/* Nobody knows whether the order is there: it stays of unknown outcome, and is looked for again. */
static void fail_unanswered(struct task *task, struct prediction_call *call,
                            const struct http_response *response)
{
    struct provider_failure failure;
    provider_error_of_response(response, call->paid.endpoint->key, &failure);
    if (response->outcome == HTTP_OUTCOME_TOO_LARGE) {
        failure.kind = FAIL_KIND_RETRY;
    }
    failure.is_everybodys = false; /* there is no list: orders may work */
    provider_missed(task, &call->paid, true, &failure);
    provider_fail(task, &failure);
}

static void fail_nonsense(struct task *task, const char *what)
{
    struct provider_failure failure;
    provider_error_of_nonsense(what, &failure);
    provider_fail(task, &failure);
}

/* Nothing is there: the next page has it, or it is made again, or given up. */
static void take_absence(struct task *task, struct prediction_call *call, size_t count)
{
    if (count < PAGE_SIZE) {
        call->paid.otherwise(task, &call->paid);
    } else if (call->pages < PAGES_MAX) {
        ask(task, call);
    } else {
        fail_nonsense(task, "the provider's list is too long to look for an order in");
    }
}

/* The order may be one of those: that it is not there is not known. What follows is what follows
 * without lookUp. */
static void warn_untold(struct task *task, const struct prediction_call *call)
{
    char job[ID_TEXT_SIZE];
    id_format(&task_job(task)->job, job);
    log_warn("look-up tells nothing",
             "job=%s request=%.*s provider=%s reason=\"its list does not tell what was asked for\"",
             job, SLICE_PRINT(task_job(task)->request_id), call->paid.endpoint->name);
}

static void take_list(struct task *task, void *context, const struct http_response *response)
{
    struct prediction_call *call = context;
    size_t count = 0;
    if (!http_is_success(response)) {
        fail_unanswered(task, call, response);
        return;
    }
    switch (wavespeed_wire_found(response->body, call->seed, call->task, &count)) {
    case WAVESPEED_FOUND_THERE:
        call->paid.number = call->paid.unknown_number;
        call->paid.is_last = false; /* nothing is repeated */
        paid_call_begins(task, &call->paid, call->paid.unknown_at_ms);
        prediction_record(task, call);
        break;
    case WAVESPEED_FOUND_UNTOLD:
        warn_untold(task, call);
        take_absence(task, call, count);
        break;
    case WAVESPEED_FOUND_NOT_THERE:
        take_absence(task, call, count);
        break;
    case WAVESPEED_FOUND_UNREADABLE:
        fail_nonsense(task, "the provider's list of orders makes no sense");
        break;
    }
}

static enum status write_wish(struct task *task, struct prediction_call *call, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_integer(&writer, "page", ++call->pages);
    json_member_integer(&writer, "page_size", PAGE_SIZE);
    json_member_text(&writer, "model", slice_from_string(call->paid.endpoint->model));
    if (task_job(task)->created_at > CLOCKS_APART_MS) {
        json_member_time(&writer, "created_after", task_job(task)->created_at - CLOCKS_APART_MS);
    }
    json_object_end(&writer);
    return json_writer_status(&writer);
}

static void ask(struct task *task, struct prediction_call *call)
{
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    char url[HTTP_URL_SIZE_MAX + 1];
    struct buffer body;
    buffer_init(&body, PROVIDER_ANSWER_SIZE_MAX);
    snprintf(url, sizeof(url), "%s/api/v3/predictions", endpoint->url);
    if (write_wish(task, call, &body) == STATUS_OK) {
        struct http_request request = {
            .url = url,
            .bearer = endpoint->key,
            .json = buffer_slice(&body),
            .provider = endpoint->name,
            .purpose = "look_up",
            .timeout_ms = provider_timeout_ms(endpoint, POLL_TIMEOUT_MS),
            .answer_size_max = PROVIDER_LIST_SIZE_MAX,
        };
        task_request(task, &request, take_list, call);
    } else {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_LITERAL("no memory for a request"), 0);
    }
    buffer_fini(&body);
}

void prediction_look_up(struct task *task, void *context)
{
    struct prediction_call *call = context;
    call->pages = 0;
    ask(task, call);
}
