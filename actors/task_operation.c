#include <assert.h>
#include "actors/runtime.h"
#include "actors/task.h"

/* What a task records of its paid calls, what it hears of that, and what it tells of all calls. */

static struct message message_of(const struct task *task, const struct operation_record *record)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    message.operation = (struct message_operation){
        .job = task->job.job,
        .lease = task->job.lease,
        .credit = runtime_credit(task->runtime),
        .operation = record->operation,
        .state = (uint8_t)record->state,
        .provider = slice_from_string(record->provider),
        .task = record->task,
        .at = task_now_ms(task),
        .charged = (uint8_t)record->charged,
        .repeats = record->repeats,
        .call = record->call,
        .price = record->price,
    };
    return message;
}

/* An announced call is one more that a result which nobody can use has cost. */
static void add_price(struct task *task, const struct operation_record *record)
{
    if (record->state == OPERATION_STATE_INTENT) {
        uint64_t sum = (uint64_t)task->price + record->price;
        task->price = sum < PRICE_MAX ? (uint32_t)sum : PRICE_MAX;
    }
}

/* Keeps which calls would be made again by who gets the job when it is handed back. */
static void note_call(struct task *task, const struct operation_record *record)
{
    uint16_t bit = (uint16_t)(1u << record->operation);
    if (record->state == OPERATION_STATE_INTENT) {
        task->calls |= bit;
    } else {
        task->calls &= (uint16_t)~bit;
        runtime_call_is_over(task->runtime);
    }
}

void task_tell_operation(struct task *task, const struct operation_record *record)
{
    struct message message = message_of(task, record);
    runtime_write(task->runtime, &message);
    note_call(task, record);
    task->creditor = record->provider;
    task->creditor_operation = record->operation;
}

struct message task_pending_message(const struct task *task)
{
    const struct pending_operation *pending = &task->pending;
    const struct operation_record record = {
        .operation = pending->operation,
        .state = pending->state,
        .charged = pending->charged,
        .repeats = pending->repeats,
        .call = pending->call,
        .price = pending->price,
        .provider = pending->provider,
        .task = slice_make(pending->task, pending->task_size),
    };
    return message_of(task, &record);
}

void task_send_pending(struct task *task)
{
    struct message message = task_pending_message(task);
    runtime_write(task->runtime, &message);
}

void task_operation_is_durable(struct task *task, uint8_t operation, enum operation_state state)
{
    struct runtime *runtime = task->runtime;
    struct pending_operation *pending = &task->pending;
    if (!pending->waiting || pending->operation != operation || pending->state != state) {
        return; /* the answer to an earlier copy */
    }
    pending->waiting = false;
    pending->callback(task, pending->context);
    runtime_call_is_over(runtime);
}

void task_operation_is_denied(struct task *task, uint8_t operation, enum denial reason,
                              uint64_t retry_after_ms)
{
    struct pending_operation *pending = &task->pending;
    bool is_asked = pending->waiting && pending->operation == operation && pending->denied != NULL;
    if (!is_asked) {
        return; /* the answer to an earlier copy */
    }
    pending->waiting = false;
    task->calls &= (uint16_t) ~(1u << operation);
    runtime_call_is_over(task->runtime);
    pending->denied(task, pending->context, reason,
                    retry_after_ms > RETRY_AFTER_MS_MAX ? RETRY_AFTER_MS_MAX
                                                        : (int64_t)retry_after_ms,
                    pending->resent);
}

void task_operation(struct task *task, const struct operation_record *record,
                    task_function *callback, void *context)
{
    struct pending_operation *pending = &task->pending;
    assert(!pending->waiting && callback != NULL);
    assert(record->operation < OPERATIONS_MAX && record->task.size <= TASK_SIZE_MAX);
    if (record->state == OPERATION_STATE_INTENT && task->runtime->phase == RUNTIME_PHASE_PAID) {
        runtime_call_is_over(task->runtime); /* no further call: the job is handed back */
        return;
    }
    add_price(task, record);
    note_call(task, record);
    pending->waiting = true;
    pending->operation = record->operation;
    pending->state = record->state;
    pending->charged = record->charged;
    pending->repeats = record->repeats;
    pending->call = record->call;
    pending->price = record->price;
    pending->provider = record->provider;
    pending->task_size = (uint8_t)record->task.size;
    if (record->task.size > 0) {
        memcpy(pending->task, record->task.data, record->task.size);
    }
    pending->callback = callback;
    pending->denied = record->denied;
    pending->resent = false;
    pending->context = context;
    task_send_pending(task);
}

/* ---- calls in reports ---- */

static uint32_t took_ms(int64_t from_ms, int64_t to_ms)
{
    int64_t took = to_ms > from_ms ? to_ms - from_ms : 0; /* the order's may be another's clock */
    return took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
}

void task_call_begins(struct task *task, const char *provider, enum call_purpose purpose,
                      int64_t began_at_ms)
{
    task->call = (struct task_call){
        .purpose = purpose,
        .provider = provider,
        .began_at_ms = began_at_ms,
    };
}

void task_call_ends(struct task *task, uint32_t price)
{
    struct task_call *call = &task->call;
    call->is_over = true;
    call->took_ms = took_ms(call->began_at_ms, task_now_ms(task));
    call->price = price;
}

void task_call_tell(struct task *task, struct message_progress *progress)
{
    struct task_call *call = &task->call;
    if (call->purpose == CALL_PURPOSE_NONE || !call->is_over) {
        return;
    }
    progress->provider = slice_from_string(call->provider);
    progress->purpose = (uint8_t)call->purpose;
    progress->took_ms = call->took_ms;
    progress->price = call->price;
    call->is_told = true;
}

void task_call_tell_failed(struct task *task, struct message_fail *fail)
{
    struct task_call *call = &task->call;
    if (call->purpose == CALL_PURPOSE_NONE || call->is_told) {
        return;
    }
    fail->provider = slice_from_string(call->provider);
    fail->purpose = (uint8_t)call->purpose;
    fail->took_ms = call->is_over ? call->took_ms : took_ms(call->began_at_ms, task_now_ms(task));
}
