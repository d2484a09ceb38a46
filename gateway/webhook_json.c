#include "gateway/webhook_json.h"

#include <stdio.h>
#include "base/signature.h"

static void events_write(struct json_writer *writer, uint32_t events)
{
    json_name(writer, "events");
    json_array_begin(writer);
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        if ((events & 1u << kind) != 0) {
            json_put_text(writer, slice_from_string(event_kind_name((enum event_kind)kind)));
        }
    }
    json_array_end(writer);
}

void webhook_json_write(struct json_writer *writer, const struct message_endpoint *endpoint)
{
    bool is_disabled = endpoint->disabled_at != 0;
    json_object_begin(writer);
    json_member_id(writer, "webhookId", &endpoint->endpoint);
    json_member_text(writer, "url", endpoint->url);
    events_write(writer, endpoint->events);
    json_member_text_or_null(writer, "description", endpoint->description);
    json_member_text(writer, "status",
                     is_disabled ? SLICE_LITERAL("disabled") : SLICE_LITERAL("enabled"));
    json_member_time(writer, "disabledAt", endpoint->disabled_at);
    json_member_text_or_null(writer, "disabledReason",
                             is_disabled ? SLICE_LITERAL("the receiver answered 410")
                                         : SLICE_EMPTY);
    json_member_time(writer, "createdAt", endpoint->created_at);
    json_object_end(writer);
}

void webhook_json_secret(struct json_writer *writer, const struct message_endpoint *endpoint,
                         int64_t now_ms)
{
    struct buffer text;
    buffer_init(&text, SIGNATURE_SECRET_TEXT_SIZE_MAX);
    if (signature_secret_write(endpoint->secret, &text) != STATUS_OK) {
        writer->status = STATUS_NO_MEMORY;
    }
    bool is_rotating = endpoint->secret_old.size > 0 && endpoint->secret_old_until > now_ms;
    json_object_begin(writer);
    json_member_id(writer, "webhookId", &endpoint->endpoint);
    json_member_text(writer, "secret", buffer_slice(&text));
    json_member_time(writer, "previousSecretUntil", is_rotating ? endpoint->secret_old_until : 0);
    json_object_end(writer);
    buffer_fini(&text);
}

static void last_error_write(struct json_writer *writer, const struct message_delivery *delivery)
{
    json_name(writer, "lastError");
    if (delivery->error_code.size == 0) {
        json_put_null(writer);
        return;
    }
    json_object_begin(writer);
    json_member_text(writer, "code", delivery->error_code);
    json_member_text(writer, "message", delivery->error_message);
    json_object_end(writer);
}

/* The HTTP status of the last answer: of the one that took it, or in the last error's code
 * ("http_503"). Null when there was none. */
static void last_status_write(struct json_writer *writer, const struct message_delivery *delivery)
{
    static const char prefix[] = "http_";
    struct slice code = delivery->answer;
    int64_t status = 0;
    if (code.size == 0 && delivery->error_code.size > sizeof(prefix) - 1 &&
        memcmp(delivery->error_code.data, prefix, sizeof(prefix) - 1) == 0) {
        code = slice_make(delivery->error_code.data + sizeof(prefix) - 1,
                          delivery->error_code.size - (sizeof(prefix) - 1));
    }
    for (size_t index = 0; index < code.size && index < 3; index++) {
        status = status * 10 +
                 (code.data[index] >= '0' && code.data[index] <= '9' ? code.data[index] - '0' : 0);
    }
    if (status == 0) {
        json_member_null(writer, "lastStatus");
    } else {
        json_member_integer(writer, "lastStatus", status);
    }
}

void webhook_json_delivery(struct json_writer *writer, const struct message_delivery *delivery)
{
    char type[32];
    snprintf(type, sizeof(type), "job.%s", event_kind_name((enum event_kind)delivery->event_kind));
    json_object_begin(writer);
    json_member_id(writer, "deliveryId", &delivery->delivery);
    json_member_text(writer, "type", slice_from_string(type));
    json_member_id(writer, "jobId", &delivery->job);
    json_member_integer(writer, "event", (int64_t)delivery->event);
    json_member_text(writer, "status",
                     slice_from_string(job_state_name((enum job_state)delivery->state)));
    json_member_integer(writer, "attemptsMade", delivery->attempts_made);
    last_status_write(writer, delivery);
    last_error_write(writer, delivery);
    json_member_time(writer, "createdAt", delivery->created_at);
    json_member_time(writer, "attemptedAt", delivery->attempt_at);
    json_member_time(writer, "nextAttemptAt", delivery->next_attempt_at);
    json_member_time(writer, "completedAt", delivery->completed_at);
    json_object_end(writer);
}
