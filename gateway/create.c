#include "gateway/create.h"

#include <stdio.h>
#include "gateway/accepted.h"
#include "gateway/documents.h"
#include "gateway/respond.h"

enum {
    WAIT_S_DEFAULT = WAIT_S_MAX, /* without a preference of the client */
};

/* The finished character on its way from the broker. */
struct create {
    struct request request; /* GET_DOCUMENT */
    struct exchange *exchange;
    struct accepted *accepted;
};

static void create_dispose(void *memory)
{
    struct create *create = memory;
    requests_remove(&create->exchange->gateway->requests, &create->request);
}

/* The job goes on, or its outcome cannot be read now: its status tells. */
static void job_answer(struct accepted *accepted)
{
    char url[ACCEPTED_URL_SIZE];
    struct exchange *exchange = accepted->await.exchange;
    const struct id *job = &accepted->await.job;
    respond_header(exchange, "location", accepted_url(JOB_KIND_CHARACTER, job, url));
    respond_header(exchange, "retry-after", SLICE_LITERAL("1"));
    accepted_send(exchange, JOB_KIND_CHARACTER, &accepted->reply);
}

static void on_document(struct request *request, const struct answer *answer)
{
    struct create *create = LIST_OWNER(request, struct create, request);
    struct exchange *exchange = create->exchange;
    const struct message_document *message =
        answer->message == NULL ? NULL : &answer->message->document;
    if (message == NULL ||
        (message->code != REPLY_CODE_OK && message->code != REPLY_CODE_NOT_FOUND)) {
        job_answer(create->accepted);
    } else if (message->code == REPLY_CODE_NOT_FOUND) { /* deleted since */
        respond_error(exchange, &HTTP_ERROR_CHARACTER_NOT_FOUND, NULL);
    } else {
        documents_send(exchange, 201, &request->message.get_document.id, message->document);
    }
}

static void character_answer(struct accepted *accepted, const struct id *character)
{
    struct exchange *exchange = accepted->await.exchange;
    struct create *create = exchange_hold(exchange, sizeof(*create), create_dispose);
    create->exchange = exchange;
    create->accepted = accepted;
    create->request.done = on_document;
    create->request.message.type = MESSAGE_TYPE_GET_DOCUMENT;
    create->request.message.get_document.id = *character;
    if (gateway_ask(exchange->gateway, &create->request) != STATUS_OK) {
        job_answer(accepted);
    }
}

/* What the provider refused to make is the request's fault; everything else is not. */
static void failure_answer(struct exchange *exchange, const struct message_job_state *job)
{
    char message[ERROR_TEXT_SIZE_MAX + 48];
    struct http_error error = {502, "generation_failed", message, 0};
    if (slice_equal(job->error_code, SLICE_LITERAL("content_policy"))) {
        error.status = 422;
        error.code = "content_refused";
    }
    snprintf(message, sizeof(message), "The character could not be made: %.*s",
             SLICE_PRINT(job->error_message));
    respond_job_error(exchange, &error, job);
}

static void on_end(struct await *await, const struct cached_job *job)
{
    static const struct http_error cancelled = {409, "job_cancelled",
                                                "The job was cancelled before it ended", 0};
    struct accepted *accepted = LIST_OWNER(await, struct accepted, await);
    accepted_headers(accepted);
    accepted->reply.state = job == NULL ? accepted->reply.state : job->state->state;
    if (job == NULL || !job_state_is_terminal(job->state->state)) {
        job_answer(accepted);
    } else if (job->state->state == JOB_STATE_COMPLETED) {
        character_answer(accepted, &job->state->character);
    } else if (job->state->state == JOB_STATE_FAILED) {
        failure_answer(await->exchange, job->state);
    } else {
        respond_job_error(await->exchange, &cancelled, job->state);
    }
}

static void on_accepted(struct exchange *exchange, enum job_kind kind,
                        const struct message_reply *reply)
{
    accepted_wait(exchange, kind, reply, WAIT_S_DEFAULT, on_end);
}

void create_character(struct exchange *exchange)
{
    submit_start(exchange, JOB_KIND_CHARACTER, on_accepted);
}
