#include "gateway/job_change.h"

#include "gateway/audit.h"
#include "gateway/budget.h"
#include "gateway/inquiry.h"
#include "gateway/job_send.h"
#include "gateway/lookup.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

struct job_change {
    struct inquiry inquiry; /* CANCEL_JOB or RETRY_JOB */
    enum job_family family;
    uint8_t key_hash[SHA256_SIZE]; /* of a retry with an Idempotency-Key */
};

static struct job_change *job_change_new(struct exchange *exchange, const struct cached_job *job)
{
    struct job_change *change = inquiry_new(exchange, sizeof(*change), inquiry_fini);
    change->family = job_family_of(job->state->kind);
    return change;
}

/* ---- DELETE ---- */

static void on_job_after_cancel(struct exchange *exchange, const struct cached_job *job,
                                const struct http_error *error)
{
    if (error != NULL) {
        respond_error(exchange, error, NULL);
        return;
    }
    bool over = job_state_is_terminal(job->state->state);
    job_send(exchange, job, over ? "Job cancelled" : "Cancellation requested");
}

/* A repeated request that finds the job cancelled was the one that did it. */
static bool cancel_was_done(const struct request *request, const struct message_reply *reply)
{
    return reply->code == REPLY_CODE_OK ||
           (reply->code == REPLY_CODE_ALREADY_ENDED && reply->state == JOB_STATE_CANCELLED &&
            request->repeated);
}

static void on_cancel_answer(struct request *request, const struct answer *answer)
{
    struct job_change *change = LIST_OWNER(request, struct job_change, inquiry.request);
    struct exchange *exchange = change->inquiry.exchange;
    const struct message_reply *reply = inquiry_reply(&change->inquiry, answer);
    if (reply == NULL) {
        return;
    }
    if (cancel_was_done(request, reply)) {
        lookup_job(exchange, change->family, reply->version, on_job_after_cancel);
    } else {
        respond_error(exchange, http_error_of_reply(reply->code), NULL);
    }
}

static void on_job_to_cancel(struct exchange *exchange, const struct cached_job *job,
                             const struct http_error *error)
{
    if (error != NULL) {
        respond_error(exchange, error, NULL);
        return;
    }
    struct job_change *change = job_change_new(exchange, job);
    struct message *message = inquiry_begin(&change->inquiry, MESSAGE_TYPE_CANCEL_JOB);
    message->cancel_job.job = job->state->job;
    message->cancel_job.owner = exchange->owner;
    message->cancel_job.admin = exchange->admin;
    const struct audit_by by = audit_by_of(exchange, job->state->owner, SLICE_LITERAL("cancel"));
    message->cancel_job.role = by.role;
    message->cancel_job.action = by.action;
    message->cancel_job.request_id = by.request_id;
    inquiry_ask(&change->inquiry, on_cancel_answer);
}

void job_cancel_character(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_CHARACTER, 0, on_job_to_cancel);
}

void job_cancel_media(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_MEDIA, 0, on_job_to_cancel);
}

void job_cancel_any(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_ANY, 0, on_job_to_cancel);
}

/* ---- POST retry ---- */

static void on_job_after_retry(struct exchange *exchange, const struct cached_job *job,
                               const struct http_error *error)
{
    if (error != NULL) {
        respond_error(exchange, error, NULL);
    } else {
        job_send(exchange, job, "Job queued again");
    }
}

static void on_retry_answer(struct request *request, const struct answer *answer)
{
    struct job_change *change = LIST_OWNER(request, struct job_change, inquiry.request);
    struct exchange *exchange = change->inquiry.exchange;
    const struct message_reply *reply = inquiry_reply(&change->inquiry, answer);
    if (reply == NULL) {
        return;
    }
    if (reply->code == REPLY_CODE_OK) {
        submit_input_replayed(exchange, reply->replayed);
        budget_warn(exchange, reply);
        lookup_job(exchange, change->family, reply->version, on_job_after_retry);
    } else if (reply->code == REPLY_CODE_OVER_BUDGET) {
        budget_refuse(exchange, reply);
    } else {
        respond_error(exchange, http_error_of_reply(reply->code), NULL);
    }
}

static void on_job_to_retry(struct exchange *exchange, const struct cached_job *job,
                            const struct http_error *error)
{
    if (error != NULL) {
        respond_error(exchange, error, NULL);
        return;
    }
    struct job_change *change = job_change_new(exchange, job);
    struct message *message = inquiry_begin(&change->inquiry, MESSAGE_TYPE_RETRY_JOB);
    if (!submit_input_key_of_body(exchange, change->key_hash, &message->retry_job.key,
                                  &message->retry_job.key_hash)) {
        return;
    }
    message->retry_job.job = job->state->job;
    message->retry_job.owner = exchange->owner;
    message->retry_job.retries = job->state->retries;
    message->retry_job.admin = exchange->admin;
    const struct audit_by by = audit_by_of(exchange, job->state->owner, SLICE_LITERAL("retry"));
    message->retry_job.role = by.role;
    message->retry_job.action = by.action;
    message->retry_job.request_id = by.request_id;
    inquiry_ask(&change->inquiry, on_retry_answer);
}

/* How often the job was retried before tells a repeated request from another one: that is asked of
 * the broker, because another gateway may know of more. */
void job_retry_character(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_CHARACTER, UINT32_MAX, on_job_to_retry);
}

void job_retry_media(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_MEDIA, UINT32_MAX, on_job_to_retry);
}

void job_retry_any(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_ANY, UINT32_MAX, on_job_to_retry);
}
