#include "gateway/job_duplicate.h"

#include "gateway/accepted.h"
#include "gateway/audit.h"
#include "gateway/inquiry.h"
#include "gateway/job_copy.h"
#include "gateway/lookup.h"
#include "gateway/respond.h"
#include "gateway/submit.h"

static const struct http_error IS_DELIVERY = {409, "job_is_delivery",
                                              "A delivery is sent again by its replay", 0};

/* The job is looked up, then its input; then its like is submitted. */
struct duplicate {
    struct inquiry inquiry; /* GET_INPUT */
    struct job_copy job;
    struct buffer payload;
    struct id source;
};

static void duplicate_dispose(void *memory)
{
    struct duplicate *duplicate = memory;
    inquiry_fini(&duplicate->inquiry);
    job_copy_fini(&duplicate->job);
    buffer_fini(&duplicate->payload);
}

/* Everything of it that is not the first one's own. */
static void submit_its_like(struct duplicate *duplicate)
{
    struct exchange *exchange = duplicate->inquiry.exchange;
    const struct message_job_state *job = &duplicate->job.state;
    const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
    const struct message_submit like = {
        .kind = job->kind,
        .owner = job->owner,
        .character = job->character,
        .source = duplicate->source,
        .payload = buffer_slice(&duplicate->payload),
        .priority = job->priority,
        .labels = job->labels,
        .like = job->job,
        .user = by.user,
        .role = by.role,
        .audit = by.action,
        .request_id = by.request_id,
    };
    submit_like(exchange, &like, accepted_answer);
}

static void on_input(struct request *request, const struct answer *answer)
{
    struct duplicate *duplicate = LIST_OWNER(request, struct duplicate, inquiry.request);
    struct exchange *exchange = duplicate->inquiry.exchange;
    if (!inquiry_is_heard(&duplicate->inquiry, answer) ||
        inquiry_refuses(&duplicate->inquiry, answer->message->input.code)) {
        return;
    }
    duplicate->source = answer->message->input.source;
    if (buffer_append_slice(&duplicate->payload, answer->message->input.payload) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
        return;
    }
    submit_its_like(duplicate);
}

static void on_job(struct exchange *exchange, const struct cached_job *job,
                   const struct http_error *error)
{
    if (error != NULL || job->state->kind == JOB_KIND_WEBHOOK) {
        respond_error(exchange, error != NULL ? error : &IS_DELIVERY, NULL);
        return;
    }
    struct duplicate *duplicate = inquiry_new(exchange, sizeof(*duplicate), duplicate_dispose);
    buffer_init(&duplicate->payload, PAYLOAD_SIZE_MAX);
    if (job_copy_set(&duplicate->job, job->state) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
        return;
    }
    inquiry_begin(&duplicate->inquiry, MESSAGE_TYPE_GET_INPUT)->get_input.job =
        duplicate->job.state.job;
    inquiry_ask(&duplicate->inquiry, on_input);
}

void job_duplicate(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_ANY, 0, on_job);
}
