#include "actors/providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "actors/asset_store.h"
#include "base/random.h"

static const struct prediction_kind video_kind = {
    .operation = OPERATION_VIDEO,
    .use = PROVIDER_USE_VIDEO,
    .purpose = "video",
    .poll_ms_max = INT64_MAX,
};

bool provider_video_is_submitted(struct task *task, struct video_call *call)
{
    return prediction_plan(task, &call->prediction, &video_kind).advice == OPERATION_ADVICE_RESUME;
}

/* ---- upload ---- */

static void take_address(struct task *task, struct video_call *call, const char *url)
{
    free(call->upload);
    call->upload = strdup(url);
    if (call->upload != NULL) {
        call->uploaded(task);
    } else {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
    }
}

static void upload_null(struct task *task, void *context)
{
    struct video_call *call = context;
    take_address(task, call, "null:");
}

static void take_upload(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct paid_call *paid = &call->prediction.paid;
    struct provider_failure failure;
    char url[HTTP_URL_SIZE_MAX + 1];
    if (!http_is_success(response)) {
        provider_error_of_response(response, paid->endpoint->key, &failure);
        failure.is_unknown = false; /* an upload costs nothing */
        provider_called(task, paid, &failure);
        provider_fail(task, &failure);
        return;
    }
    bool is_read = wavespeed_wire_uploaded(response->body, paid->endpoint->key, url, &failure);
    failure.is_unknown = false;
    provider_called(task, paid, is_read ? NULL : &failure);
    if (!is_read) {
        provider_fail(task, &failure);
    } else {
        take_address(task, call, url);
    }
}

const char *provider_video_name(const struct video_call *call)
{
    return call->prediction.paid.endpoint->name;
}

bool provider_video_is_repeated(struct task *task, struct video_call *call, const char *provider)
{
    struct operation_plan plan = prediction_plan(task, &call->prediction, &video_kind);
    const struct provider_endpoint *endpoint = call->prediction.paid.endpoint;
    return plan.advice == OPERATION_ADVICE_SUBMIT && plan.call != 0 &&
           endpoint->idempotency_header != NULL && strcmp(endpoint->name, provider) == 0;
}

void provider_video_reuse_upload(struct task *task, struct video_call *call, const char *url,
                                 video_step_function *uploaded)
{
    call->uploaded = uploaded;
    take_address(task, call, url);
}

void provider_video_upload(struct task *task, struct video_call *call,
                           const struct video_source *source, video_step_function *uploaded)
{
    call->uploaded = uploaded;
    prediction_plan(task, &call->prediction, &video_kind);
    const struct provider_endpoint *endpoint = call->prediction.paid.endpoint;
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

/* ---- order ---- */

static void order_is_taken(struct task *task, void *context)
{
    struct video_call *call = context;
    call->submitted(task);
}

void provider_video_submit(struct task *task, struct video_call *call,
                           const struct video_order *order, video_step_function *submitted)
{
    call->submitted = submitted;
    buffer_init(&call->prediction.body, PROVIDER_ANSWER_SIZE_MAX);
    if (wavespeed_wire_video_order(order, &call->prediction.body) == STATUS_OK) {
        prediction_submit(task, &call->prediction, &video_kind, order->seed, order_is_taken);
    } else {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
    }
}

static void video_is_made(struct task *task, void *context)
{
    struct video_call *call = context;
    call->finished(task);
}

void provider_video_poll(struct task *task, struct video_call *call,
                         prediction_poll_function *progressed, video_step_function *finished)
{
    call->finished = finished;
    prediction_poll(task, &call->prediction, progressed, video_is_made);
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

static void download(struct task *task, void *context);

/* It is asked for again, from its first byte on. Else the task stays on record: the next attempt
 * fetches its video. */
static void download_again(struct task *task, struct video_call *call,
                           const struct http_response *response,
                           const struct provider_failure *failure)
{
    asset_writer_destroy(&call->writer);
    if (!result_again(task, &call->tries, response, failure, download, call)) {
        provider_fail(task, failure);
    }
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
    paid_succeeded(call->owner, &call->prediction.paid, slice_from_string(call->prediction.task));
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
    } else if (response->outcome != HTTP_OUTCOME_REFUSED && !http_is_success(response)) {
        provider_error_of_download(response, &failure);
        download_again(task, call, response, &failure);
    } else if (!film_boxes_are_whole(&call->boxes)) {
        provider_error_of_nonsense("the video is cut off or of no known format", &failure);
        download_again(task, call, response, &failure);
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
        .url = call->prediction.result,
        .provider = call->prediction.paid.endpoint->name,
        .purpose = "download",
        .timeout_ms = DOWNLOAD_TIMEOUT_MS,
        .answer_size_max = VIDEO_SIZE_MAX,
        .write = write_video,
        .write_context = call,
    };
    result_request(task, call->prediction.paid.endpoint, &request);
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

static void download(struct task *task, void *context)
{
    struct video_call *call = context;
    struct provider_failure failure;
    if (provider_store_is_bad(task, &failure)) {
        provider_fail(task, &failure); /* the task stays on record */
        return;
    }
    uint8_t random[ID_SIZE];
    random_bytes(random, sizeof(random));
    const struct asset_plan plan = {
        .character = &task_job(task)->character,
        .extension = "mp4",
        .content_type = "video/mp4",
        .size_max = VIDEO_SIZE_MAX,
        .subject = subject_of(task_job(task)),
    };
    call->boxes = (struct film_boxes){0};
    call->is_nonsense = false;
    enum status status =
        asset_writer_begin(&plan, task_assets(task), random, on_wake, call, &call->writer);
    call->is_waiting = status == STATUS_AGAIN;
    if (status == STATUS_OK) {
        fetch(task, call);
    } else if (status != STATUS_AGAIN) {
        fail_store(task, NULL, status);
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
    result_begin(&call->tries);
    download(task, call);
}

/* ---- the end of an attempt ---- */

void provider_video_close(struct task *task, struct video_call *call, const struct ending *ending)
{
    asset_writer_destroy(&call->writer);
    prediction_close(task, &call->prediction, &video_kind, ending);
}

void video_call_fini(struct video_call *call)
{
    asset_writer_destroy(&call->writer);
    prediction_fini(&call->prediction);
    free(call->upload);
    call->upload = NULL;
}
