/* The webhook role: one event to one receiver, in one request. What its answer means for the
 * delivery is decided here. */

#include <stdio.h>
#include <strings.h>
#include "actors/limits.h"
#include "actors/providers.h"
#include "actors/roles.h"
#include "actors/webhook_body.h"
#include "proto/codec.h"

struct delivery {
    struct buffer body;
    struct buffer headers;
};

static void fail(struct task *task, enum fail_kind kind, const char *code, struct slice message)
{
    task_fail(task, kind, code, message, 0);
}

/* ---- what became of the request ---- */

/* The receiver answered with something else than success. */
static void take_refusal(struct task *task, const struct http_response *response)
{
    char code[16];
    char message[96];
    bool redirects = response->status >= 300 && response->status < 400;
    snprintf(code, sizeof(code), "http_%ld", response->status);
    snprintf(message, sizeof(message), "the receiver answered %ld%s", response->status,
             redirects ? "; redirects are not followed" : "");
    enum fail_kind kind = response->status == 410 ? FAIL_KIND_GONE : FAIL_KIND_RETRY;
    task_fail(task, kind, code, slice_from_string(message), response->retry_after_ms);
}

static void take_answer(struct task *task, const struct http_response *response)
{
    char status[8];
    if (response->status < 200 || response->status > 299) {
        take_refusal(task, response);
        return;
    }
    snprintf(status, sizeof(status), "%ld", response->status);
    task_done(task, slice_from_string(status), SLICE_EMPTY, SLICE_EMPTY);
}

static void on_response(struct task *task, void *context, const struct http_response *response)
{
    struct slice error = slice_from_string(response->error);
    (void)context;
    switch (response->outcome) {
    case HTTP_OUTCOME_ANSWERED:
    case HTTP_OUTCOME_TOO_LARGE: /* how it answered is known; what it says is not of interest */
        take_answer(task, response);
        break;
    case HTTP_OUTCOME_FORBIDDEN:
        fail(task, FAIL_KIND_PERMANENT, "address_forbidden",
             SLICE_LITERAL("the receiver's address or port is not one that may be called"));
        break;
    case HTTP_OUTCOME_NOT_MADE:
        fail(task, FAIL_KIND_RETRY, "request_not_possible", error);
        break;
    case HTTP_OUTCOME_NOT_SENT:
        fail(task, FAIL_KIND_RETRY, "unreachable", error);
        break;
    case HTTP_OUTCOME_TIMEOUT:
        fail(task, FAIL_KIND_RETRY, "timeout",
             SLICE_LITERAL("the receiver did not answer within 15 seconds"));
        break;
    case HTTP_OUTCOME_BROKEN:
    case HTTP_OUTCOME_REFUSED:
        fail(task, FAIL_KIND_RETRY, "connection_broken", error);
        break;
    }
}

/* ---- the request ---- */

static enum status write_delivery(struct task *task, const struct message_event *event,
                                  const char *lines[WEBHOOK_HEADERS], size_t *count_out)
{
    struct delivery *delivery = task_state(task);
    const struct message_job *job = task_job(task);
    buffer_init(&delivery->body, WEBHOOK_BODY_SIZE_MAX);
    buffer_init(&delivery->headers, WEBHOOK_HEADERS_SIZE_MAX);
    enum status status = webhook_body_write(job, event, &delivery->body);
    if (status == STATUS_OK) {
        status = webhook_headers_write(job, buffer_slice(&delivery->body), task_now_ms(task),
                                       &delivery->headers, lines, count_out);
    }
    return status;
}

/* The endpoint's address as a string. Returns false when it is none that can be called. */
static bool copy_url(struct slice url, char out[WEBHOOK_URL_SIZE_MAX + 1])
{
    if (url.size == 0 || url.size > WEBHOOK_URL_SIZE_MAX || memchr(url.data, 0, url.size) != NULL) {
        return false;
    }
    memcpy(out, url.data, url.size);
    out[url.size] = '\0';
    return true;
}

/* What the gateway let in once need not be allowed any more. */
static bool may_be_called(struct task *task, const char *url)
{
    static const char secure[] = "https://";
    return task_providers(task)->webhook_private ||
           strncasecmp(url, secure, sizeof(secure) - 1) == 0;
}

static void deliver(struct task *task)
{
    char url[WEBHOOK_URL_SIZE_MAX + 1];
    const char *lines[WEBHOOK_HEADERS];
    size_t line_count = 0;
    const struct message_job *job = task_job(task);
    struct slice record = job->payload;
    struct message message;
    _Static_assert(WEBHOOK_TIMEOUT_MS == 15000, "a text above says so");
    if (!copy_url(job->webhook_url, url)) {
        fail(task, FAIL_KIND_PERMANENT, "endpoint_unavailable",
             SLICE_LITERAL("the endpoint was deleted or disabled"));
        return;
    }
    if (!may_be_called(task, url)) {
        fail(task, FAIL_KIND_PERMANENT, "https_required",
             SLICE_LITERAL("the receiver's address is not one of https"));
        return;
    }
    if (record_read(&record, &message) != STATUS_OK || message.type != MESSAGE_TYPE_EVENT) {
        fail(task, FAIL_KIND_PERMANENT, "event_unreadable",
             SLICE_LITERAL("the event of the delivery cannot be read"));
        return;
    }
    enum status status = write_delivery(task, &message.event, lines, &line_count);
    if (status != STATUS_OK) {
        fail(task, FAIL_KIND_RETRY, "delivery_not_possible",
             slice_from_string(status_name(status)));
        return;
    }
    const struct delivery *delivery = task_state(task);
    const struct http_request request = {
        .url = url,
        .json = buffer_slice(&delivery->body),
        .headers = lines,
        .header_count = line_count,
        .provider = "receiver",
        .purpose = "webhook",
        .timeout_ms = WEBHOOK_TIMEOUT_MS,
        .answer_size_max = WEBHOOK_ANSWER_SIZE_MAX,
        .global_only = !task_providers(task)->webhook_private,
    };
    task_request(task, &request, on_response, NULL);
}

static void end(struct task *task)
{
    struct delivery *delivery = task_state(task);
    buffer_fini(&delivery->body);
    buffer_fini(&delivery->headers);
}

static const struct step steps[] = {
    {100, "delivered", deliver},
};

const struct role role_webhook = {
    .name = "webhook",
    .kind = JOB_KIND_WEBHOOK,
    .state_size = sizeof(struct delivery),
    .steps = steps,
    .step_count = sizeof(steps) / sizeof(steps[0]),
    .end = end,
};
