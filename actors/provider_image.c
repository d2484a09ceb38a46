#include "actors/providers.h"

#include <stdio.h>
#include <stdlib.h>
#include "actors/asset_store.h"
#include "actors/picture.h"
#include "base/random.h"

enum {
    IMAGE_ANSWER_SIZE_MAX = IMAGE_SIZE_MAX / 3 * 4 + PROVIDER_ANSWER_SIZE_MAX, /* base64 in JSON */
};

static enum status write_asset(struct task *task, const struct picture *picture, struct slice bytes,
                               struct asset *out)
{
    uint8_t random[ID_SIZE];
    random_bytes(random, sizeof(random));
    *out = (struct asset){.width = picture->width, .height = picture->height};
    snprintf(out->content_type, sizeof(out->content_type), "%s", picture->content_type);
    struct asset_writer writer = {0};
    enum status status = asset_writer_begin(&writer, task_assets(task), &task_job(task)->character,
                                            random, picture->extension, IMAGE_SIZE_MAX);
    if (status == STATUS_OK) {
        status = asset_writer_add(&writer, bytes);
    }
    if (status == STATUS_OK) {
        status = asset_writer_commit(&writer, out);
    }
    asset_writer_fini(&writer);
    return status;
}

/* Whole pictures only: a cut one would be served for ever. */
static void take_picture(struct task *task, struct image_call *call, struct slice bytes)
{
    struct picture picture;
    if (picture_look(bytes, &picture) != STATUS_OK) {
        struct provider_failure failure;
        provider_error_of_nonsense("the picture is cut off or of no known format", &failure);
        paid_fail(task, &call->paid, &failure);
        return;
    }
    struct asset asset;
    enum status status = write_asset(task, &picture, bytes, &asset);
    if (status != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "asset_store", slice_from_string(status_name(status)), 0);
        return;
    }
    call->done(task, &asset);
}

/* ---- a picture that is to be fetched ---- */

static void take_download(struct task *task, void *context, const struct http_response *response);

static void download(struct task *task, void *context)
{
    struct image_call *call = context;
    struct http_request request = {
        .url = call->url,
        .timeout_ms = DOWNLOAD_TIMEOUT_MS,
        .answer_size_max = IMAGE_SIZE_MAX,
    };
    result_request(task, &request);
    task_request(task, &request, take_download, call);
}

static void take_download(struct task *task, void *context, const struct http_response *response)
{
    struct image_call *call = context;
    if (response->outcome == HTTP_OUTCOME_ANSWERED && response->status == 200) {
        take_picture(task, call, response->body);
        return;
    }
    if (response->outcome == HTTP_OUTCOME_FORBIDDEN) {
        result_fail_forbidden(task);
        return;
    }
    call->downloads++;
    if (call->downloads < IMAGE_DOWNLOADS_MAX) {
        task_after(task, DOWNLOAD_PAUSE_MS, download, call);
        return;
    }
    struct provider_failure failure;
    provider_error_of_response(response, NULL, &failure);
    failure.is_unknown = true; /* the picture was made, and is paid for */
    paid_fail(task, &call->paid, &failure);
}

/* ---- the request ---- */

static void take_answer(struct task *task, void *context, const struct http_response *response)
{
    struct image_call *call = context;
    struct provider_failure failure;
    if (response->outcome != HTTP_OUTCOME_ANSWERED || response->status != 200) {
        provider_error_of_response(response, task_providers(task)->image.key, &failure);
        paid_fail(task, &call->paid, &failure);
        return;
    }
    struct image_answer answer;
    if (!image_wire_answer(response->body, &answer, &failure)) {
        paid_fail(task, &call->paid, &failure);
        buffer_fini(&answer.bytes);
        return;
    }
    call->paid.stage = PAID_STAGE_TAKEN;
    if (answer.url[0] == '\0') {
        take_picture(task, call, buffer_slice(&answer.bytes));
    } else {
        free(call->url);
        call->url = strdup(answer.url);
        if (call->url != NULL) {
            download(task, call);
        } else {
            task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
        }
    }
    buffer_fini(&answer.bytes);
}

static void finish_null(struct task *task, void *context)
{
    struct image_call *call = context;
    struct asset asset;
    provider_null_asset(task, false, &asset);
    call->done(task, &asset);
}

static void submit(struct task *task, void *context)
{
    struct image_call *call = context;
    const struct provider_endpoint *endpoint = &task_providers(task)->image;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_IMAGE, finish_null, call);
        return;
    }
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/v1/images/generations", endpoint->url);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .json = buffer_slice(&call->body),
        .timeout_ms = IMAGE_TIMEOUT_MS,
        .answer_size_max = IMAGE_ANSWER_SIZE_MAX,
        .once = true,
    };
    task_request(task, &request, take_answer, call);
    buffer_fini(&call->body);
}

void provider_image(struct task *task, struct image_call *call, struct slice prompt,
                    image_function *done)
{
    const struct provider_endpoint *endpoint = &task_providers(task)->image;
    call->done = done;
    buffer_init(&call->body, PROVIDER_ANSWER_SIZE_MAX);
    if (!task_providers(task)->is_null &&
        image_wire_request(endpoint->model, prompt, &call->body) != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
        return;
    }
    struct slice task_id = SLICE_EMPTY;
    if (paid_begin(task, &call->paid, OPERATION_IMAGE, endpoint->name, submit, &task_id)) {
        /* An image API has no tasks: whoever recorded one is not this program. */
        task_fail(task, FAIL_KIND_PERMANENT, "outcome_unknown",
                  SLICE_LITERAL("the record of the image call is not understood"), 0);
    }
}

void image_call_fini(struct image_call *call)
{
    buffer_fini(&call->body);
    free(call->url);
    call->url = NULL;
}
