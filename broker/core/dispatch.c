#include "broker/core/stop.h"

/* Hands out jobs: users take turns, and so do the workers that have credit left. */

static bool may_dispatch(const struct core *core, enum job_kind kind)
{
    const struct queue *queue = &core->queues[kind];
    uint32_t active_max = core->options.active_max[kind];
    bool is_below_cap = active_max == 0 || queue->active < active_max;
    return !queue->paused && is_below_cap && queue->users != JOB_NONE && queue->workers != JOB_NONE;
}

/* Gives the job of a class that has waited longest, of who may have one more, or JOB_NONE. */
static uint32_t first_of(const struct core *core, const struct queue *queue,
                         enum waiting_class class)
{
    uint32_t first = queue->waiting[class];
    uint32_t index = first;
    while (index != JOB_NONE && !job_is_below_cap(core, core_job(core, index))) {
        uint32_t next = core_job(core, index)->chain_next;
        index = next == first ? JOB_NONE : next;
    }
    return index;
}

int64_t core_dispatch_at(const struct core *core, enum job_kind kind)
{
    const struct queue *queue = &core->queues[kind];
    if (!may_dispatch(core, kind)) {
        return INT64_MAX;
    }
    int64_t limited_until = limiter_next(&queue->limiter);
    int64_t at = limited_until > queue->paced_until ? limited_until : queue->paced_until;
    struct providers_gate gate = gate_of(core, (uint8_t)kind, core->now);
    if (gate.tasks_pass && first_of(core, queue, WAITING_CLASS_TASK) != JOB_NONE) {
        return limited_until; /* it needs no call, and cannot wait for hours */
    }
    if (gate.is_spent && first_of(core, queue, WAITING_CLASS_BEGUN) != JOB_NONE) {
        return at; /* a job a minute: its call may be found */
    }
    return at > gate.at ? at : gate.at;
}

/* Picks a job that may go on though the others of its queue wait for its providers. */
static uint32_t pick_begun(const struct core *core, const struct queue *queue)
{
    uint32_t index = first_of(core, queue, WAITING_CLASS_TASK);
    index = index == JOB_NONE ? first_of(core, queue, WAITING_CLASS_BEGUN) : index;
    assert(index != JOB_NONE);
    return index;
}

/* Picks the next user's first job and moves the turn on. */
static uint32_t pick_job(struct core *core, struct queue *queue, uint32_t kind)
{
    const struct user_queue *own = &users_user(&core->users, queue->users)->queues[kind];
    uint32_t index = order_first(&own->order, &core->slab);
    assert(index != JOB_NONE);
    queue->users = own->next;
    return index;
}

static uint32_t pick_worker(struct core *core, struct queue *queue)
{
    uint32_t index = queue->workers;
    struct worker *worker = core_worker(core, index);
    assert(worker_takes_jobs(worker));
    assert(worker->dispatched < worker->credit);
    queue->workers = worker->links[WORKER_LIST_CREDIT].next;
    worker->dispatched++;
    session_offer(core, index);
    return index;
}

/* Gives a job that waits to a worker: in its queue, or for its next attempt. */
static void lease(struct core *core, uint32_t index, uint32_t worker_index)
{
    const struct worker *worker = core_worker(core, worker_index);
    struct job *job = core_job(core, index);
    job->lease++;
    job->flags &= (uint8_t)~JOB_FLAG_UNTOLD;
    job->worker = worker->instance;
    job->worker_index = worker_index;
    job->attempt_at = core->now;
    job->next_attempt_at = 0;
    job->progress = 0;
    memset(job->step, 0, sizeof(job->step));
    if (job->started_at == 0) {
        job->started_at = core->now;
    }
    job_transition(core, index, JOB_STATE_ACTIVE);
    emit_change(core, index, EVENT_KIND_ACTIVE, FAILURE_NONE);
    struct effect *dispatch = emit_job(core, EFFECT_DISPATCH, index);
    dispatch->peer = worker->peer;
    dispatch->session = worker->session;
}

static void start_next(struct core *core, enum job_kind kind)
{
    struct queue *queue = &core->queues[kind];
    struct providers_gate gate = gate_of(core, (uint8_t)kind, core->now);
    uint32_t index = gate.tasks_pass ? pick_begun(core, queue) : pick_job(core, queue, kind);
    bool has_task = core_job(core, index)->waiting_class == WAITING_CLASS_TASK;
    int64_t waiting_at = core_job(core, index)->waiting_at;
    int64_t waited_ms = core->now > waiting_at ? core->now - waiting_at : 0;
    queue->meters.started++;
    histogram_add(&queue->meters.waits, &HISTOGRAM_JOB, (uint64_t)waited_ms);
    lease(core, index, pick_worker(core, queue));
    limiter_start(&queue->limiter, core->now);
    if (!gate.tasks_pass) {
        queue->paced_until = core->now + gate.pace_ms;
    } else if (!has_task) {
        queue->paced_until = core->now + SPENT_PACE_MS;
    }
    minute_count(&queue->minute, MINUTE_STARTED, core->now);
}

/* A worker with a place that a job which is to stop may go to, or JOB_NONE: another one than had it
 * last, if there is one, and surely when that one has handed it back. */
static uint32_t find_to_stop(const struct core *core, const struct job *job)
{
    uint32_t first = core->queues[job->kind].workers;
    if (first == JOB_NONE || !id_equal(&core_worker(core, first)->instance, &job->worker)) {
        return first;
    }
    uint32_t next = core_worker(core, first)->links[WORKER_LIST_CREDIT].next;
    return next == first && job->returned ? JOB_NONE : next;
}

bool dispatch_to_stop(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    struct queue *queue = &core->queues[job->kind];
    uint32_t worker = find_to_stop(core, job);
    assert(job->state == JOB_STATE_WAITING);
    assert(job_is_stopping(job));
    if (worker == JOB_NONE || job->drop_at > core->now) {
        return false;
    }
    if ((job->flags & JOB_FLAG_DROP) == 0) {
        job->stop_by = core->now + CANCEL_MS;
    }
    job->flags |= JOB_FLAG_DROP;
    job_note_asked(job);
    job->returned = false;
    job->drop_at = 0;
    queue->workers = worker;
    lease(core, index, pick_worker(core, queue));
    return true;
}

/* Jobs that are to stop go before all others. */
static void dispatch_drops(struct core *core, struct queue *queue)
{
    uint32_t next = queue->waiting[WAITING_CLASS_DROP];
    uint32_t last = next == JOB_NONE ? JOB_NONE : core_job(core, next)->chain_previous;
    while (next != JOB_NONE && queue->workers != JOB_NONE) {
        if (!emit_has_room(core, EFFECTS_TICK_MAX)) {
            core->unfinished = true;
            return;
        }
        uint32_t index = next;
        next = index == last ? JOB_NONE : core_job(core, index)->chain_next;
        dispatch_to_stop(core, index);
    }
}

void core_dispatch(struct core *core)
{
    for (uint32_t turn = 0; turn < JOB_KIND_COUNT; turn++) {
        enum job_kind kind = (enum job_kind)((core->kind_first + turn) % JOB_KIND_COUNT);
        dispatch_drops(core, &core->queues[kind]);
        while (core_dispatch_at(core, kind) <= core->now) {
            if (!emit_has_room(core, EFFECTS_TICK_MAX)) {
                core->unfinished = true;
                break;
            }
            start_next(core, kind);
        }
    }
    core->kind_first = (uint8_t)((core->kind_first + 1) % JOB_KIND_COUNT);
}
