#include "broker/core/state.h"

/* SUBMIT_GROUP and CANCEL_GROUP: many jobs, accepted in one step or not at all, and cancelled in
 * one. */

static void reply(struct core *core, const struct core_event *event, struct message_reply reply)
{
    const struct message *message = event->message;
    bool is_submit = message->type == MESSAGE_TYPE_SUBMIT_GROUP;
    uint64_t request = is_submit ? message->submit_group.request : message->cancel_group.request;
    emit_reply(core, event, request, reply);
}

/* item: of the job that is the reason, from 1; 0 when it is none of them. */
static void refuse(struct core *core, const struct core_event *event, enum reply_code code,
                   uint32_t item)
{
    reply(core, event, (struct message_reply){.code = (uint8_t)code, .item = item});
}

static void reply_group(struct core *core, const struct core_event *event, const struct id *group,
                        bool replayed)
{
    reply(core, event,
          (struct message_reply){.code = REPLY_CODE_OK, .job = *group, .replayed = replayed});
}

static bool group_changed(const struct core *core, const struct id *group, uint64_t commit)
{
    return changes_since(&core->changes, CHANGE_GROUP, slice_make(group, ID_SIZE), SLICE_EMPTY,
                         commit);
}

/* The owner of a group that lives. */
static struct slice owner_of(const struct core *core, uint32_t group)
{
    uint32_t member = groups_group(&core->groups, group)->first;
    return core_owner(core, core_job(core, groups_member(&core->groups, member)->job));
}

/* ---- facts ---- */

static bool needs_facts(const struct core_event *event)
{
    const struct message_submit_group *group = &event->message->submit_group;
    bool needed = group->key.size > 0 || group->resent;
    for (uint32_t index = 0; index < group->count && !needed; index++) {
        needed = group_needs_documents(&event->items[index]);
    }
    return needed;
}

static bool facts_are_stale(const struct core *core, const struct core_event *event)
{
    const struct message_submit_group *group = &event->message->submit_group;
    uint64_t commit = event->facts->commit;
    bool is_stale = group_changed(core, &group->group, commit) ||
                    (group->key.size > 0 &&
                     changes_since(&core->changes, CHANGE_KEY, group->owner, group->key, commit));
    for (uint32_t index = 0; index < group->count && !is_stale; index++) {
        const struct message_submit *item = &event->items[index];
        is_stale =
            group_needs_documents(item) &&
            submit_documents_changed(core, item->kind, &item->character, &item->source, commit);
    }
    return is_stale;
}

/* Answers a request that was seen before. Returns false for a new one. */
static bool answer_again(struct core *core, const struct core_event *event)
{
    const struct message_submit_group *group = &event->message->submit_group;
    const struct facts *facts = event->facts;
    if (facts == NULL) {
        return false;
    }
    if (facts->group_found) {
        reply_group(core, event, &group->group, true);
        return true;
    }
    if (group->key.size == 0 || !facts->key_found) {
        return false;
    }
    if (slice_equal(group->key_hash, slice_make(facts->key_hash, HASH_SIZE))) {
        reply_group(core, event, &facts->key_job, true);
    } else {
        refuse(core, event, REPLY_CODE_KEY_REUSED, 0);
    }
    return true;
}

/* ---- checks ---- */

static bool is_valid_group(const struct message_submit_group *group)
{
    return group->count > 0 && group->count <= GROUP_JOBS_MAX && !id_is_zero(&group->group) &&
           group->kind < GROUP_KIND_COUNT && group->owner.size > 0 &&
           group->owner.size <= OWNER_SIZE_MAX &&
           (group->key.size == 0 || group->key_hash.size == HASH_SIZE);
}

/* ---- acceptance ---- */

static void note_acceptance(struct core *core, const struct message_submit_group *group)
{
    changes_note(&core->changes, CHANGE_GROUP, slice_make(&group->group, ID_SIZE), SLICE_EMPTY,
                 core->commit);
    if (group->key.size > 0) {
        changes_note(&core->changes, CHANGE_KEY, group->owner, group->key, core->commit);
    }
}

static enum status reserve(struct core *core, const struct core_event *event, uint32_t *user)
{
    const struct message_submit_group *group = &event->message->submit_group;
    uint32_t counts[JOB_KIND_COUNT] = {0};
    for (uint32_t index = 0; index < group->count; index++) {
        counts[event->items[index].kind]++;
    }
    enum status status = groups_reserve(&core->groups, group->count);
    return status == STATUS_OK ? jobs_reserve(core, counts, group->owner, user) : status;
}

static struct estimate estimate_of(const struct core *core, const struct core_event *event)
{
    struct estimate sum = {.is_known = true};
    for (uint32_t index = 0; index < event->message->submit_group.count; index++) {
        costs_add(&sum, costs_estimate(core, event->items[index].kind));
    }
    return sum;
}

/* All of it is reserved first: from there on nothing can fail. */
static void accept(struct core *core, const struct core_event *event, struct estimate estimate)
{
    const struct message_submit_group *group = &event->message->submit_group;
    uint32_t user;
    if (reserve(core, event, &user) != STATUS_OK) {
        refuse(core, event, REPLY_CODE_TOO_MANY_JOBS, 0);
        return;
    }
    struct effect *effect = emit(core, EFFECT_GROUP);
    effect->group = group;
    effect->items = event->items;
    users_user(&core->users, user)->references += group->count - 1;
    for (uint32_t index = 0; index < group->count; index++) {
        const struct job_links links = {group->group, event->items[index].parent};
        submit_begin(core, &event->items[index], user, &links);
    }
    note_acceptance(core, group);
    struct message_reply answer = {.code = REPLY_CODE_OK, .job = group->group};
    costs_warn(core, group->owner, estimate.amount, &answer);
    reply(core, event, answer);
}

void core_submit_group(struct core *core, const struct core_event *event)
{
    const struct message_submit_group *group = &event->message->submit_group;
    if (!is_valid_group(group)) {
        refuse(core, event, REPLY_CODE_INVALID, 0);
        return;
    }
    uint32_t index = groups_find(&core->groups, &group->group);
    if (index != JOB_NONE) {
        if (slice_equal(owner_of(core, index), group->owner)) {
            reply_group(core, event, &group->group, true);
        } else {
            refuse(core, event, REPLY_CODE_INVALID, 0);
        }
        return;
    }
    bool is_resolved = event->facts != NULL ? !facts_are_stale(core, event) : !needs_facts(event);
    if (!is_resolved) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    if (answer_again(core, event)) {
        return;
    }
    uint32_t item;
    enum reply_code code = group_judge(core, event, &item);
    if (code != REPLY_CODE_OK) {
        refuse(core, event, code, item);
        return;
    }
    struct estimate estimate = estimate_of(core, event);
    if (!costs_permit(core, group->owner, estimate)) {
        reply(core, event, costs_refusal(core, group->owner, estimate));
        return;
    }
    accept(core, event, estimate);
}

/* ---- cancel ---- */

/* No job of the group lives: what the store says of it. */
static void answer_from_facts(struct core *core, const struct core_event *event)
{
    const struct message_cancel_group *cancel = &event->message->cancel_group;
    const struct facts *facts = event->facts;
    if (facts == NULL || group_changed(core, &cancel->group, facts->commit)) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    reply(core, event,
          (struct message_reply){
              .code = facts->group_found ? REPLY_CODE_ALREADY_ENDED : REPLY_CODE_NOT_FOUND,
              .job = cancel->group,
          });
}

void core_cancel_group(struct core *core, const struct core_event *event)
{
    const struct message_cancel_group *cancel = &event->message->cancel_group;
    uint32_t group = groups_find(&core->groups, &cancel->group);
    if (group == JOB_NONE) {
        answer_from_facts(core, event);
        return;
    }
    if (!cancel->admin && !slice_equal(owner_of(core, group), cancel->owner)) {
        reply(core, event,
              (struct message_reply){.code = REPLY_CODE_NOT_FOUND, .job = cancel->group});
        return;
    }
    uint32_t member = groups_group(&core->groups, group)->first;
    while (member != JOB_NONE) {
        const struct member *own = groups_member(&core->groups, member);
        member = own->next; /* before it leaves */
        cancel_job(core, own->job);
    }
    reply_group(core, event, &cancel->group, false);
}
