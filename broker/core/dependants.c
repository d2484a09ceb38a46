#include "broker/core/state.h"

/*
 * Jobs that are made from what another job makes. They are pending until that one has completed,
 * and then wait like any other, in the same step. When it ends otherwise they fail, in the tick of
 * the same turn or one soon after: a crash in between is made up for at the restart, because a
 * pending job without a start time whose parent does not live can only be one of these.
 */

static uint32_t member_of(const struct core *core, const struct id *job)
{
    uint32_t index = id_is_zero(job) ? JOB_NONE : core_index(core, job);
    return index == JOB_NONE ? JOB_NONE : core_job(core, index)->member;
}

void dependants_join(struct core *core, uint32_t index, const struct job_links *links,
                     enum job_state state)
{
    struct job *job = core_job(core, index);
    bool waits = state == JOB_STATE_PENDING && !id_is_zero(&links->parent);
    uint32_t parent = waits ? member_of(core, &links->parent) : JOB_NONE;
    job->member = groups_join(&core->groups, index, links, parent);
    if (waits && parent == JOB_NONE) {
        groups_orphan(&core->groups, job->member);
    }
}

static void release(struct core *core, uint32_t index)
{
    assert(core_job(core, index)->state == JOB_STATE_PENDING);
    assert(core_job(core, index)->next_attempt_at == 0);
    job_transition(core, index, JOB_STATE_WAITING);
    emit_change(core, index, EVENT_KIND_WAITING, FAILURE_NONE);
}

void dependants_settle(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    if (job->member == JOB_NONE) {
        return;
    }
    struct groups *groups = &core->groups;
    const struct member *member = groups_member(groups, job->member);
    while (member->child_first != JOB_NONE) {
        uint32_t child = member->child_first;
        groups_release(groups, child);
        if (job->state == JOB_STATE_COMPLETED) {
            release(core, groups_member(groups, child)->job);
        } else {
            groups_orphan(groups, child);
        }
    }
}

void dependants_fail(struct core *core)
{
    while (core->groups.orphans != JOB_NONE) {
        if (!emit_has_room(core, EFFECTS_TIMERS_MAX)) {
            core->unfinished = true;
            return;
        }
        uint32_t index = groups_member(&core->groups, core->groups.orphans)->job;
        bool is_video = core_job(core, index)->kind == JOB_KIND_VIDEO;
        job_end(core, index, JOB_STATE_FAILED, RESULT_NONE,
                is_video
                    ? FAILURE("dependency_failed", "the picture that it is made from was not made")
                    : FAILURE("dependency_failed", "the character that it shows was not made"));
    }
}
