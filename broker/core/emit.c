#include "broker/core/state.h"

struct effect *emit(struct core *core, enum effect_type type)
{
    assert(core->effects->count < EFFECTS_MAX);
    struct effect *effect = &core->effects->items[core->effects->count++];
    memset(effect, 0, sizeof(*effect));
    effect->type = type;
    return effect;
}

struct effect *emit_job(struct core *core, enum effect_type type, uint32_t index)
{
    const struct job *job = core_job(core, index);
    struct effect *effect = emit(core, type);
    effect->job = job;
    effect->owner = user_owner(users_user(&core->users, job->owner));
    effect->links = core_links(core, job);
    effect->id = job->id;
    effect->lease = job->lease;
    return effect;
}

struct effect *emit_to_worker(struct core *core, enum effect_type type, const struct worker *worker,
                              const struct id *job, uint32_t lease)
{
    assert(worker->session != 0);
    struct effect *effect = emit(core, type);
    effect->peer = worker->peer;
    effect->session = worker->session;
    effect->id = *job;
    effect->lease = lease;
    return effect;
}

struct message_event *emit_event(struct core *core, uint32_t index, enum event_kind kind,
                                 struct failure failure)
{
    struct effect *effect = emit_job(core, EFFECT_EVENT, index);
    struct job *job = core_job(core, index);
    core->event_last++;
    job->version++;
    memcpy(effect->step, job->step, sizeof(effect->step));
    effect->event = (struct message_event){
        .event = core->event_last,
        .job = job->id,
        .version = job->version,
        .kind = (uint8_t)kind,
        .at = core->now,
        .owner = effect->owner,
        .job_kind = job->kind,
        .state = job->state,
        .progress = job->progress,
        .step = slice_from_string(effect->step),
        .attempt = job->attempt,
        .attempts_made = job->attempts_made,
        .cancel_requested = job_is_cancelling(job),
        .worker = job->worker,
        .started_at = job->started_at,
        .completed_at = job->completed_at,
        .next_attempt_at = job->next_attempt_at,
        .expires_at = retention_end(&core->options.retention, job->state, job->completed_at),
        .error_code = failure.code,
        .error_message = failure.message,
        .retries = job->retries,
        .estimate = job->estimate,
        .spent = job->spent,
        .uncertain = job->uncertain,
        .purpose = (uint8_t)failure.call.purpose,
        .provider = failure.call.provider,
        .took_ms = failure.call.took_ms,
    };
    if (job->member != JOB_NONE) {
        effect->event.group = effect->links->group;
        effect->event.group_left = groups_left(&core->groups, job->member);
    }
    if (job->kind != JOB_KIND_WEBHOOK) {
        webhook_notify(core, index, &effect->event);
    }
    return &effect->event;
}

/* What is to be told: of a job that waits, or ends of it, also what it failed of before. */
static struct failure failure_told(struct core *core, uint32_t index, struct failure failure)
{
    struct job *job = core_job(core, index);
    bool is_active = job->state == JOB_STATE_ACTIVE && job_ends_failed(job);
    if (job->state != JOB_STATE_WAITING && !is_active) {
        return failure;
    }
    if (failure.code.size > 0) {
        last_errors_keep(&core->last_errors, job, failure.code, failure.message);
    } else {
        last_errors_get(job, &failure.code, &failure.message);
    }
    return failure;
}

static void save(struct core *core, uint32_t index, struct failure failure)
{
    struct effect *effect = emit_job(core, EFFECT_SAVE, index);
    effect->error_code = failure.code;
    effect->error_message = failure.message;
}

void emit_save(struct core *core, uint32_t index, struct failure failure)
{
    save(core, index, failure_told(core, index, failure));
}

struct message_event *emit_change(struct core *core, uint32_t index, enum event_kind kind,
                                  struct failure failure)
{
    failure = failure_told(core, index, failure);
    save(core, index, failure);
    return emit_event(core, index, kind, failure);
}

void emit_reply(struct core *core, const struct core_event *event, uint64_t request,
                struct message_reply reply)
{
    struct effect *effect = emit(core, EFFECT_REPLY);
    effect->peer = event->peer;
    effect->reply = reply;
    effect->reply.request = request;
    core->statistics.refused += reply.code != REPLY_CODE_OK;
}

void emit_error(struct core *core, uint64_t peer, enum error_code code)
{
    struct effect *effect = emit(core, EFFECT_ERROR);
    effect->peer = peer;
    effect->error_code_number = code;
    if (code == ERROR_CODE_SESSION) {
        core->statistics.sessionless++;
    } else {
        core->statistics.refused_records++;
    }
}

bool emit_has_room(const struct core *core, uint32_t most)
{
    assert(most <= EFFECTS_MAX);
    return core->effects->count + EFFECTS_PER_JOB_MAX <= most;
}
