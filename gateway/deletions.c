#include "gateway/deletions.h"

#include "base/json_writer.h"
#include "gateway/audit.h"
#include "gateway/envelope.h"
#include "gateway/respond.h"

enum {
    DELETION_BODY_SIZE_MAX = 256,
};

struct deletion {
    struct request request; /* DELETE_DOCUMENT */
    struct exchange *exchange;
};

static void deletion_dispose(void *memory)
{
    struct deletion *deletion = memory;
    requests_remove(&deletion->exchange->gateway->requests, &deletion->request);
}

static bool is_of_character(const struct deletion *deletion)
{
    return id_is_zero(&deletion->request.message.delete_document.character);
}

/* ---- the answer ---- */

/* Removes the assets at once, so that who reads the answer finds none. What is left is removed
 * later. */
static void assets_end(const struct deletion *deletion, struct slice url)
{
    struct gateway *gateway = deletion->exchange->gateway;
    const struct message_delete_document *asked = &deletion->request.message.delete_document;
    uint32_t left = ASSETS_REMOVED_MAX;
    enum status status = is_of_character(deletion)
                             ? assets_remove_character(&gateway->assets, &asked->id, &left)
                             : assets_remove(&gateway->assets, &asked->character, url);
    if (status != STATUS_OK) {
        removals_wake(&gateway->removals, gateway_now_ms(gateway));
    }
}

static void deletion_send(const struct deletion *deletion)
{
    struct exchange *exchange = deletion->exchange;
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, DELETION_BODY_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, 200, is_of_character(deletion) ? "Character deleted" : "Media deleted");
    json_name(&writer, "data");
    json_object_begin(&writer);
    json_member_id(&writer, "id", &deletion->request.message.delete_document.id);
    json_member_boolean(&writer, "deleted", true);
    json_object_end(&writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

/* A repeated request that finds nothing may have been the one that did it, or it is another's:
 * assets go by what the broker has recorded. */
static bool may_be_done(const struct request *request, const struct message_reply *reply)
{
    return reply->code == REPLY_CODE_NOT_FOUND && request->repeated;
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct deletion *deletion = LIST_OWNER(request, struct deletion, request);
    struct exchange *exchange = deletion->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
    if (reply->code == REPLY_CODE_OK) {
        assets_end(deletion, reply->url);
        deletion_send(deletion);
    } else if (may_be_done(request, reply)) {
        removals_wake(&exchange->gateway->removals, gateway_now_ms(exchange->gateway));
        deletion_send(deletion);
    } else if (reply->code == REPLY_CODE_NOT_FOUND) {
        respond_error(exchange,
                      is_of_character(deletion) ? &HTTP_ERROR_CHARACTER_NOT_FOUND
                                                : &HTTP_ERROR_MEDIA_NOT_FOUND,
                      NULL);
    } else {
        respond_error(exchange, http_error_of_reply(reply->code), NULL);
    }
}

/* ---- the question ---- */

/* character: whose media entry id is; all zero for a character. */
static void deletion_start(struct exchange *exchange, const struct id *id,
                           const struct id *character)
{
    struct deletion *deletion = exchange_hold(exchange, sizeof(*deletion), deletion_dispose);
    struct message *message = &deletion->request.message;
    deletion->exchange = exchange;
    deletion->request.done = on_answer;
    message->type = MESSAGE_TYPE_DELETE_DOCUMENT;
    message->delete_document.id = *id;
    message->delete_document.character = *character;
    message->delete_document.owner = exchange->owner;
    message->delete_document.admin = exchange->admin;
    if (exchange->admin) { /* the broker knows whether it is another's */
        const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
        message->delete_document.role = by.role;
        message->delete_document.action = by.action;
        message->delete_document.request_id = by.request_id;
    }
    if (gateway_ask(exchange->gateway, &deletion->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void deletions_character(struct exchange *exchange)
{
    static const struct id none;
    struct id id;
    if (exchange_id(exchange, 0, &id) == STATUS_OK) {
        deletion_start(exchange, &id, &none);
    } else {
        respond_error(exchange, &HTTP_ERROR_CHARACTER_NOT_FOUND, NULL);
    }
}

void deletions_media(struct exchange *exchange)
{
    struct id character;
    struct id id;
    if (exchange_id(exchange, 0, &character) == STATUS_OK && !id_is_zero(&character) &&
        exchange_id(exchange, 1, &id) == STATUS_OK) {
        deletion_start(exchange, &id, &character);
    } else {
        respond_error(exchange, &HTTP_ERROR_MEDIA_NOT_FOUND, NULL);
    }
}
