#include "broker/core/stop.h"
#include "proto/outage.h"

/* Backs off as the kind's table says; a provider's or receiver's wish wins when longer. */
static int64_t backoff(const struct kind_rules *rules, uint32_t attempts_made,
                       uint64_t retry_after_ms)
{
    assert(attempts_made >= 1);
    assert(attempts_made < rules->attempts_max);
    int64_t delay = rules->backoff_ms[attempts_made - 1];
    return (int64_t)retry_after_ms > delay ? (int64_t)retry_after_ms : delay;
}

/* Sends an active job back to wait. */
static void wait_again(struct core *core, uint32_t index, int64_t next_attempt_at)
{
    struct job *job = core_job(core, index);
    assert(job->state == JOB_STATE_ACTIVE);
    job->attempt = job->attempts_made + 1;
    job->next_attempt_at = next_attempt_at;
    job_transition(core, index, JOB_STATE_WAITING);
}

/* Ends a job unless its task is to be dropped before. */
static void end(struct core *core, uint32_t index, enum job_ending ending)
{
    if (!stop_drop(core, index, ending, FAILURE_NONE)) {
        job_set_ending(core_job(core, index), ending);
        stop_end(core, index, CALL_NONE);
    }
}

void attempt_cut(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    assert(job_is_stopping(job));
    end(core, index, job_ending(job));
}

/* A job that is to stop is not tried again, and what went wrong no longer matters. */
static bool is_cut(struct core *core, uint32_t index)
{
    bool is_stopping = job_is_stopping(core_job(core, index));
    if (is_stopping) {
        attempt_cut(core, index);
    }
    return is_stopping;
}

static void take_back(struct core *core, uint32_t index, bool was_returned, int64_t delay_ms)
{
    bool is_stopping = job_is_stopping(core_job(core, index));
    if (is_stopping && stop_drop_elsewhere(core, index, was_returned)) {
        return;
    }
    if (!is_cut(core, index)) {
        wait_again(core, index, delay_ms > 0 ? core->now + delay_ms : 0);
        emit_change(core, index, EVENT_KIND_WAITING, FAILURE_NONE);
    }
}

void attempt_handed_back(struct core *core, uint32_t index, int64_t delay_ms)
{
    take_back(core, index, true, delay_ms);
}

void attempt_not_received(struct core *core, uint32_t index)
{
    take_back(core, index, false, 0);
}

/* As long as it has been tried, so that one whose time is short is tried early and few times. */
void attempt_unread(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    assert(job_is_stopping(job));
    int64_t tried_ms = core->now - (job->stop_by - CANCEL_MS);
    job->drop_at = core->now + (tried_ms > DROP_AGAIN_MS ? tried_ms : DROP_AGAIN_MS);
    attempt_not_received(core, index);
}

void attempt_lost(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    struct failure failure = FAILURE("worker_lost", "the worker was lost during the attempt");
    bool is_last = job->workers_lost + 1u == job_rules(job)->workers_lost_max;
    core->statistics.stalled++;
    core->queues[job->kind].meters.stalled++;
    if (is_cut(core, index)) {
        return;
    }
    if (is_last) {
        end(core, index, JOB_ENDING_STALLED);
        return;
    }
    job->workers_lost++;
    wait_again(core, index, 0);
    emit_change(core, index, EVENT_KIND_STALLED, failure);
}

/* It waits for another attempt, and why is told. */
static void schedule(struct core *core, uint32_t index, int64_t delay, struct failure failure)
{
    wait_again(core, index, core->now + delay);
    core->statistics.retried++;
    core->queues[core_job(core, index)->kind].meters.retried++;
    emit_change(core, index, EVENT_KIND_RETRY_SCHEDULED, failure);
}

/* Whether it is no fault of the job's that its attempt has failed: what it met is what has the
 * provider taken for down, by the failures of several jobs. */
static bool is_outage(const struct core *core, const struct job *job, struct failure failure)
{
    return outage_is_possible(failure.code) && gate_outage(core, job->kind) > core->now;
}

/* Behind the next probe, which is for another one: a job that only it fails of must not keep the
 * provider down for all. */
static void wait_out(struct core *core, uint32_t index, struct failure failure,
                     uint64_t retry_after_ms)
{
    const struct job *job = core_job(core, index);
    int64_t down_ms = gate_outage(core, job->kind) - core->now;
    schedule(core, index, down_ms + backoff(job_rules(job), 1, retry_after_ms), failure);
}

/* How long it waits to be tried again: behind those whom the pause holds that its provider has
 * asked for by an error (503), perhaps because of this job alone. */
static int64_t throttle_ms(struct failure failure, uint64_t retry_after_ms)
{
    int64_t pause_ms = (int64_t)retry_after_ms;
    int64_t delay = pause_ms > THROTTLE_MIN_MS ? pause_ms : THROTTLE_MIN_MS;
    bool is_paused = pause_ms > 0 && outage_is_possible(failure.code);
    return is_paused ? delay + BACKOFF_BASE_MS : delay;
}

void attempt_throttled(struct core *core, uint32_t index, struct failure failure,
                       uint64_t retry_after_ms)
{
    const struct job *job = core_job(core, index);
    struct providers_gate gate = gate_of(core, job->kind, core->now);
    if (is_cut(core, index)) {
        return;
    }
    if (gate.is_down && slice_equal(failure.code, SLICE_LITERAL("provider_down"))) {
        wait_again(core, index, 0);
        emit_change(core, index, EVENT_KIND_WAITING, failure); /* its queue is held */
    } else if (is_outage(core, job, failure)) {
        wait_out(core, index, failure, retry_after_ms);
    } else {
        schedule(core, index, throttle_ms(failure, retry_after_ms), failure);
    }
}

/* The worker has left the task of an attempt that may have been cut off by an outage. */
static void end_of(struct core *core, uint32_t index, struct failure failure)
{
    struct job *job = core_job(core, index);
    bool is_left = outage_is_possible(failure.code);
    if (!is_left || !stop_drop(core, index, JOB_ENDING_FAILED, failure)) {
        job->attempts_made++;
        job_end(core, index, JOB_STATE_FAILED, RESULT_NONE, failure);
    }
}

void attempt_failed(struct core *core, uint32_t index, struct failure failure,
                    uint64_t retry_after_ms)
{
    struct job *job = core_job(core, index);
    const struct kind_rules *rules = job_rules(job);
    if (is_cut(core, index)) {
        return;
    }
    if (is_outage(core, job, failure)) {
        wait_out(core, index, failure, retry_after_ms);
        return;
    }
    assert(job->attempts_made < rules->attempts_max);
    if (job->attempts_made + 1 == rules->attempts_max) {
        end_of(core, index, failure);
        return;
    }
    job->attempts_made++;
    schedule(core, index, backoff(rules, job->attempts_made, retry_after_ms), failure);
}

void attempt_timed_out(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    if (job->attempts_made + 1 == job_rules(job)->attempts_max) {
        end(core, index, JOB_ENDING_TIMEOUT);
        return;
    }
    attempt_failed(core, index, stop_failure(job, JOB_ENDING_TIMEOUT), 0);
}
