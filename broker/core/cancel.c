#include "broker/core/stop.h"

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

void cancel_job(struct core *core, uint32_t index)
{
    if (!job_is_cancelling(core_job(core, index))) {
        job_stop(core, index, JOB_ENDING_CANCEL);
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
