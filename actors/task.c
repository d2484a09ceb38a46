#include "actors/task.h"

#include <assert.h>
#include <stdlib.h>
#include "actors/limits.h"
#include "actors/runtime.h"
#include "actors/text.h"
#include "base/log.h"
#include "proto/outage.h"

/* ---- making and freeing ---- */

enum {
    JOB_SLICES = 11,
};

static void slices_of(struct message_job *job, struct slice *slices[JOB_SLICES])
{
    slices[0] = &job->owner;
    slices[1] = &job->display_id;
    slices[2] = &job->payload;
    slices[3] = &job->character_document;
    slices[4] = &job->source_document;
    slices[5] = &job->draft;
    slices[6] = &job->trace;
    slices[7] = &job->webhook_url;
    slices[8] = &job->webhook_secret;
    slices[9] = &job->webhook_secret_old;
    slices[10] = &job->request_id;
}

static struct slice copy_slice(struct slice slice, uint8_t **end)
{
    if (slice.size == 0) {
        return SLICE_EMPTY;
    }
    struct slice copy = slice_make(*end, slice.size);
    memcpy(*end, slice.data, slice.size);
    *end += slice.size;
    return copy;
}

static size_t aligned(size_t size)
{
    return (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

static const char timeout_code[] = "timeout";

static void on_timeout(void *context);
static void on_delay(void *context);

enum status task_new(struct runtime *runtime, struct lease *lease, const struct message_job *job,
                     const struct message_recorded *recorded, size_t recorded_count,
                     struct task **out)
{
    const struct role *role = runtime->options.role;
    struct message_job copy = *job;
    struct slice *slices[JOB_SLICES];
    slices_of(&copy, slices);
    size_t state_offset = aligned(sizeof(struct task));
    size_t operations_offset = aligned(state_offset + role->state_size);
    size_t bytes_offset = operations_offset + recorded_count * sizeof(struct recorded_operation);
    size_t size = bytes_offset;
    for (size_t index = 0; index < JOB_SLICES; index++) {
        size += slices[index]->size;
    }
    for (size_t index = 0; index < recorded_count; index++) {
        size += recorded[index].provider.size + recorded[index].task.size;
    }
    struct task *task = malloc(size);
    if (task == NULL) {
        return STATUS_NO_MEMORY;
    }
    uint8_t *base = (uint8_t *)task;
    uint8_t *end = base + bytes_offset;
    memset(task, 0, bytes_offset);
    task->runtime = runtime;
    task->role = role;
    task->lease = lease;
    task->state = base + state_offset;
    task->operations = (struct recorded_operation *)(void *)(base + operations_offset);
    task->operation_count = recorded_count;
    for (size_t index = 0; index < JOB_SLICES; index++) {
        *slices[index] = copy_slice(*slices[index], &end);
    }
    task->job = copy;
    for (size_t index = 0; index < recorded_count; index++) {
        task->operations[index] = (struct recorded_operation){
            .operation = recorded[index].operation,
            .state = (enum operation_state)recorded[index].state,
            .lease = recorded[index].lease,
            .call = recorded[index].call == 0 ? recorded[index].lease : recorded[index].call,
            .at_ms = recorded[index].at,
            .price = recorded[index].price,
            .provider = copy_slice(recorded[index].provider, &end),
            .task = copy_slice(recorded[index].task, &end),
        };
    }
    assert(end == base + size);
    buffer_init(&task->draft, DOCUMENT_SIZE_MAX);
    task->timeout = (struct timer){.fire = on_timeout, .context = task};
    task->delay = (struct timer){.fire = on_delay, .context = task};
    *out = task;
    return STATUS_OK;
}

void task_destroy(struct task **task)
{
    assert((*task)->lease == NULL);
    free(*task);
    *task = NULL;
}

/* The last that the log has of an attempt, as its start is the first. */
static void tell_end(const struct task *task, const char *outcome)
{
    char job[ID_TEXT_SIZE];
    id_format(&task->job.job, job);
    log_debug("attempt ended", "job=%s lease=%u attempt=%u request=%.*s outcome=%s ms=%lld", job,
              task->job.lease, task->job.attempt, SLICE_PRINT(task->job.request_id), outcome,
              (long long)(loop_now_ms(task->runtime->loop) - task->started_ms));
}

/* Stops everything that could call the role again. */
static void abort_work(struct task *task)
{
    loop_timer_stop(task->runtime->loop, &task->timeout);
    loop_timer_stop(task->runtime->loop, &task->delay);
    task_request_abort(task);
    task->pending.waiting = false;
    task->step_ready = false;
}

/* The same, and lets it release its state. */
static void stop_work(struct task *task)
{
    struct runtime *runtime = task->runtime;
    assert(task->lease != NULL);
    abort_work(task);
    if (task->role->end != NULL) {
        task->role->end(task);
    }
    buffer_fini(&task->draft);
    task->lease = NULL;
    task->next_ended = runtime->ended;
    runtime->ended = task;
}

/* ---- what the runtime does with a task ---- */

static void run_steps(struct task *task)
{
    task->stepping = true;
    while (task->step_ready) {
        task->step_ready = false;
        task->role->steps[task->step].run(task);
    }
    task->stepping = false;
}

void task_start(struct task *task)
{
    task->runtime->meters.started++;
    task->started_ms = loop_now_ms(task->runtime->loop);
    int64_t timeout_ms = ATTEMPT_MS_MAX;
    if (task->job.timeout_ms < (uint64_t)timeout_ms) {
        timeout_ms = (int64_t)task->job.timeout_ms;
    }
    char job[ID_TEXT_SIZE];
    id_format(&task->job.job, job);
    log_debug("attempt started", "job=%s lease=%u attempt=%u request=%.*s", job, task->job.lease,
              task->job.attempt, SLICE_PRINT(task->job.request_id));
    loop_timer_start(task->runtime->loop, &task->timeout, timeout_ms);
    task->step_ready = true;
    run_steps(task);
}

static void on_timeout(void *context)
{
    struct task *task = context;
    bool is_heard = task->runtime->session.state == SESSION_STATE_OPEN;
    if (task->closing && task->pending.waiting && !is_heard) {
        /* Its record would be lost, and with it what was paid: the broker's return comes first. */
        loop_timer_start(task->runtime->loop, &task->timeout, CLOSE_MS);
    } else if (task->closing) {
        task_closed(task);
    } else {
        task_fail(task, FAIL_KIND_RETRY, timeout_code, SLICE_LITERAL("the attempt took too long"),
                  0);
    }
}

static void on_delay(void *context)
{
    struct task *task = context;
    task->on_delay(task, task->delay_context);
}

static void send_progress(struct task *task, bool with_draft)
{
    struct message message = {.type = MESSAGE_TYPE_PROGRESS};
    message.progress = (struct message_progress){
        .job = task->job.job,
        .lease = task->job.lease,
        .credit = runtime_credit(task->runtime),
        .progress = task->percent,
        .step = slice_from_string(task->step_name),
        .draft = with_draft ? buffer_slice(&task->draft) : SLICE_EMPTY,
    };
    task_call_tell(task, &message.progress);
    runtime_write(task->runtime, &message);
}

void task_repeat(struct task *task)
{
    if (task->step_name != NULL) {
        send_progress(task, true);
    }
    if (task->pending.waiting) {
        task->pending.resent = true;
        task_send_pending(task);
    }
}

void task_cancel(struct task *task)
{
    if (!task->closing) {
        task_fail(task, FAIL_KIND_CANCELLED, "cancelled", SLICE_LITERAL("cancelled on request"), 0);
    }
}

void task_abandon(struct task *task)
{
    struct lease *lease = task->lease;
    tell_end(task, "abandoned");
    stop_work(task);
    leases_remove(&task->runtime->leases, lease);
}

void task_lease_over(struct task *task)
{
    bool is_cancel = task->closing && task->failure.kind == FAIL_KIND_CANCELLED;
    if (!is_cancel) {
        task_abandon(task);
    } else if (task->pending.waiting) {
        task->pending.waiting = false;
        task->pending.callback(task, task->pending.context);
    }
}

/* ---- what a role can ask (role.h) ---- */

const struct message_job *task_job(const struct task *task)
{
    return &task->job;
}

const struct recorded_operation *task_operations(const struct task *task, size_t *count_out)
{
    *count_out = task->operation_count;
    return task->operations;
}

void *task_state(struct task *task)
{
    return task->state;
}

struct providers *task_providers(struct task *task)
{
    return task->runtime->options.providers;
}

struct asset_store *task_assets(struct task *task)
{
    return task->runtime->options.assets;
}

void task_report_success(struct task *task, struct provider_endpoint *endpoint)
{
    runtime_report_success(task->runtime, endpoint);
}

void task_report_failure(struct task *task, const struct provider_endpoint *endpoint,
                         enum provider_fault fault, uint32_t failures, int64_t retry_after_ms)
{
    runtime_report_failure(task->runtime, endpoint, fault, failures, retry_after_ms);
}

int64_t task_now_ms(const struct task *task)
{
    return clock_now_ms(&task->runtime->clock);
}

int64_t task_left_ms(const struct task *task)
{
    return task->timeout.due_ms - loop_now_ms(task->runtime->loop);
}

void task_progress(struct task *task, uint8_t percent, const char *step)
{
    assert(task->lease != NULL);
    bool is_same_step = task->step_name != NULL && strcmp(step, task->step_name) == 0;
    if (is_same_step && percent <= task->percent && !task->draft_is_news) {
        return;
    }
    if (percent > task->percent) {
        task->percent = percent;
    }
    task->step_name = step;
    if (task->call.is_told) {
        task->call = (struct task_call){.purpose = CALL_PURPOSE_NONE};
    }
    send_progress(task, task->draft_is_news);
    task->draft_is_news = false;
}

void task_next(struct task *task)
{
    const struct step *step = &task->role->steps[task->step];
    assert(task->lease != NULL && !task->step_ready);
    assert(task->step + 1 < task->role->step_count);
    task_progress(task, step->percent, step->name);
    task->step++;
    task->step_ready = true;
    if (!task->stepping) {
        run_steps(task);
    }
}

void task_set_draft(struct task *task, struct slice draft)
{
    buffer_clear(&task->draft);
    enum status status = buffer_append_slice(&task->draft, draft);
    if (status != STATUS_OK) {
        char job[ID_TEXT_SIZE];
        id_format(&task->job.job, job);
        log_warn("draft not kept", "job=%s lease=%u request=%.*s size=%zu status=%s", job,
                 task->job.lease, SLICE_PRINT(task->job.request_id), draft.size,
                 status_name(status));
    }
    task->draft_is_news = status == STATUS_OK;
}

void task_after(struct task *task, int64_t delay_ms, task_function *callback, void *context)
{
    assert(!timer_is_running(&task->delay));
    task->on_delay = callback;
    task->delay_context = context;
    loop_timer_start(task->runtime->loop, &task->delay, delay_ms);
}

void task_after_stop(struct task *task)
{
    loop_timer_stop(task->runtime->loop, &task->delay);
}

/* record: what is told with it; NULL for nothing. */
static void end_with(struct task *task, struct message *message, const struct message *record)
{
    struct runtime *runtime = task->runtime;
    struct lease *lease = task->lease;
    assert(lease != NULL);
    tell_end(task, message->type == MESSAGE_TYPE_DONE
                       ? "completed"
                       : fail_kind_name((enum fail_kind)message->fail.kind));
    runtime_end_lease(runtime, lease, message,
                      record); /* copies: the role's state may hold the bytes */
    stop_work(task);
}

void task_done(struct task *task, struct slice url, struct slice document, struct slice media)
{
    if (document.size > DOCUMENT_SIZE_MAX || media.size > DOCUMENT_SIZE_MAX) {
        task_fail(task, FAIL_KIND_PERMANENT, "document_too_large",
                  SLICE_LITERAL("the document of the result is too large"), 0);
        return;
    }
    struct message message = {.type = MESSAGE_TYPE_DONE};
    message.done = (struct message_done){
        .job = task->job.job,
        .lease = task->job.lease,
        .url = url,
        .document = document,
        .media = media,
        .price = task->price,
        .at = task_now_ms(task),
        .provider = slice_from_string(task->creditor),
        .operation = task->creditor_operation,
    };
    end_with(task, &message, NULL);
}

static void fail_now(struct task *task, const struct task_failure *failure)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){
        .job = task->job.job,
        .lease = task->job.lease,
        .kind = (uint8_t)failure->kind,
        .code = slice_from_string(failure->code),
        .message = slice_from_string(failure->message),
        .retry_after_ms = (uint64_t)failure->retry_after_ms,
    };
    task_call_tell_failed(task, &message.fail);
    char job[ID_TEXT_SIZE];
    id_format(&task->job.job, job);
    log_info("attempt failed",
             "job=%s lease=%u attempt=%u request=%.*s provider=%.*s code=%s message=\"%s\"", job,
             task->job.lease, task->job.attempt, SLICE_PRINT(task->job.request_id),
             SLICE_PRINT(message.fail.provider), failure->code, failure->message);
    /* What the close has recorded may be lost with this session: it goes wherever its end goes. */
    struct message record = task_pending_message(task);
    end_with(task, &message, task->closing && task->pending.waiting ? &record : NULL);
}

void task_closed(struct task *task)
{
    assert(task->closing && task->lease != NULL);
    fail_now(task, &task->failure);
}

static int64_t bounded(int64_t retry_after_ms)
{
    if (retry_after_ms < 0) {
        return 0;
    }
    return retry_after_ms > RETRY_AFTER_MS_MAX ? RETRY_AFTER_MS_MAX : retry_after_ms;
}

void task_fail(struct task *task, enum fail_kind kind, const char *code, struct slice message,
               int64_t retry_after_ms)
{
    struct task_failure *failure = &task->failure;
    assert(task->lease != NULL);
    if (task->closing) {
        task_closed(task); /* what the provider was to be told cannot be told */
        return;
    }
    *failure = (struct task_failure){
        .kind = kind,
        .code = code,
        .retry_after_ms = bounded(retry_after_ms),
    };
    text_clean(message, failure->message, sizeof(failure->message));
    if (task->role->close == NULL) {
        fail_now(task, failure);
        return;
    }
    /* Of an outage nobody but the broker can tell: it goes on then, or has the task dropped. */
    bool is_counted = kind == FAIL_KIND_RETRY && !outage_is_possible(slice_from_string(code));
    const struct runtime *runtime = task->runtime;
    bool may_be_anothers = kind != FAIL_KIND_CANCELLED &&
                           session_may_be_lost(&runtime->session, loop_now_ms(runtime->loop));
    bool is_last = kind == FAIL_KIND_PERMANENT || (is_counted && task->job.is_last);
    const struct ending ending = {
        .kind = kind,
        .is_final = kind == FAIL_KIND_CANCELLED || (is_last && !may_be_anothers),
        .is_timeout = code == timeout_code && !may_be_anothers,
    };
    abort_work(task);
    task->closing = true;
    loop_timer_start(task->runtime->loop, &task->timeout, CLOSE_MS);
    task->role->close(task, &ending);
}
