#include "gateway/event_text.h"

#include <inttypes.h>
#include "base/money.h"

static void error_write(struct json_writer *writer, const struct message_event *event)
{
    json_name(writer, "error");
    json_object_begin(writer);
    json_member_text(writer, "code", event->error_code);
    json_member_text(writer, "message", event->error_message);
    json_object_end(writer);
}

/* Somebody has set it. */
static void priority_write(struct json_writer *writer, const struct message_event *event)
{
    if (event->priority != 0) {
        json_member_integer(writer, "priority", event->priority);
    }
}

/* Only what is not nothing. */
static void money_write(struct json_writer *writer, const char *name, uint64_t amount)
{
    if (amount > 0) {
        json_member_money(writer, name, amount);
    }
}

/* The provider's call that came back with it. A price is one that is known. */
static void call_write(struct json_writer *writer, const struct message_event *event)
{
    if (event->purpose == CALL_PURPOSE_NONE) {
        return;
    }
    json_name(writer, "call");
    json_object_begin(writer);
    json_member_text(writer, "provider", event->provider);
    json_member_text(writer, "purpose",
                     slice_from_string(call_purpose_name((enum call_purpose)event->purpose)));
    json_member_integer(writer, "durationMs", event->took_ms);
    money_write(writer, "priceUsd", event->price);
    json_object_end(writer);
}

/* What the kind adds to the members that every event has. */
static void kind_write(struct json_writer *writer, const struct message_event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_KIND_QUEUED:
        priority_write(writer, event);
        break;
    case EVENT_KIND_PROGRESS:
        break;
    case EVENT_KIND_WAITING:
        json_member_integer(writer, "retries", event->retries);
        priority_write(writer, event);
        break;
    case EVENT_KIND_ACTIVE:
        json_member_id(writer, "workerId", &event->worker);
        json_member_time(writer, "startedAt", event->started_at);
        break;
    case EVENT_KIND_RETRY_SCHEDULED:
        json_member_time(writer, "nextAttemptAt", event->next_attempt_at);
        error_write(writer, event);
        break;
    case EVENT_KIND_STALLED:
        error_write(writer, event);
        break;
    case EVENT_KIND_CANCEL_REQUESTED:
        json_member_boolean(writer, "cancelRequested", true);
        break;
    case EVENT_KIND_PROVIDER:
        json_member_text(writer, "provider", event->provider);
        json_member_text_or_null(writer, "task", event->task);
        json_member_text(writer, "operation",
                         slice_from_string(operation_state_name(event->operation_state)));
        json_member_text(writer, "charged",
                         slice_from_string(charge_name((enum charge)event->charged)));
        json_member_boolean(writer, "repeats", event->repeats);
        money_write(writer, "priceUsd", event->price);
        break;
    case EVENT_KIND_COMPLETED:
        json_member_text_or_null(writer, "url", event->url);
        json_member_integer(writer, "attemptsMade", event->attempts_made);
        json_member_time(writer, "completedAt", event->completed_at);
        break;
    case EVENT_KIND_FAILED:
        json_member_text(writer, "failedReason", event->error_message);
        json_member_integer(writer, "attemptsMade", event->attempts_made);
        json_member_time(writer, "completedAt", event->completed_at);
        error_write(writer, event);
        break;
    case EVENT_KIND_CANCELLED:
        json_member_time(writer, "completedAt", event->completed_at);
        break;
    }
}

/* The members of an event's data. */
static void members_write(struct json_writer *writer, const struct message_event *event)
{
    json_member_id(writer, "jobId", &event->job);
    json_member_integer(writer, "seq", event->version);
    json_member_time(writer, "at", event->at);
    json_member_text(writer, "type", slice_from_string(job_kind_name(event->job_kind)));
    json_member_text(writer, "status", slice_from_string(job_state_name(event->state)));
    json_member_integer(writer, "progress", event->progress);
    json_member_text_or_null(writer, "step", event->step);
    json_member_integer(writer, "attempt", event->attempt);
    if (!id_is_zero(&event->group)) {
        json_member_id(writer, "groupId", &event->group);
    }
    kind_write(writer, event);
    call_write(writer, event);
    money_write(writer, "spentUsd", event->spent);
}

void event_json_write(struct json_writer *writer, const struct message_event *event)
{
    json_object_begin(writer);
    json_member_integer(writer, "id", (int64_t)event->event);
    json_member_text(writer, "event", slice_from_string(event_kind_name(event->kind)));
    members_write(writer, event);
    json_object_end(writer);
}

enum status event_text_write(const struct message_event *event, struct buffer *out)
{
    size_t size_before = out->size;
    enum status status = buffer_append_format(
        out, "id: %" PRIu64 "\nevent: %s\ndata: ", event->event, event_kind_name(event->kind));
    if (status == STATUS_OK) {
        struct json_writer writer;
        json_writer_init(&writer, out);
        json_object_begin(&writer);
        members_write(&writer, event);
        json_object_end(&writer);
        status = json_writer_status(&writer);
    }
    if (status == STATUS_OK) {
        status = buffer_append(out, "\n\n", 2);
    }
    if (status != STATUS_OK) {
        out->size = size_before;
    }
    return status;
}

enum status event_text_reset(uint64_t through, struct buffer *out)
{
    return buffer_append_format(out,
                                "id: %" PRIu64 "\nevent: reset\n"
                                "data: {\"through\":%" PRIu64 "}\n\n",
                                through, through);
}
