#include "gateway/job_json.h"

#include "base/money.h"
#include "gateway/envelope.h"

/* result: null until it is known how the job ended, and when it was cancelled; of a delivery, which
 * makes nothing, always. */
static void result_write(struct json_writer *writer, const struct message_job_state *job)
{
    bool completed = job->state == JOB_STATE_COMPLETED;
    json_name(writer, "result");
    bool has_ended = completed || job->state == JOB_STATE_FAILED;
    if (!has_ended || job->kind == JOB_KIND_WEBHOOK) {
        json_put_null(writer);
        return;
    }
    static const struct id none;
    json_object_begin(writer);
    if (job->kind == JOB_KIND_CHARACTER) {
        json_member_id(writer, "characterId", completed ? &job->character : &none);
    } else {
        json_member_id(writer, "mediaId", completed ? &job->media : &none);
        json_member_text_or_null(writer, "url", completed ? job->url : SLICE_EMPTY);
    }
    if (completed) {
        json_member_null(writer, "error");
    } else {
        json_member_text(writer, "error", job->error_message);
    }
    json_object_end(writer);
}

void job_json_character(struct json_writer *writer, const struct message_job_state *job)
{
    json_name(writer, "character");
    json_object_begin(writer);
    json_member_text_or_null(writer, "name", job->character_name);
    json_member_text_or_null(writer, "displayId", job->display_id);
    json_object_end(writer);
}

static void last_error_write(struct json_writer *writer, const struct message_job_state *job)
{
    json_name(writer, "lastError");
    if (job->error_code.size == 0 && job->error_message.size == 0) {
        json_put_null(writer);
        return;
    }
    json_object_begin(writer);
    json_member_text(writer, "code", job->error_code);
    json_member_text(writer, "message", job->error_message);
    json_object_end(writer);
}

struct job_wait job_wait_of(const struct message_position *position)
{
    return (struct job_wait){position->wait_reason, position->queue_position,
                             position->eta_seconds};
}

bool job_json_waits(const struct message_job_state *job)
{
    return job->state == JOB_STATE_PENDING || job->state == JOB_STATE_WAITING;
}

static void integer_or_null_write(struct json_writer *writer, const char *name, uint32_t value)
{
    if (value > 0) {
        json_member_integer(writer, name, value);
    } else {
        json_member_null(writer, name);
    }
}

static void wait_write(struct json_writer *writer, const struct job_wait *wait)
{
    if (wait->reason == WAIT_REASON_NONE) {
        json_member_null(writer, "waitReason");
    } else {
        const char *reason = wait_reason_name((enum wait_reason)wait->reason);
        json_member_text(writer, "waitReason", slice_from_string(reason));
    }
    integer_or_null_write(writer, "queuePosition", wait->position);
    integer_or_null_write(writer, "etaSeconds", wait->eta_seconds);
}

/* tags and metadata, as the gateway wrote them when the job was submitted: without their brackets
 * they are members of this object. */
static void labels_write(struct json_writer *writer, struct slice labels)
{
    static const char none[] = "\"tags\":[],\"metadata\":{}";
    bool has_any = labels.size > 2;
    json_put_raw(writer,
                 has_any ? slice_make(labels.data + 1, labels.size - 2) : slice_from_string(none));
}

/* Of jobs that cost money. */
static void cost_write(struct json_writer *writer, const struct message_job_state *job)
{
    if (job->estimate == 0 && job->spent == 0) {
        return;
    }
    json_name(writer, "cost");
    json_object_begin(writer);
    json_member_money(writer, "estimateUsd", job->estimate);
    json_member_money(writer, "spentUsd", job->spent);
    json_member_money(writer, "uncertainUsd", job->uncertain);
    json_object_end(writer);
}

void job_json_members(struct json_writer *writer, const struct message_job_state *job,
                      const struct job_wait *wait)
{
    bool media = job->kind != JOB_KIND_CHARACTER;
    json_member_id(writer, "jobId", &job->job);
    if (media) {
        json_member_text(writer, "type", slice_from_string(job_kind_name(job->kind)));
    }
    json_member_text(writer, "status", slice_from_string(job_state_name(job->state)));
    json_member_integer(writer, "progress", job->progress);
    result_write(writer, job);
    if (media) {
        job_json_character(writer, job);
    }
    if (job->state == JOB_STATE_FAILED) {
        json_member_text(writer, "failedReason", job->error_message);
    } else {
        json_member_null(writer, "failedReason");
    }
    json_member_integer(writer, "attemptsMade", job->attempts_made);
    json_member_time(writer, "createdAt", job->created_at);
    json_member_time(writer, "startedAt", job->started_at);
    json_member_time(writer, "completedAt", job->completed_at);
    json_member_integer(writer, "attempt", job->attempt);
    json_member_text_or_null(writer, "step", job->step);
    json_member_id(writer, "workerId", &job->worker);
    json_member_boolean(writer, "cancelRequested", job->cancel_requested);
    json_member_time(writer, "nextAttemptAt", job->next_attempt_at);
    last_error_write(writer, job);
    json_member_integer(writer, "retries", job->retries);
    json_member_integer(writer, "priority", job->priority);
    json_member_time(writer, "runAt", job->run_at);
    json_member_time(writer, "startBy", job->start_by);
    json_member_time(writer, "deadline", job->deadline);
    labels_write(writer, job->labels);
    if (!id_is_zero(&job->group)) {
        json_member_id(writer, "groupId", &job->group);
    }
    cost_write(writer, job);
    if (job->expires_at != 0) {
        json_member_time(writer, "expiresAt", job->expires_at);
    }
    if (job_json_waits(job)) {
        static const struct job_wait unknown;
        wait_write(writer, wait == NULL ? &unknown : wait);
    }
}

void job_json_write(struct json_writer *writer, const struct message_job_state *job,
                    const struct job_wait *wait)
{
    json_object_begin(writer);
    job_json_members(writer, job, wait);
    json_object_end(writer);
}

enum status job_json_envelope(const struct message_job_state *job, const struct job_wait *wait,
                              const char *message, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    envelope_begin(&writer, 200, message);
    json_name(&writer, "data");
    job_json_write(&writer, job, wait);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

enum status job_json_accepted(enum job_kind kind, const struct message_reply *reply,
                              struct buffer *out)
{
    static const struct slice messages[JOB_KIND_COUNT] = {
        [JOB_KIND_CHARACTER] = SLICE_LITERAL("Character creation job queued successfully"),
        [JOB_KIND_IMAGE] = SLICE_LITERAL("Image generation job queued successfully"),
        [JOB_KIND_VIDEO] = SLICE_LITERAL("Video generation job queued successfully"),
    };
    char text[ID_TEXT_SIZE];
    id_format(&reply->job, text);
    const struct slice id = slice_make(text, ID_TEXT_SIZE - 1);
    /* What is new is `pending` by the contract, whatever the queue calls it. */
    enum job_state state = reply->deduplicated ? (enum job_state)reply->state : JOB_STATE_PENDING;
    const struct slice parts[] = {
        SLICE_LITERAL("{\"success\":true,\"statusCode\":202,\"message\":\""),
        messages[kind],
        SLICE_LITERAL("\",\"data\":{\"jobId\":\""),
        id,
        SLICE_LITERAL("\",\"status\":\""),
        slice_from_string(job_state_name(state)),
        SLICE_LITERAL("\",\"statusUrl\":\"/api/v1/"),
        kind == JOB_KIND_CHARACTER ? SLICE_LITERAL("character-jobs/")
                                   : SLICE_LITERAL("media-jobs/"),
        id,
        reply->deduplicated ? SLICE_LITERAL("\",\"deduplicated\":true}}") : SLICE_LITERAL("\"}}"),
    };
    enum status status = STATUS_OK;
    for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]) && status == STATUS_OK;
         index++) {
        status = buffer_append_slice(out, parts[index]);
    }
    return status;
}
