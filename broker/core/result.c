#include "broker/core/stop.h"

/* How a worker ends a lease: DONE, FAIL, RELEASE. Each is acknowledged, whatever it is worth. */

static void acknowledge(struct core *core, uint32_t worker, const struct id *job, uint32_t lease)
{
    emit_to_worker(core, EFFECT_ACK, core_worker(core, worker), job, lease);
}

/* A worker ended an attempt by itself. */
static void count_run(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    assert(job->state == JOB_STATE_ACTIVE);
    pace_end(&core->queues[job->kind].pace, core->now - job->attempt_at, core->now);
}

static void note_document(struct core *core, const struct id *id)
{
    if (!id_is_zero(id)) {
        changes_note(&core->changes, CHANGE_DOCUMENT, slice_make(id, ID_SIZE), SLICE_EMPTY,
                     core->commit);
    }
}

static void complete(struct core *core, uint32_t index, const struct message_done *done)
{
    static const char step[] = "completed";
    struct job *job = core_job(core, index);
    struct result result = {
        .url = done->url,
        .document = done->document,
        .media = done->media,
        .provider = done->provider,
        .operation = done->operation,
    };
    job->attempts_made++;
    assert(job->attempts_made <= job_rules(job)->attempts_max);
    job->progress = 100;
    memset(job->step, 0, sizeof(job->step));
    memcpy(job->step, step, sizeof(step));
    if (job->kind == JOB_KIND_CHARACTER) {
        note_document(core, &job->character);
    }
    if (job->kind != JOB_KIND_WEBHOOK) {
        note_document(core, &job->media);
    }
    job_end(core, index, JOB_STATE_COMPLETED, result, FAILURE_NONE);
    ended_note(&core->ended_lately, job, done->lease);
}

/* A late success of a lost lease: the job may already be at work elsewhere. */
static void salvage(struct core *core, uint32_t index, const struct message_done *done)
{
    if (core_job(core, index)->state == JOB_STATE_ACTIVE) {
        lease_stop(core, index);
    }
    core->statistics.salvaged++;
    complete(core, index, done);
}

static void count_waste(struct core *core, const struct message_done *done)
{
    core->statistics.wasted++;
    core->statistics.wasted_price += done->price;
}

/* A late success that nobody can use any more: the job has ended, or a later attempt may have paid
 * for another one. Counted once for each lease; the history of a job that has ended is closed. */
static void waste(struct core *core, const struct worker *worker, uint32_t index,
                  const struct message_done *done)
{
    struct job *job = index == JOB_NONE ? NULL : core_job(core, index);
    core->statistics.stale++;
    if (job == NULL) {
        if (ended_wastes(&core->ended_lately, &done->job, worker->kind, done->lease)) {
            count_waste(core, done);
        }
        return;
    }
    if (job->kind != worker->kind || done->lease <= job->wasted_lease ||
        done->lease >= job->paid_lease || job->kind == JOB_KIND_WEBHOOK) {
        return;
    }
    job->wasted_lease = done->lease;
    count_waste(core, done);
    struct message_event *event = emit_change(core, index, EVENT_KIND_PROVIDER, FAILURE_NONE);
    event->operation_state = OPERATION_STATE_WASTED;
    event->charged = CHARGE_YES;
    event->price = done->price;
}

/* Between two lives of a job nobody keeps what its earlier attempts have stored. */
static bool is_too_old(const struct core *core, uint32_t index, const struct message_done *done)
{
    return done->at > 0 && core->now - done->at >= LATE_RESULT_MS &&
           core_job(core, index)->retries > 0;
}

void lease_done(struct core *core, uint32_t worker, const struct message_done *done)
{
    uint32_t index;
    enum lease_standing standing =
        lease_look(core, core_worker(core, worker), &done->job, done->lease, &index);
    if (standing == LEASE_STANDING_OLD && is_too_old(core, index, done)) {
        standing = LEASE_STANDING_DEAD;
    }
    switch (standing) {
    case LEASE_STANDING_CURRENT:
        count_run(core, index);
        complete(core, index, done);
        break;
    case LEASE_STANDING_OLD:
        salvage(core, index, done);
        break;
    case LEASE_STANDING_DEAD:
        waste(core, core_worker(core, worker), index, done);
        break;
    }
    acknowledge(core, worker, &done->job, done->lease);
}

static void fail(struct core *core, uint32_t index, const struct message_fail *fail)
{
    struct failure failure = {
        .code = fail->code,
        .message = fail->message,
        .call = {.purpose = (enum call_purpose)fail->purpose,
                 .provider = fail->provider,
                 .took_ms = fail->took_ms},
    };
    struct job *job = core_job(core, index);
    if (job_is_stopping(job) && (job->flags & JOB_FLAG_UNTOLD) != 0) {
        attempt_cut(core, index); /* it has dropped nothing */
        return;
    }
    switch ((enum fail_kind)fail->kind) {
    case FAIL_KIND_PERMANENT:
        job->attempts_made++;
        job_end(core, index, JOB_STATE_FAILED, RESULT_NONE, failure);
        break;
    case FAIL_KIND_GONE:
        webhook_disable(core, index);
        job->attempts_made++;
        job_end(core, index, JOB_STATE_FAILED, RESULT_NONE, failure);
        break;
    case FAIL_KIND_RETRY:
        attempt_failed(core, index, failure, fail->retry_after_ms);
        break;
    case FAIL_KIND_THROTTLED:
        attempt_throttled(core, index, failure, fail->retry_after_ms);
        break;
    case FAIL_KIND_CANCELLED:
        if (job_is_stopping(job)) {
            stop_end(core, index, failure.call);
        } else {
            failure.code = SLICE_LITERAL("cancelled_unasked");
            failure.message = SLICE_LITERAL("the worker stopped without being asked to");
            attempt_failed(core, index, failure, fail->retry_after_ms);
        }
        break;
    }
}

void lease_fail(struct core *core, uint32_t worker, const struct message_fail *message)
{
    uint32_t index;
    switch (lease_look(core, core_worker(core, worker), &message->job, message->lease, &index)) {
    case LEASE_STANDING_CURRENT:
        count_run(core, index);
        fail(core, index, message);
        break;
    case LEASE_STANDING_OLD:
    case LEASE_STANDING_DEAD:
        core->statistics.stale++;
        break;
    }
    acknowledge(core, worker, &message->job, message->lease);
}

void lease_unread(struct core *core, uint32_t worker, const struct message_fail *message)
{
    uint32_t index;
    bool is_damaged = message->kind == FAIL_KIND_RETRY;
    enum lease_standing standing =
        lease_look(core, core_worker(core, worker), &message->job, message->lease, &index);
    acknowledge(core, worker, &message->job, message->lease); /* a CANCEL may have been told */
    if (standing != LEASE_STANDING_CURRENT) {
        return;
    }
    if (job_is_stopping(core_job(core, index)) && !is_damaged) {
        attempt_unread(core, index);
    } else {
        fail(core, index, message);
    }
}

/* A job goes out again at once, though perhaps to the same worker: one that hands jobs back and
 * takes others in their place would be given it again and again. */
static void hand_back(struct core *core, struct worker *worker, uint32_t index)
{
    attempt_handed_back(core, index, worker_stays(worker) ? THROTTLE_MIN_MS : 0);
    worker->credit_handed_back = worker->credit;
}

void lease_release(struct core *core, uint32_t worker, const struct message_release *release)
{
    uint32_t index;
    switch (lease_look(core, core_worker(core, worker), &release->job, release->lease, &index)) {
    case LEASE_STANDING_CURRENT:
        hand_back(core, core_worker(core, worker), index);
        break;
    case LEASE_STANDING_OLD:
    case LEASE_STANDING_DEAD:
        core->statistics.stale++;
        break;
    }
    acknowledge(core, worker, &release->job, release->lease);
}
