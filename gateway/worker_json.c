#include "gateway/worker_json.h"

static void write_orders(struct json_writer *writer, enum worker_orders orders)
{
    json_member_boolean(writer, "draining", orders != WORKER_ORDERS_WORK);
    json_member_boolean(writer, "stopping", orders == WORKER_ORDERS_STOP);
}

void worker_json_orders(struct json_writer *writer, const struct id *worker,
                        enum worker_orders orders)
{
    json_object_begin(writer);
    json_member_id(writer, "workerId", worker);
    write_orders(writer, orders);
    json_object_end(writer);
}

static void write_job(struct json_writer *writer, const struct message_worker_job *job)
{
    json_object_begin(writer);
    json_member_id(writer, "jobId", &job->job);
    json_member_text_or_null(writer, "step", job->step);
    json_member_integer(writer, "progress", job->progress);
    json_member_integer(writer, "attempt", job->attempt);
    json_member_time(writer, "startedAt", job->started_at);
    json_object_end(writer);
}

static void write_worker(struct json_writer *writer, const struct message_worker *worker)
{
    json_member_id(writer, "workerId", &worker->worker);
    json_member_text(writer, "queue",
                     slice_from_string(job_kind_name((enum job_kind)worker->kind)));
    json_member_text_or_null(writer, "host", worker->host);
    json_name(writer, "pid");
    if (worker->pid == 0) {
        json_put_null(writer);
    } else {
        json_put_integer(writer, worker->pid);
    }
    json_member_text_or_null(writer, "version", worker->version);
    json_member_time(writer, "connectedAt", worker->connected_at);
    json_member_time(writer, "lastSeenAt", worker->last_seen_at);
    json_member_boolean(writer, "lost", worker->lost);
    write_orders(writer, (enum worker_orders)worker->orders);
    json_member_integer(writer, "slots", worker->slots);
    json_member_integer(writer, "slotsBusy", worker->busy);
}

/* One worker with the jobs behind it. */
static enum status worker_take(struct json_writer *writer, struct frame_reader *records,
                               uint32_t *left)
{
    struct message message;
    if (frame_next(records, &message) != STATUS_OK || message.type != MESSAGE_TYPE_WORKER ||
        message.worker.count >= *left) {
        return STATUS_MALFORMED;
    }
    uint32_t jobs = message.worker.count;
    *left -= 1 + jobs;
    json_object_begin(writer);
    write_worker(writer, &message.worker);
    json_name(writer, "jobs");
    json_array_begin(writer);
    for (uint32_t index = 0; index < jobs; index++) {
        if (frame_next(records, &message) != STATUS_OK || message.type != MESSAGE_TYPE_WORKER_JOB) {
            return STATUS_MALFORMED;
        }
        write_job(writer, &message.worker_job);
    }
    json_array_end(writer);
    json_object_end(writer);
    return STATUS_OK;
}

enum status worker_json_all(struct json_writer *writer, struct frame_reader records, uint32_t count)
{
    enum status status = STATUS_OK;
    json_object_begin(writer);
    json_name(writer, "workers");
    json_array_begin(writer);
    while (count > 0 && status == STATUS_OK) {
        status = worker_take(writer, &records, &count);
    }
    json_array_end(writer);
    json_object_end(writer);
    return status == STATUS_OK ? json_writer_status(writer) : status;
}
