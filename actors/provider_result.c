#include "actors/providers.h"

#include <stdio.h>
#include <strings.h>
#include "base/random.h"

/*
 * Results, which are paid for, on their way from the address that a provider named into the asset
 * store: never whole in memory. What comes is looked at as it passes, and gets its name when it is
 * whole.
 */

enum {
    PICTURE_RECEIVE_SIZE = 4 << 10, /* bytes: thousands may come at once */
};

static void fetch(struct task *task, void *context);

/* ---- the two kinds ---- */

static enum status look_at(struct result_look *look, enum result_kind kind, struct slice bytes)
{
    switch (kind) {
    case RESULT_KIND_PICTURE:
        return picture_scan_take(&look->picture, bytes);
    case RESULT_KIND_FILM:
        break;
    }
    return film_boxes_take(&look->film, bytes);
}

/* Whole results only: a cut one would be served for ever. */
static bool is_whole(const struct result_call *call)
{
    struct picture picture;
    switch (call->kind) {
    case RESULT_KIND_PICTURE:
        return picture_scan_end(&call->look.picture, &picture) == STATUS_OK;
    case RESULT_KIND_FILM:
        break;
    }
    return film_boxes_are_whole(&call->look.film);
}

static const char *nonsense_of(enum result_kind kind)
{
    return kind == RESULT_KIND_PICTURE ? "the picture is cut off or of no known format"
                                       : "the video is cut off or of no known format";
}

static void describe(const struct result_call *call, struct asset *asset)
{
    const struct picture *picture = &call->look.picture.picture;
    bool is_picture = call->kind == RESULT_KIND_PICTURE;
    snprintf(asset->content_type, sizeof(asset->content_type), "%s",
             is_picture ? picture->content_type : "video/mp4");
    if (is_picture) {
        struct picture whole;
        picture_scan_end(&call->look.picture, &whole);
        asset->width = whole.width;
        asset->height = whole.height;
    }
}

/* ---- the store ---- */

static void refused(struct result_call *call, enum status status)
{
    char words[STORE_WORDS_SIZE];
    snprintf(words, sizeof(words), "%s", asset_writer_error(call->writer, status));
    asset_writer_destroy(&call->writer);
    call->refused(call->context, words);
}

static void take_stored(void *context, enum status status, const struct asset *stored)
{
    struct result_call *call = context;
    if (status != STATUS_OK) {
        refused(call, status);
        return;
    }
    struct asset asset = *stored;
    describe(call, &asset);
    asset_writer_destroy(&call->writer);
    call->stored(call->context, &asset);
}

/* http_write_function. What the writer does not take comes again. */
static enum status take_bytes(void *context, struct slice bytes)
{
    struct result_call *call = context;
    struct result_look look = call->look;
    enum status status = look_at(&look, call->kind, bytes);
    if (status != STATUS_OK) {
        call->is_nonsense = true;
        return status;
    }
    const struct picture *picture = &look.picture.picture;
    if (picture->content_type != NULL && call->look.picture.picture.content_type == NULL) {
        asset_writer_tell(call->writer, picture->extension, picture->content_type);
    }
    status = asset_writer_add(call->writer, bytes);
    call->write_status = status;
    call->is_waiting = status == STATUS_AGAIN && !call->has_begun;
    if (status == STATUS_OK) {
        call->look = look;
        call->has_begun = true;
    }
    return status;
}

/* ---- the sender ---- */

/* Makes a request for a result, which the provider named the address of, one that goes only where
 * the operator lets it go, and that ends when it stands still for the endpoint's time. */
static void make_request(struct task *task, const struct provider_endpoint *endpoint,
                         struct http_request *request)
{
    const struct providers *providers = task_providers(task);
    request->stall_s = provider_timeout_ms(endpoint, HTTP_STALL_S * 1000) / 1000;
    request->follow = true;
    request->global_only = !providers->result_private;
    request->hosts = providers->result_hosts;
}

/* No attempt at the job can have it. */
static void fail_forbidden(struct task *task)
{
    task_fail(task, FAIL_KIND_PERMANENT, "result_forbidden",
              SLICE_LITERAL("the provider's result is at an address that may not be called "
                            "(neither http nor https, TROUPE_RESULT_HOSTS, TROUPE_RESULT_PRIVATE; "
                            "http after https)"),
              0);
}

/* It is asked for again, from its first byte on, while its sender may still have it and the attempt
 * has the time. */
static void fetch_again(struct result_call *call, const struct http_response *response,
                        struct provider_failure *failure)
{
    struct task *task = call->task;
    int64_t told_ms = failure->retry_after_ms;
    int64_t wait_ms = told_ms > call->pause_ms ? told_ms : call->pause_ms;
    uint32_t tries_max = http_may_pass(response) ? RESULT_WAITS_MAX : RESULT_DOWNLOADS_MAX;
    call->failures++;
    call->pause_ms *= 2;
    bool is_wanted = failure->kind != FAIL_KIND_PERMANENT && call->failures < tries_max &&
                     wait_ms + STORE_SPARE_MS < task_left_ms(task);
    asset_writer_destroy(&call->writer);
    if (is_wanted) {
        task_after(task, wait_ms, fetch, call);
    } else {
        call->failed(call->context, failure);
    }
}

/* What another 2xx brings may be a part of it. */
static bool is_there(const struct http_response *response)
{
    return response->outcome == HTTP_OUTCOME_ANSWERED && response->status == 200;
}

static void take_end(struct task *task, void *context, const struct http_response *response)
{
    struct result_call *call = context;
    struct provider_failure failure;
    call->is_asked = false;
    if (call->is_waiting) {
        return; /* its sender had it, and was kept waiting: it is asked again in its turn */
    }
    if (response->outcome == HTTP_OUTCOME_FORBIDDEN) {
        asset_writer_destroy(&call->writer);
        fail_forbidden(task);
    } else if (response->outcome == HTTP_OUTCOME_REFUSED && !call->is_nonsense) {
        refused(call, call->write_status);
    } else if (response->outcome != HTTP_OUTCOME_REFUSED && !is_there(response)) {
        provider_error_of_download(response, &failure);
        fetch_again(call, response, &failure);
    } else if (call->is_nonsense || !is_whole(call)) {
        provider_error_of_nonsense(nonsense_of(call->kind), &failure);
        fetch_again(call, response, &failure);
    } else {
        asset_writer_commit(call->writer, take_stored, call);
    }
}

static void ask(struct result_call *call)
{
    bool is_picture = call->kind == RESULT_KIND_PICTURE;
    struct http_request request = {
        .url = call->url,
        .provider = call->endpoint->name,
        .purpose = "download",
        .timeout_ms = DOWNLOAD_TIMEOUT_MS,
        .answer_size_max = is_picture ? IMAGE_SIZE_MAX : VIDEO_SIZE_MAX,
        .receive_size = is_picture ? PICTURE_RECEIVE_SIZE : 0,
        .write = take_bytes,
        .write_context = call,
    };
    make_request(call->task, call->endpoint, &request);
    call->is_asked = true;
    task_request(call->task, &request, take_end, call);
}

static void on_wake(void *context, enum status status)
{
    struct result_call *call = context;
    if (status != STATUS_OK) {
        task_request_abort(call->task); /* what waits for the writer */
        refused(call, status);
        return;
    }
    call->is_waiting = false;
    if (call->is_asked) {
        task_resume(call->task);
    } else {
        ask(call);
    }
}

/* A picture says itself of which kind it is. */
static void fetch(struct task *task, void *context)
{
    struct result_call *call = context;
    bool is_picture = call->kind == RESULT_KIND_PICTURE;
    uint8_t random[ID_SIZE];
    const struct asset_plan plan = {
        .character = &task_job(task)->character,
        .extension = is_picture ? "png" : "mp4",
        .content_type = is_picture ? "image/png" : "video/mp4",
        .size_max = is_picture ? IMAGE_SIZE_MAX : VIDEO_SIZE_MAX,
        .subject = subject_of(task_job(task)),
    };
    random_bytes(random, sizeof(random));
    call->look = (struct result_look){0};
    call->is_nonsense = false;
    call->has_begun = false;
    enum status status =
        asset_writer_begin(&plan, task_assets(task), random, on_wake, call, &call->writer);
    if (status == STATUS_OK) {
        ask(call);
    } else {
        refused(call, status);
    }
}

void result_begin(struct result_call *call)
{
    call->failures = 0;
    call->pause_ms = DOWNLOAD_PAUSE_MS;
}

/* libcurl would guess what is missing, and ask who is not meant. */
static bool is_whole_address(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

void result_fetch(struct result_call *call)
{
    if (is_whole_address(call->url)) {
        fetch(call->task, call);
    } else {
        fail_forbidden(call->task);
    }
}

void result_end(struct result_call *call)
{
    asset_writer_destroy(&call->writer);
}
