#include "gateway/job_manage.h"

#include "gateway/audit.h"
#include "gateway/inquiry.h"
#include "gateway/job_send.h"
#include "gateway/lookup.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"
#include "gateway/validate.h"

enum {
    REMOVED_BODY_SIZE_MAX = 256,
};

static const struct field_rule RULES[] = {
    {.name = "priority", .type = FIELD_INTEGER, .need = FIELD_REQUIRED, .min = 1, .max = 255},
};

static void job_tell(struct exchange *exchange, const struct cached_job *job,
                     const struct http_error *error, const char *message)
{
    if (error != NULL) {
        respond_error(exchange, error, NULL);
    } else {
        job_send(exchange, job, message);
    }
}

static void on_promoted(struct exchange *exchange, const struct cached_job *job,
                        const struct http_error *error)
{
    job_tell(exchange, job, error, "Job queued");
}

static void on_placed(struct exchange *exchange, const struct cached_job *job,
                      const struct http_error *error)
{
    job_tell(exchange, job, error, "Priority changed");
}

static void removed_send(const struct inquiry *inquiry)
{
    struct success success;
    success_begin(&success, 200, REMOVED_BODY_SIZE_MAX);
    json_object_begin(&success.writer);
    json_member_id(&success.writer, "jobId", &inquiry->request.message.change_job.job);
    json_member_boolean(&success.writer, "removed", true);
    json_object_end(&success.writer);
    success_send(&success, inquiry->exchange, STATUS_OK);
}

/* A repeated request that finds it done was the one that did it. */
static bool was_done(const struct request *request, const struct message_reply *reply)
{
    uint8_t action = request->message.change_job.action;
    bool is_found_done = (action == JOB_ACTION_PROMOTE && reply->code == REPLY_CODE_NOT_DELAYED) ||
                         (action == JOB_ACTION_REMOVE && reply->code == REPLY_CODE_EXPIRED);
    return reply->code == REPLY_CODE_OK || (request->repeated && is_found_done);
}

static void on_reply(struct request *request, const struct answer *answer)
{
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    const struct message_reply *reply = inquiry_reply(inquiry, answer);
    if (reply == NULL) {
        return;
    }
    uint8_t action = request->message.change_job.action;
    if (!was_done(request, reply)) {
        inquiry_refuses(inquiry, reply->code);
    } else if (action == JOB_ACTION_REMOVE) {
        removed_send(inquiry);
    } else {
        lookup_job(inquiry->exchange, JOB_FAMILY_ANY, reply->version,
                   action == JOB_ACTION_PROMOTE ? on_promoted : on_placed);
    }
}

static void change(struct exchange *exchange, enum job_action action, uint8_t priority)
{
    struct inquiry *inquiry = inquiry_new(exchange, sizeof(*inquiry), inquiry_fini);
    struct message_change_job *message =
        &inquiry_begin(inquiry, MESSAGE_TYPE_CHANGE_JOB)->change_job;
    message->action = (uint8_t)action;
    message->user = exchange->owner;
    message->priority = priority;
    const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
    message->role = by.role;
    message->audit = by.action;
    message->request_id = by.request_id;
    if (exchange_id(exchange, 0, &message->job) == STATUS_OK) {
        inquiry_ask(inquiry, on_reply);
    } else {
        respond_error(exchange, &HTTP_ERROR_JOB_NOT_FOUND, NULL);
    }
}

void job_promote(struct exchange *exchange)
{
    change(exchange, JOB_ACTION_PROMOTE, 0);
}

void job_remove(struct exchange *exchange)
{
    change(exchange, JOB_ACTION_REMOVE, 0);
}

void job_set_priority(struct exchange *exchange)
{
    struct body *body = NULL;
    struct problems problems = {0};
    if (!request_body_take(exchange, &body)) {
        return;
    }
    validate_body(RULES, sizeof(RULES) / sizeof(RULES[0]), body, &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        change(exchange, JOB_ACTION_PRIORITY, (uint8_t)body_member(body, "priority").integer);
    }
    body_destroy(&body);
}
