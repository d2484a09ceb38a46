#include "gateway/submit.h"

#include "base/encoding.h"
#include "base/random.h"
#include "gateway/accepted.h"
#include "gateway/budget.h"
#include "gateway/job_options.h"
#include "gateway/job_rules.h"
#include "gateway/quota.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

/* What a body says; in the exchange's memory. */
struct submit_body {
    struct slice bytes;   /* all of it */
    struct slice payload; /* what the actor gets: without the options */
    struct slice labels;
    struct job_options options;
};

/* One POST that waits for the broker. */
struct submit {
    struct request request; /* SUBMIT */
    struct exchange *exchange;
    submit_accepted *accepted;
    struct submit_body body;
    char display_id[DISPLAY_ID_TEXT_SIZE];
    char trace[TRACEPARENT_SIZE];
    uint8_t key_hash[SHA256_SIZE];
};

static void submit_dispose(void *memory)
{
    struct submit *submit = memory;
    requests_remove(&submit->exchange->gateway->requests, &submit->request);
}

/* The queue's clock decides: what was in time here may be over there. */
static void refuse(struct exchange *exchange, const struct message_submit *message,
                   enum reply_code code)
{
    struct problems problems = {0};
    bool is_timed = message->run_at != 0 || message->start_by != 0 || message->deadline != 0;
    if (code == REPLY_CODE_INVALID && is_timed) {
        problems_add(&problems, "options", "has a time that is over, or too far ahead");
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        respond_error(exchange, http_error_of_reply(code), NULL);
    }
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct submit *submit = LIST_OWNER(request, struct submit, request);
    struct exchange *exchange = submit->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
    if (reply->code == REPLY_CODE_OK) {
        exchange_note_job(exchange, &reply->job);
        budget_warn(exchange, reply);
        submit->accepted(exchange, request->message.submit.kind, reply);
    } else if (reply->code == REPLY_CODE_OVER_BUDGET) {
        budget_refuse(exchange, reply);
    } else {
        refuse(exchange, &request->message.submit, reply->code);
    }
}

/* ---- the body ---- */

static struct slice keep(struct exchange *exchange, struct slice bytes)
{
    if (bytes.size == 0) {
        return SLICE_EMPTY;
    }
    void *copy = exchange_allocate(exchange, bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    return slice_make(copy, bytes.size);
}

/* Parts the options from the rest, which stays as it came when there are none. */
static enum status split(struct exchange *exchange, const struct body *body,
                         struct submit_body *out)
{
    struct buffer payload;
    struct buffer labels;
    if (body_member(body, "options").kind == JSON_KIND_ABSENT) {
        return STATUS_OK;
    }
    buffer_init(&payload, PAYLOAD_SIZE_MAX);
    buffer_init(&labels, LABELS_SIZE_MAX);
    enum status status = body_write_without(body, JOB_OPTIONS_MEMBERS, &payload);
    status = status == STATUS_OK ? job_options_labels(body, &labels) : status;
    out->labels = keep(exchange, buffer_slice(&labels));
    buffer_fini(&labels);
    out->payload = keep(exchange, buffer_slice(&payload));
    out->options.webhook_url = keep(exchange, out->options.webhook_url);
    out->options.dedupe_key = keep(exchange, out->options.dedupe_key);
    buffer_fini(&payload);
    return status;
}

/* Checks the body, which is parsed. Answers and returns false when it is not fit. */
static bool body_check(struct exchange *exchange, enum job_kind kind, const struct body *body,
                       struct submit_body *out)
{
    struct problems problems = {0};
    job_rules_check(kind, body, &problems);
    job_options_read(body, exchange->gateway->settings.webhook_private, &out->options, &problems);
    job_options_check_times(&out->options, gateway_now_ms(exchange->gateway), &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return false;
    }
    enum status status = split(exchange, body, out);
    if (status == STATUS_TOO_LARGE) { /* written again, numbers may be longer than they came */
        problems_add(&problems, "body", "is larger than %d bytes without the options",
                     PAYLOAD_SIZE_MAX);
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else if (status != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    return status == STATUS_OK;
}

/* Reads the request's body. Answers and returns false when it is not fit. */
static bool body_take(struct exchange *exchange, enum job_kind kind, struct submit_body *out)
{
    const h2o_req_t *request = exchange->request;
    struct body *body = NULL;
    out->bytes = slice_make(request->entity.base, request->entity.len);
    if (out->bytes.size == 0 && kind == JOB_KIND_IMAGE) {
        out->bytes = SLICE_LITERAL("{}");
        out->payload = out->bytes;
        return true;
    }
    out->payload = out->bytes;
    bool is_fit = request_body_take(exchange, &body) && body_check(exchange, kind, body, out);
    body_destroy(&body);
    return is_fit;
}

/* ---- the message ---- */

/* Fixes every id of the job, so that a retried one can never make a second document. */
static void ids_make(struct submit *submit)
{
    struct message_submit *message = &submit->request.message.submit;
    uint16_t slot = id_slot_of_owner(message->owner); /* who asks may not be the owner */
    uint8_t random[3 * ID_SIZE + 5];
    random_bytes(random, sizeof(random));
    message->job = id_make(slot, random);
    message->media = id_make(slot, random + ID_SIZE);
    if (message->kind == JOB_KIND_CHARACTER) {
        message->character = id_make(slot, random + 2 * ID_SIZE);
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

static struct submit *submit_new(struct exchange *exchange, submit_accepted *accepted)
{
    struct submit *submit = exchange_hold(exchange, sizeof(*submit), submit_dispose);
    submit->exchange = exchange;
    submit->accepted = accepted;
    submit->request.done = on_answer;
    submit->request.message.type = MESSAGE_TYPE_SUBMIT;
    return submit;
}

/* What the job is to be is known; the rest is the request's. */
static void submit_ask(struct submit *submit)
{
    struct exchange *exchange = submit->exchange;
    struct message_submit *message = &submit->request.message.submit;
    if (!submit_input_key(exchange, submit->body.bytes, submit->key_hash, &message->key)) {
        return;
    }
    if (message->key.size > 0) {
        message->key_hash = slice_make(submit->key_hash, SHA256_SIZE);
    }
    ids_make(submit);
    message->trace = submit_input_trace(exchange, submit->trace);
    message->request_id = exchange->request_id;
    if (gateway_ask(exchange->gateway, &submit->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void submit_start(struct exchange *exchange, enum job_kind kind, submit_accepted *accepted)
{
    struct submit *submit = submit_new(exchange, accepted);
    struct message_submit *message = &submit->request.message.submit;
    if (!body_take(exchange, kind, &submit->body)) {
        return;
    }
    message->kind = kind;
    message->owner = exchange->owner;
    message->payload = submit->body.payload;
    message->labels = submit->body.labels;
    job_options_set(&submit->body.options, message);
    if (path_take(exchange, message) && quota_take(exchange, 1)) {
        submit_ask(submit);
    }
}

void submit_like(struct exchange *exchange, const struct message_submit *like,
                 submit_accepted *accepted)
{
    struct submit *submit = submit_new(exchange, accepted);
    submit->request.message.submit = *like;
    submit_ask(submit);
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
