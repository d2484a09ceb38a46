#include "gateway/webhooks.h"

#include "base/json_writer.h"
#include "base/random.h"
#include "base/signature.h"
#include "gateway/envelope.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"
#include "gateway/webhook_json.h"
#include "gateway/webhook_rules.h"

enum {
    PAGE_SIZE_MAX = 256 << 10,     /* bytes: all of a user's endpoints at their limits, escaped */
    SECRET_OLD_LIFE_MS = 86400000, /* that a secret signs along after it was replaced */
};

/* One request about endpoints on its way. */
struct webhook {
    struct request request; /* LIST_ENDPOINTS, PUT_ENDPOINT or DELETE_ENDPOINT */
    struct exchange *exchange;
    struct webhook_wish wish; /* what is to be changed; of the body */
    struct body *body;
    bool rotates;                     /* the secret is to be replaced */
    bool keyed;                       /* its id follows from an Idempotency-Key */
    uint8_t key_hash[SHA256_SIZE];    /* of a rotation with one */
    struct message_endpoint endpoint; /* as it will be; borrows what follows */
    uint8_t url[WEBHOOK_URL_SIZE_MAX];
    uint8_t description[WEBHOOK_TEXT_SIZE_MAX];
    uint8_t secret[WEBHOOK_SECRET_SIZE_MAX];
    uint8_t secret_old[WEBHOOK_SECRET_SIZE_MAX];
};

/* Writes the data of an answer. */
typedef void data_write(struct json_writer *writer, const struct message_endpoint *endpoint,
                        int64_t now_ms);

static void webhook_dispose(void *memory)
{
    struct webhook *webhook = memory;
    requests_remove(&webhook->exchange->gateway->requests, &webhook->request);
    body_destroy(&webhook->body);
    explicit_bzero(webhook->secret, sizeof(webhook->secret));
    explicit_bzero(webhook->secret_old, sizeof(webhook->secret_old));
}

static struct webhook *webhook_new(struct exchange *exchange)
{
    struct webhook *webhook = exchange_hold(exchange, sizeof(*webhook), webhook_dispose);
    webhook->exchange = exchange;
    return webhook;
}

static void ask(struct webhook *webhook, request_done *done)
{
    webhook->request.done = done;
    if (gateway_ask(webhook->exchange->gateway, &webhook->request) != STATUS_OK) {
        respond_error(webhook->exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

/* ---- answers ---- */

static void write_plain(struct json_writer *writer, const struct message_endpoint *endpoint,
                        int64_t now_ms)
{
    (void)now_ms;
    webhook_json_write(writer, endpoint);
}

/* Nobody on the way keeps an answer with a secret. */
static void secret_send(struct exchange *exchange, int status, struct slice body)
{
    respond_header(exchange, "cache-control", SLICE_LITERAL("no-store"));
    respond_body(exchange, status, SLICE_LITERAL("application/json; charset=utf-8"), body,
                 SLICE_EMPTY);
}

static void endpoint_send(struct exchange *exchange, int status,
                          const struct message_endpoint *endpoint, data_write *write)
{
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, PAGE_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, status, NULL);
    json_name(&writer, "data");
    write(&writer, endpoint, gateway_now_ms(exchange->gateway));
    json_object_end(&writer);
    if (json_writer_status(&writer) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    } else if (write == write_plain) {
        respond_json(exchange, status, buffer_slice(&body), SLICE_EMPTY);
    } else {
        secret_send(exchange, status, buffer_slice(&body));
    }
    explicit_bzero(body.data, body.size);
    buffer_fini(&body);
}

/* What a code other than OK means here. */
static void refuse(struct exchange *exchange, uint8_t code)
{
    const struct http_error *error = code == REPLY_CODE_NOT_FOUND
                                         ? &HTTP_ERROR_WEBHOOK_NOT_FOUND
                                         : http_error_of_reply((enum reply_code)code);
    respond_error(exchange, error, NULL);
}

/* Takes the answer to a change; answers and returns NULL when it did not come to pass. */
static const struct message_reply *reply_of(struct webhook *webhook, const struct answer *answer)
{
    if (answer->message == NULL) {
        respond_error(webhook->exchange, http_error_of_silence(answer->maybe_done), NULL);
        return NULL;
    }
    const struct message_reply *reply = &answer->message->reply;
    if (reply->code != REPLY_CODE_OK) {
        refuse(webhook->exchange, reply->code);
        return NULL;
    }
    return reply;
}

/* ---- the look at one ---- */

static void look_up_id(struct webhook *webhook, const struct id *id, request_done *done)
{
    webhook->request.message = (struct message){
        .type = MESSAGE_TYPE_LIST_ENDPOINTS,
        .list_endpoints = {.owner = webhook->exchange->owner, .endpoint = *id},
    };
    ask(webhook, done);
}

/* Calls back with the endpoint of the route, or answers that there is none. */
static void look_up(struct webhook *webhook, request_done *done)
{
    struct id id;
    if (exchange_id(webhook->exchange, 0, &id) == STATUS_OK) {
        look_up_id(webhook, &id, done);
    } else {
        respond_error(webhook->exchange, &HTTP_ERROR_WEBHOOK_NOT_FOUND, NULL);
    }
}

/* Reads the only endpoint of an answer. Answers and returns false when there is none. */
static bool endpoint_of(struct webhook *webhook, const struct answer *answer, struct message *out)
{
    struct frame_reader records = answer->records;
    if (answer->message == NULL) {
        respond_error(webhook->exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return false;
    }
    const struct message_endpoint_page *page = &answer->message->endpoint_page;
    if (page->code != REPLY_CODE_OK) {
        refuse(webhook->exchange, page->code);
        return false;
    }
    if (page->count != 1 || frame_next(&records, out) != STATUS_OK ||
        out->type != MESSAGE_TYPE_ENDPOINT) {
        respond_error(webhook->exchange, &HTTP_ERROR_INTERNAL, NULL);
        return false;
    }
    return true;
}

/* ---- PUT_ENDPOINT ---- */

static void put_fill(struct webhook *webhook, uint32_t version)
{
    const struct message_endpoint *endpoint = &webhook->endpoint;
    webhook->request.message = (struct message){
        .type = MESSAGE_TYPE_PUT_ENDPOINT,
        .put_endpoint = {.endpoint = endpoint->endpoint,
                         .owner = webhook->exchange->owner,
                         .url = endpoint->url,
                         .secret = endpoint->secret,
                         .secret_old = endpoint->secret_old,
                         .secret_old_until = endpoint->secret_old_until,
                         .events = endpoint->events,
                         .description = endpoint->description,
                         .version = version,
                         .created_at = endpoint->created_at,
                         .disabled = endpoint->disabled_at != 0},
    };
}

/* The secret is shown once, with the endpoint that has it. */
static void write_created(struct json_writer *writer, const struct message_endpoint *endpoint,
                          int64_t now_ms)
{
    json_object_begin(writer);
    json_name(writer, "webhook");
    webhook_json_write(writer, endpoint);
    json_name(writer, "signing");
    webhook_json_secret(writer, endpoint, now_ms);
    json_object_end(writer);
}

static void on_found(struct request *request, const struct answer *answer);

static void on_changed(struct request *request, const struct answer *answer)
{
    struct webhook *webhook = LIST_OWNER(request, struct webhook, request);
    const struct message_reply *reply = reply_of(webhook, answer);
    if (reply != NULL && reply->replayed) {
        submit_input_replayed(webhook->exchange, true);
        look_up_id(webhook, &webhook->endpoint.endpoint, on_found); /* with its secret */
    } else if (reply != NULL) {
        endpoint_send(webhook->exchange, 200, &webhook->endpoint,
                      webhook->rotates ? webhook_json_secret : write_plain);
    }
}

/* Reads the body of a new endpoint or of a change. Answers and returns false when it is not fit. */
static bool wish_take(struct webhook *webhook, bool is_new)
{
    struct exchange *exchange = webhook->exchange;
    struct problems problems = {0};
    if (!request_body_take(exchange, &webhook->body)) {
        return false;
    }
    webhook_wish_read(webhook->body, is_new, exchange->gateway->settings.webhook_private,
                      &webhook->wish, &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    }
    return problems.count == 0;
}

static struct slice secret_make(struct webhook *webhook)
{
    random_bytes(webhook->secret, SIGNATURE_SECRET_SIZE);
    return slice_make(webhook->secret, SIGNATURE_SECRET_SIZE);
}

/* ---- new ones ---- */

/* A webhook that was made under the key before: it is the answer when it is as it is wished for
 * now. */
static void on_found_again(struct request *request, const struct answer *answer)
{
    struct webhook *webhook = LIST_OWNER(request, struct webhook, request);
    const struct message_endpoint *wished = &webhook->endpoint;
    struct message message;
    if (!endpoint_of(webhook, answer, &message)) {
        return;
    }
    const struct message_endpoint *found = &message.endpoint;
    if (slice_equal(found->url, wished->url) && found->events == wished->events &&
        slice_equal(found->description, wished->description)) {
        submit_input_replayed(webhook->exchange, true);
        endpoint_send(webhook->exchange, 201, found, write_created);
    } else {
        refuse(webhook->exchange, REPLY_CODE_KEY_REUSED);
    }
}

/* A resent request cannot tell whether its own first copy or another one under the same key made
 * the webhook, and with it the secret. */
static void on_created(struct request *request, const struct answer *answer)
{
    struct webhook *webhook = LIST_OWNER(request, struct webhook, request);
    bool is_there = webhook->keyed && answer->message != NULL &&
                    (answer->message->reply.code == REPLY_CODE_CONFLICT || request->repeated);
    if (is_there) {
        look_up_id(webhook, &webhook->endpoint.endpoint, on_found_again);
    } else if (reply_of(webhook, answer) != NULL) {
        endpoint_send(webhook->exchange, 201, &webhook->endpoint, write_created);
    }
}

/* The id of a new webhook: with an Idempotency-Key it follows from owner and key, so that a repeat
 * meets what the first one made. Answers and returns false when the key is not fit. */
static bool id_take(struct webhook *webhook, struct id *out)
{
    uint8_t bytes[SHA256_SIZE];
    struct slice key;
    struct exchange *exchange = webhook->exchange;
    if (!submit_input_key(exchange, SLICE_EMPTY, bytes, &key)) {
        return false;
    }
    webhook->keyed = key.size > 0;
    if (webhook->keyed) {
        struct buffer text;
        buffer_init(&text, SIZE_MAX);
        buffer_append_byte(&text, (uint8_t)exchange->owner.size);
        buffer_append_slice(&text, exchange->owner);
        buffer_append_slice(&text, key);
        sha256(buffer_slice(&text), bytes);
        buffer_fini(&text);
    } else {
        random_bytes(bytes, ID_SIZE);
    }
    *out = id_make(exchange->slot, bytes);
    return true;
}

void webhooks_create(struct exchange *exchange)
{
    struct webhook *webhook = webhook_new(exchange);
    struct id id;
    if (!wish_take(webhook, true) || !id_take(webhook, &id)) {
        return;
    }
    const struct webhook_wish *wish = &webhook->wish;
    webhook->endpoint = (struct message_endpoint){
        .endpoint = id,
        .url = wish->url,
        .secret = secret_make(webhook),
        .events = wish->events != 0 ? wish->events : WEBHOOK_EVENTS_USUAL,
        .description = wish->description,
        .created_at = gateway_now_ms(exchange->gateway),
    };
    put_fill(webhook, 0);
    ask(webhook, on_created);
}

/* ---- LIST_ENDPOINTS ---- */

static void on_found(struct request *request, const struct answer *answer)
{
    struct webhook *webhook = LIST_OWNER(request, struct webhook, request);
    struct message message;
    if (endpoint_of(webhook, answer, &message)) {
        endpoint_send(webhook->exchange, 200, &message.endpoint,
                      webhook->rotates ? webhook_json_secret : write_plain);
    }
}

void webhooks_get(struct exchange *exchange)
{
    look_up(webhook_new(exchange), on_found);
}

void webhooks_get_secret(struct exchange *exchange)
{
    struct webhook *webhook = webhook_new(exchange);
    webhook->rotates = true;
    look_up(webhook, on_found);
}

static void page_write(struct json_writer *writer, const struct answer *answer)
{
    struct frame_reader records = answer->records;
    struct message record;
    envelope_begin(writer, 200, NULL);
    json_name(writer, "data");
    json_array_begin(writer);
    for (uint32_t index = 0; index < answer->message->endpoint_page.count; index++) {
        if (frame_next(&records, &record) == STATUS_OK && record.type == MESSAGE_TYPE_ENDPOINT) {
            webhook_json_write(writer, &record.endpoint);
        } else {
            writer->status = STATUS_MALFORMED;
        }
    }
    json_array_end(writer);
    json_object_end(writer);
}

static void on_list(struct request *request, const struct answer *answer)
{
    struct webhook *webhook = LIST_OWNER(request, struct webhook, request);
    struct buffer body;
    struct json_writer writer;
    if (answer->message == NULL) {
        respond_error(webhook->exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    if (answer->message->endpoint_page.code != REPLY_CODE_OK) {
        refuse(webhook->exchange, answer->message->endpoint_page.code);
        return;
    }
    buffer_init(&body, PAGE_SIZE_MAX);
    json_writer_init(&writer, &body);
    page_write(&writer, answer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(webhook->exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(webhook->exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

void webhooks_list(struct exchange *exchange)
{
    struct webhook *webhook = webhook_new(exchange);
    webhook->request.message.type = MESSAGE_TYPE_LIST_ENDPOINTS;
    webhook->request.message.list_endpoints.owner = exchange->owner;
    ask(webhook, on_list);
}

/* ---- changes of what there is ---- */

static struct slice keep(uint8_t *memory, struct slice bytes)
{
    if (bytes.size > 0) {
        memcpy(memory, bytes.data, bytes.size);
    }
    return slice_make(memory, bytes.size);
}

/* Keeps what was found with what is wished for. */
static void merge(struct webhook *webhook, const struct message_endpoint *found)
{
    const struct webhook_wish *wish = &webhook->wish;
    struct message_endpoint *endpoint = &webhook->endpoint;
    *endpoint = *found;
    endpoint->url = keep(webhook->url, wish->url.size > 0 ? wish->url : found->url);
    endpoint->description =
        keep(webhook->description, wish->has_description ? wish->description : found->description);
    endpoint->events = wish->events != 0 ? wish->events : found->events;
    endpoint->disabled_at = wish->enabled ? 0 : found->disabled_at;
    if (webhook->rotates) {
        endpoint->secret_old = keep(webhook->secret_old, found->secret);
        endpoint->secret_old_until =
            gateway_now_ms(webhook->exchange->gateway) + SECRET_OLD_LIFE_MS;
        endpoint->secret = secret_make(webhook);
    } else {
        endpoint->secret_old = keep(webhook->secret_old, found->secret_old);
        endpoint->secret = keep(webhook->secret, found->secret);
    }
}

static void on_found_to_change(struct request *request, const struct answer *answer)
{
    struct webhook *webhook = LIST_OWNER(request, struct webhook, request);
    struct message message;
    if (endpoint_of(webhook, answer, &message)) {
        struct message_put_endpoint *put = &webhook->request.message.put_endpoint;
        merge(webhook, &message.endpoint);
        put_fill(webhook, message.endpoint.version);
        if (!webhook->rotates || submit_input_key_of_body(webhook->exchange, webhook->key_hash,
                                                          &put->key, &put->key_hash)) {
            ask(webhook, on_changed);
        }
    }
}

void webhooks_change(struct exchange *exchange)
{
    struct webhook *webhook = webhook_new(exchange);
    if (wish_take(webhook, false)) {
        look_up(webhook, on_found_to_change);
    }
}

void webhooks_rotate_secret(struct exchange *exchange)
{
    struct webhook *webhook = webhook_new(exchange);
    webhook->rotates = true;
    look_up(webhook, on_found_to_change);
}

/* ---- DELETE ---- */

/* A repeated request that finds nothing was the one that did it. */
static void on_deleted(struct request *request, const struct answer *answer)
{
    struct webhook *webhook = LIST_OWNER(request, struct webhook, request);
    bool was_done = answer->message != NULL && request->repeated &&
                    answer->message->reply.code == REPLY_CODE_NOT_FOUND;
    if (was_done || reply_of(webhook, answer) != NULL) {
        respond_empty(webhook->exchange, 204, SLICE_EMPTY);
    }
}

void webhooks_delete(struct exchange *exchange)
{
    struct webhook *webhook = webhook_new(exchange);
    struct message *message = &webhook->request.message;
    message->type = MESSAGE_TYPE_DELETE_ENDPOINT;
    message->delete_endpoint.owner = exchange->owner;
    if (exchange_id(exchange, 0, &message->delete_endpoint.endpoint) == STATUS_OK) {
        ask(webhook, on_deleted);
    } else {
        respond_error(exchange, &HTTP_ERROR_WEBHOOK_NOT_FOUND, NULL);
    }
}
