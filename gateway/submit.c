#include "gateway/submit.h"

#include "base/encoding.h"
#include "base/random.h"
#include "gateway/accepted.h"
#include "gateway/job_rules.h"
#include "gateway/quota.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

/* One POST that waits for the broker. */
struct submit {
    struct request request; /* SUBMIT */
    struct exchange *exchange;
    submit_accepted *accepted;
    char display_id[DISPLAY_ID_TEXT_SIZE];
    char trace[TRACEPARENT_SIZE];
    uint8_t key_hash[SHA256_SIZE];
};

static void submit_dispose(void *memory)
{
    struct submit *submit = memory;
    requests_remove(&submit->exchange->gateway->requests, &submit->request);
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct submit *submit = LIST_OWNER(request, struct submit, request);
    struct exchange *exchange = submit->exchange;
    if (answer->message == NULL) {
        respond_error(exchange,
                      answer->maybe_done ? &HTTP_ERROR_OUTCOME_UNKNOWN
                                         : &HTTP_ERROR_BROKER_UNAVAILABLE,
                      NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
    if (reply->code == REPLY_CODE_OK) {
        submit->accepted(exchange, request->message.submit.kind, reply);
    } else {
        respond_error(exchange, http_error_of_reply(reply->code), NULL);
    }
}

/* ---- the body ---- */

/* Checks the request's body and gives the payload. Answers and returns false when it is not fit. */
static bool payload_take(struct exchange *exchange, enum job_kind kind, struct slice *payload)
{
    const h2o_req_t *request = exchange->request;
    struct slice bytes = slice_make(request->entity.base, request->entity.len);
    struct problems problems = {0};
    char reason[BODY_ERROR_SIZE];
    struct body *body = NULL;
    if (bytes.size == 0 && kind == JOB_KIND_IMAGE) {
        *payload = SLICE_LITERAL("{}");
        return true;
    }
    if (!submit_input_is_json(exchange)) {
        return false;
    }
    if (bytes.size == 0) {
        problems_add(&problems, "body", "is required");
    } else if (body_parse(bytes, &body, reason) != STATUS_OK) {
        problems_add(&problems, "body", "%s", reason);
    } else {
        job_rules_check(kind, body, &problems);
    }
    body_destroy(&body);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return false;
    }
    *payload = bytes;
    return true;
}

/* ---- the message ---- */

/* Fixes every id of the job, so that a retried one can never make a second document. */
static void ids_make(const struct exchange *exchange, struct submit *submit)
{
    struct message_submit *message = &submit->request.message.submit;
    uint8_t random[3 * ID_SIZE + 5];
    random_bytes(random, sizeof(random));
    message->job = id_make(exchange->slot, random);
    message->media = id_make(exchange->slot, random + ID_SIZE);
    if (message->kind == JOB_KIND_CHARACTER) {
        message->character = id_make(exchange->slot, random + 2 * ID_SIZE);
        display_id_make(random + 3 * ID_SIZE, submit->display_id);
        message->display_id = slice_from_string(submit->display_id);
    }
}

/* The ids in the path. Answers and returns false when there can be no such resource. */
static bool path_take(struct exchange *exchange, struct message_submit *message)
{
    if (message->kind != JOB_KIND_CHARACTER &&
        exchange_id(exchange, 0, &message->character) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_CHARACTER_NOT_FOUND, NULL);
        return false;
    }
    if (message->kind == JOB_KIND_VIDEO &&
        exchange_id(exchange, 1, &message->source) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_MEDIA_NOT_FOUND, NULL);
        return false;
    }
    return true;
}

void submit_start(struct exchange *exchange, enum job_kind kind, submit_accepted *accepted)
{
    struct slice payload;
    if (!payload_take(exchange, kind, &payload)) {
        return;
    }
    struct submit *submit = exchange_hold(exchange, sizeof(*submit), submit_dispose);
    struct message_submit *message = &submit->request.message.submit;
    submit->exchange = exchange;
    submit->accepted = accepted;
    submit->request.done = on_answer;
    submit->request.message.type = MESSAGE_TYPE_SUBMIT;
    message->kind = kind;
    message->owner = exchange->owner;
    message->payload = payload;
    if (!path_take(exchange, message) ||
        !submit_input_key(exchange, payload, submit->key_hash, &message->key) ||
        !quota_take(exchange, 1)) {
        return;
    }
    if (message->key.size > 0) {
        message->key_hash = slice_make(submit->key_hash, SHA256_SIZE);
    }
    ids_make(exchange, submit);
    message->trace = submit_input_trace(exchange, submit->trace);
    if (gateway_ask(exchange->gateway, &submit->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void submit_character(struct exchange *exchange)
{
    submit_start(exchange, JOB_KIND_CHARACTER, accepted_answer);
}

void submit_image(struct exchange *exchange)
{
    submit_start(exchange, JOB_KIND_IMAGE, accepted_answer);
}

void submit_video(struct exchange *exchange)
{
    submit_start(exchange, JOB_KIND_VIDEO, accepted_answer);
}
