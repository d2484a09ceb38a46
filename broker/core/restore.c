#include "broker/core/state.h"

/* A job's head from the store: checked as a whole before anything changes. */

static bool has_valid_numbers(const struct core *core, const struct job *head)
{
    if (head->version == 0 || head->accepted == 0 || head->accepted > core->event_last) {
        return false;
    }
    const struct kind_rules *rules = job_rules(head);
    if (head->attempts_made >= rules->attempts_max || head->attempt != head->attempts_made + 1) {
        return false;
    }
    if (head->workers_lost >= rules->workers_lost_max || head->paid_lease > head->lease) {
        return false;
    }
    if ((head->open == 0) != (head->open_price == 0) || (head->open_before & ~head->open) != 0) {
        return false;
    }
    return head->progress <= 100 && head->operations <= OPERATIONS_MAX &&
           head->retries <= RETRIES_MAX && head->step[STEP_SIZE_MAX] == '\0';
}

static bool has_valid_state(const struct job *head, const struct job_links *links)
{
    bool was_leased = head->lease > 0 && head->started_at != 0 && !id_is_zero(&head->worker);
    if (head->state == JOB_STATE_PENDING) {
        bool has_parent = links != NULL && !id_is_zero(&links->parent);
        return head->lease == 0 && has_parent == (head->next_attempt_at == 0) &&
               !job_is_stopping(head);
    }
    if (head->state == JOB_STATE_WAITING) {
        bool may_stop = was_leased && head->next_attempt_at == 0;
        return job_is_stopping(head) ? may_stop : was_leased || head->lease == 0;
    }
    return head->state == JOB_STATE_ACTIVE && was_leased && head->attempt_at > 0 &&
           head->next_attempt_at == 0;
}

static bool is_valid(const struct core *core, const struct job *head, struct slice owner,
                     const struct job_links *links)
{
    if (head->kind >= JOB_KIND_COUNT || id_is_zero(&head->id) ||
        core_index(core, &head->id) != JOB_NONE) {
        return false;
    }
    if (owner.size == 0 || owner.size > OWNER_SIZE_MAX || head->deadline <= 0) {
        return false;
    }
    return has_valid_numbers(core, head) && has_valid_state(head, links);
}

/* The worker of a lease waits without a session, a full lease long. */
static enum status restore_worker(struct core *core, const struct job *head, uint32_t *out)
{
    *out = workers_find_instance(&core->workers, &head->worker);
    if (*out != JOB_NONE) {
        return core_worker(core, *out)->kind == head->kind ? STATUS_OK : STATUS_MALFORMED;
    }
    enum status status = workers_take(&core->workers, &head->worker, head->kind, out);
    if (status == STATUS_OK) {
        core_worker(core, *out)->deadline = core->now + LEASE_MS;
        workers_list_put(&core->workers, WORKER_LIST_EXPIRY, &core->workers.expiry, *out);
    }
    return status;
}

static enum status reserve(struct core *core, const struct job *head, struct slice owner,
                           uint32_t *user, uint32_t *worker)
{
    enum status status = job_reserve(core, head->kind, owner, user);
    if (status != STATUS_OK || head->state != JOB_STATE_ACTIVE) {
        return status;
    }
    status = restore_worker(core, head, worker);
    if (status != STATUS_OK) {
        users_give(&core->users, *user);
    }
    return status;
}

/* Parents come before those that wait for them: the live index stands by kind. */
enum status core_restore(struct core *core, const struct job *head, struct slice owner,
                         const struct job_links *links, int64_t now)
{
    uint32_t user;
    uint32_t worker = JOB_NONE;
    assert(!core->started);
    assert(now >= core->now);
    core->now = now;
    if (!is_valid(core, head, owner, links)) {
        return STATUS_MALFORMED;
    }
    enum status status = links == NULL ? STATUS_OK : groups_reserve(&core->groups, 1);
    status = status == STATUS_OK ? reserve(core, head, owner, &user, &worker) : status;
    if (status != STATUS_OK) {
        return status;
    }
    uint32_t index = slab_take(&core->slab);
    struct job *job = core_job(core, index);
    memcpy(job, head, JOB_HEAD_SIZE);
    job->drafted = head->lease > 0; /* by an attempt before the restart, perhaps */
    job->owner = user;
    job->worker_index = worker;
    if (links != NULL) {
        dependants_join(core, index, links, (enum job_state)head->state);
    }
    job_begin(core, index, (enum job_state)head->state);
    return STATUS_OK;
}

void core_restore_error(struct core *core, const struct id *job, struct slice code,
                        struct slice message)
{
    uint32_t index = core_index(core, job);
    assert(!core->started);
    assert(index != JOB_NONE);
    struct job *restored = core_job(core, index);
    bool is_kept = restored->state == JOB_STATE_WAITING || job_ends_failed(restored);
    if (is_kept && code.size > 0) {
        last_errors_keep(&core->last_errors, restored, code, message);
    }
}
