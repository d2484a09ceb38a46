#include "broker/core/state.h"

const struct job *core_find(const struct core *core, const struct id *id)
{
    uint32_t index = core_index(core, id);
    return index == JOB_NONE ? NULL : core_job(core, index);
}

struct slice core_owner(const struct core *core, const struct job *job)
{
    return user_owner(users_user(&core->users, job->owner));
}

const struct job_links *core_links(const struct core *core, const struct job *job)
{
    return job->member == JOB_NONE ? NULL : &groups_member(&core->groups, job->member)->links;
}

uint64_t core_count(const struct core *core, struct slice owner, enum job_kind kind,
                    enum job_state state)
{
    assert((uint32_t)kind < JOB_KIND_COUNT);
    uint32_t user = users_find(&core->users, owner);
    if (user == JOB_NONE || job_state_is_terminal(state)) {
        return 0;
    }
    return users_user(&core->users, user)->queues[kind].counts[state];
}

int64_t core_live_since(const struct core *core, const struct id *character)
{
    static const struct id any;
    int64_t since = 0;
    uint32_t count = 0;
    uint32_t index = uses_find(&core->uses, &core->slab, character, &any);
    while (index != JOB_NONE) {
        int64_t created_at = core_job(core, index)->created_at;
        if (count++ == LIVE_SINCE_JOBS_MAX) {
            return 1;
        }
        since = since == 0 || created_at < since ? created_at : since;
        index = uses_next(&core->uses, &core->slab, index);
    }
    return since;
}

void core_statistics(const struct core *core, struct core_statistics *out)
{
    *out = core->statistics;
    for (uint32_t index = 0; index < core->workers.capacity; index++) {
        const struct worker *worker = core_worker(core, index);
        if (worker->state == WORKER_STATE_OPEN) {
            bool takes_jobs = worker_takes_jobs(worker);
            out->workers[worker->kind]++;
            out->draining[worker->kind] += !takes_jobs;
            out->credit[worker->kind] += takes_jobs ? worker->credit - worker->dispatched : 0;
            out->slots[worker->kind] += takes_jobs ? worker->slots : worker->lease_count;
        }
    }
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        const struct limiter *limiter = &core->queues[kind].limiter;
        out->limit[kind] = limiter->rate;
        out->limit_used[kind] = limiter_used(limiter, core->now);
    }
}

const struct meters *core_meters(const struct core *core, enum job_kind kind)
{
    assert((uint32_t)kind < JOB_KIND_COUNT);
    return &core->queues[kind].meters;
}

void core_each(const struct core *core, core_visit *visit, void *context)
{
    for (uint32_t index = 0; index < core->slab.count; index++) {
        const struct job *job = core_job(core, index);
        if (job->version != 0 && !job_state_is_terminal((enum job_state)job->state)) {
            visit(context, job, core_owner(core, job));
        }
    }
}
