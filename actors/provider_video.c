#include "actors/providers.h"

#include <stdio.h>
#include <stdlib.h>
#include "actors/asset_store.h"
#include "base/random.h"

enum {
    POLL_HALF_WAY_MS = 30000, /* the guess behind the progress of a task that tells none */
    POLL_PERCENT_MAX = 99,
};

static const char *key_of(struct task *task)
{
    return task_providers(task)->video.key;
}

static bool is_success(const struct http_response *response)
{
    return response->outcome == HTTP_OUTCOME_ANSWERED && response->status == 200;
}

static void fail(struct task *task, const struct provider_failure *failure)
{
    task_fail(task, failure->kind, failure->code, slice_from_string(failure->message),
              failure->retry_after_ms);
}

static void fail_of_response(struct task *task, const struct http_response *response)
{
    struct provider_failure failure;
    provider_error_of_response(response, key_of(task), &failure);
    fail(task, &failure);
}

bool provider_video_is_submitted(struct task *task)
{
    size_t count = 0;
    const struct recorded_operation *operations = task_operations(task, &count);
    const char *name = task_providers(task)->video.name;
    struct operation_plan plan =
        operations_plan(operations, count, OPERATION_VIDEO, slice_from_string(name));
    return plan.advice == OPERATION_ADVICE_RESUME;
}

/* ---- upload ---- */

static void upload_null(struct task *task, void *context)
{
    struct video_call *call = context;
    call->uploaded(task, "null:");
}

static void take_upload(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct provider_failure failure;
    if (!is_success(response)) {
        fail_of_response(task, response);
    } else if (!video_wire_uploaded(response->body, call->url, &failure)) {
        fail(task, &failure);
    } else {
        call->uploaded(task, call->url);
    }
}

void provider_video_upload(struct task *task, struct video_call *call, const char *path,
                           const char *content_type, video_upload_function *uploaded)
{
    const struct provider_endpoint *endpoint = &task_providers(task)->video;
    call->uploaded = uploaded;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_UPLOAD, upload_null, call);
        return;
    }
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/api/v3/media/upload/binary", endpoint->url);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .file_path = path,
        .file_type = content_type,
        .timeout_ms = UPLOAD_TIMEOUT_MS,
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
    };
    task_request(task, &request, take_upload, call);
}

/* ---- submission ---- */

static void submission_is_durable(struct task *task, void *context)
{
    struct video_call *call = context;
    call->is_recorded = true;
    call->submitted(task);
}

static void record_task(struct task *task, struct video_call *call)
{
    const struct operation_record record = {
        .operation = call->paid.number,
        .state = OPERATION_STATE_SUBMITTED,
        .provider = call->paid.provider,
        .repeats = call->paid.is_last,
        .task = slice_from_string(call->task),
    };
    call->paid.stage = PAID_STAGE_TAKEN;
    task_operation(task, &record, submission_is_durable, call);
}

static void take_submission(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct provider_failure failure;
    if (!is_success(response)) {
        provider_error_of_response(response, key_of(task), &failure);
        paid_fail(task, &call->paid, &failure);
    } else if (!video_wire_submitted(response->body, call->task, &failure)) {
        paid_fail(task, &call->paid, &failure);
    } else {
        record_task(task, call);
    }
}

static void submit_null(struct task *task, void *context)
{
    struct video_call *call = context;
    id_format(&task_job(task)->media, call->task);
    record_task(task, call);
}

static void submit(struct task *task, void *context)
{
    struct video_call *call = context;
    const struct provider_endpoint *endpoint = &task_providers(task)->video;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_SUBMIT, submit_null, call);
        return;
    }
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/api/v3/%s", endpoint->url, endpoint->model);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .json = buffer_slice(&call->body),
        .timeout_ms = SUBMIT_TIMEOUT_MS,
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
        .once = true,
    };
    task_request(task, &request, take_submission, call);
    buffer_fini(&call->body);
}

/* The task is one that an earlier attempt ordered. */
static void take_task(struct video_call *call, struct slice task_id)
{
    memcpy(call->task, task_id.data, task_id.size);
    call->task[task_id.size] = '\0';
    call->is_resumed = true;
    call->is_recorded = true;
}

void provider_video_submit(struct task *task, struct video_call *call,
                           const struct video_order *order, video_submit_function *submitted)
{
    call->submitted = submitted;
    buffer_init(&call->body, PROVIDER_ANSWER_SIZE_MAX);
    if (order != NULL && video_wire_order(order, &call->body) != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
        return;
    }
    struct slice task_id = SLICE_EMPTY;
    if (paid_begin(task, &call->paid, OPERATION_VIDEO, task_providers(task)->video.name, submit,
                   &task_id)) {
        take_task(call, task_id);
        call->submitted(task);
    }
}

/* ---- polling ---- */

static void poll(struct task *task, void *context);

static void poll_later(struct task *task, struct video_call *call)
{
    const struct providers *providers = task_providers(task);
    int64_t delay_ms = call->poll_ms;
    call->poll_ms = delay_ms + delay_ms / 2;
    if (call->poll_ms > providers->poll_ms_max) {
        call->poll_ms = providers->poll_ms_max;
    }
    task_after(task, delay_ms, poll, call);
}

/* Rises with the time, and never reaches the end before the task does. */
static uint8_t percent_of(int64_t elapsed_ms)
{
    return (uint8_t)(POLL_PERCENT_MAX * elapsed_ms / (elapsed_ms + POLL_HALF_WAY_MS));
}

/* The provider does not know the task any more: what became of it nobody can say. */
static void task_is_lost(struct task *task, struct video_call *call)
{
    struct provider_failure failure;
    provider_error_of_nonsense("the provider does not know its task any more", &failure);
    failure.code = "provider_task_lost";
    call->task[0] = '\0';
    paid_fail(task, &call->paid, &failure);
}

/* The task runs on while a poll fails. */
static void poll_failed(struct task *task, struct video_call *call,
                        const struct provider_failure *failure)
{
    call->poll_failures++;
    if (failure->kind == FAIL_KIND_PERMANENT || call->poll_failures >= POLL_FAILURES_MAX) {
        fail(task, failure);
    } else {
        poll_later(task, call);
    }
}

static bool is_gone(const struct http_response *response)
{
    return response->outcome == HTTP_OUTCOME_ANSWERED &&
           (response->status == 404 || response->status == 410);
}

static void take_poll(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct provider_failure failure;
    enum video_status status = VIDEO_STATUS_RUNNING;
    if (is_gone(response)) {
        task_is_lost(task, call);
        return;
    }
    if (!is_success(response)) {
        provider_error_of_response(response, key_of(task), &failure);
        poll_failed(task, call, &failure);
        return;
    }
    if (!video_wire_polled(response->body, &status, call->url, &failure)) {
        poll_failed(task, call, &failure);
        return;
    }
    call->poll_failures = 0;
    switch (status) {
    case VIDEO_STATUS_RUNNING:
        call->progressed(task, percent_of(task_now_ms(task) - call->polled_since_ms));
        poll_later(task, call);
        break;
    case VIDEO_STATUS_COMPLETED:
        call->is_finished = true;
        call->finished(task);
        break;
    case VIDEO_STATUS_FAILED:
        call->task[0] = '\0';
        paid_fail(task, &call->paid, &failure); /* refused in the end: it may be ordered again */
        break;
    }
}

static void poll_null(struct task *task, void *context)
{
    struct video_call *call = context;
    call->polls++;
    if (call->polls < NULL_POLLS) {
        call->progressed(task, (uint8_t)(100 * call->polls / NULL_POLLS));
        provider_null_wait(task, NULL_CALL_POLL, poll_null, call);
    } else {
        call->finished(task);
    }
}

static void poll(struct task *task, void *context)
{
    struct video_call *call = context;
    const struct provider_endpoint *endpoint = &task_providers(task)->video;
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/api/v3/predictions/%s/result", endpoint->url, call->task);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .timeout_ms = POLL_TIMEOUT_MS,
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
    };
    task_request(task, &request, take_poll, call);
}

void provider_video_poll(struct task *task, struct video_call *call,
                         video_poll_function *progressed, video_submit_function *finished)
{
    call->progressed = progressed;
    call->finished = finished;
    call->polled_since_ms = task_now_ms(task);
    call->poll_ms = task_providers(task)->poll_ms_min;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_POLL, poll_null, call);
    } else {
        poll_later(task, call);
    }
}

/* ---- download ---- */

static void discard(struct video_call *call)
{
    if (call->writer != NULL) {
        asset_writer_fini(call->writer);
        free(call->writer);
        call->writer = NULL;
    }
}

/* ISO 14496-12: a file begins with its ftyp box. */
static enum status write_video(void *context, struct slice bytes)
{
    struct asset_writer *writer = context;
    if (writer->size == 0 && bytes.size >= 8 && memcmp(bytes.data + 4, "ftyp", 4) != 0) {
        return STATUS_MALFORMED;
    }
    return asset_writer_add(writer, bytes);
}

static void take_video(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct asset asset = {.content_type = "video/mp4"};
    if (response->outcome == HTTP_OUTCOME_FORBIDDEN) {
        discard(call);
        result_fail_forbidden(task);
        return;
    }
    if (!is_success(response)) {
        discard(call);
        fail_of_response(task,
                         response); /* the task stays on record: the next attempt fetches it */
        return;
    }
    enum status status =
        call->writer->size == 0 ? STATUS_MALFORMED : asset_writer_commit(call->writer, &asset);
    discard(call);
    if (status != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "asset_store", slice_from_string(status_name(status)), 0);
        return;
    }
    call->downloaded(task, &asset);
}

static void download_null(struct task *task, void *context)
{
    struct video_call *call = context;
    struct asset asset;
    provider_null_asset(task, true, &asset);
    call->downloaded(task, &asset);
}

void provider_video_download(struct task *task, struct video_call *call, video_function *downloaded)
{
    call->downloaded = downloaded;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_DOWNLOAD, download_null, call);
        return;
    }
    uint8_t random[ID_SIZE];
    random_bytes(random, sizeof(random));
    call->writer = calloc(1, sizeof(*call->writer));
    enum status status = STATUS_NO_MEMORY;
    if (call->writer != NULL) {
        status = asset_writer_begin(call->writer, task_assets(task), &task_job(task)->character,
                                    random, "mp4", VIDEO_SIZE_MAX);
    }
    if (status != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "asset_store", slice_from_string(status_name(status)), 0);
        return;
    }
    struct http_request request = {
        .url = call->url,
        .timeout_ms = DOWNLOAD_TIMEOUT_MS,
        .answer_size_max = VIDEO_SIZE_MAX,
        .write = write_video,
        .write_context = call->writer,
    };
    result_request(task, &request);
    task_request(task, &request, take_video, call);
}

/* ---- the end of an attempt ---- */

/* The task may run on: the next attempt, or who tries the job again, polls it rather than pay
 * twice. The broker may not have been there to record it. */
static void leave_task(struct task *task, struct video_call *call)
{
    if (call->is_recorded) {
        task_closed(task);
    } else {
        paid_close_as(task, &call->paid, OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN,
                      slice_from_string(call->task));
    }
}

static void take_cancellation(struct task *task, void *context,
                              const struct http_response *response)
{
    struct video_call *call = context;
    bool is_answered = response->outcome == HTTP_OUTCOME_ANSWERED && response->status / 100 == 2;
    bool is_dropped = is_answered && video_wire_dropped(response->body);
    if (!is_dropped && !is_gone(response)) {
        leave_task(task, call);
        return;
    }
    paid_close_as(task, &call->paid,
                  is_dropped ? OPERATION_STATE_CANCELLED : OPERATION_STATE_ABANDONED,
                  CHARGE_UNKNOWN, slice_from_string(call->task));
}

static void ask_to_cancel(struct task *task, struct video_call *call)
{
    const struct provider_endpoint *endpoint = &task_providers(task)->video;
    char url[HTTP_URL_SIZE_MAX + 1];
    char body[TASK_SIZE_MAX + 32];
    snprintf(url, sizeof(url), "%s/api/v3/predictions/delete", endpoint->url);
    int size = snprintf(body, sizeof(body), "{\"ids\":[\"%s\"]}", call->task);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .json = slice_make(body, (size_t)size),
        .timeout_ms = CLOSE_MS - 1000, /* time is left to record what came of it */
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
    };
    task_request(task, &request, take_cancellation, call);
}

/* An attempt that ends before it comes to the order may have one on record. */
static void find_task(struct task *task, struct video_call *call)
{
    size_t count = 0;
    const struct recorded_operation *operations = task_operations(task, &count);
    const char *name = task_providers(task)->video.name;
    struct operation_plan plan =
        operations_plan(operations, count, OPERATION_VIDEO, slice_from_string(name));
    if (call->paid.stage == PAID_STAGE_NONE && plan.advice == OPERATION_ADVICE_RESUME) {
        take_task(call, plan.task);
        call->paid.stage = PAID_STAGE_TAKEN;
        call->paid.number = plan.number;
        call->paid.provider = name;
    }
}

void provider_video_close(struct task *task, struct video_call *call, const struct ending *ending)
{
    find_task(task, call);
    bool is_outlived = ending->is_timeout && call->is_resumed;
    if (call->task[0] == '\0') {
        paid_close(task, &call->paid, ending);
    } else if (task_providers(task)->is_null || (!ending->is_final && !is_outlived)) {
        leave_task(task, call);
    } else if (call->is_finished) {
        paid_close_as(task, &call->paid, OPERATION_STATE_FINISHED, CHARGE_YES,
                      slice_from_string(call->task));
    } else {
        ask_to_cancel(task, call);
    }
}

void video_call_fini(struct video_call *call)
{
    discard(call);
    buffer_fini(&call->body);
}
