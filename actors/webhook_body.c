#include "actors/webhook_body.h"

#include <inttypes.h>
#include <stdio.h>
#include "base/json_writer.h"
#include "base/signature.h"

static void error_write(struct json_writer *writer, const struct message_event *event)
{
    json_name(writer, "error");
    if (event->error_code.size == 0) {
        json_put_null(writer);
        return;
    }
    json_object_begin(writer);
    json_member_text(writer, "code", event->error_code);
    json_member_text(writer, "message", event->error_message);
    json_object_end(writer);
}

/* What the job has made: documents exist once it is completed, and a media job has its character
 * before. */
static void result_write(struct json_writer *writer, const struct message_job *job,
                         const struct message_event *event)
{
    static const struct id none;
    bool is_completed = event->kind == EVENT_KIND_COMPLETED;
    bool is_media = event->job_kind != JOB_KIND_CHARACTER;
    json_member_id(writer, "characterId", is_completed || is_media ? &job->character : &none);
    if (is_media) {
        json_member_id(writer, "mediaId", is_completed ? &job->media : &none);
    }
    json_member_text_or_null(writer, "url", event->url);
}

static void data_write(struct json_writer *writer, const struct message_job *job,
                       const struct message_event *event)
{
    bool has_failed = event->kind == EVENT_KIND_FAILED;
    json_object_begin(writer);
    json_member_id(writer, "jobId", &event->job);
    json_member_integer(writer, "seq", event->version);
    json_member_integer(writer, "event", (int64_t)event->event);
    json_member_text(writer, "type", slice_from_string(job_kind_name(event->job_kind)));
    json_member_text(writer, "status", slice_from_string(job_state_name(event->state)));
    json_member_integer(writer, "progress", event->progress);
    json_member_text_or_null(writer, "step", event->step);
    json_member_integer(writer, "attempt", event->attempt);
    json_member_integer(writer, "attemptsMade", event->attempts_made);
    json_member_boolean(writer, "cancelRequested", event->cancel_requested);
    result_write(writer, job, event);
    json_member_text_or_null(writer, "failedReason",
                             has_failed ? event->error_message : SLICE_EMPTY);
    error_write(writer, event);
    json_member_time(writer, "startedAt", event->started_at);
    json_member_time(writer, "completedAt", event->completed_at);
    json_member_time(writer, "nextAttemptAt", event->next_attempt_at);
    json_object_end(writer);
}

enum status webhook_body_write(const struct message_job *job, const struct message_event *event,
                               struct buffer *out)
{
    struct json_writer writer;
    char type[32];
    snprintf(type, sizeof(type), "job.%s", event_kind_name(event->kind));
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "type", slice_from_string(type));
    json_member_time(&writer, "timestamp", event->at);
    json_name(&writer, "data");
    data_write(&writer, job, event);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

/* The signatures of the secret, and of the one before while that is in force. */
static enum status signature_write(const struct message_job *job, struct slice id,
                                   int64_t timestamp, struct slice body, struct buffer *out)
{
    enum {
        SIGNATURES_SIZE_MAX = 128
    };
    struct buffer signatures;
    buffer_init(&signatures, SIGNATURES_SIZE_MAX);
    enum status status = signature_add(job->webhook_secret, id, timestamp, body, &signatures);
    if (status == STATUS_OK && job->webhook_secret_old.size > 0) {
        status = signature_add(job->webhook_secret_old, id, timestamp, body, &signatures);
    }
    if (status == STATUS_OK) {
        status = buffer_append_format(out, "webhook-signature: %.*s",
                                      SLICE_PRINT(buffer_slice(&signatures)));
    }
    buffer_fini(&signatures);
    return status == STATUS_OK ? buffer_append_byte(out, 0) : status;
}

enum status webhook_headers_write(const struct message_job *job, struct slice body, int64_t now_ms,
                                  struct buffer *out, const char *lines[WEBHOOK_HEADERS],
                                  size_t *count_out)
{
    char id[ID_TEXT_SIZE];
    int64_t timestamp = now_ms / 1000;
    size_t starts[WEBHOOK_HEADERS] = {0};
    size_t count = 2;
    id_format(&job->job, id);
    enum status status = buffer_append_format(out, "webhook-id: %s", id);
    if (status == STATUS_OK) {
        status = buffer_append_byte(out, 0);
    }
    starts[1] = out->size;
    if (status == STATUS_OK) {
        status = buffer_append_format(out, "webhook-timestamp: %" PRId64, timestamp);
    }
    if (status == STATUS_OK) {
        status = buffer_append_byte(out, 0);
    }
    if (status == STATUS_OK && job->webhook_secret.size > 0) {
        starts[count++] = out->size;
        status = signature_write(job, slice_from_string(id), timestamp, body, out);
    }
    for (size_t line = 0; line < count && status == STATUS_OK; line++) {
        lines[line] = (const char *)out->data + starts[line];
    }
    *count_out = status == STATUS_OK ? count : 0;
    return status;
}
