#include "broker/core/stop.h"

/* There may have been no memory for it. */
static struct failure last_failure(const struct job *job)
{
    struct failure failure = FAILURE("provider_error", "the provider failed");
    if (job->error != NULL) {
        last_errors_get(job, &failure.code, &failure.message);
    }
    return failure;
}

struct failure stop_failure(const struct job *job, enum job_ending ending)
{
    switch (ending) {
    case JOB_ENDING_DEADLINE:
        return FAILURE("deadline", "the job did not end before its deadline");
    case JOB_ENDING_START_DEADLINE:
        return FAILURE("start_deadline", "the job did not start in time");
    case JOB_ENDING_TIMEOUT:
        return (struct failure){.code = SLICE_LITERAL("timeout"),
                                .message = slice_from_string(job_rules(job)->timeout_text)};
    case JOB_ENDING_STALLED:
        return FAILURE("stalled", "too many workers were lost while they worked on this job");
    case JOB_ENDING_FAILED:
        return last_failure(job);
    case JOB_ENDING_CANCEL:
    case JOB_ENDING_COUNT:
        break;
    }
    return FAILURE_NONE;
}

void stop_end(struct core *core, uint32_t index, struct call call)
{
    struct job *job = core_job(core, index);
    enum job_ending ending = job_ending(job);
    bool is_cancel = ending == JOB_ENDING_CANCEL;
    /* What it ends of counts now: a job that is at its limit does not live. */
    job->attempts_made += ending == JOB_ENDING_TIMEOUT || ending == JOB_ENDING_FAILED;
    job->workers_lost += ending == JOB_ENDING_STALLED;
    struct failure failure = stop_failure(job, ending);
    failure.call = call;
    job_end(core, index, is_cancel ? JOB_STATE_CANCELLED : JOB_STATE_FAILED, RESULT_NONE, failure);
}

/* Gives a job that is to stop to a worker which drops its task, or has it wait for one. */
static void send(struct core *core, uint32_t index, struct failure failure)
{
    struct job *job = core_job(core, index);
    if (job->state == JOB_STATE_ACTIVE) {
        job->next_attempt_at = 0;
        job_transition(core, index, JOB_STATE_WAITING);
        emit_change(core, index, EVENT_KIND_WAITING, failure);
    } else {
        job_withdraw(core, index);
    }
    dispatch_to_stop(core, index);
}

bool stop_drop(struct core *core, uint32_t index, enum job_ending ending, struct failure failure)
{
    struct job *job = core_job(core, index);
    bool has_task = (job->flags & JOB_FLAG_TASK) != 0;
    bool was_sent = (job->flags & JOB_FLAG_DROP) != 0;
    if (!has_task || was_sent || job->state == JOB_STATE_PENDING) {
        return false;
    }
    if (!job_is_stopping(job)) {
        job_set_ending(job, ending);
    }
    job->stop_by = core->now + DROP_WAIT_MS;
    send(core, index, failure);
    return true;
}

bool stop_drop_elsewhere(struct core *core, uint32_t index, bool was_returned)
{
    struct job *job = core_job(core, index);
    bool has_task = (job->flags & JOB_FLAG_TASK) != 0;
    bool was_sent = (job->flags & JOB_FLAG_DROP) != 0;
    assert(job_is_stopping(job));
    if (!has_task || !was_sent || job->stop_by <= core->now) {
        return false;
    }
    job->returned = was_returned;
    send(core, index, FAILURE_NONE);
    return true;
}

/* Asks an active job's worker, which has CANCEL_MS to comply. Asking again changes nothing. */
static void ask(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    if (!job_is_stopping(job)) {
        job->stop_by = core->now + CANCEL_MS;
        job_note_asked(job);
        job_watch(core, index);
        lease_cancel(core, index);
    }
}

void job_stop(struct core *core, uint32_t index, enum job_ending ending)
{
    struct job *job = core_job(core, index);
    bool was_cancelling = job_is_cancelling(job);
    if (job->state == JOB_STATE_ACTIVE) {
        ask(core, index);
        job_set_ending(job, ending);
    } else if (job_is_stopping(job)) {
        job_set_ending(job, ending);
    } else if (!stop_drop(core, index, ending, FAILURE_NONE)) {
        job_set_ending(job, ending);
        stop_end(core, index, CALL_NONE);
        return;
    }
    if (job_is_cancelling(job) && !was_cancelling) {
        emit_change(core, index, EVENT_KIND_CANCEL_REQUESTED, FAILURE_NONE);
    } else {
        emit_save(core, index, FAILURE_NONE);
    }
}
