#include "gateway/documents.h"

#include <stdio.h>
#include "base/json_writer.h"
#include "base/log.h"
#include "gateway/body.h"
#include "gateway/envelope.h"
#include "gateway/respond.h"

enum {
    ETAG_SIZE = ID_TEXT_SIZE + 1, /* an id in quotes, without a NUL */
    LOCATION_SIZE = 64,           /* bytes of a character's path, NUL included */
};

struct document_get {
    struct request request; /* GET_DOCUMENT */
    struct exchange *exchange;
};

static void document_get_dispose(void *memory)
{
    struct document_get *get = memory;
    requests_remove(&get->exchange->gateway->requests, &get->request);
}

static const struct http_error *not_found(const struct document_get *get)
{
    return id_is_zero(&get->request.message.get_document.character)
               ? &HTTP_ERROR_CHARACTER_NOT_FOUND
               : &HTTP_ERROR_MEDIA_NOT_FOUND;
}

/* A document never changes, so that its id tells its content. */
static struct slice etag_write(const struct id *id, char out[ETAG_SIZE])
{
    out[0] = '"';
    id_format(id, out + 1);
    out[ETAG_SIZE - 1] = '"';
    return slice_make(out, ETAG_SIZE);
}

/* Of a character that was just made. */
static void location_add(struct exchange *exchange, const struct id *character)
{
    char id[ID_TEXT_SIZE];
    char url[LOCATION_SIZE];
    id_format(character, id);
    int size = snprintf(url, sizeof(url), "/api/v1/characters/%s", id);
    respond_header(exchange, "location", slice_make(url, (size_t)size));
}

void documents_send(struct exchange *exchange, int status, const struct id *id,
                    struct slice document)
{
    char text[ETAG_SIZE];
    struct slice etag = etag_write(id, text);
    if (status == 200 && exchange_has_etag(exchange, etag)) {
        respond_empty(exchange, 304, etag);
        return;
    }
    if (!body_is_object(document)) { /* an actor made it, and it goes out as it is */
        log_error("document is no JSON object", "request=%.*s job=%s size=%zu",
                  SLICE_PRINT(exchange->request_id), exchange->job, document.size);
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
        return;
    }
    if (status == 201) {
        location_add(exchange, id);
    }
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, DOCUMENT_SIZE_MAX + 256);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, status, NULL);
    json_name(&writer, "data");
    json_put_raw(&writer, document);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, status, buffer_slice(&body), etag);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct document_get *get = LIST_OWNER(request, struct document_get, request);
    struct exchange *exchange = get->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    const struct message_document *message = &answer->message->document;
    if (message->code == REPLY_CODE_OK && exchange_may_see(exchange, message->owner)) {
        documents_send(exchange, 200, &get->request.message.get_document.id, message->document);
    } else if (message->code == REPLY_CODE_OK || message->code == REPLY_CODE_NOT_FOUND) {
        respond_error(exchange, not_found(get), NULL);
    } else {
        respond_error(exchange, http_error_of_reply(message->code), NULL);
    }
}

/* character: whose media entry id is; all zero for a character. */
static void document_get(struct exchange *exchange, const struct id *id, const struct id *character)
{
    struct document_get *get = exchange_hold(exchange, sizeof(*get), document_get_dispose);
    get->exchange = exchange;
    get->request.done = on_answer;
    get->request.message.type = MESSAGE_TYPE_GET_DOCUMENT;
    get->request.message.get_document.id = *id;
    get->request.message.get_document.character = *character;
    if (gateway_ask(exchange->gateway, &get->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void documents_get_character(struct exchange *exchange)
{
    static const struct id none;
    struct id id;
    if (exchange_id(exchange, 0, &id) == STATUS_OK) {
        document_get(exchange, &id, &none);
    } else {
        respond_error(exchange, &HTTP_ERROR_CHARACTER_NOT_FOUND, NULL);
    }
}

void documents_get_media(struct exchange *exchange)
{
    struct id character;
    struct id id;
    if (exchange_id(exchange, 0, &character) == STATUS_OK && !id_is_zero(&character) &&
        exchange_id(exchange, 1, &id) == STATUS_OK) {
        document_get(exchange, &id, &character);
    } else {
        respond_error(exchange, &HTTP_ERROR_MEDIA_NOT_FOUND, NULL);
    }
}
