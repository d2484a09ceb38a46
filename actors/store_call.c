#include "actors/store_call.h"

#include <assert.h>
#include <stdio.h>
#include "actors/limits.h"
#include "base/log.h"
#include "base/random.h"

static void on_answer(void *context, const struct http_response *response);

static void end(struct store_call *call, const struct s3_failure *failure,
                const struct http_response *response)
{
    call->tries = 0;
    call->function(call->context, failure, response);
}

/* A request that cannot be made fails like one that was refused. */
static void send(void *context)
{
    struct store_call *call = context;
    struct s3_call made;
    enum status status =
        s3_call_make(call->line->bucket, &call->request, clock_now_ms(call->line->clock), &made);
    call->tries++;
    if (status == STATUS_OK) {
        const bool has_body = call->request.body.size > 0;
        const bool is_get = strcmp(call->request.method, "GET") == 0;
        const struct http_request request = {
            .url = made.url,
            .method = is_get ? NULL : call->request.method,
            .body = has_body ? call->request.body : SLICE_EMPTY,
            .headers = made.lines,
            .header_count = made.line_count,
            .timeout_ms = STORE_TIMEOUT_MS,
            .answer_size_max = call->answer_size_max,
            .write = call->write,
            .write_context = call->context,
        };
        status = http_start(call->line->http, &request, on_answer, call, &call->transfer);
    }
    s3_call_fini(&made);
    if (status != STATUS_OK) {
        struct s3_failure failure = {.kind = S3_FAILURE_REFUSED, .code = "request_not_possible"};
        snprintf(failure.message, sizeof(failure.message), "%s", status_text(status));
        const struct http_response nothing = {.outcome = HTTP_OUTCOME_NOT_SENT, .error = ""};
        end(call, &failure, &nothing);
    }
}

static int64_t pause_ms(const struct store_call *call, int64_t retry_after_ms)
{
    uint32_t random = 0;
    int64_t pause_ms = (int64_t)STORE_PAUSE_MS_MIN << (call->tries - 1);
    random_bytes(&random, sizeof(random));
    if (pause_ms < retry_after_ms) {
        pause_ms = retry_after_ms;
    }
    if (pause_ms > STORE_PAUSE_MS_MAX) {
        pause_ms = STORE_PAUSE_MS_MAX;
    }
    return pause_ms / 2 + random % (uint32_t)(pause_ms / 2 + 1);
}

static void read_failure(const struct http_response *response, struct s3_failure *out)
{
    if (response->outcome == HTTP_OUTCOME_ANSWERED) {
        s3_failure_of_answer(response->status, response->body, out);
        return;
    }
    bool is_ours =
        response->outcome == HTTP_OUTCOME_REFUSED || response->outcome == HTTP_OUTCOME_TOO_LARGE;
    *out = (struct s3_failure){.kind = is_ours ? S3_FAILURE_REFUSED : S3_FAILURE_TRANSIENT};
    snprintf(out->code, sizeof(out->code), is_ours ? "answer_not_taken" : "no_answer");
    snprintf(out->message, sizeof(out->message), "%s: %.160s",
             is_ours ? "the object store's answer is not taken"
                     : "the object store does not answer",
             response->error);
}

static void on_answer(void *context, const struct http_response *response)
{
    struct store_call *call = context;
    struct s3_failure failure;
    call->transfer = NULL;
    read_failure(response, &failure);
    if (failure.kind != S3_FAILURE_TRANSIENT || call->tries >= STORE_TRIES_MAX) {
        end(call, &failure, response);
        return;
    }
    log_warn("object store failed, trying again", "job=%s request=%s method=%s try=%u code=%s",
             call->subject.job, call->subject.request, call->request.method, call->tries,
             failure.code);
    if (call->restart != NULL) {
        call->restart(call->context);
    }
    loop_timer_start(call->line->loop, &call->pause, pause_ms(call, response->retry_after_ms));
}

void store_call_start(struct store_call *call)
{
    assert(!store_call_is_running(call));
    call->pause = (struct timer){.fire = send, .context = call};
    if (call->answer_size_max == 0) {
        call->answer_size_max = STORE_ANSWER_SIZE_MAX;
    }
    loop_timer_start(call->line->loop, &call->pause, 0);
}

void store_call_cancel(struct store_call *call)
{
    if (call->line != NULL) {
        loop_timer_stop(call->line->loop, &call->pause);
        http_cancel(&call->transfer);
        call->tries = 0;
    }
}

bool store_call_is_running(const struct store_call *call)
{
    return call->transfer != NULL || timer_is_running(&call->pause);
}
