#include "broker/core/state.h"

/* Backs off as the kind's table says; a provider's or receiver's wish wins when longer. */
static int64_t backoff(const struct kind_rules *rules, uint32_t attempts_made,
                       uint64_t retry_after_ms)
{
    assert(attempts_made >= 1);
    assert(attempts_made < rules->attempts_max);
    int64_t delay = rules->backoff_ms[attempts_made - 1];
    return (int64_t)retry_after_ms > delay ? (int64_t)retry_after_ms : delay;
}

/* Sends an active job back to wait, or ends it when a cancel was asked for: nothing that would be
 * tried again goes on after that, and what went wrong no longer matters. Returns whether it waits.
 */
static bool wait_again(struct core *core, uint32_t index, int64_t next_attempt_at)
{
    struct job *job = core_job(core, index);
    assert(job->state == JOB_STATE_ACTIVE);
    if (job_is_cancelling(job)) {
        job_end(core, index, JOB_STATE_CANCELLED, RESULT_NONE, FAILURE_NONE);
        return false;
    }
    job->attempt = job->attempts_made + 1;
    job->next_attempt_at = next_attempt_at;
    job_transition(core, index, JOB_STATE_WAITING);
    return true;
}

void attempt_handed_back(struct core *core, uint32_t index)
{
    if (wait_again(core, index, 0)) {
        emit_change(core, index, EVENT_KIND_WAITING, FAILURE_NONE);
    }
}

void attempt_lost(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    struct failure failure = FAILURE("worker_lost", "the worker was lost during the attempt");
    job->workers_lost++;
    core->statistics.stalled++;
    core->queues[job->kind].meters.stalled++;
    assert(job->workers_lost <= job_rules(job)->workers_lost_max);
    if (job->workers_lost == job_rules(job)->workers_lost_max && !job_is_cancelling(job)) {
        failure = FAILURE("stalled", "too many workers were lost while they worked on this job");
        job_end(core, index, JOB_STATE_FAILED, RESULT_NONE, failure);
    } else if (wait_again(core, index, 0)) {
        emit_change(core, index, EVENT_KIND_STALLED, failure);
    }
}

void attempt_throttled(struct core *core, uint32_t index, struct failure failure,
                       uint64_t retry_after_ms)
{
    struct providers_gate gate = gate_of(core, core_job(core, index)->kind, core->now);
    int64_t delay = THROTTLE_MIN_MS;
    if (gate.is_down && slice_equal(failure.code, SLICE_LITERAL("provider_down"))) {
        if (wait_again(core, index, 0)) {
            emit_change(core, index, EVENT_KIND_WAITING, failure); /* its queue is held */
        }
        return;
    }
    if ((int64_t)retry_after_ms > delay) {
        delay = (int64_t)retry_after_ms;
    }
    if (wait_again(core, index, core->now + delay)) {
        core->statistics.retried++;
        core->queues[core_job(core, index)->kind].meters.retried++;
        emit_change(core, index, EVENT_KIND_RETRY_SCHEDULED, failure);
    }
}

void attempt_failed(struct core *core, uint32_t index, struct failure failure,
                    uint64_t retry_after_ms)
{
    struct job *job = core_job(core, index);
    const struct kind_rules *rules = job_rules(job);
    job->attempts_made++;
    assert(job->attempts_made <= rules->attempts_max);
    if (job->attempts_made == rules->attempts_max && !job_is_cancelling(job)) {
        job_end(core, index, JOB_STATE_FAILED, RESULT_NONE, failure);
        return;
    }
    int64_t delay = job->attempts_made < rules->attempts_max
                        ? backoff(rules, job->attempts_made, retry_after_ms)
                        : 0;
    if (wait_again(core, index, core->now + delay)) {
        core->statistics.retried++;
        core->queues[core_job(core, index)->kind].meters.retried++;
        emit_change(core, index, EVENT_KIND_RETRY_SCHEDULED, failure);
    }
}
