#include "gateway/budget.h"

#include <inttypes.h>
#include <stdio.h>
#include "base/log.h"
#include "base/money.h"
#include "gateway/respond.h"

enum {
    DATA_SIZE_MAX = 512,
    HEADER_SIZE_MAX = 5 * MONEY_TEXT_SIZE + 64,
};

/* Whole seconds until the day ends, rounded up: after them it has. */
static unsigned seconds_left(const struct exchange *exchange, const struct message_reply *reply)
{
    int64_t left_ms = reply->budget_until - gateway_now_ms(exchange->gateway);
    return left_ms <= 0 ? 1 : (unsigned)((left_ms + 999) / 1000);
}

void budget_refuse(struct exchange *exchange, const struct message_reply *reply)
{
    struct buffer data;
    struct json_writer writer;
    struct http_error error = HTTP_ERROR_OVER_BUDGET;
    error.retry_after_s = seconds_left(exchange, reply);
    buffer_init(&data, DATA_SIZE_MAX);
    json_writer_init(&writer, &data);
    json_object_begin(&writer);
    json_member_money(&writer, "limitUsd", reply->budget);
    json_member_money(&writer, "spentUsd", reply->spent);
    json_member_money(&writer, "reservedUsd", reply->reserved);
    json_member_money(&writer, "estimateUsd", reply->estimate);
    json_member_time(&writer, "resetsAt", reply->budget_until);
    json_object_end(&writer);
    if (json_writer_status(&writer) != STATUS_OK) {
        buffer_clear(&data); /* memory is short: without it */
    }
    respond_error_data(exchange, &error, buffer_slice(&data));
    buffer_fini(&data);
}

void budget_warn(struct exchange *exchange, const struct message_reply *reply)
{
    char spent[MONEY_TEXT_SIZE];
    char reserved[MONEY_TEXT_SIZE];
    char warn[MONEY_TEXT_SIZE];
    char limit[MONEY_TEXT_SIZE];
    char text[HEADER_SIZE_MAX];
    if (reply->budget_until == 0) {
        return;
    }
    int size = snprintf(text, sizeof(text), "spent=%s, reserved=%s, warn=%s",
                        money_format(reply->spent, spent), money_format(reply->reserved, reserved),
                        money_format(reply->budget_soft, warn));
    if (reply->budget > 0) {
        size += snprintf(text + size, sizeof(text) - (size_t)size, ", limit=%s",
                         money_format(reply->budget, limit));
    }
    size += snprintf(text + size, sizeof(text) - (size_t)size, ", reset=%u",
                     seconds_left(exchange, reply));
    respond_header(exchange, "x-troupe-budget-warning", slice_make(text, (size_t)size));
    log_info("budget nearly spent", "request=%.*s job=%s budget=\"%s\"",
             SLICE_PRINT(exchange->request_id), exchange->job, text);
}
