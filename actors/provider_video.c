#include "actors/providers.h"

#include <stdio.h>
#include <stdlib.h>
#include "actors/asset_store.h"
#include "base/random.h"

enum {
    POLL_HALF_WAY_MS = 30000, /* the guess behind the progress of a task that tells none */
    POLL_PERCENT_MAX = 99,
};

static bool is_success(const struct http_response *response)
{
    return response->outcome == HTTP_OUTCOME_ANSWERED && response->status == 200;
}

static void fail(struct task *task, const struct provider_failure *failure)
{
    task_fail(task, failure->kind, failure->code, slice_from_string(failure->message),
              failure->retry_after_ms);
}

/* What the provider's own answer says of it. */
static void explain(struct task *task, struct video_call *call,
                    const struct http_response *response, bool may_be_charged,
                    struct provider_failure *out)
{
    provider_error_of_response(response, call->paid.endpoint->key, out);
    out->is_unknown = out->is_unknown && may_be_charged;
    provider_called(task, &call->paid, out);
}

static void is_answered(struct task *task, struct video_call *call)
{
    provider_called(task, &call->paid, NULL);
}

struct operation_plan video_plan(struct task *task, struct video_call *call)
{
    return paid_plan(task, &call->paid, OPERATION_VIDEO, PROVIDER_USE_VIDEO);
}

bool provider_video_is_submitted(struct task *task, struct video_call *call)
{
    return video_plan(task, call).advice == OPERATION_ADVICE_RESUME;
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
        explain(task, call, response, false, &failure);
        fail(task, &failure);
        return;
    }
    is_answered(task, call);
    if (!video_wire_uploaded(response->body, call->url, &failure)) {
        fail(task, &failure);
    } else {
        call->uploaded(task, call->url);
    }
}

void provider_video_upload(struct task *task, struct video_call *call,
                           const struct video_source *source, video_upload_function *uploaded)
{
    call->uploaded = uploaded;
    video_plan(task, call);
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_UPLOAD, upload_null, call);
        return;
    }
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/api/v3/media/upload/binary", endpoint->url);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .file_path = source->path,
        .file_name = source->name,
        .file_type = source->content_type,
        .provider = endpoint->name,
        .purpose = "upload",
        .timeout_ms = provider_timeout_ms(endpoint, UPLOAD_TIMEOUT_MS),
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

void video_record_task(struct task *task, struct video_call *call)
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

static void take_submission(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct provider_failure failure;
    if (!is_success(response)) {
        explain(task, call, response, true, &failure);
        paid_fail(task, &call->paid, &failure);
        return;
    }
    is_answered(task, call);
    if (!video_wire_submitted(response->body, call->task, &failure)) {
        paid_fail(task, &call->paid, &failure);
    } else {
        video_record_task(task, call);
    }
}

static void submit_null(struct task *task, void *context)
{
    struct video_call *call = context;
    id_format(&task_job(task)->media, call->task);
    video_record_task(task, call);
}

static void submit(struct task *task, void *context)
{
    struct video_call *call = context;
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
        .purpose = "video",
        .timeout_ms = provider_timeout_ms(endpoint, SUBMIT_TIMEOUT_MS),
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
        .headers = headers,
        .header_count = paid_key_header(task, &call->paid, key_line),
        .once = true,
    };
    task_request(task, &request, take_submission, call);
    buffer_fini(&call->body);
}

/* The provider does not know the task any more: what became of it nobody can say. */
static void task_is_lost(struct task *task, struct video_call *call)
{
    struct provider_failure failure;
    provider_error_of_nonsense("the provider does not know its task any more", &failure);
    failure.code = "provider_task_lost";
    call->paid.gone = slice_from_string(call->task);
    paid_fail(task, &call->paid, &failure);
}

bool video_take_task(struct video_call *call, struct slice task_id)
{
    if (!video_wire_is_task(task_id)) {
        return false;
    }
    memcpy(call->task, task_id.data, task_id.size);
    call->task[task_id.size] = '\0';
    call->is_resumed = true;
    call->is_recorded = true;
    return true;
}

void provider_video_submit(struct task *task, struct video_call *call,
                           const struct video_order *order, video_submit_function *submitted)
{
    call->submitted = submitted;
    call->seed = order == NULL ? 0 : order->seed;
    call->paid.look_up = order == NULL ? NULL : video_look_up;
    buffer_init(&call->body, PROVIDER_ANSWER_SIZE_MAX);
    if (order != NULL && video_wire_order(order, &call->body) != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
        return;
    }
    struct slice task_id = SLICE_EMPTY;
    if (paid_begin(task, &call->paid, OPERATION_VIDEO, PROVIDER_USE_VIDEO, submit, &task_id)) {
        if (video_take_task(call, task_id)) {
            call->submitted(task);
        } else {
            task_is_lost(task, call);
        }
    }
}

/* ---- polling ---- */

static void poll(struct task *task, void *context);

static void poll_later(struct task *task, struct video_call *call, int64_t retry_after_ms)
{
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    int64_t poll_ms_max = endpoint->poll_ms > 0 ? POLLS_SLOWER_MAX * endpoint->poll_ms
                                                : task_providers(task)->poll_ms_max;
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

/* The task runs on while a poll fails. retry_after_ms is what the answer said, if anything. */
static void poll_failed(struct task *task, struct video_call *call,
                        const struct provider_failure *failure, int64_t retry_after_ms)
{
    call->poll_failures += retry_after_ms <= 0;
    if (failure->kind == FAIL_KIND_PERMANENT || call->poll_failures >= POLL_FAILURES_MAX ||
        retry_after_ms > POLL_WAIT_MS_MAX) {
        fail(task, failure);
    } else {
        poll_later(task, call, retry_after_ms);
    }
}

bool video_is_gone(const struct http_response *response)
{
    return response->outcome == HTTP_OUTCOME_ANSWERED &&
           (response->status == 404 || response->status == 410);
}

static void take_poll(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct provider_failure failure;
    enum video_status status = VIDEO_STATUS_RUNNING;
    if (video_is_gone(response)) {
        task_is_lost(task, call);
        return;
    }
    if (!is_success(response)) {
        provider_error_of_response(response, call->paid.endpoint->key, &failure);
        struct provider_failure told = failure; /* nobody else has the task */
        provider_called(task, &call->paid, &told);
        poll_failed(task, call, &failure, response->retry_after_ms);
        return;
    }
    is_answered(task, call);
    if (!video_wire_polled(response->body, call->paid.endpoint->key, &status, call->url,
                           &failure)) {
        poll_failed(task, call, &failure, 0);
        return;
    }
    call->poll_failures = 0;
    switch (status) {
    case VIDEO_STATUS_RUNNING:
        call->progressed(task, percent_of(task_now_ms(task) - call->polled_since_ms));
        poll_later(task, call, 0);
        break;
    case VIDEO_STATUS_COMPLETED:
        call->is_finished = true;
        call->finished(task);
        break;
    case VIDEO_STATUS_FAILED:
        call->paid.gone = slice_from_string(call->task);
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
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    int64_t timeout_ms = provider_timeout_ms(endpoint, POLL_TIMEOUT_MS);
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/api/v3/predictions/%s/result", endpoint->url, call->task);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .provider = endpoint->name,
        .purpose = "poll",
        .timeout_ms = timeout_ms < POLL_TIMEOUT_MS ? timeout_ms : POLL_TIMEOUT_MS,
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
    call->poll_ms = call->paid.endpoint->poll_ms > 0 ? call->paid.endpoint->poll_ms
                                                     : task_providers(task)->poll_ms_min;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_POLL, poll_null, call);
    } else {
        poll_later(task, call, 0);
    }
}

/* ---- download ---- */

static void fail_store(struct task *task, const struct asset_writer *writer, enum status status)
{
    const char *words = writer == NULL ? status_name(status) : asset_writer_error(writer, status);
    task_fail(task, FAIL_KIND_RETRY, "asset_store", slice_from_string(words), 0);
}

static enum status write_video(void *context, struct slice bytes)
{
    struct video_call *call = context;
    struct film_boxes boxes = call->boxes;
    enum status status = film_boxes_take(&boxes, bytes);
    if (status != STATUS_OK) {
        call->is_nonsense = true;
        return status;
    }
    status = asset_writer_add(call->writer, bytes);
    if (status == STATUS_OK) { /* else they may come again */
        call->boxes = boxes;
    }
    return status;
}

/* The task stays on record: the next attempt fetches its video. */
static void fail_download(struct task *task, struct video_call *call,
                          const struct provider_failure *failure)
{
    asset_writer_destroy(&call->writer);
    fail(task, failure);
}

static void take_stored(void *context, enum status status, const struct asset *stored)
{
    struct video_call *call = context;
    if (status != STATUS_OK) {
        fail_store(call->owner, call->writer, status);
        return;
    }
    struct asset asset = *stored;
    snprintf(asset.content_type, sizeof(asset.content_type), "video/mp4");
    asset_writer_destroy(&call->writer);
    paid_succeeded(call->owner, &call->paid, slice_from_string(call->task));
    call->downloaded(call->owner, &asset);
}

static void take_video(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct provider_failure failure;
    if (response->outcome == HTTP_OUTCOME_FORBIDDEN) {
        asset_writer_destroy(&call->writer);
        result_fail_forbidden(task);
    } else if (response->outcome == HTTP_OUTCOME_REFUSED && !call->is_nonsense) {
        fail_store(task, call->writer, STATUS_IO);
    } else if (response->outcome != HTTP_OUTCOME_REFUSED && !is_success(response)) {
        provider_error_of_download(response, &failure);
        fail_download(task, call, &failure);
    } else if (!film_boxes_are_whole(&call->boxes)) {
        provider_error_of_nonsense("the video is cut off or of no known format", &failure);
        fail_download(task, call, &failure);
    } else {
        asset_writer_commit(call->writer, take_stored, call);
    }
}

static void download_null(struct task *task, void *context)
{
    struct video_call *call = context;
    struct asset asset;
    provider_null_asset(task, true, &asset);
    call->downloaded(task, &asset);
}

static void fetch(struct task *task, struct video_call *call)
{
    struct http_request request = {
        .url = call->url,
        .provider = call->paid.endpoint->name,
        .purpose = "download",
        .timeout_ms = DOWNLOAD_TIMEOUT_MS,
        .answer_size_max = VIDEO_SIZE_MAX,
        .write = write_video,
        .write_context = call,
    };
    result_request(task, call->paid.endpoint, &request);
    task_request(task, &request, take_video, call);
}

static void on_wake(void *context, enum status status)
{
    struct video_call *call = context;
    if (status != STATUS_OK) {
        fail_store(call->owner, call->writer, status); /* ends the transfer that waits */
    } else if (call->is_waiting) {
        call->is_waiting = false;
        fetch(call->owner, call);
    } else {
        task_resume(call->owner);
    }
}

void provider_video_download(struct task *task, struct video_call *call, video_function *downloaded)
{
    call->downloaded = downloaded;
    call->owner = task;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_DOWNLOAD, download_null, call);
        return;
    }
    struct provider_failure failure;
    if (provider_store_is_bad(task, &failure)) {
        fail(task, &failure); /* the task stays on record */
        return;
    }
    uint8_t random[ID_SIZE];
    random_bytes(random, sizeof(random));
    const struct asset_plan plan = {
        .character = &task_job(task)->character,
        .extension = "mp4",
        .content_type = "video/mp4",
        .size_max = VIDEO_SIZE_MAX,
    };
    enum status status =
        asset_writer_begin(&plan, task_assets(task), random, on_wake, call, &call->writer);
    call->is_waiting = status == STATUS_AGAIN;
    if (status == STATUS_OK) {
        fetch(task, call);
    } else if (status != STATUS_AGAIN) {
        fail_store(task, NULL, status);
    }
}

void video_call_fini(struct video_call *call)
{
    asset_writer_destroy(&call->writer);
    buffer_fini(&call->body);
}
