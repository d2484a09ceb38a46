#include "actors/providers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct prediction_kind video_kind = {
    .operation = OPERATION_VIDEO,
    .use = PROVIDER_USE_VIDEO,
    .purpose = "video",
    .poll_ms_max = INT64_MAX,
};

bool provider_video_is_submitted(struct task *task, struct video_call *call)
{
    struct operation_plan plan = prediction_plan(task, &call->prediction, &video_kind);
    return plan.advice == OPERATION_ADVICE_RESUME || plan.advice == OPERATION_ADVICE_WAIT;
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

/* It costs nothing, so nothing of it is unknown. */
static void fail_upload(struct task *task, const struct paid_call *paid,
                        struct provider_failure *failure)
{
    failure->is_unknown = false;
    provider_missed(task, paid, true, failure);
    provider_fail(task, failure);
}

static void take_upload(struct task *task, void *context, const struct http_response *response)
{
    struct video_call *call = context;
    struct paid_call *paid = &call->prediction.paid;
    struct provider_failure failure;
    char url[HTTP_URL_SIZE_MAX + 1];
    if (!http_is_success(response)) {
        provider_error_of_response(response, paid->endpoint->key, &failure);
        fail_upload(task, paid, &failure);
        return;
    }
    if (!wavespeed_wire_uploaded(response->body, paid->endpoint->key, url, &failure)) {
        fail_upload(task, paid, &failure);
    } else {
        task_call_ends(task, 0);
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
    task_call_begins(task, endpoint->name, CALL_PURPOSE_UPLOAD, task_now_ms(task));
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

static void download_null(struct task *task, void *context)
{
    struct video_call *call = context;
    struct asset asset;
    provider_null_asset(task, true, &asset);
    call->downloaded(task, &asset);
}

static void video_is_stored(void *context, const struct asset *asset)
{
    struct video_call *call = context;
    paid_succeeded(call->owner, &call->prediction.paid, slice_from_string(call->prediction.task));
    call->downloaded(call->owner, asset);
}

/* The task stays on record in both cases: the next attempt fetches its video. */
static void video_is_not_there(void *context, struct provider_failure *failure)
{
    struct video_call *call = context;
    provider_fail(call->owner, failure);
}

static void video_is_refused(void *context, const char *words)
{
    struct video_call *call = context;
    task_fail(call->owner, FAIL_KIND_RETRY, "asset_store", slice_from_string(words), 0);
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
        provider_fail(task, &failure); /* the task stays on record */
        return;
    }
    call->result = (struct result_call){
        .task = task,
        .kind = RESULT_KIND_FILM,
        .url = call->prediction.result,
        .endpoint = call->prediction.paid.endpoint,
        .stored = video_is_stored,
        .failed = video_is_not_there,
        .refused = video_is_refused,
        .context = call,
    };
    result_begin(&call->result);
    result_fetch(&call->result);
}

/* ---- the end of an attempt ---- */

void provider_video_close(struct task *task, struct video_call *call, const struct ending *ending)
{
    result_end(&call->result);
    prediction_close(task, &call->prediction, &video_kind, ending);
}

void video_call_fini(struct video_call *call)
{
    result_end(&call->result);
    prediction_fini(&call->prediction);
    free(call->upload);
    call->upload = NULL;
}
