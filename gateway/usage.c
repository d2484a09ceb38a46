#include "gateway/usage.h"

#include "base/clock.h"
#include "base/money.h"
#include "gateway/envelope.h"
#include "gateway/respond.h"
#include "gateway/validate.h"

enum {
    DAYS_USUAL = 7,
    DAY_MS = 86400000,
    BODY_SIZE_OF_RECORD = 320, /* bytes at most, of a provider on a day */
    BODY_SIZE_OF_DAY = 256,
    BODY_SIZE_MAX_USAGE = USAGE_RECORDS_MAX * BODY_SIZE_OF_RECORD +
                          (USAGE_DAYS_MAX + 8) * BODY_SIZE_OF_DAY + OWNER_SIZE_MAX * 6,
};

static const struct field_rule rules[] = {
    {"days", FIELD_INTEGER, FIELD_OPTIONAL, 1, USAGE_DAYS_MAX, NULL},
    {"owner", FIELD_TEXT, FIELD_OPTIONAL, 1, OWNER_SIZE_MAX, NULL},
};

struct usage_request {
    struct request request; /* GET_USAGE */
    struct exchange *exchange;
};

static void usage_dispose(void *memory)
{
    struct usage_request *usage = memory;
    requests_remove(&usage->exchange->gateway->requests, &usage->request);
}

/* ---- the answer ---- */

static void limit_write(struct json_writer *writer, const char *name, uint64_t limit,
                        uint64_t amount)
{
    if (limit > 0) {
        json_member_money(writer, name, amount);
    } else {
        json_member_null(writer, name);
    }
}

static void budget_write(struct json_writer *writer, const struct message_usage *usage)
{
    uint64_t taken = usage->spent + usage->reserved;
    uint64_t left = usage->budget > taken ? usage->budget - taken : 0;
    json_name(writer, "budget");
    json_object_begin(writer);
    limit_write(writer, "limitUsd", usage->budget, usage->budget);
    limit_write(writer, "warnUsd", usage->budget_soft, usage->budget_soft);
    json_member_money(writer, "spentUsd", usage->spent);
    json_member_money(writer, "reservedUsd", usage->reserved);
    limit_write(writer, "leftUsd", usage->budget, left);
    json_member_time(writer, "resetsAt", ((int64_t)usage->today + 1) * DAY_MS);
    json_object_end(writer);
}

static void sums_write(struct json_writer *writer, const struct message_usage_day *sums)
{
    json_member_money(writer, "spentUsd", sums->spent);
    json_member_money(writer, "uncertainUsd", sums->uncertain);
    json_member_integer(writer, "operations", (int64_t)sums->operations);
    json_member_integer(writer, "jobs", (int64_t)sums->jobs);
}

/* Reads the next record; at the end its day is none. */
static enum status record_take(struct frame_reader *records, uint32_t *left,
                               struct message_usage_day *out)
{
    struct message record;
    *out = (struct message_usage_day){.day = UINT32_MAX};
    if (*left == 0) {
        return STATUS_OK;
    }
    (*left)--;
    if (frame_next(records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_USAGE_DAY) {
        return STATUS_MALFORMED;
    }
    *out = record.usage_day;
    return STATUS_OK;
}

static void date_write(struct json_writer *writer, uint32_t day)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format((int64_t)day * DAY_MS, text);
    json_member_text(writer, "date", slice_make(text, sizeof("2026-01-31") - 1));
}

static void add(struct message_usage_day *sums, const struct message_usage_day *record)
{
    sums->spent += record->spent;
    sums->uncertain += record->uncertain;
    sums->operations += record->operations;
    sums->jobs += record->jobs;
}

/* A day, with what its providers cost; *next is the first record that is not yet written. */
static enum status day_write(struct json_writer *writer, uint32_t day, struct frame_reader *records,
                             uint32_t *left, struct message_usage_day *next)
{
    struct message_usage_day sums = {.day = day};
    enum status status = STATUS_OK;
    json_object_begin(writer);
    date_write(writer, day);
    json_name(writer, "providers");
    json_array_begin(writer);
    while (next->day == day && status == STATUS_OK) {
        add(&sums, next);
        json_object_begin(writer);
        json_member_text_or_null(writer, "provider", next->provider);
        sums_write(writer, next);
        json_object_end(writer);
        status = record_take(records, left, next);
    }
    json_array_end(writer);
    sums_write(writer, &sums);
    json_object_end(writer);
    return status;
}

static enum status days_write(struct json_writer *writer, const struct answer *answer,
                              uint32_t days)
{
    const struct message_usage *usage = &answer->message->usage;
    struct frame_reader records = answer->records;
    struct message_usage_day next;
    uint32_t left = usage->count;
    enum status status = record_take(&records, &left, &next);
    json_name(writer, "days");
    json_array_begin(writer);
    for (uint32_t back = 0; back < days && back <= usage->today && status == STATUS_OK; back++) {
        status = day_write(writer, usage->today - back, &records, &left, &next);
    }
    json_array_end(writer);
    return status;
}

static enum status body_write(const struct message_get_usage *asked, const struct answer *answer,
                              struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    envelope_begin(&writer, 200, NULL);
    json_name(&writer, "data");
    json_object_begin(&writer);
    json_member_text_or_null(&writer, "owner", asked->owner);
    budget_write(&writer, &answer->message->usage);
    enum status status = days_write(&writer, answer, asked->days);
    json_object_end(&writer);
    json_object_end(&writer);
    return status == STATUS_OK ? json_writer_status(&writer) : status;
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct exchange *exchange = LIST_OWNER(request, struct usage_request, request)->exchange;
    struct buffer body;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    if (answer->message->usage.code != REPLY_CODE_OK) {
        respond_error(exchange, http_error_of_reply(answer->message->usage.code), NULL);
        return;
    }
    buffer_init(&body, BODY_SIZE_MAX_USAGE);
    if (body_write(&request->message.get_usage, answer, &body) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

/* ---- the question ---- */

static struct slice keep(struct exchange *exchange, struct slice text)
{
    if (text.size == 0) {
        return SLICE_EMPTY;
    }
    void *copy = exchange_allocate(exchange, text.size);
    memcpy(copy, text.data, text.size);
    return slice_make(copy, text.size);
}

static void ask(struct exchange *exchange, const struct query_string *query, struct slice owner)
{
    struct slice text;
    int64_t days = DAYS_USUAL;
    struct usage_request *usage = exchange_hold(exchange, sizeof(*usage), usage_dispose);
    struct message_get_usage *message = &usage->request.message.get_usage;
    if (query_string_find(query, "days", &text) > 0) {
        validate_integer(text, &days);
    }
    usage->exchange = exchange;
    usage->request.done = on_answer;
    usage->request.message.type = MESSAGE_TYPE_GET_USAGE;
    message->owner = owner;
    message->days = (uint8_t)days;
    if (gateway_ask(exchange->gateway, &usage->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

/* Of the owner who asks, or, for those who may ask for others, of one that is named or of all. */
static void get(struct exchange *exchange, bool may_name_owner)
{
    struct query_string query;
    struct problems problems = {0};
    struct slice owner = may_name_owner ? SLICE_EMPTY : exchange->owner;
    if (query_string_parse(exchange_query(exchange), &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        validate_query(rules, may_name_owner ? 2 : 1, &query, &problems);
        if (may_name_owner && query_string_find(&query, "owner", &owner) > 0 &&
            owner.size > OWNER_SIZE_MAX && problems.count == 0) {
            problems_add(&problems, "owner", "is longer than %d bytes", OWNER_SIZE_MAX);
        }
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return;
    }
    ask(exchange, &query, keep(exchange, owner));
}

void usage_get(struct exchange *exchange)
{
    get(exchange, false);
}

void usage_get_any(struct exchange *exchange)
{
    get(exchange, true);
}
