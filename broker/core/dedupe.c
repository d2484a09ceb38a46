#include "broker/core/state.h"

/* Dedupe keys: a job that has one stands for what is submitted with it. Which job that is stands in
 * the store alone; whether it lives is known here alone. */

bool dedupe_is_valid(const struct message_submit *submit)
{
    if (submit->dedupe_key.size == 0) {
        return submit->dedupe_ttl_ms == 0;
    }
    /* A group is accepted as a whole: none of its jobs may turn out to be another one. */
    return id_is_zero(&submit->group) && submit->dedupe_key.size <= KEY_SIZE_MAX &&
           submit->dedupe_ttl_ms <= DEDUPE_TTL_MAX_MS;
}

bool dedupe_changed(const struct core *core, const struct message_submit *submit,
                    const struct facts *facts)
{
    const struct changes *changes = &core->changes;
    uint64_t commit = facts->commit;
    if (submit->dedupe_key.size == 0) {
        return false;
    }
    if (changes_since(changes, CHANGE_DEDUPE, submit->owner, submit->dedupe_key, commit)) {
        return true;
    }
    struct slice holder = slice_make(&facts->holder.job, ID_SIZE);
    return facts->holder.found && changes_since(changes, CHANGE_JOB, holder, SLICE_EMPTY, commit);
}

void dedupe_note(struct core *core, const struct message_submit *submit)
{
    if (submit->dedupe_key.size > 0) {
        changes_note(&core->changes, CHANGE_DEDUPE, submit->owner, submit->dedupe_key,
                     core->commit);
    }
}

bool dedupe_find(const struct core *core, const struct core_event *event, struct message_reply *out)
{
    if (event->message->submit.dedupe_key.size == 0) {
        return false;
    }
    assert(event->facts != NULL);
    const struct holder_facts *holder = &event->facts->holder;
    uint32_t index = holder->found ? core_index(core, &holder->job) : JOB_NONE;
    if (index != JOB_NONE) {
        *out = submit_reply(core_job(core, index));
        out->deduplicated = true;
        return true;
    }
    *out = (struct message_reply){.code = REPLY_CODE_OK,
                                  .job = holder->job,
                                  .version = holder->version,
                                  .state = holder->state,
                                  .deduplicated = true};
    return holder->found && core->now - holder->at < holder->ttl_ms;
}
