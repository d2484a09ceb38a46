#include "gateway/submit.h"

#include <string.h>
#include <strings.h>
#include "base/encoding.h"
#include "base/random.h"
#include "gateway/accepted.h"
#include "gateway/job_rules.h"
#include "gateway/quota.h"
#include "gateway/respond.h"
#include "proto/traceparent.h"

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

/* application/json, with no charset or that of UTF-8 (RFC 8259 has no other). */
static bool media_type_is_json(struct slice type)
{
    static const char json[] = "application/json";
    size_t size = sizeof(json) - 1;
    const char *text = (const char *)type.data;
    if (type.size < size || strncasecmp(text, json, size) != 0) {
        return false;
    }
    struct slice rest = slice_make(type.data + size, type.size - size);
    if (rest.size == 0) {
        return true;
    }
    bool charset = memmem(rest.data, rest.size, "charset", 7) != NULL;
    bool utf8 = memmem(rest.data, rest.size, "utf-8", 5) != NULL ||
                memmem(rest.data, rest.size, "UTF-8", 5) != NULL;
    return (rest.data[0] == ';' || rest.data[0] == ' ') && (!charset || utf8);
}

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
    if (exchange_header(exchange, H2O_TOKEN_CONTENT_ENCODING).size > 0 ||
        (bytes.size > 0 &&
         !media_type_is_json(exchange_header(exchange, H2O_TOKEN_CONTENT_TYPE)))) {
        respond_error(exchange, &HTTP_ERROR_MEDIA_TYPE, NULL);
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

/* SHA-256 of method, path and body, each ended by a NUL that none can contain. */
static void key_hash_make(const struct exchange *exchange, struct slice payload,
                          uint8_t out[SHA256_SIZE])
{
    const h2o_req_t *request = exchange->request;
    struct buffer bytes;
    buffer_init(&bytes, SIZE_MAX);
    buffer_append(&bytes, request->method.base, request->method.len);
    buffer_append_byte(&bytes, 0);
    buffer_append(&bytes, request->path_normalized.base, request->path_normalized.len);
    buffer_append_byte(&bytes, 0);
    buffer_append_slice(&bytes, payload);
    sha256(buffer_slice(&bytes), out);
    buffer_fini(&bytes);
}

/* An Idempotency-Key is 1 to 255 printable characters. Answers and returns false when it is not. */
static bool key_take(struct exchange *exchange, struct submit *submit)
{
    struct message_submit *message = &submit->request.message.submit;
    struct slice key = exchange_header_named(exchange, "idempotency-key");
    bool fit = key.size <= KEY_SIZE_MAX;
    for (size_t index = 0; fit && index < key.size; index++) {
        fit = key.data[index] >= ' ' && key.data[index] <= '~';
    }
    if (!fit) {
        struct problems problems = {0};
        problems_add(&problems, "Idempotency-Key", "must be 1 to %d printable characters",
                     KEY_SIZE_MAX);
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return false;
    }
    if (key.size > 0) {
        key_hash_make(exchange, message->payload, submit->key_hash);
        message->key = key;
        message->key_hash = slice_make(submit->key_hash, SHA256_SIZE);
    }
    return true;
}

/* The trace that the request belongs to, for the actor and its providers. One that is malformed is
 * none, and none is made: nothing here tells a tracer of its own spans. */
static void trace_take(const struct exchange *exchange, struct submit *submit)
{
    if (traceparent_read(exchange_header_named(exchange, "traceparent"), submit->trace)) {
        submit->request.message.submit.trace = slice_make(submit->trace, TRACEPARENT_SIZE);
    }
}

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
    if (!path_take(exchange, message) || !key_take(exchange, submit) || !quota_take(exchange, 1)) {
        return;
    }
    ids_make(exchange, submit);
    trace_take(exchange, submit);
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
