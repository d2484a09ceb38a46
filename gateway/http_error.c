#include "gateway/http_error.h"

#include <stdarg.h>
#include <stdio.h>
#include "base/json_writer.h"

const struct http_error HTTP_ERROR_NO_ROUTE = {404, "not_found", "Nothing here", 0};
const struct http_error HTTP_ERROR_NO_METHOD = {405, "method_not_allowed",
                                                "This resource has no such method", 0};
const struct http_error HTTP_ERROR_UNAUTHORIZED = {401, "unauthorized",
                                                   "A valid bearer token is required", 0};
const struct http_error HTTP_ERROR_TOKEN_EXPIRED = {401, "token_expired",
                                                    "The bearer token has expired", 0};
const struct http_error HTTP_ERROR_FORBIDDEN = {403, "forbidden",
                                                "The role of this token does not allow that", 0};
const struct http_error HTTP_ERROR_NOT_MEANT = {
    403, "request_header_missing",
    "With the cookie alone, the header X-Troupe-Request: 1 is needed", 0};
const struct http_error HTTP_ERROR_BODY_TOO_LARGE = {413, "body_too_large",
                                                     "The body is larger than 65536 bytes", 0};
const struct http_error HTTP_ERROR_MEDIA_TYPE = {415, "unsupported_media_type",
                                                 "The body must be application/json in UTF-8", 0};
const struct http_error HTTP_ERROR_VALIDATION = {400, "validation_failed",
                                                 "The request is not valid", 0};
const struct http_error HTTP_ERROR_JOB_NOT_FOUND = {404, "job_not_found", "Job not found", 0};
const struct http_error HTTP_ERROR_JOB_EXPIRED = {
    410, "job_expired", "The job ended long ago and is kept no longer", 0};
const struct http_error HTTP_ERROR_CHARACTER_NOT_FOUND = {404, "character_not_found",
                                                          "Character not found", 0};
const struct http_error HTTP_ERROR_MEDIA_NOT_FOUND = {404, "media_not_found", "Media not found", 0};
const struct http_error HTTP_ERROR_ASSET_NOT_FOUND = {404, "asset_not_found", "Asset not found", 0};
const struct http_error HTTP_ERROR_WEBHOOK_NOT_FOUND = {404, "webhook_not_found",
                                                        "Webhook not found", 0};
const struct http_error HTTP_ERROR_DELIVERY_NOT_FOUND = {404, "delivery_not_found",
                                                         "Delivery not found", 0};
const struct http_error HTTP_ERROR_DELIVERY_SPENT = {
    409, "not_retryable", "A delivery can be replayed 100 times at most", 0};
const struct http_error HTTP_ERROR_BATCH_NOT_FOUND = {404, "batch_not_found", "Batch not found", 0};
const struct http_error HTTP_ERROR_GROUP_NOT_FOUND = {404, "group_not_found",
                                                      "Batch or pipeline not found", 0};
const struct http_error HTTP_ERROR_PIPELINE_NOT_FOUND = {404, "pipeline_not_found",
                                                         "Pipeline not found", 0};
const struct http_error HTTP_ERROR_BATCH_ENDED = {409, "already_ended", "All its jobs have ended",
                                                  0};
const struct http_error HTTP_ERROR_BATCH_TOO_LARGE = {413, "body_too_large",
                                                      "The body is larger than 524288 bytes", 0};
const struct http_error HTTP_ERROR_QUEUE_NOT_FOUND = {404, "queue_not_found", "Queue not found", 0};
const struct http_error HTTP_ERROR_WORKER_NOT_FOUND = {404, "worker_not_found", "Worker not found",
                                                       0};
const struct http_error HTTP_ERROR_WORKER_ENDS = {409, "worker_stopping", "The worker is stopping",
                                                  0};
const struct http_error HTTP_ERROR_RANGE = {416, "range_not_satisfiable",
                                            "The range is outside the asset", 0};
const struct http_error HTTP_ERROR_RATE_LIMITED = {429, "rate_limited",
                                                   "Too many jobs submitted in a short time", 0};
const struct http_error HTTP_ERROR_OVER_BUDGET = {
    402, "budget_exceeded", "This would cost more than may be spent today", 0};
const struct http_error HTTP_ERROR_BROKER_UNAVAILABLE = {
    503, "broker_unavailable", "The queue cannot be reached at the moment", 1};
const struct http_error HTTP_ERROR_OUTCOME_UNKNOWN = {
    503, "outcome_unknown",
    "The queue did not confirm in time; repeat with the same Idempotency-Key", 1};
const struct http_error HTTP_ERROR_BUSY = {503, "busy",
                                           "Too many requests are waiting for the queue", 1};
const struct http_error HTTP_ERROR_STORE_FAILED = {502, "asset_store_failed",
                                                   "The store of the assets failed", 0};
const struct http_error HTTP_ERROR_STORE_LATE = {
    504, "asset_store_late", "The store of the assets did not answer in time", 0};
const struct http_error HTTP_ERROR_INTERNAL = {500, "internal", "The server failed", 0};

static const struct http_error BAD_REQUEST = {400, "bad_request", "The request is malformed", 0};
static const struct http_error EXPECTATION = {417, "expectation_failed",
                                              "Only Expect: 100-continue is known", 0};
static const struct http_error SOURCE_UNSUITABLE = {
    409, "source_unsuitable", "The source is not a finished image of this character", 0};
static const struct http_error ALREADY_ENDED = {409, "already_ended", "The job has already ended",
                                                0};
static const struct http_error NOT_RETRYABLE = {
    409, "not_retryable", "Only failed and cancelled jobs can be retried, each 100 times at most",
    0};
static const struct http_error KEY_REUSED = {
    422, "idempotency_key_reused", "This Idempotency-Key was used with another request", 0};
static const struct http_error DISK_FULL = {507, "insufficient_storage",
                                            "No room for new work; running jobs go on", 30};
static const struct http_error TOO_MANY_JOBS = {503, "queue_full",
                                                "The queue holds as many jobs as it may", 5};
static const struct http_error CONFLICT = {
    409, "conflict", "It was changed by another request meanwhile; look and try again", 0};
static const struct http_error TOO_MANY_ENDPOINTS = {
    409, "too_many_webhooks", "No more than 10 webhooks; delete one first", 0};
static const struct http_error NOT_DELAYED = {409, "not_delayed",
                                              "There is no time that the job waits for", 0};
static const struct http_error STARTED = {409, "already_started", "The job is at work", 0};
static const struct http_error NOT_ENDED = {409, "not_ended",
                                            "The job has not ended; cancel it first", 0};
static const struct http_error TOO_MANY_BULKS = {
    429, "too_many_operations", "As many operations go on as may; wait for one or stop it", 5};
static const struct http_error INVALID = {400, "invalid", "A value is out of its range", 0};

void problems_add(struct problems *problems, const char *field, const char *format, ...)
{
    if (problems->count == PROBLEMS_MAX) {
        return;
    }
    struct problem *problem = &problems->items[problems->count];
    snprintf(problem->field, sizeof(problem->field), "%s%s",
             problems->prefix == NULL ? "" : problems->prefix, field);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
    problems->count++;
}

const struct http_error *http_error_of_reply(enum reply_code code)
{
    switch (code) {
    case REPLY_CODE_OK:
    case REPLY_CODE_NOT_FOUND:
        return &HTTP_ERROR_JOB_NOT_FOUND;
    case REPLY_CODE_CHARACTER_NOT_FOUND:
        return &HTTP_ERROR_CHARACTER_NOT_FOUND;
    case REPLY_CODE_MEDIA_NOT_FOUND:
        return &HTTP_ERROR_MEDIA_NOT_FOUND;
    case REPLY_CODE_SOURCE_UNSUITABLE:
        return &SOURCE_UNSUITABLE;
    case REPLY_CODE_ALREADY_ENDED:
        return &ALREADY_ENDED;
    case REPLY_CODE_KEY_REUSED:
        return &KEY_REUSED;
    case REPLY_CODE_DISK_FULL:
        return &DISK_FULL;
    case REPLY_CODE_TOO_MANY_JOBS:
        return &TOO_MANY_JOBS;
    case REPLY_CODE_INVALID:
        return &INVALID;
    case REPLY_CODE_BUSY:
        return &HTTP_ERROR_BUSY;
    case REPLY_CODE_CONFLICT:
        return &CONFLICT;
    case REPLY_CODE_TOO_MANY_ENDPOINTS:
        return &TOO_MANY_ENDPOINTS;
    case REPLY_CODE_NOT_RETRYABLE:
        return &NOT_RETRYABLE;
    case REPLY_CODE_EXPIRED:
        return &HTTP_ERROR_JOB_EXPIRED;
    case REPLY_CODE_NOT_DELAYED:
        return &NOT_DELAYED;
    case REPLY_CODE_STARTED:
        return &STARTED;
    case REPLY_CODE_NOT_ENDED:
        return &NOT_ENDED;
    case REPLY_CODE_TOO_MANY_BULKS:
        return &TOO_MANY_BULKS;
    case REPLY_CODE_OVER_BUDGET:
        return &HTTP_ERROR_OVER_BUDGET;
    }
    return &HTTP_ERROR_INTERNAL;
}

const struct http_error *http_error_of_silence(bool maybe_done)
{
    return maybe_done ? &HTTP_ERROR_OUTCOME_UNKNOWN : &HTTP_ERROR_BROKER_UNAVAILABLE;
}

const struct http_error *http_error_of_status(int status)
{
    static const struct http_error *const own[] = {
        &BAD_REQUEST,
        &HTTP_ERROR_NO_ROUTE,
        &HTTP_ERROR_BODY_TOO_LARGE,
        &EXPECTATION,
    };
    for (size_t index = 0; index < sizeof(own) / sizeof(own[0]); index++) {
        if (own[index]->status == status) {
            return own[index];
        }
    }
    return &HTTP_ERROR_INTERNAL;
}

static void problems_write(struct json_writer *writer, const struct problems *problems)
{
    json_array_begin(writer);
    for (size_t index = 0; problems != NULL && index < problems->count; index++) {
        const struct problem *problem = &problems->items[index];
        json_object_begin(writer);
        json_member_text(writer, "field", slice_from_string(problem->field));
        json_member_text(writer, "problem", slice_from_string(problem->text));
        json_object_end(writer);
    }
    json_array_end(writer);
}

enum status http_error_render(const struct refusal *refusal, struct buffer *out)
{
    const struct http_error *error = refusal->error;
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_boolean(&writer, "success", false);
    json_member_integer(&writer, "statusCode", error->status);
    json_member_text(&writer, "message", slice_from_string(error->message));
    json_name(&writer, "error");
    json_object_begin(&writer);
    json_member_text(&writer, "code", slice_from_string(error->code));
    json_name(&writer, "details");
    problems_write(&writer, refusal->problems);
    json_object_end(&writer);
    if (refusal->data.size > 0) {
        json_name(&writer, "data");
        json_put_raw(&writer, refusal->data);
    }
    json_object_end(&writer);
    return json_writer_status(&writer);
}

/* A registered type where there is one; otherwise the place in the documentation. */
static void type_write(struct json_writer *writer, const struct http_error *error)
{
    char type[96] = "https://iana.org/assignments/http-problem-types#quota-exceeded";
    bool quota = error->status == 429;
    if (!quota) {
        snprintf(type, sizeof(type), "/docs#%s", error->code);
    }
    json_member_text(writer, "type", slice_from_string(type));
    if (quota) {
        json_name(writer, "violated-policies");
        json_array_begin(writer);
        json_put_text(writer, SLICE_LITERAL("submit"));
        json_array_end(writer);
    }
}

/* What is wrong with this very request: the problems in a row, or the message again. */
static void detail_write(struct json_writer *writer, const struct refusal *refusal)
{
    struct buffer detail;
    buffer_init(&detail, PROBLEMS_MAX * 2 * PROBLEM_SIZE_MAX);
    const struct problems *problems = refusal->problems;
    for (size_t index = 0; problems != NULL && index < problems->count; index++) {
        const struct problem *problem = &problems->items[index];
        if (buffer_append_format(&detail, "%s%s %s", index == 0 ? "" : "; ", problem->field,
                                 problem->text) != STATUS_OK) {
            break; /* errors have them all */
        }
    }
    struct slice text = buffer_slice(&detail);
    json_member_text(writer, "detail",
                     text.size > 0 ? text : slice_from_string(refusal->error->message));
    buffer_fini(&detail);
}

enum status http_error_render_problem(const struct refusal *refusal, struct buffer *out)
{
    const struct http_error *error = refusal->error;
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    type_write(&writer, error);
    json_member_text(&writer, "title", slice_from_string(error->message));
    json_member_integer(&writer, "status", error->status);
    detail_write(&writer, refusal);
    json_member_text(&writer, "instance", refusal->path);
    json_member_text(&writer, "code", slice_from_string(error->code));
    json_member_text(&writer, "requestId", refusal->request_id);
    json_name(&writer, "errors");
    problems_write(&writer, refusal->problems);
    if (refusal->data.size > 0) {
        json_name(&writer, "data");
        json_put_raw(&writer, refusal->data);
    }
    json_object_end(&writer);
    return json_writer_status(&writer);
}
