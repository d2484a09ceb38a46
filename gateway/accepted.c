#include "gateway/accepted.h"

#include <stdio.h>
#include "gateway/job_json.h"
#include "gateway/job_send.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

struct slice accepted_url(enum job_kind kind, const struct id *job, char out[ACCEPTED_URL_SIZE])
{
    char text[ID_TEXT_SIZE];
    id_format(job, text);
    const char *family = job_family_of(kind) == JOB_FAMILY_CHARACTER ? "character" : "media";
    int size = snprintf(out, ACCEPTED_URL_SIZE, "/api/v1/%s-jobs/%s", family, text);
    return slice_make(out, (size_t)size);
}

void accepted_headers(struct accepted *accepted)
{
    char text[24];
    struct exchange *exchange = accepted->await.exchange;
    submit_input_replayed(exchange, accepted->reply.replayed);
    if (accepted->preferred && accepted->await.waited) {
        int size = snprintf(text, sizeof(text), "wait=%u", accepted->wait_s);
        respond_header(exchange, "preference-applied", slice_make(text, (size_t)size));
    }
}

void accepted_send(struct exchange *exchange, enum job_kind kind, const struct message_reply *reply)
{
    enum {
        BODY_SIZE = 512
    };
    struct buffer body;
    buffer_init(&body, BODY_SIZE);
    if (job_json_accepted(kind, reply, &body) == STATUS_OK) {
        respond_json(exchange, 202, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

/* The answer is the status at another place than the request's: Content-Location says where (RFC
 * 9110, 8.7), so that the ETag means something. */
static void on_end(struct await *await, const struct cached_job *job)
{
    struct accepted *accepted = LIST_OWNER(await, struct accepted, await);
    struct exchange *exchange = await->exchange;
    accepted_headers(accepted);
    accepted->reply.state = job == NULL ? accepted->reply.state : job->state->state;
    if (job == NULL || !job_state_is_terminal(job->state->state)) {
        accepted_send(exchange, accepted->kind, &accepted->reply);
        return;
    }
    char url[ACCEPTED_URL_SIZE];
    respond_header(exchange, "content-location", accepted_url(accepted->kind, &await->job, url));
    job_send(exchange, job, "Job ended");
}

static void accepted_dispose(void *memory)
{
    struct accepted *accepted = memory;
    await_stop(&accepted->await);
}

void accepted_wait(struct exchange *exchange, enum job_kind kind, const struct message_reply *reply,
                   uint32_t wait_s, await_done *done)
{
    struct accepted *accepted = exchange_hold(exchange, sizeof(*accepted), accepted_dispose);
    struct await *await = &accepted->await;
    accepted->kind = kind;
    accepted->wait_s = wait_s;
    accepted->preferred = await_preference(exchange, &accepted->wait_s);
    accepted->reply = *reply;
    accepted->reply.url = SLICE_EMPTY; /* borrowed, and of no job */
    await->exchange = exchange;
    await->family = job_family_of(kind);
    await->job = reply->job;
    await->deadline_ms = gateway_now_ms(exchange->gateway) + (int64_t)accepted->wait_s * 1000;
    await->done = done;
    await_start(await);
}

void accepted_answer(struct exchange *exchange, enum job_kind kind,
                     const struct message_reply *reply)
{
    uint32_t wait_s = 0;
    if (await_preference(exchange, &wait_s)) {
        accepted_wait(exchange, kind, reply, wait_s, on_end);
        return;
    }
    submit_input_replayed(exchange, reply->replayed);
    accepted_send(exchange, kind, reply);
}
