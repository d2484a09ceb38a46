#include "gateway/timeline.h"

#include "gateway/event_text.h"

/* The attempts as they are found on the way through the events. Those of a job follow each other,
 * so that there is one at most that has not ended. */
struct attempts {
    uint32_t count;
    bool open;
    struct message_event active; /* the beginning of the last one */
};

static void error_write(struct json_writer *writer, const struct message_event *end)
{
    json_name(writer, "error");
    if (end == NULL || end->error_code.size == 0) {
        json_put_null(writer);
        return;
    }
    json_object_begin(writer);
    json_member_text(writer, "code", end->error_code);
    json_member_text(writer, "message", end->error_message);
    json_object_end(writer);
}

/* Whether the attempt began only to drop the task of a job that had failed before: it has failed of
 * nothing itself. */
static bool is_drop(const struct message_event *active)
{
    return active->error_code.size > 0;
}

/* Whether a job ends of what it had failed of before its task was dropped. */
static bool is_told_again(const struct message_event *end, const struct message_event *active)
{
    return is_drop(active) && slice_equal(end->error_code, active->error_code);
}

/* end and outcome are NULL while the attempt goes on. */
static void attempt_write(struct json_writer *writer, const struct attempts *attempts,
                          const struct message_event *end, const char *outcome)
{
    const struct message_event *active = &attempts->active;
    json_object_begin(writer);
    json_member_integer(writer, "number", attempts->count);
    json_member_integer(writer, "attempt", active->attempt);
    json_member_id(writer, "workerId", &active->worker);
    json_member_time(writer, "startedAt", active->at);
    json_member_time(writer, "endedAt", end == NULL ? 0 : end->at);
    json_member_text_or_null(writer, "outcome", slice_from_string(outcome));
    error_write(writer, end != NULL && is_told_again(end, active) ? NULL : end);
    json_object_end(writer);
}

/* It waits because of a failure, and not for its provider. */
static bool has_failed(const struct message_event *event)
{
    return event->error_code.size > 0 &&
           !slice_equal(event->error_code, SLICE_LITERAL("provider_down"));
}

/* How the event ends the attempt under way; NULL when it does not. Only what counts as a failure
 * raises attempts_made. */
static const char *outcome_of(const struct message_event *event, const struct message_event *active)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_KIND_QUEUED:
    case EVENT_KIND_PROGRESS:
    case EVENT_KIND_CANCEL_REQUESTED:
    case EVENT_KIND_PROVIDER:
        return NULL;
    case EVENT_KIND_WAITING: /* of a last attempt, whose task is to be dropped yet */
        return has_failed(event) && !is_drop(active) ? "failed" : "handed_back";
    case EVENT_KIND_ACTIVE:
        return "handed_back";
    case EVENT_KIND_RETRY_SCHEDULED:
        return event->attempts_made > active->attempts_made ? "failed" : "throttled";
    case EVENT_KIND_STALLED:
        return "lost";
    case EVENT_KIND_COMPLETED:
        return "completed";
    case EVENT_KIND_FAILED:
        if (is_told_again(event, active)) {
            return "cancelled";
        }
        return slice_equal(event->error_code, SLICE_LITERAL("stalled")) ? "lost" : "failed";
    case EVENT_KIND_CANCELLED:
        return "cancelled";
    }
    return NULL;
}

static void event_take(struct json_writer *writer, struct attempts *attempts,
                       const struct message_event *event)
{
    const char *outcome = attempts->open ? outcome_of(event, &attempts->active) : NULL;
    if (outcome != NULL) {
        attempt_write(writer, attempts, event, outcome);
        attempts->open = false;
    }
    if (event->kind == EVENT_KIND_ACTIVE) {
        attempts->count++;
        attempts->open = true;
        attempts->active = *event;
    }
}

/* Reads the next record. Returns OK or MALFORMED. */
static enum status event_read(struct frame_reader *records, struct message *out)
{
    bool good = frame_next(records, out) == STATUS_OK && out->type == MESSAGE_TYPE_EVENT;
    return good ? STATUS_OK : STATUS_MALFORMED;
}

/* *last is the version of the last event. */
static enum status attempts_write(struct json_writer *writer, struct frame_reader records,
                                  uint32_t count, uint32_t *last)
{
    struct attempts attempts = {0};
    struct message message;
    json_name(writer, "attempts");
    json_array_begin(writer);
    for (uint32_t index = 0; index < count; index++) {
        if (event_read(&records, &message) != STATUS_OK) {
            return STATUS_MALFORMED;
        }
        event_take(writer, &attempts, &message.event);
        *last = message.event.version;
    }
    if (attempts.open) {
        attempt_write(writer, &attempts, NULL, NULL);
    }
    json_array_end(writer);
    return STATUS_OK;
}

static enum status events_write(struct json_writer *writer, struct frame_reader records,
                                uint32_t count)
{
    struct message message;
    json_name(writer, "events");
    json_array_begin(writer);
    for (uint32_t index = 0; index < count; index++) {
        if (event_read(&records, &message) != STATUS_OK) {
            return STATUS_MALFORMED;
        }
        event_json_write(writer, &message.event);
    }
    json_array_end(writer);
    return STATUS_OK;
}

enum status timeline_write(struct json_writer *writer, struct frame_reader records, uint32_t count)
{
    uint32_t last = 0;
    json_object_begin(writer);
    enum status status = attempts_write(writer, records, count, &last);
    if (status == STATUS_OK) {
        status = events_write(writer, records, count);
    }
    json_member_boolean(writer, "complete", count == last);
    json_object_end(writer);
    return status == STATUS_OK ? json_writer_status(writer) : status;
}
