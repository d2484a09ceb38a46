#include "gateway/bulks.h"

#include <stdio.h>
#include "base/random.h"
#include "gateway/audit.h"
#include "gateway/bulk_json.h"
#include "gateway/inquiry.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

#define BULKS_PATH "/api/v1/admin/operations/"

enum {
    BULKS_BODY_SIZE_MAX = 512 << 10, /* bytes: as many as are known, with the longest names */
    BULK_BODY_SIZE_MAX = 8 << 10,
};

static const struct http_error NOT_FOUND = {404, "operation_not_found", "Operation not found", 0};
static const struct http_error ENDED = {409, "already_ended", "The operation has come to its end",
                                        0};

/* ---- one, or all ---- */

static void on_list(struct request *request, const struct answer *answer)
{
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    struct success success;
    if (!inquiry_is_heard(inquiry, answer) ||
        inquiry_refuses(inquiry, answer->message->admin_page.code)) {
        return;
    }
    success_begin(&success, 200, BULKS_BODY_SIZE_MAX);
    success_send(
        &success, inquiry->exchange,
        bulk_json_all(&success.writer, answer->records, answer->message->admin_page.count));
}

static void on_one(struct request *request, const struct answer *answer)
{
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    struct frame_reader records;
    struct message record;
    struct success success;
    if (!inquiry_is_heard(inquiry, answer) ||
        inquiry_refuses(inquiry, answer->message->admin_page.code)) {
        return;
    }
    records = answer->records;
    if (answer->message->admin_page.count == 0) {
        respond_error(inquiry->exchange, &NOT_FOUND, NULL);
    } else if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_BULK) {
        respond_error(inquiry->exchange, &HTTP_ERROR_INTERNAL, NULL);
    } else {
        success_begin(&success, 200, BULK_BODY_SIZE_MAX);
        bulk_json_write(&success.writer, &record.bulk);
        success_send(&success, inquiry->exchange, STATUS_OK);
    }
}

static void one_ask(struct inquiry *inquiry, struct id bulk)
{
    inquiry_begin(inquiry, MESSAGE_TYPE_GET_BULKS)->get_bulks.bulk = bulk;
    inquiry_ask(inquiry, on_one);
}

void bulks_list(struct exchange *exchange)
{
    struct inquiry *inquiry = inquiry_new(exchange, sizeof(*inquiry), inquiry_fini);
    inquiry_begin(inquiry, MESSAGE_TYPE_GET_BULKS);
    inquiry_ask(inquiry, on_list);
}

void bulks_get(struct exchange *exchange)
{
    struct inquiry *inquiry = inquiry_new(exchange, sizeof(*inquiry), inquiry_fini);
    struct id bulk;
    if (exchange_id(exchange, 0, &bulk) == STATUS_OK) {
        one_ask(inquiry, bulk);
    } else {
        respond_error(exchange, &NOT_FOUND, NULL);
    }
}

/* ---- STOP_BULK ---- */

static void on_stop(struct request *request, const struct answer *answer)
{
    struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    const struct message_reply *reply = inquiry_reply(inquiry, answer);
    if (reply == NULL) {
        return;
    }
    if (reply->code == REPLY_CODE_NOT_FOUND) {
        respond_error(inquiry->exchange, &NOT_FOUND, NULL);
    } else if (reply->code == REPLY_CODE_ALREADY_ENDED) {
        respond_error(inquiry->exchange, &ENDED, NULL);
    } else if (!inquiry_refuses(inquiry, reply->code)) {
        one_ask(inquiry, request->message.stop_bulk.bulk);
    }
}

void bulks_stop(struct exchange *exchange)
{
    struct inquiry *inquiry = inquiry_new(exchange, sizeof(*inquiry), inquiry_fini);
    struct message_stop_bulk *stop = &inquiry_begin(inquiry, MESSAGE_TYPE_STOP_BULK)->stop_bulk;
    const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
    stop->user = by.user;
    stop->role = by.role;
    stop->audit = by.action;
    stop->request_id = by.request_id;
    if (exchange_id(exchange, 0, &stop->bulk) == STATUS_OK) {
        inquiry_ask(inquiry, on_stop);
    } else {
        respond_error(exchange, &NOT_FOUND, NULL);
    }
}

/* ---- START_BULK ---- */

struct bulk_start {
    struct inquiry inquiry;
    struct body *body;  /* the message's texts borrow from it */
    struct buffer made; /* and its ids, or its filter as it is told, from this */
    uint8_t key_hash[SHA256_SIZE];
};

static void bulk_start_dispose(void *memory)
{
    struct bulk_start *start = memory;
    inquiry_fini(&start->inquiry);
    body_destroy(&start->body);
    buffer_fini(&start->made);
}

/* What is to be done with many, in the words of the audit log: retry_jobs. */
static struct slice audit_word(struct exchange *exchange, uint8_t action)
{
    char *text = exchange_allocate(exchange, ACTION_SIZE_MAX + 1);
    int size =
        snprintf(text, ACTION_SIZE_MAX + 1, "%s_jobs", job_action_name((enum job_action)action));
    return slice_make(text, (size_t)size);
}

static void on_start(struct request *request, const struct answer *answer)
{
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    const struct message_reply *reply = inquiry_reply(inquiry, answer);
    char id[ID_TEXT_SIZE];
    char url[sizeof(BULKS_PATH) + ID_TEXT_SIZE];
    struct success success;
    if (reply == NULL || inquiry_refuses(inquiry, reply->code)) {
        return;
    }
    id_format(&reply->job, id);
    int size = snprintf(url, sizeof(url), BULKS_PATH "%s", id);
    submit_input_replayed(inquiry->exchange, reply->replayed && !request->repeated);
    success_begin(&success, 202, BULK_BODY_SIZE_MAX);
    json_object_begin(&success.writer);
    json_member_id(&success.writer, "operationId", &reply->job);
    json_member_text(&success.writer, "statusUrl", slice_make(url, (size_t)size));
    json_object_end(&success.writer);
    success_send(&success, inquiry->exchange, STATUS_OK);
}

void bulks_start(struct exchange *exchange)
{
    struct problems problems = {0};
    uint8_t random[ID_SIZE];
    struct bulk_start *start = inquiry_new(exchange, sizeof(*start), bulk_start_dispose);
    struct message_start_bulk *message =
        &inquiry_begin(&start->inquiry, MESSAGE_TYPE_START_BULK)->start_bulk;
    buffer_init(&start->made, BULK_JOBS_SIZE_MAX);
    if (!request_body_take(exchange, &start->body) ||
        !submit_input_key_of_body(exchange, start->key_hash, &message->key, &message->key_hash)) {
        return;
    }
    bulk_json_read(start->body, &start->made, message, &problems);
    random_bytes(random, sizeof(random));
    message->bulk = id_make(exchange->slot, random);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return;
    }
    const struct audit_by by = audit_by(exchange, audit_word(exchange, message->action));
    message->user = by.user;
    message->role = by.role;
    message->audit = by.action;
    message->request_id = by.request_id;
    inquiry_ask(&start->inquiry, on_start);
}
