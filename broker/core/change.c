#include "broker/core/state.h"

/*
 * CHANGE_JOB: a job that waits for a time may start now; a queued one gets another place among its
 * owner's; an ended one is kept no longer.
 */

static void answer(struct core *core, const struct core_event *event, enum reply_code code,
                   const struct job *job)
{
    struct message_reply reply = {.code = (uint8_t)code, .job = event->message->change_job.job};
    if (job != NULL) {
        reply.version = job->version;
        reply.state = job->state;
    }
    emit_reply(core, event, event->message->change_job.request, reply);
}

/* ---- live jobs ---- */

/* One that is in its backoff is not in its owner's order. */
static bool is_delayed(const struct core *core, const struct job *job)
{
    if (job_is_stopping(job)) {
        return false;
    }
    return job->state == JOB_STATE_PENDING ? !job_waits_for_parent(core, job)
                                           : job->state == JOB_STATE_WAITING && job->size == 0;
}

static enum reply_code promote(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    if (!is_delayed(core, job)) {
        return REPLY_CODE_NOT_DELAYED;
    }
    job->next_attempt_at = 0;
    if (job->state == JOB_STATE_PENDING) {
        job_transition(core, index, JOB_STATE_WAITING);
    } else {
        job_offer(core, index);
        job_watch(core, index);
    }
    emit_change(core, index, EVENT_KIND_WAITING, FAILURE_NONE);
    return REPLY_CODE_OK;
}

/* Its place among its owner's jobs is the only thing that changes. */
static void place_anew(struct core *core, uint32_t index, uint8_t priority)
{
    struct job *job = core_job(core, index);
    struct order *order = &core_user_queue(core, job)->order;
    bool is_placed = job->size > 0;
    if (is_placed) {
        order_remove(order, &core->slab, index);
    }
    job->priority = priority;
    if (is_placed) {
        order_put(order, &core->slab, index);
    }
}

static enum reply_code set_priority(struct core *core, uint32_t index, uint8_t priority)
{
    const struct job *job = core_job(core, index);
    if (job->state == JOB_STATE_ACTIVE) {
        return REPLY_CODE_STARTED;
    }
    if (job->priority != priority) {
        bool is_pending = job->state == JOB_STATE_PENDING;
        place_anew(core, index, priority);
        emit_change(core, index, is_pending ? EVENT_KIND_QUEUED : EVENT_KIND_WAITING, FAILURE_NONE)
            ->priority = priority;
    }
    return REPLY_CODE_OK;
}

static enum reply_code change_live(struct core *core, uint32_t index,
                                   const struct message_change_job *change)
{
    if (change->action == JOB_ACTION_PROMOTE) {
        return promote(core, index);
    }
    if (change->action == JOB_ACTION_PRIORITY) {
        return set_priority(core, index, change->priority);
    }
    return REPLY_CODE_NOT_ENDED;
}

/* ---- ended jobs ---- */

/* Gateways know the job as it ended: they are told, so that none shows it any longer. */
static void remove_job(struct core *core, const struct swept *swept)
{
    const struct job *head = &swept->head;
    struct effect *effect = sweep_expire(core, swept);
    effect->event = (struct message_event){
        .event = core->event_last,
        .job = head->id,
        .version = head->version + 1,
        .kind = (uint8_t)job_end_event((enum job_state)head->state),
        .at = core->now,
        .owner = effect->owner,
        .job_kind = head->kind,
        .state = head->state,
        .started_at = head->started_at,
        .completed_at = head->completed_at,
        .expires_at = core->now,
        .retries = head->retries,
        .removed = true,
    };
}

/* What the store says of it is decisive. One with more events than a step may delete goes in parts:
 * it is looked at again after each. */
static void change_ended(struct core *core, const struct core_event *event)
{
    const struct message_change_job *change = &event->message->change_job;
    const struct facts *facts = event->facts;
    struct slice id = slice_make(&change->job, ID_SIZE);
    bool is_stale = facts == NULL ||
                    changes_since(&core->changes, CHANGE_JOB, id, SLICE_EMPTY, facts->commit) ||
                    (facts->job_found && !job_state_is_terminal((enum job_state)facts->head.state));
    if (is_stale) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
    } else if (!facts->job_found) {
        answer(core, event, facts->job_expired ? REPLY_CODE_EXPIRED : REPLY_CODE_NOT_FOUND, NULL);
    } else if (change->action != JOB_ACTION_REMOVE) {
        answer(core, event, REPLY_CODE_ALREADY_ENDED, &facts->head);
    } else if (facts->swept->kind == SWEPT_EVENTS) {
        sweep_expire(core, facts->swept);
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
    } else {
        remove_job(core, facts->swept);
        answer(core, event, REPLY_CODE_OK, &facts->head);
    }
}

static bool is_valid(const struct message_change_job *change)
{
    bool is_change = change->action == JOB_ACTION_PROMOTE || change->action == JOB_ACTION_REMOVE;
    return is_change || (change->action == JOB_ACTION_PRIORITY && change->priority != 0);
}

void core_change(struct core *core, const struct core_event *event)
{
    const struct message_change_job *change = &event->message->change_job;
    uint32_t index = core_index(core, &change->job);
    if (!is_valid(change)) {
        answer(core, event, REPLY_CODE_INVALID, NULL);
    } else if (index == JOB_NONE) {
        change_ended(core, event);
    } else {
        enum reply_code code = change_live(core, index, change);
        answer(core, event, code, core_job(core, index));
    }
}
