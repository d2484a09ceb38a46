#include "actors/providers.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "actors/asset_store.h"
#include "base/random.h"

enum {
    IMAGE_ANSWER_SIZE_MAX = IMAGE_SIZE_MAX / 3 * 4 + PROVIDER_ANSWER_SIZE_MAX, /* base64 in JSON */
    IMAGE_RECEIVE_SIZE = 4 << 10, /* thousands may wait with so much that they cannot hand on */
    IMAGE_STALL_S = 2 * PROVIDER_TIMEOUT_S_MAX, /* no answer comes while it is drawn */
};

/* ---- turns: each of thousands of pictures that are finished at once takes megabytes ---- */

static void store_again(struct task *task, void *context);

/* Not stored at once: one that is stored within its own turn would lead to the next one in here. */
static void on_turn(void *context)
{
    struct image_call *call = context;
    if (call->prediction.paid.stage == PAID_STAGE_TAKEN) {
        task_after(call->owner, 0, store_again, call);
    } else {
        task_resume(call->owner);
    }
}

static bool has_turn(struct image_call *call)
{
    return turn_take(&call->turn, &task_providers(call->owner)->pictures, PICTURES_HELD_MAX,
                     on_turn, call);
}

static void keep_pace(struct image_call *call);

/* http_write_function. An answer stays with its sender until its turn has come, but for its
 * beginning, which may be all: an address, or what a sender says while it draws. */
static enum status take_bytes(void *context, struct slice bytes)
{
    struct image_call *call = context;
    bool is_beginning = call->answer.size + bytes.size <= PICTURE_BEGINNING_SIZE_MAX;
    if (!is_beginning && !has_turn(call)) {
        call->was_held_up = true;
        return STATUS_AGAIN;
    }
    if (!is_beginning && !call->is_paced) {
        keep_pace(call);
    }
    return buffer_append_slice(&call->answer, bytes);
}

/* Nothing of a picture is in memory any more. */
static void let_go(struct image_call *call)
{
    buffer_fini(&call->answer);
    turn_end(&call->turn);
}

static void request_answer(struct task *task, struct image_call *call, struct http_request *request,
                           task_response_function *function)
{
    call->was_held_up = false;
    call->is_paced = false;
    buffer_fini(&call->answer);
    buffer_init(&call->answer, request->answer_size_max);
    request->receive_size = IMAGE_RECEIVE_SIZE;
    request->write = take_bytes;
    request->write_context = call;
    request->any_success = true;
    task_request(task, request, function, call);
}

/* ---- the store ---- */

static void store(struct task *task, struct image_call *call);

static void fail_store(struct task *task, struct image_call *call, const char *words)
{
    let_go(call);
    task_fail(task, FAIL_KIND_RETRY, "asset_store", slice_from_string(words), 0);
}

/* The picture is paid for, and nobody else has it, or knows its address: it is kept, or its sender
 * keeps it, while the attempt lasts. */
static void store_again(struct task *task, void *context)
{
    struct image_call *call = context;
    struct asset_store *assets = task_assets(task);
    int64_t wait_ms = 0;
    if (asset_store_takes(assets, &task_job(task)->character, &wait_ms)) {
        if (call->answer.size > 0) {
            store(task, call);
        } else {
            result_fetch(&call->result);
        }
    } else if (wait_ms + STORE_SPARE_MS < task_left_ms(task)) {
        task_after(task, wait_ms, store_again, call);
    } else {
        fail_store(task, call, assets->health.words);
    }
}

/* The picture of a task stays with its provider while the store takes nothing, and the job waits.
 * Returns whether that is so. */
static bool wait_for_store(struct task *task, struct image_call *call)
{
    struct provider_failure failure;
    bool waits = call->prediction.task[0] != '\0' && provider_store_is_bad(task, &failure);
    if (waits) {
        let_go(call);
        provider_fail(task, &failure);
    }
    return waits;
}

static void picture_is_refused(void *context, const char *words)
{
    struct image_call *call = context;
    struct task *task = call->owner;
    call->stores++;
    if (wait_for_store(task, call)) {
        return;
    }
    if (task_assets(task)->health.is_bad && call->stores < IMAGE_STORES_MAX) {
        store_again(task, call);
    } else {
        fail_store(task, call, words);
    }
}

static void picture_is_stored(void *context, const struct asset *asset)
{
    struct image_call *call = context;
    let_go(call);
    paid_succeeded(call->owner, &call->prediction.paid, slice_from_string(call->prediction.task));
    call->done(call->owner, asset);
}

/* ---- a picture that is in memory ---- */

static void take_refusal(struct image_call *call, enum status status)
{
    char words[STORE_WORDS_SIZE];
    snprintf(words, sizeof(words), "%s", asset_writer_error(call->writer, status));
    asset_writer_destroy(&call->writer);
    picture_is_refused(call, words);
}

static void take_stored(void *context, enum status status, const struct asset *stored)
{
    struct image_call *call = context;
    if (status != STATUS_OK) {
        take_refusal(call, status);
        return;
    }
    struct asset asset = *stored;
    snprintf(asset.content_type, sizeof(asset.content_type), "%s", call->picture.content_type);
    asset.width = call->picture.width;
    asset.height = call->picture.height;
    asset_writer_destroy(&call->writer);
    picture_is_stored(call, &asset);
}

/* A picture is written at once: nothing wakes anybody. */
static void on_wake(void *context, enum status status)
{
    (void)context;
    (void)status;
}

static void store(struct task *task, struct image_call *call)
{
    uint8_t random[ID_SIZE];
    const struct asset_plan plan = {
        .character = &task_job(task)->character,
        .extension = call->picture.extension,
        .content_type = call->picture.content_type,
        .size_max = IMAGE_SIZE_MAX,
        .subject = subject_of(task_job(task)),
        .is_whole = true,
    };
    random_bytes(random, sizeof(random));
    enum status status =
        asset_writer_begin(&plan, task_assets(task), random, on_wake, call, &call->writer);
    if (status == STATUS_OK) {
        status = asset_writer_add(call->writer, buffer_slice(&call->answer));
    }
    if (status == STATUS_OK) {
        asset_writer_commit(call->writer, take_stored, call);
    } else {
        take_refusal(call, status);
    }
}

/* Whole pictures only: a cut one would be served for ever. Returns false, and says why, for what is
 * none. */
static bool take_picture(struct task *task, struct image_call *call,
                         struct provider_failure *failure_out)
{
    if (picture_look(buffer_slice(&call->answer), &call->picture) != STATUS_OK) {
        provider_error_of_nonsense("the picture is cut off or of no known format", failure_out);
        return false;
    }
    provider_called(task, &call->prediction.paid, NULL);
    if (has_turn(call)) { /* else it is small, and was all in the beginning */
        store(task, call);
    }
    return true;
}

/* ---- a picture that is to be fetched ---- */

/* A task stays on record: the next attempt asks for its result again. The picture of an answer was
 * made, whatever has come of it: another one is another call, and counts. */
static void picture_is_not_there(void *context, struct provider_failure *failure)
{
    struct image_call *call = context;
    if (call->prediction.task[0] != '\0') {
        provider_fail(call->owner, failure);
        return;
    }
    failure->kind = failure->kind == FAIL_KIND_THROTTLED ? FAIL_KIND_RETRY : failure->kind;
    failure->is_unknown = true;
    failure->is_charged = true;
    paid_fail(call->owner, &call->prediction.paid, failure);
}

static void download(struct task *task, struct image_call *call)
{
    call->result = (struct result_call){
        .task = task,
        .kind = RESULT_KIND_PICTURE,
        .url = call->prediction.result,
        .endpoint = call->prediction.paid.endpoint,
        .stored = picture_is_stored,
        .failed = picture_is_not_there,
        .refused = picture_is_refused,
        .context = call,
    };
    result_begin(&call->result);
    result_fetch(&call->result);
}

/* ---- a picture that is ordered, and polled ---- */

static const struct prediction_kind image_kind = {
    .operation = OPERATION_IMAGE,
    .use = PROVIDER_USE_IMAGE,
    .purpose = "image",
    .poll_ms_max = IMAGE_POLL_MS,
};

static void picture_is_made(struct task *task, void *context)
{
    struct image_call *call = context;
    if (!wait_for_store(task, call)) {
        download(task, call);
    }
}

static void order_is_taken(struct task *task, void *context)
{
    struct image_call *call = context;
    prediction_poll(task, &call->prediction, NULL, picture_is_made);
}

/* ---- the request ---- */

static void refuse(struct task *task, struct image_call *call, struct provider_failure *failure)
{
    let_go(call);
    paid_fail(task, &call->prediction.paid, failure);
}

/* Its time was over while it waited for others to be stored, or its sender's patience: the provider
 * had drawn it. */
static void fail_held_up(struct task *task, struct image_call *call)
{
    struct provider_failure failure = {
        .kind = FAIL_KIND_RETRY,
        .is_unknown = true,
        .is_charged = true,
        .code = "asset_store",
        .message = "the picture waited too long for others to be stored",
    };
    provider_called(task, &call->prediction.paid, NULL);
    refuse(task, call, &failure);
}

static void take_answer(struct task *task, void *context, const struct http_response *response)
{
    struct image_call *call = context;
    struct provider_failure failure;
    if (call->is_paced) {
        task_after_stop(task); /* what comes next may have a delay of its own */
    }
    bool is_cut =
        response->outcome == HTTP_OUTCOME_TIMEOUT || response->outcome == HTTP_OUTCOME_BROKEN;
    if (is_cut && call->was_held_up) {
        fail_held_up(task, call);
        return;
    }
    if (!http_is_success(response)) {
        provider_error_of_response(response, call->prediction.paid.endpoint->key, &failure);
        provider_called(task, &call->prediction.paid, &failure);
        refuse(task, call, &failure);
        return;
    }
    struct image_answer answer;
    bool is_read = image_wire_answer(buffer_slice(&call->answer),
                                     call->prediction.paid.endpoint->key, &answer, &failure);
    buffer_fini(&call->answer);
    if (!is_read) {
        buffer_fini(&answer.bytes);
        provider_called(task, &call->prediction.paid, &failure);
        refuse(task, call, &failure);
        return;
    }
    call->prediction.paid.stage = PAID_STAGE_TAKEN;
    if (answer.url[0] == '\0') {
        call->answer = answer.bytes;
        if (!take_picture(task, call, &failure)) {
            provider_called(task, &call->prediction.paid, &failure);
            refuse(task, call, &failure);
        }
    } else {
        provider_called(task, &call->prediction.paid, NULL);
        let_go(call);
        free(call->prediction.result);
        call->prediction.result = strdup(answer.url);
        if (call->prediction.result != NULL) {
            download(task, call);
        } else {
            task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
        }
    }
}

/* ---- the pace of an answer that has the turn ---- */

/* One that others wait for, and that is so slow that its time will not do for it, is given up. */
static void look_at_pace(struct task *task, void *context)
{
    struct image_call *call = context;
    assert(call->prediction.paid.stage == PAID_STAGE_SENT);
    bool is_slow = call->answer.size - call->paced_size < PICTURE_PACE_SIZE;
    if (is_slow && turn_is_awaited(&call->turn)) {
        const struct http_response response = {
            .outcome = HTTP_OUTCOME_TIMEOUT,
            .retry_after_ms = -1,
            .error = "the answer stood still, and others waited for their turn",
        };
        task_request_abort(task);
        call->was_held_up = false; /* it has had its turn */
        take_answer(task, call, &response);
    } else {
        keep_pace(call);
    }
}

static void keep_pace(struct image_call *call)
{
    const struct provider_endpoint *endpoint = call->prediction.paid.endpoint;
    int64_t timeout_ms = provider_timeout_ms(endpoint, IMAGE_TIMEOUT_MS);
    call->is_paced = true;
    call->paced_size = call->answer.size;
    task_after(call->owner, timeout_ms / PICTURE_PACES, look_at_pace, call);
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
    const struct provider_endpoint *endpoint = call->prediction.paid.endpoint;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_IMAGE, finish_null, call);
        return;
    }
    char url[HTTP_URL_SIZE_MAX + 1];
    char key_line[PAID_KEY_LINE_SIZE];
    const char *const headers[] = {key_line};
    snprintf(url, sizeof(url), "%s/v1/images/generations", endpoint->url);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .json = buffer_slice(&call->prediction.body),
        .provider = endpoint->name,
        .purpose = "image",
        .timeout_ms = provider_timeout_ms(endpoint, IMAGE_TIMEOUT_MS),
        .stall_s = IMAGE_STALL_S,
        .answer_size_max = IMAGE_ANSWER_SIZE_MAX,
        .headers = headers,
        .header_count = paid_key_header(task, &call->prediction.paid, key_line),
        .once = true,
    };
    request_answer(task, call, &request, take_answer);
    buffer_fini(&call->prediction.body);
}

static void ask(struct task *task, struct image_call *call)
{
    struct slice task_id = SLICE_EMPTY;
    struct paid_call *paid = &call->prediction.paid;
    if (paid_begin(task, paid, OPERATION_IMAGE, PROVIDER_USE_IMAGE, submit, &task_id)) {
        /* This API has no tasks: the provider of this name was another one. */
        task_fail(task, FAIL_KIND_PERMANENT, "outcome_unknown",
                  SLICE_LITERAL("the record of the image call is not understood"), 0);
    }
}

static enum status write_request(const struct provider_endpoint *endpoint,
                                 const struct image_order *order, struct buffer *out)
{
    return endpoint->api == PROVIDER_API_WAVESPEED
               ? wavespeed_wire_image_order(order, out)
               : image_wire_request(endpoint->model, order->prompt, out);
}

void provider_image(struct task *task, struct image_call *call, const struct image_order *order,
                    image_function *done)
{
    struct prediction_call *prediction = &call->prediction;
    call->done = done;
    call->owner = task;
    buffer_init(&prediction->body, PROVIDER_ANSWER_SIZE_MAX);
    prediction_plan(task, prediction, &image_kind);
    const struct provider_endpoint *endpoint = prediction->paid.endpoint;
    if (!task_providers(task)->is_null &&
        write_request(endpoint, order, &prediction->body) != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_EMPTY, 0);
    } else if (endpoint->api == PROVIDER_API_WAVESPEED) {
        prediction_submit(task, prediction, &image_kind, order->seed, order_is_taken);
    } else {
        ask(task, call);
    }
}

void image_call_close(struct task *task, struct image_call *call, const struct ending *ending)
{
    asset_writer_destroy(&call->writer);
    result_end(&call->result);
    let_go(call);
    prediction_close(task, &call->prediction, &image_kind, ending);
}

void image_call_fini(struct image_call *call)
{
    asset_writer_destroy(&call->writer);
    result_end(&call->result);
    let_go(call);
    prediction_fini(&call->prediction);
}
