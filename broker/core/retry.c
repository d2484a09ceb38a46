#include "broker/core/keyed.h"
#include "broker/core/state.h"

/* RETRY_JOB: a failed or cancelled job, or a delivery that has ended, waits again. */

static struct keyed keyed_of(const struct message_retry_job *retry)
{
    return (struct keyed){.owner = retry->owner, .key = retry->key, .hash = retry->key_hash};
}

static void answer(struct core *core, const struct core_event *event, enum reply_code code,
                   const struct job *job)
{
    struct message_reply reply = {.code = (uint8_t)code, .job = event->message->retry_job.job};
    if (job != NULL) {
        reply.version = job->version;
        reply.state = job->state;
    }
    emit_reply(core, event, event->message->retry_job.request, reply);
}

/* A delivery is reached by its endpoint, while there is one, or by the job whose own webhook it is
 * of, and nothing else is; an administrator needs no way to it. */
static bool is_meant(const struct core *core, const struct core_event *event, const struct job *job)
{
    const struct message_retry_job *retry = &event->message->retry_job;
    bool is_delivery = job->kind == JOB_KIND_WEBHOOK;
    if (!id_is_zero(&retry->reporter)) {
        return is_delivery && id_is_zero(&job->source) && event->facts->is_reported;
    }
    if (id_is_zero(&retry->endpoint)) {
        return !is_delivery || retry->admin;
    }
    return is_delivery && id_equal(&job->source, &retry->endpoint) &&
           webhook_is_known(core, retry->owner, &retry->endpoint);
}

/* What is to be said of a job that is not to be changed: an earlier copy of the request may have
 * been carried out. */
static enum reply_code standing_of(const struct message_retry_job *retry, const struct job *job)
{
    bool was_done = retry->resent && job->retries > retry->retries;
    if (job->kind == JOB_KIND_WEBHOOK) {
        was_done = !job_state_is_terminal((enum job_state)job->state);
    }
    return was_done ? REPLY_CODE_OK : REPLY_CODE_NOT_RETRYABLE;
}

/* A receiver may lose what it has taken: a delivery is sent again then. */
static bool is_retryable(const struct job *head)
{
    bool is_fit = head->state == JOB_STATE_FAILED || head->state == JOB_STATE_CANCELLED ||
                  head->kind == JOB_KIND_WEBHOOK;
    return is_fit && head->retries < RETRIES_MAX;
}

static bool facts_are_stale(const struct core *core, const struct message_retry_job *retry,
                            const struct facts *facts)
{
    const struct job *head = &facts->head;
    struct slice job = slice_make(&retry->job, ID_SIZE);
    if (changes_since(&core->changes, CHANGE_JOB, job, SLICE_EMPTY, facts->commit)) {
        return true;
    }
    if (!facts->job_found) {
        return false;
    }
    return !job_state_is_terminal((enum job_state)head->state) ||
           submit_documents_changed(core, head->kind, &head->character, &head->source,
                                    facts->commit);
}

/* Why a job cannot become live again now; OK when it can. */
static enum reply_code judge(const struct core *core, const struct facts *facts)
{
    enum reply_code code =
        submit_judge_documents(facts->head.kind, facts->character, facts->source);
    if (code != REPLY_CODE_OK) {
        return code;
    }
    if (core->space_low) {
        return REPLY_CODE_DISK_FULL;
    }
    bool has_room = facts->head.kind == JOB_KIND_WEBHOOK
                        ? webhook_has_room(core, slice_make(facts->owner, facts->owner_size))
                        : core_asked(core) < core->options.jobs_max;
    return has_room ? REPLY_CODE_OK : REPLY_CODE_TOO_MANY_JOBS;
}

/* A new life under the old history: counts and times begin anew, numbers go on. */
static void renew(struct core *core, struct job *job)
{
    job->retries++;
    job->attempt = 1;
    job->attempts_made = 0;
    job->workers_lost = 0;
    job->progress = 0;
    memset(job->step, 0, sizeof(job->step));
    job->completed_at = 0;
    job->next_attempt_at = 0;
    job->stop_by = 0;
    job_set_ending(job, JOB_ENDING_CANCEL);
    job->flags &= (uint8_t)~JOB_FLAG_DROP;
    job->start_by = 0;
    job->deadline = core->now + job_rules(job)->deadline_ms;
    job->estimate = (uint32_t)costs_estimate(core, job->kind).amount;
    job->expected = job->estimate;
}

static enum status reserve(struct core *core, const struct facts *facts, uint32_t *user)
{
    struct slice owner = slice_make(facts->owner, facts->owner_size);
    enum status status = facts->is_linked ? groups_reserve(&core->groups, 1) : STATUS_OK;
    return status == STATUS_OK ? job_reserve(core, facts->head.kind, owner, user) : status;
}

/* The group that it belongs to lives again as well. */
static void join(struct core *core, uint32_t index, const struct job_links *links)
{
    dependants_join(core, index, links, JOB_STATE_WAITING);
    changes_note(&core->changes, CHANGE_GROUP, slice_make(&links->group, ID_SIZE), SLICE_EMPTY,
                 core->commit);
}

static void revive(struct core *core, const struct core_event *event)
{
    const struct facts *facts = event->facts;
    uint32_t user;
    if (reserve(core, facts, &user) != STATUS_OK) {
        answer(core, event, REPLY_CODE_TOO_MANY_JOBS, &facts->head);
        return;
    }
    uint32_t index = slab_take(&core->slab);
    struct job *job = core_job(core, index);
    memcpy(job, &facts->head, JOB_HEAD_SIZE);
    job->drafted = job->lease > 0; /* by its earlier life, perhaps */
    renew(core, job);
    job->owner = user;
    if (facts->is_linked) {
        join(core, index, &facts->links);
    }
    job_revive(core, index);
    core->statistics.revived++;
    emit_job(core, EFFECT_REVIVE, index)->state_before = facts->head.state;
    emit_event(core, index, EVENT_KIND_WAITING, FAILURE_NONE)->deadline = job->deadline;
    const struct keyed keyed = keyed_of(&event->message->retry_job);
    keyed_note(core, &keyed, &job->id);
    answer(core, event, REPLY_CODE_OK, job);
    costs_warn(core, slice_make(facts->owner, facts->owner_size), job->expected,
               &core->effects->items[core->effects->count - 1].reply);
}

/* Refuses what would cost more than its owner may spend. Returns false when there is no such
 * thing. */
static bool refuse_costs(struct core *core, const struct core_event *event)
{
    const struct facts *facts = event->facts;
    struct slice owner = slice_make(facts->owner, facts->owner_size);
    struct estimate estimate = costs_estimate(core, facts->head.kind);
    if (costs_permit(core, owner, estimate)) {
        return false;
    }
    answer(core, event, REPLY_CODE_OVER_BUDGET, &facts->head);
    struct message_reply *reply = &core->effects->items[core->effects->count - 1].reply;
    struct message_reply refusal = costs_refusal(core, owner, estimate);
    refusal.request = reply->request;
    refusal.job = reply->job;
    *reply = refusal;
    return true;
}

/* Whether the request cannot be judged before its key, or what a delivery reports, is known. */
static bool is_open(const struct core *core, const struct core_event *event)
{
    const struct message_retry_job *retry = &event->message->retry_job;
    const struct keyed keyed = keyed_of(retry);
    return keyed_is_open(core, &keyed, event->facts) ||
           (event->facts == NULL && !id_is_zero(&retry->reporter));
}

/* There is no such job, or no longer. */
static void answer_gone(struct core *core, const struct core_event *event)
{
    const struct message_retry_job *retry = &event->message->retry_job;
    bool is_expired =
        event->facts->job_expired && id_is_zero(&retry->endpoint) && id_is_zero(&retry->reporter);
    answer(core, event, is_expired ? REPLY_CODE_EXPIRED : REPLY_CODE_NOT_FOUND, NULL);
}

/* Answers a request whose key was used before. */
static bool answer_again(struct core *core, const struct core_event *event)
{
    const struct message_retry_job *retry = &event->message->retry_job;
    const struct keyed keyed = keyed_of(retry);
    enum keyed_verdict verdict = keyed_judge(&keyed, event->facts);
    uint32_t index = core_index(core, &retry->job);
    if (verdict == KEYED_REPEAT && index == JOB_NONE && !event->facts->job_found) {
        answer_gone(core, event);
    } else if (verdict == KEYED_REPEAT) {
        const struct job *known = event->facts->job_found ? &event->facts->head : NULL;
        answer(core, event, REPLY_CODE_OK, index == JOB_NONE ? known : core_job(core, index));
        core->effects->items[core->effects->count - 1].reply.replayed = true;
    } else if (verdict == KEYED_REUSED) {
        answer(core, event, REPLY_CODE_KEY_REUSED, NULL);
    }
    return verdict != KEYED_NEW;
}

/* A live job is not to be changed: it is told whether it was. */
static void answer_live(struct core *core, const struct core_event *event, const struct job *job)
{
    const struct message_retry_job *retry = &event->message->retry_job;
    const struct keyed keyed = keyed_of(retry);
    if (!is_meant(core, event, job) ||
        (!retry->admin && !slice_equal(core_owner(core, job), retry->owner))) {
        answer(core, event, REPLY_CODE_NOT_FOUND, NULL);
        return;
    }
    enum reply_code code = standing_of(retry, job);
    if (code == REPLY_CODE_OK) {
        keyed_note(core, &keyed, &job->id);
    }
    answer(core, event, code, job);
}

void core_retry(struct core *core, const struct core_event *event)
{
    const struct message_retry_job *retry = &event->message->retry_job;
    const struct facts *facts = event->facts;
    const struct keyed keyed = keyed_of(retry);
    uint32_t index = core_index(core, &retry->job);
    if (!keyed_is_valid(&keyed)) {
        answer(core, event, REPLY_CODE_INVALID, NULL);
        return;
    }
    if (is_open(core, event)) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    if (answer_again(core, event)) {
        return;
    }
    if (index != JOB_NONE) {
        answer_live(core, event, core_job(core, index));
        return;
    }
    if (facts == NULL || facts_are_stale(core, retry, facts)) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    if (!facts->job_found || !is_meant(core, event, &facts->head)) {
        answer_gone(core, event);
        return;
    }
    enum reply_code code = standing_of(retry, &facts->head);
    if (code == REPLY_CODE_NOT_RETRYABLE && is_retryable(&facts->head)) {
        code = judge(core, facts);
        if (code == REPLY_CODE_OK && !refuse_costs(core, event)) {
            revive(core, event);
        }
        if (code == REPLY_CODE_OK) {
            return;
        }
    }
    if (code == REPLY_CODE_OK) {
        keyed_note(core, &keyed, &retry->job);
    }
    answer(core, event, code, &facts->head);
}
