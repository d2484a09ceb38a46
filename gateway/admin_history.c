#include "gateway/admin_history.h"

#include "base/json_writer.h"
#include "gateway/envelope.h"
#include "gateway/respond.h"
#include "gateway/validate.h"
#include "proto/word_lists.h"

enum {
    BODY_SIZE_OF_POINT = 512, /* bytes at most */
};

/* In the order of the wire's numbers. */
static const char *const ranges[] = {"1h", "24h", "30d", NULL};

static const struct field_rule rules[] = {
    {"range", FIELD_WORD, FIELD_OPTIONAL, 0, 0, ranges},
    {"queue", FIELD_WORD, FIELD_OPTIONAL, 0, 0, WORD_LIST_QUEUES},
};

struct history_get {
    struct request request; /* GET_HISTORY */
    struct exchange *exchange;
};

static void history_dispose(void *memory)
{
    struct history_get *get = memory;
    requests_remove(&get->exchange->gateway->requests, &get->request);
}

/* null when nothing was timed; so is p99 of an older broker, which does not tell it. */
static void times_write(struct json_writer *writer, const char *name, uint64_t count, uint64_t p50,
                        uint64_t p95, uint64_t p99)
{
    json_name(writer, name);
    json_object_begin(writer);
    if (count > 0) {
        json_member_integer(writer, "p50", (int64_t)p50);
        json_member_integer(writer, "p95", (int64_t)p95);
    } else {
        json_member_null(writer, "p50");
        json_member_null(writer, "p95");
    }
    if (count > 0 && p99 >= p95) {
        json_member_integer(writer, "p99", (int64_t)p99);
    } else {
        json_member_null(writer, "p99");
    }
    json_object_end(writer);
}

static void point_write(struct json_writer *writer, const struct message_history_point *point)
{
    json_object_begin(writer);
    json_member_time(writer, "at", point->at);
    json_member_integer(writer, "started", (int64_t)point->started);
    json_member_integer(writer, "completed", (int64_t)point->completed);
    json_member_integer(writer, "failed", (int64_t)point->failed);
    json_member_integer(writer, "cancelled", (int64_t)point->cancelled);
    times_write(writer, "waitMs", point->waits, point->wait_p50, point->wait_p95, point->wait_p99);
    times_write(writer, "runMs", point->runs, point->run_p50, point->run_p95, point->run_p99);
    json_object_end(writer);
}

static enum status body_write(const struct answer *answer, struct buffer *out)
{
    struct json_writer writer;
    struct message record;
    const struct message_history *history = &answer->message->history;
    struct frame_reader records = answer->records;
    json_writer_init(&writer, out);
    envelope_begin(&writer, 200, NULL);
    json_name(&writer, "data");
    json_object_begin(&writer);
    json_member_integer(&writer, "stepMs", (int64_t)history->step_ms);
    json_name(&writer, "points");
    json_array_begin(&writer);
    for (uint32_t index = 0; index < history->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK ||
            record.type != MESSAGE_TYPE_HISTORY_POINT) {
            return STATUS_MALFORMED;
        }
        point_write(&writer, &record.history_point);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct exchange *exchange = LIST_OWNER(request, struct history_get, request)->exchange;
    struct buffer body;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    if (answer->message->history.code != REPLY_CODE_OK) {
        respond_error(exchange, http_error_of_reply(answer->message->history.code), NULL);
        return;
    }
    buffer_init(&body, (HISTORY_LIMIT_MAX + 1) * BODY_SIZE_OF_POINT);
    if (body_write(answer, &body) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

static void ask(struct exchange *exchange, const struct query_string *query)
{
    struct slice word;
    struct history_get *get = exchange_hold(exchange, sizeof(*get), history_dispose);
    struct message_get_history *message = &get->request.message.get_history;
    get->exchange = exchange;
    get->request.done = on_answer;
    get->request.message.type = MESSAGE_TYPE_GET_HISTORY;
    if (query_string_find(query, "range", &word) > 0) {
        message->range = (uint8_t)validate_word_index(ranges, word);
    }
    message->all = query_string_find(query, "queue", &word) == 0;
    if (!message->all) {
        message->kind = (uint8_t)validate_word_index(WORD_LIST_QUEUES, word);
    }
    if (gateway_ask(exchange->gateway, &get->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void admin_history_get(struct exchange *exchange)
{
    struct query_string query;
    struct problems problems = {0};
    if (query_string_parse(exchange_query(exchange), &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        validate_query(rules, sizeof(rules) / sizeof(rules[0]), &query, &problems);
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return;
    }
    ask(exchange, &query);
}
