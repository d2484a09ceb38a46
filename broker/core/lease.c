#include "broker/core/state.h"

/* What a worker says about a lease while it works on it, and what it is told. */

enum lease_standing lease_look(const struct core *core, const struct worker *worker,
                               const struct id *id, uint32_t lease, uint32_t *index)
{
    *index = core_index(core, id);
    if (*index == JOB_NONE) {
        return LEASE_STANDING_DEAD;
    }
    const struct job *job = core_job(core, *index);
    bool is_active = job->state == JOB_STATE_ACTIVE;
    bool is_last = lease == job->lease;
    bool was_its_own = id_equal(&job->worker, &worker->instance);
    if (is_active && is_last && was_its_own) {
        assert(core_worker(core, job->worker_index) == worker);
        return LEASE_STANDING_CURRENT;
    }
    if (lease == 0 || lease > job->lease || job->kind != worker->kind) {
        return LEASE_STANDING_DEAD;
    }
    if (is_last && (is_active || !was_its_own)) {
        return LEASE_STANDING_DEAD;
    }
    return job->paid_lease > lease ? LEASE_STANDING_DEAD : LEASE_STANDING_OLD;
}

void lease_stop(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    assert(job->state == JOB_STATE_ACTIVE);
    const struct worker *worker = core_worker(core, job->worker_index);
    if (worker->session != 0) {
        emit_to_worker(core, EFFECT_ACK, worker, &job->id, job->lease);
    }
}

void lease_cancel(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    assert(job->state == JOB_STATE_ACTIVE);
    const struct worker *worker = core_worker(core, job->worker_index);
    if (worker->session != 0) {
        emit_to_worker(core, EFFECT_CANCEL, worker, &job->id, job->lease);
    }
}

/* Tells a worker that nothing can come of a lease. */
static void dismiss(struct core *core, const struct worker *worker, const struct id *job,
                    uint32_t lease)
{
    core->statistics.stale++;
    emit_to_worker(core, EFFECT_ACK, worker, job, lease);
}

void lease_hold(struct core *core, uint32_t worker_index, const struct message_hold *hold)
{
    struct worker *worker = core_worker(core, worker_index);
    uint32_t index;
    switch (lease_look(core, worker, &hold->job, hold->lease, &index)) {
    case LEASE_STANDING_CURRENT:
        worker_lease_remove(worker, &core->slab, index);
        worker_lease_put(worker, &core->slab, index);
        if (job_is_stopping(core_job(core, index))) {
            lease_cancel(core, index);
        }
        break;
    case LEASE_STANDING_OLD:
        break; /* it may finish: its success could still be used */
    case LEASE_STANDING_DEAD:
        dismiss(core, worker, &hold->job, hold->lease);
        break;
    }
}

/* Progress that does not rise changes nothing that is seen. */
static void advance(struct core *core, uint32_t index, const struct message_progress *progress)
{
    struct job *job = core_job(core, index);
    if (progress->progress > job->progress) {
        job->progress = progress->progress;
        memset(job->step, 0, sizeof(job->step));
        memcpy(job->step, progress->step.data, progress->step.size);
        struct message_event *event = emit_change(core, index, EVENT_KIND_PROGRESS, FAILURE_NONE);
        event->provider = progress->provider;
        event->purpose = progress->purpose;
        event->took_ms = progress->took_ms;
        event->price = progress->price;
    }
    if (progress->draft.size > 0) {
        struct effect *draft = emit_job(core, EFFECT_DRAFT, index);
        draft->document = progress->draft;
        draft->is_first = !job->drafted;
        job->drafted = true;
    }
}

void lease_progress(struct core *core, uint32_t worker_index,
                    const struct message_progress *progress)
{
    const struct worker *worker = core_worker(core, worker_index);
    uint32_t index;
    switch (lease_look(core, worker, &progress->job, progress->lease, &index)) {
    case LEASE_STANDING_CURRENT:
        advance(core, index, progress);
        break;
    case LEASE_STANDING_OLD:
        core->statistics.stale++;
        break;
    case LEASE_STANDING_DEAD:
        dismiss(core, worker, &progress->job, progress->lease);
        break;
    }
}

/* What an owner sees of an operation: that it was submitted, how that went wrong, and what may be
 * paid for twice or for nothing. */
static bool is_event(const struct message_operation *operation)
{
    switch ((enum operation_state)operation->state) {
    case OPERATION_STATE_SUBMITTED:
    case OPERATION_STATE_UNKNOWN:
    case OPERATION_STATE_REFUSED:
    case OPERATION_STATE_CANCELLED:
    case OPERATION_STATE_ABANDONED:
    case OPERATION_STATE_WASTED:
        return true;
    case OPERATION_STATE_FINISHED:
        return operation->charged != CHARGE_UNKNOWN;
    case OPERATION_STATE_INTENT:
        return operation->repeats;
    }
    return false;
}

/* Roles have one task of a job at a time, and its end is told: as made or dropped, as failed
 * (refused) or as lost (unknown). A call that has none (a chat) says nothing of it. */
static void note_task(struct core *core, uint32_t index, const struct message_operation *operation)
{
    struct job *job = core_job(core, index);
    enum operation_state state = (enum operation_state)operation->state;
    if (operation->operation >= OPERATIONS_WITH_TASKS) {
        return;
    }
    if (state == OPERATION_STATE_SUBMITTED) {
        job->flags |= JOB_FLAG_TASK;
        if (job_is_stopping(job) && job->state == JOB_STATE_ACTIVE) {
            job_note_asked(job);
        }
    } else if (state != OPERATION_STATE_INTENT) {
        job->flags &= (uint8_t) ~(JOB_FLAG_TASK | JOB_FLAG_ASKED);
    }
    job_classify(core, index);
}

/* A worker says one operation of a job at a time, again with each session until it is
 * acknowledged. */
static bool is_told_again(struct job *job, const struct message_operation *operation)
{
    const uint32_t numbers[] = {operation->lease, operation->operation, operation->state,
                                operation->charged};
    uint64_t before = job->told;
    job->told = hash_slice(slice_make(numbers, sizeof(numbers)), 0);
    job->told = hash_slice(operation->task, job->told);
    return job->told == before;
}

/* account: whose call it announces, or empty. */
static void record(struct core *core, uint32_t index, const struct message_operation *operation,
                   struct slice account)
{
    struct job *job = core_job(core, index);
    enum operation_state state = (enum operation_state)operation->state;
    bool is_new = !is_told_again(job, operation);
    struct spend spend;
    note_task(core, index, operation);
    costs_operation(core, index, operation, job->paid_lease, &spend);
    if (operation->operation >= job->operations) {
        job->operations = (uint8_t)(operation->operation + 1);
    }
    if (state == OPERATION_STATE_INTENT) {
        assert(operation->lease >= job->paid_lease);
        job->paid_lease = operation->lease;
    }
    struct effect *effect = emit_job(core, EFFECT_OPERATION, index);
    effect->operation = *operation;
    effect->spend = spend;
    effect->account = account;
    effect->day_part = providers_day_part(core->now);
    if (!(is_event(operation) && is_new) && spend.amount == 0) {
        emit_save(core, index, FAILURE_NONE);
        return;
    }
    struct message_event *event = emit_change(core, index, EVENT_KIND_PROVIDER, FAILURE_NONE);
    event->provider = operation->provider;
    event->task = operation->task;
    event->operation_state = operation->state;
    event->repeats = operation->repeats;
    event->charged = operation->charged;
    event->price = operation->price;
}

/* Records what a current lease says and acknowledges it, or denies a call that may not be made. */
static void answer(struct core *core, uint32_t index, const struct worker *worker,
                   const struct message_operation *operation)
{
    struct permit permit = {.is_granted = true};
    if (operation->state == OPERATION_STATE_INTENT) {
        permit = gate_permit(core, worker, operation->provider);
    }
    if (permit.is_granted) {
        record(core, index, operation, permit.account);
    }
    struct effect *effect =
        emit_to_worker(core, permit.is_granted ? EFFECT_OPERATION_ACK : EFFECT_OPERATION_DENIED,
                       worker, &operation->job, operation->lease);
    effect->operation = *operation;
    if (!permit.is_granted) {
        effect->denial = (uint8_t)permit.denial;
        effect->retry_after_ms = permit.retry_after_ms;
        core->statistics.denied++;
    }
}

/* The task is paid for: the next attempt polls it. One that was given before that would order
 * another: it is over, uncounted. One that is to stop is waited for, and another drops the task. */
static void record_late(struct core *core, uint32_t index,
                        const struct message_operation *operation)
{
    struct job *job = core_job(core, index);
    bool is_known = (job->flags & (JOB_FLAG_TASK | JOB_FLAG_DROP)) != 0;
    bool is_news =
        !is_known && job->state == JOB_STATE_ACTIVE && operation->operation < OPERATIONS_WITH_TASKS;
    if (is_news && job_is_stopping(job)) {
        job->flags |= JOB_FLAG_UNTOLD;
    }
    record(core, index, operation, SLICE_EMPTY);
    if (is_news && !job_is_stopping(job)) {
        lease_stop(core, index);
        attempt_not_received(core, index);
    }
}

/* Whether it says of a task what its worker does not know. */
static bool is_untold(const struct job *job, const struct message_operation *operation)
{
    return (job->flags & JOB_FLAG_UNTOLD) != 0 && operation->operation < OPERATIONS_WITH_TASKS;
}

void lease_operation(struct core *core, uint32_t worker_index,
                     const struct message_operation *operation)
{
    const struct worker *worker = core_worker(core, worker_index);
    uint32_t index;
    switch (lease_look(core, worker, &operation->job, operation->lease, &index)) {
    case LEASE_STANDING_CURRENT:
        if (is_untold(core_job(core, index), operation)) {
            dismiss(core, worker, &operation->job, operation->lease);
        } else {
            answer(core, index, worker, operation);
        }
        break;
    case LEASE_STANDING_OLD: /* nothing else of a lost lease counts */
        if (operation->state == OPERATION_STATE_SUBMITTED) {
            record_late(core, index, operation);
        }
        dismiss(core, worker, &operation->job, operation->lease);
        break;
    case LEASE_STANDING_DEAD:
        dismiss(core, worker, &operation->job, operation->lease);
        break;
    }
}
