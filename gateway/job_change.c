#include "gateway/job_change.h"

#include "gateway/job_send.h"
#include "gateway/lookup.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

struct job_change {
    struct request request; /* CANCEL_JOB or RETRY_JOB */
    struct exchange *exchange;
    enum job_family family;
    uint8_t key_hash[SHA256_SIZE]; /* of a retry with an Idempotency-Key */
};

static void job_change_dispose(void *memory)
{
    struct job_change *change = memory;
    requests_remove(&change->exchange->gateway->requests, &change->request);
}

static struct job_change *job_change_new(struct exchange *exchange, const struct cached_job *job)
{
    struct job_change *change = exchange_hold(exchange, sizeof(*change), job_change_dispose);
    change->exchange = exchange;
    change->family = job_family_of(job->state->kind);
    return change;
}

static void job_change_ask(struct job_change *change)
{
    if (gateway_ask(change->exchange->gateway, &change->request) != STATUS_OK) {
        respond_error(change->exchange, &HTTP_ERROR_BUSY, NULL);
    }
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
    struct job_change *change = LIST_OWNER(request, struct job_change, request);
    struct exchange *exchange = change->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
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
    struct message *message = &change->request.message;
    change->request.done = on_cancel_answer;
    message->type = MESSAGE_TYPE_CANCEL_JOB;
    message->cancel_job.job = job->state->job;
    message->cancel_job.owner = exchange->owner;
    message->cancel_job.admin = exchange->admin;
    job_change_ask(change);
}

void job_cancel_character(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_CHARACTER, 0, on_job_to_cancel);
}

void job_cancel_media(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_MEDIA, 0, on_job_to_cancel);
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
    struct job_change *change = LIST_OWNER(request, struct job_change, request);
    struct exchange *exchange = change->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
    if (reply->code == REPLY_CODE_OK) {
        submit_input_replayed(exchange, reply->replayed);
        lookup_job(exchange, change->family, reply->version, on_job_after_retry);
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
    struct message *message = &change->request.message;
    if (!submit_input_key_of_body(exchange, change->key_hash, &message->retry_job.key,
                                  &message->retry_job.key_hash)) {
        return;
    }
    change->request.done = on_retry_answer;
    message->type = MESSAGE_TYPE_RETRY_JOB;
    message->retry_job.job = job->state->job;
    message->retry_job.owner = exchange->owner;
    message->retry_job.retries = job->state->retries;
    message->retry_job.admin = exchange->admin;
    job_change_ask(change);
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
