#include "gateway/deliveries.h"

#include "gateway/audit.h"
#include "gateway/envelope.h"
#include "gateway/inquiry.h"
#include "gateway/lookup.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"
#include "gateway/validate.h"
#include "gateway/webhook_json.h"

enum {
    PAGE_SIZE_MAX = 1 << 20, /* bytes: LIST_LIMIT_MAX deliveries at their limits, escaped */
    REPLAY_SIZE_MAX = 1024,  /* bytes of the answer to a replay */
};

struct deliveries {
    struct inquiry inquiry; /* LIST_DELIVERIES, or RETRY_JOB */
    struct pagination pagination;
    uint8_t key_hash[SHA256_SIZE]; /* of a replay with an Idempotency-Key */
};

static void deliveries_dispose(void *memory)
{
    struct deliveries *deliveries = memory;
    inquiry_fini(&deliveries->inquiry);
    pagination_fini(&deliveries->pagination);
}

static struct deliveries *deliveries_new(struct exchange *exchange)
{
    struct deliveries *deliveries = inquiry_new(exchange, sizeof(*deliveries), deliveries_dispose);
    pagination_init(&deliveries->pagination);
    return deliveries;
}

static enum status page_write(const struct deliveries *deliveries, const struct answer *answer,
                              struct json_writer *writer)
{
    const struct message_delivery_page *page = &answer->message->delivery_page;
    struct frame_reader records = answer->records;
    struct message record;
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_DELIVERY) {
            return STATUS_MALFORMED;
        }
        webhook_json_delivery(writer, &record.delivery);
    }
    json_array_end(writer);
    pagination_write_cursor(deliveries->pagination.limit, page->next, writer);
    return STATUS_OK;
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct deliveries *deliveries = LIST_OWNER(request, struct deliveries, inquiry.request);
    struct exchange *exchange = deliveries->inquiry.exchange;
    struct success success;
    if (!inquiry_is_heard(&deliveries->inquiry, answer)) {
        return;
    }
    uint8_t code = answer->message->delivery_page.code;
    if (code == REPLY_CODE_NOT_FOUND) {
        bool of_job = request->message.list_deliveries.of_job;
        respond_error(exchange, of_job ? &HTTP_ERROR_JOB_NOT_FOUND : &HTTP_ERROR_WEBHOOK_NOT_FOUND,
                      NULL);
    } else if (!inquiry_refuses_page(&deliveries->inquiry, code)) {
        success_begin(&success, 200, PAGE_SIZE_MAX);
        success_send(&success, exchange, page_write(deliveries, answer, &success.writer));
    }
}

/* log: an endpoint, or a job. */
static void list_start(struct exchange *exchange, const struct id *log, bool of_job)
{
    struct query_string query;
    struct problems problems = {0};
    struct deliveries *deliveries = deliveries_new(exchange);
    struct message_list_deliveries *message =
        &inquiry_begin(&deliveries->inquiry, MESSAGE_TYPE_LIST_DELIVERIES)->list_deliveries;
    message->owner = exchange->owner;
    message->endpoint = *log;
    message->of_job = of_job;
    message->admin = of_job && exchange->admin;
    if (query_string_parse(exchange_query(exchange), &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        pagination_check_cursor(&query, &problems);
    }
    if (problems.count == 0) {
        pagination_read_cursor(&deliveries->pagination, &query, &problems);
        message->limit = deliveries->pagination.limit;
        message->cursor = buffer_slice(&deliveries->pagination.cursor);
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        inquiry_ask(&deliveries->inquiry, on_answer);
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
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    const struct message_reply *reply = inquiry_reply(inquiry, answer);
    if (reply == NULL) {
        return;
    }
    if (reply->code == REPLY_CODE_OK) {
        submit_input_replayed(inquiry->exchange, reply->replayed);
        replay_send(inquiry->exchange, reply);
    } else {
        respond_error(inquiry->exchange, error_of_replay((enum reply_code)reply->code), NULL);
    }
}

/* Of the endpoint's log, or of the job's: the other one is all zero. by: as in SET_QUEUE. */
static void replay_start(struct exchange *exchange, const struct id *endpoint, const struct id *job,
                         const struct audit_by *by)
{
    struct deliveries *deliveries = deliveries_new(exchange);
    struct message_retry_job *retry =
        &inquiry_begin(&deliveries->inquiry, MESSAGE_TYPE_RETRY_JOB)->retry_job;
    retry->owner = exchange->owner;
    retry->endpoint = *endpoint;
    retry->reporter = *job;
    retry->admin = !id_is_zero(job) && exchange->admin;
    retry->role = by->role;
    retry->action = by->action;
    retry->request_id = by->request_id;
    if (exchange_id(exchange, 1, &retry->job) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_DELIVERY_NOT_FOUND, NULL);
    } else if (submit_input_key_of_body(exchange, deliveries->key_hash, &retry->key,
                                        &retry->key_hash)) {
        inquiry_ask(&deliveries->inquiry, on_replay_answer);
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
