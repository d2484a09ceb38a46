#include "gateway/deliveries.h"

#include "base/encoding.h"
#include "gateway/audit.h"
#include "gateway/envelope.h"
#include "gateway/lookup.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"
#include "gateway/validate.h"
#include "gateway/webhook_json.h"

enum {
    LIMIT_DEFAULT = 20,
    PAGE_SIZE_MAX = 1 << 20,   /* bytes: LIST_LIMIT_MAX deliveries at their limits, escaped */
    CURSOR_TEXT_SIZE_MAX = 88, /* CURSOR_SIZE_MAX in base64 */
    REPLAY_SIZE_MAX = 1024,    /* bytes of the answer to a replay */
};

static const struct field_rule RULES[] = {
    {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = LIST_LIMIT_MAX},
    {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_TEXT_SIZE_MAX},
};

struct deliveries {
    struct request request; /* LIST_DELIVERIES, or RETRY_JOB */
    struct exchange *exchange;
    struct buffer cursor;
    uint8_t key_hash[SHA256_SIZE]; /* of a replay with an Idempotency-Key */
};

static void deliveries_dispose(void *memory)
{
    struct deliveries *deliveries = memory;
    requests_remove(&deliveries->exchange->gateway->requests, &deliveries->request);
    buffer_fini(&deliveries->cursor);
}

static struct deliveries *deliveries_new(struct exchange *exchange)
{
    struct deliveries *deliveries =
        exchange_hold(exchange, sizeof(*deliveries), deliveries_dispose);
    deliveries->exchange = exchange;
    buffer_init(&deliveries->cursor, CURSOR_SIZE_MAX);
    return deliveries;
}

static void pagination_write(struct json_writer *writer, uint32_t limit, struct slice next)
{
    struct buffer cursor;
    buffer_init(&cursor, CURSOR_TEXT_SIZE_MAX);
    if (next.size > 0 && encode_base64url(next, &cursor) != STATUS_OK) {
        writer->status = STATUS_NO_MEMORY;
    }
    json_name(writer, "pagination");
    json_object_begin(writer);
    json_member_integer(writer, "limit", limit);
    json_member_boolean(writer, "hasMore", next.size > 0);
    json_member_text_or_null(writer, "nextCursor", buffer_slice(&cursor));
    json_object_end(writer);
    buffer_fini(&cursor);
}

static enum status page_write(const struct deliveries *deliveries, const struct answer *answer,
                              struct buffer *out)
{
    const struct message_delivery_page *page = &answer->message->delivery_page;
    struct frame_reader records = answer->records;
    struct message record;
    struct json_writer writer;
    json_writer_init(&writer, out);
    envelope_begin(&writer, 200, NULL);
    json_name(&writer, "data");
    json_array_begin(&writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_DELIVERY) {
            return STATUS_MALFORMED;
        }
        webhook_json_delivery(&writer, &record.delivery);
    }
    json_array_end(&writer);
    pagination_write(&writer, deliveries->request.message.list_deliveries.limit, page->next);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

static void refuse(struct exchange *exchange, uint8_t code, bool of_job)
{
    struct problems problems = {0};
    if (code == REPLY_CODE_NOT_FOUND) {
        respond_error(exchange, of_job ? &HTTP_ERROR_JOB_NOT_FOUND : &HTTP_ERROR_WEBHOOK_NOT_FOUND,
                      NULL);
    } else if (code == REPLY_CODE_INVALID) {
        problems_add(&problems, "cursor", "is not one of this list");
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        respond_error(exchange, http_error_of_reply((enum reply_code)code), NULL);
    }
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct deliveries *deliveries = LIST_OWNER(request, struct deliveries, request);
    struct exchange *exchange = deliveries->exchange;
    struct buffer body;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    if (answer->message->delivery_page.code != REPLY_CODE_OK) {
        refuse(exchange, answer->message->delivery_page.code,
               request->message.list_deliveries.of_job);
        return;
    }
    buffer_init(&body, PAGE_SIZE_MAX);
    if (page_write(deliveries, answer, &body) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

/* Reads limit and cursor, which are valid but for what the broker says of the cursor. */
static void query_read(struct deliveries *deliveries, const struct query_string *query,
                       struct problems *problems)
{
    struct message_list_deliveries *message = &deliveries->request.message.list_deliveries;
    struct slice text;
    int64_t limit = LIMIT_DEFAULT;
    if (query_string_find(query, "limit", &text) > 0) {
        validate_integer(text, &limit);
    }
    message->limit = (uint32_t)limit;
    if (query_string_find(query, "cursor", &text) > 0) {
        if (decode_base64url(text, &deliveries->cursor) != STATUS_OK) {
            problems_add(problems, "cursor", "is not one of this list");
        }
        message->cursor = buffer_slice(&deliveries->cursor);
    }
}

/* log: an endpoint, or a job. */
static void list_start(struct exchange *exchange, const struct id *log, bool of_job)
{
    struct query_string query;
    struct problems problems = {0};
    struct deliveries *deliveries = deliveries_new(exchange);
    struct message *message = &deliveries->request.message;
    deliveries->request.done = on_answer;
    message->type = MESSAGE_TYPE_LIST_DELIVERIES;
    message->list_deliveries.owner = exchange->owner;
    message->list_deliveries.endpoint = *log;
    message->list_deliveries.of_job = of_job;
    message->list_deliveries.admin = of_job && exchange->admin;
    if (query_string_parse(exchange_query(exchange), &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        validate_query(RULES, sizeof(RULES) / sizeof(RULES[0]), &query, &problems);
    }
    if (problems.count == 0) {
        query_read(deliveries, &query, &problems);
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else if (gateway_ask(exchange->gateway, &deliveries->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void deliveries_list(struct exchange *exchange)
{
    struct id endpoint;
    if (exchange_id(exchange, 0, &endpoint) == STATUS_OK) {
        list_start(exchange, &endpoint, false);
    } else {
        respond_error(exchange, &HTTP_ERROR_WEBHOOK_NOT_FOUND, NULL);
    }
}

static void on_job_to_list(struct exchange *exchange, const struct cached_job *job,
                           const struct http_error *error)
{
    if (error != NULL) {
        respond_error(exchange, error, NULL);
    } else {
        list_start(exchange, &job->state->job, true);
    }
}

void deliveries_list_character_job(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_CHARACTER, 0, on_job_to_list);
}

void deliveries_list_media_job(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_MEDIA, 0, on_job_to_list);
}

/* ---- POST replay ---- */

static void replay_send(struct exchange *exchange, const struct message_reply *reply)
{
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, REPLAY_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, 202, "Delivery queued again");
    json_name(&writer, "data");
    json_object_begin(&writer);
    json_member_id(&writer, "deliveryId", &reply->job);
    json_member_text(&writer, "status",
                     slice_from_string(job_state_name((enum job_state)reply->state)));
    json_object_end(&writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, 202, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

static const struct http_error *error_of_replay(enum reply_code code)
{
    if (code == REPLY_CODE_NOT_FOUND) {
        return &HTTP_ERROR_DELIVERY_NOT_FOUND;
    }
    return code == REPLY_CODE_NOT_RETRYABLE ? &HTTP_ERROR_DELIVERY_SPENT
                                            : http_error_of_reply(code);
}

static void on_replay_answer(struct request *request, const struct answer *answer)
{
    struct exchange *exchange = LIST_OWNER(request, struct deliveries, request)->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
    } else if (answer->message->reply.code == REPLY_CODE_OK) {
        submit_input_replayed(exchange, answer->message->reply.replayed);
        replay_send(exchange, &answer->message->reply);
    } else {
        respond_error(exchange, error_of_replay((enum reply_code)answer->message->reply.code),
                      NULL);
    }
}

/* Of the endpoint's log, or of the job's: the other one is all zero. by: as in SET_QUEUE. */
static void replay_start(struct exchange *exchange, const struct id *endpoint, const struct id *job,
                         const struct audit_by *by)
{
    struct deliveries *deliveries = deliveries_new(exchange);
    struct message *message = &deliveries->request.message;
    struct message_retry_job *retry = &message->retry_job;
    deliveries->request.done = on_replay_answer;
    message->type = MESSAGE_TYPE_RETRY_JOB;
    retry->owner = exchange->owner;
    retry->endpoint = *endpoint;
    retry->reporter = *job;
    retry->admin = !id_is_zero(job) && exchange->admin;
    retry->role = by->role;
    retry->action = by->action;
    retry->request_id = by->request_id;
    if (exchange_id(exchange, 1, &retry->job) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_DELIVERY_NOT_FOUND, NULL);
    } else if (!submit_input_key_of_body(exchange, deliveries->key_hash, &retry->key,
                                         &retry->key_hash)) {
        return;
    } else if (gateway_ask(exchange->gateway, &deliveries->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void deliveries_replay(struct exchange *exchange)
{
    static const struct id none;
    static const struct audit_by nobody; /* the endpoints of others are not even an admin's */
    struct id endpoint;
    if (exchange_id(exchange, 0, &endpoint) == STATUS_OK && !id_is_zero(&endpoint)) {
        replay_start(exchange, &endpoint, &none, &nobody);
    } else {
        respond_error(exchange, &HTTP_ERROR_DELIVERY_NOT_FOUND, NULL);
    }
}

static void on_job_to_replay(struct exchange *exchange, const struct cached_job *job,
                             const struct http_error *error)
{
    static const struct id none;
    if (error != NULL) {
        respond_error(exchange, error, NULL);
        return;
    }
    const struct audit_by by = audit_by_of(exchange, job->state->owner, SLICE_EMPTY);
    replay_start(exchange, &none, &job->state->job, &by);
}

void deliveries_replay_character_job(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_CHARACTER, 0, on_job_to_replay);
}

void deliveries_replay_media_job(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_MEDIA, 0, on_job_to_replay);
}
