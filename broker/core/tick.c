#include "broker/core/stop.h"

/* The end of a turn: timers, workers that are gone, then new jobs for those that are there. */

static int64_t later(int64_t time, int64_t other)
{
    return time > other ? time : other;
}

/* Until when what a worker has to tell of an attempt may be on its way, though the attempt's time
 * is over: it was away, or has just come back, and keeps a result that is paid for. A job that is
 * to stop waits for it no longer than for any answer, and no job for one that comes back time and
 * again. */
static int64_t heard_until(const struct core *core, const struct job *job)
{
    const struct worker *worker = core_worker(core, job->worker_index);
    bool is_there = worker->state == WORKER_STATE_OPEN || worker->state == WORKER_STATE_GONE;
    int64_t last = later(job_due(core, job), core->started_at) + LEASE_MS + CANCEL_MS;
    int64_t until = worker->opened_at + CANCEL_MS;
    if (!is_there) {
        until = job_is_stopping(job) ? core->started_at + CANCEL_MS : worker->deadline;
    }
    return until < last ? until : last;
}

static void fire_active(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    if (!job_is_stopping(job) && job->deadline <= core->now) {
        job_stop(core, index, JOB_ENDING_DEADLINE);
        return;
    }
    int64_t until = heard_until(core, job);
    if (until > core->now) {
        bool ends_before = !job_is_stopping(job) && job->deadline < until;
        timers_set(&core->timers, &core->slab, index, ends_before ? job->deadline : until);
        return;
    }
    lease_stop(core, index);
    if (job_is_stopping(job)) {
        attempt_cut(core, index);
    } else {
        attempt_timed_out(core, index);
    }
}

/* No worker has come to drop its task; those that were there may not be back since a start. */
static void fire_stopping(struct core *core, uint32_t index)
{
    int64_t until = later(core_job(core, index)->stop_by, core->started_at + CANCEL_MS);
    if (until > core->now) {
        timers_set(&core->timers, &core->slab, index, until);
    } else {
        stop_end(core, index, CALL_NONE);
    }
}

static void fire_queued(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    if (job_is_stopping(job)) {
        fire_stopping(core, index);
        return;
    }
    bool missed_start = job->started_at == 0 && job->start_by != 0 && job->start_by <= core->now;
    if (job->deadline <= core->now) {
        job_stop(core, index, JOB_ENDING_DEADLINE);
    } else if (missed_start) {
        job_stop(core, index, JOB_ENDING_START_DEADLINE);
    } else if (job->state == JOB_STATE_PENDING) {
        assert(!job_waits_for_parent(core, job));
        job->next_attempt_at = 0;
        job_transition(core, index, JOB_STATE_WAITING);
        emit_change(core, index, EVENT_KIND_WAITING, FAILURE_NONE);
    } else {
        job_offer(core, index);
        job_watch(core, index);
    }
}

static void fire_timers(struct core *core)
{
    const struct timer *timer = timers_first(&core->timers);
    while (timer != NULL && timer->at <= core->now) {
        if (!emit_has_room(core, EFFECTS_TIMERS_MAX)) {
            core->unfinished = true;
            return;
        }
        uint32_t index = timer->job;
        if (core_job(core, index)->state == JOB_STATE_ACTIVE) {
            fire_active(core, index);
        } else {
            fire_queued(core, index);
        }
        timer = timers_first(&core->timers);
        assert(timer == NULL || timer->job != index || timer->at > core->now);
    }
}

static void expire_workers(struct core *core)
{
    while (core->workers.expiry != JOB_NONE &&
           core_worker(core, core->workers.expiry)->deadline <= core->now) {
        if (!emit_has_room(core, EFFECTS_TIMERS_MAX)) {
            core->unfinished = true;
            return;
        }
        session_expire(core, core->workers.expiry);
    }
}

/* Takes leases back one by one. A worker leaves the drain with its last one. */
static void drain_workers(struct core *core)
{
    while (core->workers.drain != JOB_NONE) {
        if (!emit_has_room(core, EFFECTS_TIMERS_MAX)) {
            core->unfinished = true;
            return;
        }
        const struct worker *worker = core_worker(core, core->workers.drain);
        if (worker->returning != JOB_NONE) {
            attempt_not_received(core, worker->returning);
        } else {
            assert(worker->state == WORKER_STATE_GONE);
            attempt_lost(core, worker->leases);
        }
    }
}

void core_tick(struct core *core)
{
    core->unfinished = false;
    fire_timers(core);
    expire_workers(core);
    drain_workers(core);
    dependants_fail(core);
    costs_tick(core);
    core_dispatch(core);
}
