#include "actors/providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An order and its task: submission and polls. */

enum {
    POLL_HALF_WAY_MS = 30000, /* the guess behind the progress of a task that tells none */
    POLL_PERCENT_MAX = 99,
};

struct operation_plan prediction_plan(struct task *task, struct prediction_call *call,
                                      const struct prediction_kind *kind)
{
    return paid_plan(task, &call->paid, kind->operation, kind->use);
}

/* ---- submission ---- */

static void submission_is_durable(struct task *task, void *context)
{
    struct prediction_call *call = context;
    call->is_recorded = true;
    call->submitted(task, call);
}

void prediction_record(struct task *task, struct prediction_call *call)
{
    const struct operation_record record = {
        .operation = call->paid.number,
        .state = OPERATION_STATE_SUBMITTED,
        .provider = call->paid.endpoint->name,
        .repeats = call->paid.is_last,
        .price = call->paid.price,
        .task = slice_from_string(call->task),
    };
    call->paid.stage = PAID_STAGE_TAKEN;
    task_operation(task, &record, submission_is_durable, call);
}

/* Where the provider wants to be polled. Without it, and in later attempts, the API's own address
 * is. */
static void keep_poll_address(struct prediction_call *call, struct slice body)
{
    char url[HTTP_URL_SIZE_MAX + 1];
    if (wavespeed_wire_poll_address(body, call->paid.endpoint->url, url)) {
        free(call->poll_url);
        call->poll_url = strdup(url);
    }
}

static void take_submission(struct task *task, void *context, const struct http_response *response)
{
    struct prediction_call *call = context;
    struct provider_failure failure;
    if (!http_is_success(response)) {
        provider_error_of_response(response, call->paid.endpoint->key, &failure);
        provider_called(task, &call->paid, &failure);
        paid_fail(task, &call->paid, &failure);
        return;
    }
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    bool is_read = wavespeed_wire_submitted(response->body, endpoint->key, call->task, &failure);
    provider_called(task, &call->paid, is_read ? NULL : &failure);
    if (!is_read) {
        paid_fail(task, &call->paid, &failure);
    } else {
        keep_poll_address(call, response->body);
        prediction_record(task, call);
    }
}

static void submit_null(struct task *task, void *context)
{
    struct prediction_call *call = context;
    id_format(&task_job(task)->media, call->task);
    prediction_record(task, call);
}

static void submit(struct task *task, void *context)
{
    struct prediction_call *call = context;
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_SUBMIT, submit_null, call);
        return;
    }
    char url[HTTP_URL_SIZE_MAX + 1];
    char key_line[PAID_KEY_LINE_SIZE];
    const char *const headers[] = {key_line};
    snprintf(url, sizeof(url), "%s/api/v3/%s", endpoint->url, endpoint->model);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .json = buffer_slice(&call->body),
        .provider = endpoint->name,
        .purpose = call->kind->purpose,
        .timeout_ms = provider_timeout_ms(endpoint, SUBMIT_TIMEOUT_MS),
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
        .headers = headers,
        .header_count = paid_key_header(task, &call->paid, key_line),
        .once = true,
    };
    task_request(task, &request, take_submission, call);
    buffer_fini(&call->body);
}

/* The provider does not know the task any more: what became of it nobody can say. Where somebody
 * may have had it dropped it was not lost: the next attempt orders another one. */
static void task_is_lost(struct task *task, struct prediction_call *call)
{
    struct provider_failure failure;
    bool is_dropped = call->is_resumed && !call->is_known && task_job(task)->may_be_dropped;
    provider_error_of_nonsense(is_dropped ? "the provider does not know the task any more that it "
                                            "was told to drop: another one is ordered"
                                          : "the provider does not know its task any more",
                               &failure);
    failure.code = is_dropped ? "provider_task_dropped" : "provider_task_lost";
    failure.kind = is_dropped ? FAIL_KIND_THROTTLED : failure.kind;
    call->paid.gone = slice_from_string(call->task);
    call->paid.is_written_off = is_dropped;
    paid_fail(task, &call->paid, &failure);
}

bool prediction_take_task(struct prediction_call *call, struct slice task_id)
{
    if (!wavespeed_wire_is_task(task_id)) {
        return false;
    }
    memcpy(call->task, task_id.data, task_id.size);
    call->task[task_id.size] = '\0';
    call->is_resumed = true;
    call->is_recorded = true;
    return true;
}

void prediction_submit(struct task *task, struct prediction_call *call,
                       const struct prediction_kind *kind, uint32_t seed, task_function *submitted)
{
    struct slice task_id = SLICE_EMPTY;
    call->kind = kind;
    call->submitted = submitted;
    call->seed = seed;
    call->paid.look_up = prediction_look_up;
    if (paid_begin(task, &call->paid, kind->operation, kind->use, submit, &task_id)) {
        if (prediction_take_task(call, task_id)) {
            call->submitted(task, call);
        } else {
            task_is_lost(task, call);
        }
    }
}

/* ---- polling ---- */

static void poll(struct task *task, void *context);

static int64_t first_poll_ms(struct task *task, const struct prediction_call *call)
{
    int64_t usual_ms = task_providers(task)->poll_ms;
    int64_t own_ms = call->paid.endpoint->poll_ms;
    if (own_ms > 0) {
        return own_ms;
    }
    return usual_ms < call->kind->poll_ms_max ? usual_ms : call->kind->poll_ms_max;
}

static void poll_later(struct task *task, struct prediction_call *call, int64_t retry_after_ms)
{
    int64_t poll_ms_max = POLLS_SLOWER_MAX * first_poll_ms(task, call);
    int64_t delay_ms = call->poll_ms;
    call->poll_ms = delay_ms + delay_ms / 2;
    if (call->poll_ms > poll_ms_max) {
        call->poll_ms = poll_ms_max;
    }
    task_after(task, delay_ms > retry_after_ms ? delay_ms : retry_after_ms, poll, call);
}

/* Rises with the time, and never reaches the end before the task does. */
static uint8_t percent_of(int64_t elapsed_ms)
{
    return (uint8_t)(POLL_PERCENT_MAX * elapsed_ms / (elapsed_ms + POLL_HALF_WAY_MS));
}

static void tell_progress(struct task *task, struct prediction_call *call, uint8_t percent)
{
    if (call->progressed != NULL) {
        call->progressed(task, percent);
    }
}

/* The task runs on while a poll fails. retry_after_ms is what the answer said, if anything. */
static void poll_failed(struct task *task, struct prediction_call *call,
                        const struct provider_failure *failure, int64_t retry_after_ms)
{
    struct provider_failure told = *failure; /* nobody else has the task */
    call->poll_failures += retry_after_ms <= 0;
    bool is_end = failure->kind == FAIL_KIND_PERMANENT ||
                  call->poll_failures >= POLL_FAILURES_MAX || retry_after_ms > POLL_WAIT_MS_MAX;
    bool counts = is_end || call->poll_failures >= POLL_FAILURES_TOLD;
    provider_missed(task, &call->paid, counts, &told);
    if (is_end) {
        provider_fail(task, failure);
    } else {
        poll_later(task, call, retry_after_ms);
    }
}

bool prediction_is_gone(const struct http_response *response)
{
    return response->outcome == HTTP_OUTCOME_ANSWERED &&
           (response->status == 404 || response->status == 410);
}

static void finish(struct task *task, struct prediction_call *call, const char *url)
{
    free(call->result);
    call->result = strdup(url);
    call->is_finished = true;
    if (call->result != NULL) {
        call->finished(task, call);
    } else {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
    }
}

/* It stays on record as made: who has the job tried again pays for no other that is like it. */
static void take_marked(struct task *task, struct prediction_call *call, const char *url,
                        const struct provider_failure *failure)
{
    if (call->paid.endpoint->allows_nsfw && url[0] != '\0') {
        finish(task, call, url);
        return;
    }
    call->is_finished = true;
    provider_fail(task, failure);
}

/* It may still be known at the API's own address. */
static void take_gone(struct task *task, struct prediction_call *call)
{
    if (call->poll_url == NULL) {
        task_is_lost(task, call);
        return;
    }
    free(call->poll_url);
    call->poll_url = NULL;
    poll_later(task, call, 0);
}

static void take_status(struct task *task, struct prediction_call *call, struct slice body)
{
    struct provider_failure failure;
    char url[HTTP_URL_SIZE_MAX + 1];
    enum wavespeed_status status = WAVESPEED_STATUS_RUNNING;
    if (!wavespeed_wire_polled(body, call->paid.endpoint->key, &status, url, &failure)) {
        poll_failed(task, call, &failure, -1); /* a body does not say when to come again */
        return;
    }
    call->poll_failures = 0;
    switch (status) {
    case WAVESPEED_STATUS_RUNNING:
    case WAVESPEED_STATUS_OTHER:
        call->is_known = true;
        tell_progress(task, call, percent_of(task_now_ms(task) - call->polled_since_ms));
        poll_later(task, call, 0);
        break;
    case WAVESPEED_STATUS_COMPLETED:
        finish(task, call, url);
        break;
    case WAVESPEED_STATUS_NSFW:
        take_marked(task, call, url, &failure);
        break;
    case WAVESPEED_STATUS_GONE:
        take_gone(task, call);
        break;
    case WAVESPEED_STATUS_FAILED:
        call->paid.gone = slice_from_string(call->task);
        paid_fail(task, &call->paid, &failure); /* refused in the end: it may be ordered again */
        break;
    }
}

static void take_poll(struct task *task, void *context, const struct http_response *response)
{
    struct prediction_call *call = context;
    struct provider_failure failure;
    if (prediction_is_gone(response)) {
        take_gone(task, call);
        return;
    }
    if (!http_is_success(response)) {
        provider_error_of_response(response, call->paid.endpoint->key, &failure);
        poll_failed(task, call, &failure, response->retry_after_ms);
        return;
    }
    take_status(task, call, response->body);
}

static void poll_null(struct task *task, void *context)
{
    struct prediction_call *call = context;
    call->polls++;
    if (call->polls < NULL_POLLS) {
        tell_progress(task, call, (uint8_t)(100 * call->polls / NULL_POLLS));
        provider_null_wait(task, NULL_CALL_POLL, poll_null, call);
    } else {
        call->finished(task, call);
    }
}

void prediction_ask(struct task *task, struct prediction_call *call, int64_t timeout_ms,
                    task_response_function *take)
{
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/api/v3/predictions/%s/result", endpoint->url, call->task);
    struct http_request request = {
        .url = call->poll_url != NULL ? call->poll_url : url,
        .bearer = endpoint->key,
        .provider = endpoint->name,
        .purpose = "poll",
        .timeout_ms = timeout_ms,
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
    };
    task_request(task, &request, take, call);
}

static void poll(struct task *task, void *context)
{
    struct prediction_call *call = context;
    int64_t timeout_ms = provider_timeout_ms(call->paid.endpoint, POLL_TIMEOUT_MS);
    prediction_ask(task, call, timeout_ms < POLL_TIMEOUT_MS ? timeout_ms : POLL_TIMEOUT_MS,
                   take_poll);
}

void prediction_poll(struct task *task, struct prediction_call *call,
                     prediction_poll_function *progressed, task_function *finished)
{
    call->progressed = progressed;
    call->finished = finished;
    call->polled_since_ms = task_now_ms(task);
    call->poll_ms = first_poll_ms(task, call);
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_POLL, poll_null, call);
    } else {
        poll_later(task, call, 0);
    }
}

void prediction_fini(struct prediction_call *call)
{
    buffer_fini(&call->body);
    free(call->poll_url);
    call->poll_url = NULL;
    free(call->result);
    call->result = NULL;
}
