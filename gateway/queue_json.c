#include "gateway/queue_json.h"

enum {
    RATE_WINDOW_MS = 1000, /* of a queue's limit */
};

static void write_counts(struct json_writer *writer, const struct message_queue *queue)
{
    json_name(writer, "counts");
    json_object_begin(writer);
    json_member_integer(writer, "pending", (int64_t)queue->pending);
    json_member_integer(writer, "waiting", (int64_t)queue->waiting);
    json_member_integer(writer, "active", (int64_t)queue->active);
    json_member_integer(writer, "completed", (int64_t)queue->completed);
    json_member_integer(writer, "failed", (int64_t)queue->failed);
    json_member_integer(writer, "cancelled", (int64_t)queue->cancelled);
    json_object_end(writer);
}

/* Null for a queue that may start as many as it likes. */
static void write_limit(struct json_writer *writer, const struct message_queue *queue)
{
    json_name(writer, "limit");
    if (queue->rate == 0) {
        json_put_null(writer);
        return;
    }
    json_object_begin(writer);
    json_member_integer(writer, "max", queue->rate);
    json_member_integer(writer, "durationMs", RATE_WINDOW_MS);
    json_member_integer(writer, "used", queue->rate_used);
    json_object_end(writer);
}

static void write_minute(struct json_writer *writer, const struct message_queue *queue)
{
    json_name(writer, "perMinute");
    json_object_begin(writer);
    json_member_integer(writer, "started", (int64_t)queue->minute_started);
    json_member_integer(writer, "completed", (int64_t)queue->minute_completed);
    json_member_integer(writer, "failed", (int64_t)queue->minute_failed);
    json_object_end(writer);
}

void queue_json_write(struct json_writer *writer, const struct message_queue *queue)
{
    json_object_begin(writer);
    json_member_text(writer, "queue", slice_from_string(job_kind_name((enum job_kind)queue->kind)));
    json_member_boolean(writer, "paused", queue->paused);
    write_counts(writer, queue);
    json_member_integer(writer, "workers", queue->workers);
    json_member_integer(writer, "workersDraining", queue->workers_draining);
    json_member_integer(writer, "slots", (int64_t)queue->slots);
    json_member_integer(writer, "slotsBusy", (int64_t)queue->slots_busy);
    write_limit(writer, queue);
    json_member_time(writer, "oldestWaitingAt", queue->oldest_waiting_at);
    write_minute(writer, queue);
    if (queue->wait_reason == WAIT_REASON_NONE) {
        json_member_null(writer, "waitReason");
    } else {
        const char *reason = wait_reason_name((enum wait_reason)queue->wait_reason);
        json_member_text(writer, "waitReason", slice_from_string(reason));
    }
    json_object_end(writer);
}

static void write_disk(struct json_writer *writer, const struct overview *overview)
{
    json_member_boolean(writer, "diskLow", overview->disk_low);
    if (!overview->disk_low) {
        json_member_null(writer, "disk");
        return;
    }
    json_name(writer, "disk");
    json_object_begin(writer);
    json_member_integer(writer, "freeBytes", (int64_t)overview->disk_free);
    json_member_integer(writer, "floorBytes", (int64_t)overview->disk_floor);
    json_object_end(writer);
}

void queue_json_all(struct json_writer *writer, const struct overview *overview)
{
    json_object_begin(writer);
    json_name(writer, "queues");
    json_array_begin(writer);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        queue_json_write(writer, &overview->queues[kind]);
    }
    json_array_end(writer);
    write_disk(writer, overview);
    json_object_end(writer);
}
