#include "broker/core/state.h"

/* SUBMIT: what is known of it already, whether it may become a job, and the job. */

static void reply(struct core *core, const struct core_event *event, struct message_reply reply)
{
    emit_reply(core, event, event->message->submit.request, reply);
}

static void refuse(struct core *core, const struct core_event *event, enum reply_code code)
{
    reply(core, event, (struct message_reply){.code = (uint8_t)code});
}

struct message_reply submit_reply(const struct job *job)
{
    return (struct message_reply){
        .code = REPLY_CODE_OK,
        .job = job->id,
        .version = job->version,
        .state = job->state,
        .cancel_requested = job_is_cancelling(job),
    };
}

static void reply_job(struct core *core, const struct core_event *event, const struct job *job,
                      bool replayed)
{
    struct message_reply answer = submit_reply(job);
    answer.replayed = replayed;
    reply(core, event, answer);
}

/* ---- facts ---- */

static bool needs_facts(const struct message_submit *submit)
{
    return submit->key.size > 0 || submit->dedupe_key.size > 0 || submit->resent ||
           submit->kind != JOB_KIND_CHARACTER;
}

static bool document_changed(const struct core *core, const struct id *id, uint64_t commit)
{
    struct slice slice = slice_make(id, ID_SIZE);
    return changes_since(&core->changes, CHANGE_DOCUMENT, slice, SLICE_EMPTY, commit);
}

bool submit_documents_changed(const struct core *core, uint8_t kind, const struct id *character,
                              const struct id *source, uint64_t commit)
{
    if (!kind_needs_character(kind)) {
        return false;
    }
    return document_changed(core, character, commit) ||
           (kind == JOB_KIND_VIDEO && document_changed(core, source, commit));
}

/* Whether something that was looked up may have changed since. */
static bool facts_are_stale(const struct core *core, const struct message_submit *submit,
                            const struct facts *facts)
{
    uint64_t commit = facts->commit;
    struct slice job = slice_make(&submit->job, ID_SIZE);
    if (changes_since(&core->changes, CHANGE_JOB, job, SLICE_EMPTY, commit)) {
        return true;
    }
    if (submit->key.size > 0 &&
        changes_since(&core->changes, CHANGE_KEY, submit->owner, submit->key, commit)) {
        return true;
    }
    return dedupe_changed(core, submit, facts) ||
           submit_documents_changed(core, submit->kind, &submit->character, &submit->source,
                                    commit);
}

/* Answers a request that was seen before. Returns false for a new one. */
static bool answer_again(struct core *core, const struct core_event *event)
{
    const struct message_submit *submit = &event->message->submit;
    const struct facts *facts = event->facts;
    if (facts == NULL) {
        return false;
    }
    if (facts->job_found || facts->job_expired) {
        reply(core, event,
              (struct message_reply){
                  .code = REPLY_CODE_OK,
                  .job = submit->job,
                  .replayed = true,
                  .version = facts->head.version,
                  .state = facts->head.state,
              });
        return true;
    }
    if (submit->key.size == 0 || !facts->key_found) {
        return false;
    }
    if (!slice_equal(submit->key_hash, slice_make(facts->key_hash, HASH_SIZE))) {
        refuse(core, event, REPLY_CODE_KEY_REUSED);
        return true;
    }
    uint32_t index = core_index(core, &facts->key_job);
    if (index != JOB_NONE) {
        reply_job(core, event, core_job(core, index), true);
        return true;
    }
    reply(core, event,
          (struct message_reply){.code = REPLY_CODE_OK, .job = facts->key_job, .replayed = true});
    return true;
}

/* ---- checks ---- */

static bool has_valid_times(const struct message_submit *submit, int64_t now)
{
    int64_t start = submit->run_at > now ? submit->run_at : now;
    if (submit->run_at < 0 || submit->start_by < 0 || submit->deadline < 0) {
        return false;
    }
    if (submit->run_at > now + RUN_AT_MAX_MS) {
        return false;
    }
    if (submit->start_by != 0 && submit->start_by <= start) {
        return false;
    }
    return submit->deadline == 0 ||
           (submit->deadline > start && submit->deadline <= start + DEADLINE_MAX_MS);
}

bool submit_is_valid(const struct message_submit *submit, int64_t now)
{
    if (submit->kind >= JOB_KIND_ASKED_COUNT || id_is_zero(&submit->job) ||
        id_is_zero(&submit->character) || id_is_zero(&submit->media)) {
        return false;
    }
    if (submit->kind == JOB_KIND_VIDEO && id_is_zero(&submit->source)) {
        return false;
    }
    if (submit->owner.size == 0 || submit->owner.size > OWNER_SIZE_MAX ||
        submit->payload.size > PAYLOAD_SIZE_MAX || submit->labels.size > LABELS_SIZE_MAX) {
        return false;
    }
    if (submit->display_id.size > sizeof(((struct job *)NULL)->display_id) ||
        (submit->key.size > 0 && submit->key_hash.size != HASH_SIZE)) {
        return false;
    }
    if ((submit->webhook_url.size == 0) != (submit->webhook_events == 0) ||
        (submit->webhook_events & ~(uint32_t)WEBHOOK_EVENTS) != 0 ||
        (submit->webhook_secret.size > 0 &&
         submit->webhook_secret.size < WEBHOOK_SECRET_SIZE_MIN)) {
        return false;
    }
    return dedupe_is_valid(submit) && has_valid_times(submit, now);
}

enum reply_code submit_judge_documents(uint8_t kind, enum fact_owned character,
                                       enum fact_owned source)
{
    if (kind_needs_character(kind) && character != FACT_OWNED) {
        return REPLY_CODE_CHARACTER_NOT_FOUND;
    }
    if (kind == JOB_KIND_VIDEO && source == FACT_UNKNOWN) {
        return REPLY_CODE_MEDIA_NOT_FOUND;
    }
    if (kind == JOB_KIND_VIDEO && source == FACT_UNSUITABLE) {
        return REPLY_CODE_SOURCE_UNSUITABLE;
    }
    return REPLY_CODE_OK;
}

/* Why this new request is refused; OK when it is not. */
static enum reply_code judge(const struct core *core, const struct core_event *event)
{
    const struct message_submit *submit = &event->message->submit;
    enum reply_code code = REPLY_CODE_OK;
    if (event->facts != NULL) {
        code = submit_judge_documents(submit->kind, event->facts->character, event->facts->source);
    }
    if (code != REPLY_CODE_OK) {
        return code;
    }
    if (core->space_low) {
        return REPLY_CODE_DISK_FULL;
    }
    if (core_asked(core) >= core->options.jobs_max) {
        return REPLY_CODE_TOO_MANY_JOBS;
    }
    return id_is_zero(&submit->group) && submit_is_valid(submit, core->now) ? REPLY_CODE_OK
                                                                            : REPLY_CODE_INVALID;
}

/* ---- acceptance ---- */

/* What waits for another job has no less time than that, unless it names its own. */
static int64_t deadline_of(const struct core *core, const struct message_submit *submit)
{
    if (submit->deadline != 0) {
        return submit->deadline;
    }
    int64_t start = submit->run_at > core->now ? submit->run_at : core->now;
    int64_t usual = start + kind_rules(submit->kind)->deadline_ms;
    uint32_t parent = id_is_zero(&submit->parent) ? JOB_NONE : core_index(core, &submit->parent);
    int64_t least = parent == JOB_NONE ? 0 : core_job(core, parent)->deadline;
    return usual > least ? usual : least;
}

static void fill(struct core *core, struct job *job, const struct message_submit *submit)
{
    job->id = submit->job;
    job->character = submit->character;
    job->media = submit->media;
    job->source = submit->source;
    if (submit->display_id.size > 0) {
        memcpy(job->display_id, submit->display_id.data, submit->display_id.size);
    }
    job->kind = submit->kind;
    job->created_at = core->now;
    job->next_attempt_at = submit->run_at > core->now ? submit->run_at : 0;
    job->start_by = submit->start_by;
    job->deadline = deadline_of(core, submit);
    job->accepted = core->event_last + 1;
    job->attempt = 1;
    if (submit->labels.size > 0 || submit->run_at != 0) {
        job->flags |= JOB_FLAG_INPUT;
    }
    job->webhook_events = (uint16_t)submit->webhook_events;
    job->priority = submit->priority != 0 ? submit->priority : PRIORITY_USUAL;
    job->estimate = (uint32_t)costs_estimate(core, submit->kind).amount;
    job->expected = job->estimate;
}

static void note_acceptance(struct core *core, const struct message_submit *submit)
{
    changes_note(&core->changes, CHANGE_JOB, slice_make(&submit->job, ID_SIZE), SLICE_EMPTY,
                 core->commit);
    if (submit->key.size > 0) {
        changes_note(&core->changes, CHANGE_KEY, submit->owner, submit->key, core->commit);
    }
    dedupe_note(core, submit);
}

uint32_t submit_begin(struct core *core, const struct message_submit *submit, uint32_t user,
                      const struct job_links *links)
{
    uint32_t index = slab_take(&core->slab);
    struct job *job = core_job(core, index);
    fill(core, job, submit);
    job->owner = user;
    bool is_pending = job->next_attempt_at != 0 || (links != NULL && !id_is_zero(&links->parent));
    enum job_state state = is_pending ? JOB_STATE_PENDING : JOB_STATE_WAITING;
    if (links != NULL) {
        dependants_join(core, index, links, state);
    }
    job_begin(core, index, state);
    note_acceptance(core, submit);
    core->statistics.accepted++;
    core->queues[job->kind].meters.accepted++;
    emit_job(core, EFFECT_ACCEPT, index)->submit = submit;
    emit_event(core, index, EVENT_KIND_QUEUED, FAILURE_NONE);
    assert(job->version == 1);
    return index;
}

static void accept(struct core *core, const struct core_event *event)
{
    const struct message_submit *submit = &event->message->submit;
    uint32_t user;
    if (job_reserve(core, submit->kind, submit->owner, &user) != STATUS_OK) {
        refuse(core, event, REPLY_CODE_TOO_MANY_JOBS);
        return;
    }
    uint32_t index = submit_begin(core, submit, user, NULL);
    struct message_reply answer = submit_reply(core_job(core, index));
    costs_warn(core, submit->owner, core_job(core, index)->expected, &answer);
    reply(core, event, answer);
}

void core_submit(struct core *core, const struct core_event *event)
{
    const struct message_submit *submit = &event->message->submit;
    uint32_t index = core_index(core, &submit->job);
    if (index != JOB_NONE) {
        const struct job *job = core_job(core, index);
        struct slice owner = user_owner(users_user(&core->users, job->owner));
        if (slice_equal(owner, submit->owner)) {
            reply_job(core, event, job, true);
        } else {
            refuse(core, event, REPLY_CODE_INVALID);
        }
        return;
    }
    bool is_resolved =
        event->facts != NULL ? !facts_are_stale(core, submit, event->facts) : !needs_facts(submit);
    if (!is_resolved) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    if (answer_again(core, event)) {
        return;
    }
    struct message_reply answer;
    if (dedupe_find(core, event, &answer)) {
        reply(core, event, answer);
        return;
    }
    enum reply_code code = judge(core, event);
    if (code != REPLY_CODE_OK) {
        refuse(core, event, code);
        return;
    }
    struct estimate estimate = costs_estimate(core, submit->kind);
    if (!costs_permit(core, submit->owner, estimate)) {
        reply(core, event, costs_refusal(core, submit->owner, estimate));
        return;
    }
    accept(core, event);
}
