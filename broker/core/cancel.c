#include "broker/core/state.h"

/* CANCEL_JOB. */

static void reply(struct core *core, const struct core_event *event, struct message_reply reply)
{
    const struct message_cancel_job *cancel = &event->message->cancel_job;
    reply.job = cancel->job;
    emit_reply(core, event, cancel->request, reply);
}

/* The job is not live: what the store says of it. */
static void answer_from_facts(struct core *core, const struct core_event *event)
{
    const struct facts *facts = event->facts;
    struct slice job = slice_make(&event->message->cancel_job.job, ID_SIZE);
    bool is_stale = facts == NULL ||
                    changes_since(&core->changes, CHANGE_JOB, job, SLICE_EMPTY, facts->commit) ||
                    (facts->job_found && !job_state_is_terminal((enum job_state)facts->head.state));
    if (is_stale) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    if (!facts->job_found) {
        enum reply_code code = facts->job_expired ? REPLY_CODE_EXPIRED : REPLY_CODE_NOT_FOUND;
        reply(core, event, (struct message_reply){.code = (uint8_t)code});
        return;
    }
    reply(core, event,
          (struct message_reply){
              .code = REPLY_CODE_ALREADY_ENDED,
              .version = facts->head.version,
              .state = facts->head.state,
          });
}

/* An active job's worker has CANCEL_MS to comply. Asking again changes nothing. */
static void ask(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    if (!job_is_cancelling(job)) {
        job->cancel_by = core->now + CANCEL_MS;
        job_watch(core, index);
        emit_change(core, index, EVENT_KIND_CANCEL_REQUESTED, FAILURE_NONE);
        lease_cancel(core, index);
    }
}

void cancel_job(struct core *core, uint32_t index)
{
    if (core_job(core, index)->state == JOB_STATE_ACTIVE) {
        ask(core, index);
    } else if (dispatch_to_close(core, index)) {
        emit_change(core, index, EVENT_KIND_CANCEL_REQUESTED, FAILURE_NONE);
    } else {
        job_end(core, index, JOB_STATE_CANCELLED, RESULT_NONE, FAILURE_NONE);
    }
}

void core_cancel(struct core *core, const struct core_event *event)
{
    const struct message_cancel_job *cancel = &event->message->cancel_job;
    uint32_t index = core_index(core, &cancel->job);
    if (index == JOB_NONE) {
        answer_from_facts(core, event);
        return;
    }
    const struct job *job = core_job(core, index);
    struct slice owner = user_owner(users_user(&core->users, job->owner));
    if (!cancel->admin && !slice_equal(owner, cancel->owner)) {
        reply(core, event, (struct message_reply){.code = REPLY_CODE_NOT_FOUND});
        return;
    }
    cancel_job(core, index);
    reply(core, event,
          (struct message_reply){
              .code = REPLY_CODE_OK,
              .version = job->version,
              .state = job->state,
              .cancel_requested = job_is_cancelling(job),
          });
}
