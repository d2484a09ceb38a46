/* What the broker says, record by record. */

#include <assert.h>
#include "actors/limits.h"
#include "actors/runtime.h"
#include "actors/task.h"
#include "base/log.h"

static void answer_error(struct runtime *runtime, enum error_code code, const char *detail)
{
    int64_t now_ms = loop_now_ms(runtime->loop);
    runtime->frames_refused++;
    if (now_ms - runtime->error_sent_ms < ERROR_REPLY_INTERVAL_MS) {
        return;
    }
    runtime->error_sent_ms = now_ms;
    log_warn("frame of the broker refused", "code=%s detail=\"%s\" refused=%llu",
             error_code_name(code), detail, (unsigned long long)runtime->frames_refused);
    struct message message = {.type = MESSAGE_TYPE_ERROR};
    message.error =
        (struct message_error){.code = (uint8_t)code, .detail = slice_from_string(detail)};
    runtime_write(runtime, &message);
}

/* ---- JOB ---- */

/* Takes the RECORDEDs that belong to a JOB. Returns OK, or MALFORMED when they are not what the
 * JOB announced. */
static enum status take_recorded(struct frame_reader *reader, const struct message_job *job,
                                 struct message_recorded recorded[OPERATIONS_MAX])
{
    for (size_t index = 0; index < job->operation_count; index++) {
        struct message message;
        if (frame_next(reader, &message) != STATUS_OK || message.type != MESSAGE_TYPE_RECORDED ||
            !id_equal(&message.recorded.job, &job->job)) {
            return STATUS_MALFORMED;
        }
        recorded[index] = message.recorded;
    }
    return STATUS_OK;
}

static enum status begin_job(struct runtime *runtime, const struct message_job *job,
                             const struct message_recorded *recorded)
{
    struct lease *lease = NULL;
    if (runtime->phase != RUNTIME_PHASE_WORKING) {
        return STATUS_CLOSED;
    }
    if (job->kind != runtime->options.role->kind) {
        return STATUS_INVALID;
    }
    enum status status = leases_add(&runtime->leases, &job->job, job->lease, &lease);
    if (status != STATUS_OK) {
        return status;
    }
    struct task *task = NULL;
    status = loop_timers_reserve(runtime->loop,
                                 TIMERS_OF_TASK * runtime->leases.count + TIMERS_OF_RUNTIME);
    if (status == STATUS_OK) {
        status = task_new(runtime, lease, job, recorded, job->operation_count, &task);
    }
    if (status != STATUS_OK) {
        leases_remove(&runtime->leases, lease);
        return status;
    }
    lease->task = task;
    task_start(task);
    return STATUS_OK;
}

static void take_job(struct runtime *runtime, struct frame_reader *reader,
                     const struct message_job *job)
{
    struct message_recorded recorded[OPERATIONS_MAX];
    session_job(&runtime->session);
    enum status status = take_recorded(reader, job, recorded);
    if (status == STATUS_OK) {
        status = begin_job(runtime, job, recorded);
    }
    if (status == STATUS_OK || status == STATUS_EXISTS) {
        return; /* a second copy of a lease that is at work changes nothing */
    }
    char text[ID_TEXT_SIZE];
    id_format(&job->job, text);
    log_warn("job handed back", "job=%s lease=%u request=%.*s reason=%s", text, job->lease,
             SLICE_PRINT(job->request_id), status_name(status));
    runtime_release(runtime, &job->job, job->lease);
}

/* ---- the others ---- */

static void take_welcome(struct runtime *runtime, const struct message_welcome *welcome)
{
    session_welcome(&runtime->session, welcome, loop_now_ms(runtime->loop));
    if (runtime->session.state != SESSION_STATE_OPEN) {
        return;
    }
    outbox_restart(&runtime->outbox, welcome->session);
    log_info("session opened", "session=%llu held=%zu slots=%zu",
             (unsigned long long)welcome->session, runtime->leases.count, runtime->leases.slots);
    runtime_repeat(runtime);
    if (!runtime->was_ready) {
        runtime->was_ready = true;
        runtime->options.ready(runtime->options.ready_context);
    }
}

static void take_ack(struct runtime *runtime, const struct message_ack *ack)
{
    struct lease *lease = leases_find(&runtime->leases, &ack->job, ack->lease);
    if (lease == NULL) {
        return; /* of a second copy of the result, or of a job handed back */
    }
    if (lease->state == LEASE_STATE_WORKING) {
        char text[ID_TEXT_SIZE];
        id_format(&lease->job, text);
        log_info("lease over: work stopped", "job=%s lease=%u request=%.*s", text, lease->number,
                 SLICE_PRINT(task_job(lease->task)->request_id));
        task_lease_over(lease->task);
    } else {
        leases_remove(&runtime->leases, lease);
    }
}

/* Of a lease that has its result on the way, a success that was told wins. One that is not held may
 * have its JOB on the way, and another CANCEL behind it: its task is to be dropped then, of which
 * nothing is known yet. */
static void take_cancel(struct runtime *runtime, const struct message_cancel *cancel)
{
    struct lease *lease = leases_find(&runtime->leases, &cancel->job, cancel->lease);
    if (lease != NULL && lease->state == LEASE_STATE_WORKING) {
        task_cancel(lease->task);
    }
}

static void take_operation_ack(struct runtime *runtime, const struct message_operation_ack *ack)
{
    struct lease *lease = leases_find(&runtime->leases, &ack->job, ack->lease);
    if (lease != NULL && lease->state == LEASE_STATE_WORKING) {
        task_operation_is_durable(lease->task, ack->operation, (enum operation_state)ack->state);
    }
}

static void take_operation_denied(struct runtime *runtime,
                                  const struct message_operation_denied *denied)
{
    struct lease *lease = leases_find(&runtime->leases, &denied->job, denied->lease);
    if (lease != NULL && lease->state == LEASE_STATE_WORKING) {
        task_operation_is_denied(lease->task, denied->operation, (enum denial)denied->reason,
                                 denied->retry_after_ms);
    }
}

static void take_ping(struct runtime *runtime)
{
    struct message message = {.type = MESSAGE_TYPE_HEARTBEAT};
    message.heartbeat.credit = runtime_credit(runtime);
    runtime_write(runtime, &message);
}

static void take_error(struct runtime *runtime, const struct message_error *error)
{
    enum error_code code = (enum error_code)error->code;
    if (code == ERROR_CODE_UNKNOWN) {
        log_warn("broker does not know a message of ours", "detail=\"%.*s\"",
                 SLICE_PRINT(error->detail));
        return;
    }
    log_warn("broker refused", "code=%s detail=\"%.*s\"", error_code_name(code),
             SLICE_PRINT(error->detail));
    session_refused(&runtime->session, loop_now_ms(runtime->loop));
}

/* Records that need a session are taken only in the one that is open. */
static void take_record(struct runtime *runtime, struct frame_reader *reader,
                        const struct message *message)
{
    if (message->type == MESSAGE_TYPE_WELCOME) {
        take_welcome(runtime, &message->welcome);
        return;
    }
    if (message->type == MESSAGE_TYPE_ERROR) {
        take_error(runtime, &message->error);
        return;
    }
    bool is_current =
        runtime->session.state == SESSION_STATE_OPEN && reader->session == runtime->session.id;
    if (!is_current) {
        return;
    }
    switch ((int)message->type) {
    case MESSAGE_TYPE_JOB:
        take_job(runtime, reader, &message->job);
        break;
    case MESSAGE_TYPE_CANCEL:
        take_cancel(runtime, &message->cancel);
        break;
    case MESSAGE_TYPE_ACK:
        take_ack(runtime, &message->ack);
        break;
    case MESSAGE_TYPE_OPERATION_ACK:
        take_operation_ack(runtime, &message->operation_ack);
        break;
    case MESSAGE_TYPE_OPERATION_DENIED:
        take_operation_denied(runtime, &message->operation_denied);
        break;
    case MESSAGE_TYPE_PING:
        take_ping(runtime);
        break;
    case MESSAGE_TYPE_DRAIN:
        runtime_stop(runtime, "asked by the broker");
        break;
    default:
        answer_error(runtime, ERROR_CODE_FORBIDDEN, message_type_name(message->type));
        break;
    }
}

void runtime_take_frame(struct runtime *runtime, struct slice frame)
{
    struct frame_reader reader;
    enum status status = frame_open(&reader, frame);
    if (status != STATUS_OK) {
        bool is_version = status == STATUS_UNSUPPORTED;
        answer_error(runtime, is_version ? ERROR_CODE_VERSION : ERROR_CODE_MALFORMED,
                     is_version ? "the broker speaks another version of the protocol"
                                : "not a frame");
        return;
    }
    struct message message;
    while ((status = frame_next(&reader, &message)) != STATUS_NOT_FOUND) {
        if (status == STATUS_OK) {
            take_record(runtime, &reader, &message);
        } else if (status == STATUS_UNSUPPORTED) {
            answer_error(runtime, ERROR_CODE_UNKNOWN, "a message of a newer peer");
        } else {
            answer_error(runtime, ERROR_CODE_MALFORMED, "a record does not follow the table");
        }
    }
}
