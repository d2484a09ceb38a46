#include "broker/core/state.h"

/* Every invariant that one look at the state can tell, by walking all of it. */

struct tally {
    uint64_t live[JOB_KIND_COUNT][LIVE_STATE_COUNT];
    uint64_t total;
    uint64_t turns[JOB_KIND_COUNT];   /* jobs that wait for their turn */
    uint64_t ordered[JOB_KIND_COUNT]; /* jobs in all users' orders */
    uint32_t longest[JOB_KIND_COUNT]; /* of them */
    uint64_t reserved;                /* micro-dollars */
    uint32_t spenders;
};

static bool is_live(const struct job *job)
{
    return job->version != 0 && !job_state_is_terminal((enum job_state)job->state);
}

static void check_numbers(const struct job *job)
{
    assert(job->version > 0);
    assert(job->accepted > 0);
    assert(job->attempts_made < job_rules(job)->attempts_max);
    assert(job->attempt == job->attempts_made + 1);
    assert(job->workers_lost < job_rules(job)->workers_lost_max);
    assert(job->paid_lease <= job->lease);
    assert(job->progress <= 100);
    assert(job->operations <= OPERATIONS_MAX);
    assert(job->retries <= RETRIES_MAX);
    assert(job->completed_at == 0);
    assert((job->lease > 0) == (job->started_at != 0));
    assert((job->lease > 0) == !id_is_zero(&job->worker));
    assert((job->open == 0) == (job->open_price == 0));
    assert((job->open_before & ~job->open) == 0);
    assert(job->uncertain <= job->spent);
    assert((job->flags & (JOB_FLAG_TASK | JOB_FLAG_ASKED)) != JOB_FLAG_ASKED);
}

static void check_active(const struct core *core, const struct job *job)
{
    const struct worker *worker = core_worker(core, job->worker_index);
    assert(worker->state != WORKER_STATE_FREE);
    assert(id_equal(&worker->instance, &job->worker));
    assert(worker->kind == job->kind);
    assert(job->lease > 0);
    assert(job->attempt_at > 0);
    assert(job->next_attempt_at == 0);
    assert(job->drop_at == 0);
    assert(job->chain_next != JOB_NONE);
    assert(job->size == 0);
}

static void check_queued(const struct core *core, const struct job *job)
{
    assert(job->worker_index == JOB_NONE);
    assert((job->chain_next != JOB_NONE) == (job->size > 0 || job_is_stopping(job)));
    if (job_is_stopping(job)) {
        assert(job->state == JOB_STATE_WAITING);
        assert(job->size == 0);
        assert(job->next_attempt_at == 0);
        return;
    }
    if (job->state == JOB_STATE_PENDING) {
        assert((job->next_attempt_at == 0) == job_waits_for_parent(core, job));
        assert(job->size == 0);
    } else if (job->size == 0) {
        /* Delayed: its timer brings it back. */
        assert(core->timers.items[job->timer_position].at <= job->next_attempt_at);
    }
}

static void check_job(const struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    check_numbers(job);
    assert(core_index(core, &job->id) == index);
    if (kind_makes_assets(job->kind)) {
        uint32_t use = uses_find(&core->uses, &core->slab, &job->character, &job->source);
        assert(use != JOB_NONE);
    }
    assert(job->timer_position < core->timers.count);
    assert(core->timers.items[job->timer_position].job == index);
    assert(job_is_stopping(job) || core->timers.items[job->timer_position].at <= job->deadline);
    if (job->state == JOB_STATE_ACTIVE) {
        check_active(core, job);
    } else {
        check_queued(core, job);
    }
}

static void check_jobs(const struct core *core, struct tally *tally)
{
    for (uint32_t index = 0; index < core->slab.count; index++) {
        const struct job *job = core_job(core, index);
        if (is_live(job)) {
            check_job(core, index);
            tally->live[job->kind][job->state]++;
            tally->total++;
            tally->reserved += job_reserved(job);
            tally->turns[job->kind] +=
                job->state == JOB_STATE_WAITING && job->chain_next != JOB_NONE;
        }
    }
    assert(tally->total == core->live);
    assert(tally->total == core->jobs.entries);
    assert(tally->total == core->timers.count);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (uint32_t state = 0; state < LIVE_STATE_COUNT; state++) {
            assert(tally->live[kind][state] == core->statistics.live[kind][state]);
        }
        assert(tally->live[kind][JOB_STATE_ACTIVE] == core->queues[kind].active);
    }
}

static void check_timers(const struct core *core)
{
    for (uint32_t position = 1; position < core->timers.count; position++) {
        assert(core->timers.items[(position - 1) / 4].at <= core->timers.items[position].at);
    }
}

/* ---- orders and users ---- */

static uint32_t size_below(const struct core *core, uint32_t index)
{
    return index == JOB_NONE ? 0 : core_job(core, index)->size;
}

static uint32_t next_in_order(const struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    if (job->right != JOB_NONE) {
        index = job->right;
        while (core_job(core, index)->left != JOB_NONE) {
            index = core_job(core, index)->left;
        }
        return index;
    }
    while (job->parent != JOB_NONE && core_job(core, job->parent)->right == index) {
        index = job->parent;
        job = core_job(core, index);
    }
    return job->parent;
}

static void check_order(const struct core *core, const struct order *order, uint32_t user,
                        uint32_t kind)
{
    const struct job *before = NULL;
    uint32_t count = 0;
    for (uint32_t index = order_first(order, &core->slab); index != JOB_NONE;
         index = next_in_order(core, index)) {
        const struct job *job = core_job(core, index);
        assert(job->state == JOB_STATE_WAITING);
        assert(job->owner == user);
        assert(job->kind == kind);
        assert(job->size == 1 + size_below(core, job->left) + size_below(core, job->right));
        if (before != NULL) {
            assert(before->priority <= job->priority);
            assert(before->priority < job->priority || before->accepted < job->accepted);
        }
        before = job;
        count++;
    }
    assert(count == order_size(order, &core->slab));
}

/* Notes an order's length: every round up to it has one job of it. */
static void tally_rounds(struct tally *tally, uint32_t kind, uint32_t size)
{
    tally->ordered[kind] += size;
    tally->longest[kind] = size > tally->longest[kind] ? size : tally->longest[kind];
}

static void check_user(const struct core *core, uint32_t index, struct tally *tally)
{
    const struct user *user = users_user(&core->users, index);
    assert(user->references > 0);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        const struct user_queue *own = &user->queues[kind];
        uint32_t active = own->counts[JOB_STATE_ACTIVE];
        uint32_t active_max = core->options.user_active_max[kind];
        bool has_turn = own->order.root != JOB_NONE && (active_max == 0 || active < active_max);
        assert((own->next != JOB_NONE) == has_turn);
        assert(order_size(&own->order, &core->slab) <= own->counts[JOB_STATE_WAITING]);
        check_order(core, &own->order, index, kind);
        tally_rounds(tally, kind, order_size(&own->order, &core->slab));
        for (uint32_t state = 0; state < LIVE_STATE_COUNT; state++) {
            tally->live[kind][state] += own->counts[state];
        }
    }
    tally->total++;
    tally->reserved += user->reserved;
    tally->spenders += user->spent_day != DAY_NONE;
}

static void check_users(const struct core *core, uint64_t reserved)
{
    struct tally tally = {0};
    for (uint32_t bucket = 0; bucket < core->users.table.count; bucket++) {
        uint32_t index = core->users.table.buckets[bucket];
        for (; index != JOB_NONE; index = users_user(&core->users, index)->hash_next) {
            check_user(core, index, &tally);
        }
    }
    assert(tally.total == core->users.table.entries);
    assert(tally.reserved == reserved && core->everybody.reserved == reserved);
    assert(tally.spenders == core->spenders.count);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        assert(rounds_sum(&core->queues[kind].rounds, tally.longest[kind]) == tally.ordered[kind]);
        for (uint32_t state = 0; state < LIVE_STATE_COUNT; state++) {
            assert(tally.live[kind][state] == core->statistics.live[kind][state]);
        }
    }
}

/* ---- who has waited longest ---- */

/* Gives the number of jobs in a class. */
static uint64_t check_class(const struct core *core, uint32_t kind, uint32_t class)
{
    uint64_t count = 0;
    const struct job *before = NULL;
    uint32_t first = core->queues[kind].waiting[class];
    for (uint32_t index = first; index != JOB_NONE; count++) {
        const struct job *job = core_job(core, index);
        assert(job->kind == kind);
        assert((job->size == 0) == (class == WAITING_CLASS_DROP));
        assert(job->waiting_class == class);
        assert(waiting_class_of(job) == class || class == WAITING_CLASS_BEGUN);
        assert(waiting_class_of(job) != WAITING_CLASS_TASK || class == WAITING_CLASS_TASK);
        assert(core_job(core, job->chain_next)->chain_previous == index);
        assert(before == NULL || !core->started || before->waiting_at <= job->waiting_at);
        before = job;
        index = job->chain_next == first ? JOB_NONE : job->chain_next;
    }
    return count;
}

static void check_waiting(const struct core *core, const struct tally *tally)
{
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        uint64_t count = 0;
        for (uint32_t class = 0; class < WAITING_CLASS_COUNT; class ++) {
            count += check_class(core, kind, class);
        }
        assert(count == tally->turns[kind]);
    }
}

/* ---- groups ---- */

static void check_group(const struct core *core, uint32_t index)
{
    const struct group *group = groups_group(&core->groups, index);
    uint32_t previous = JOB_NONE;
    uint32_t count = 0;
    assert(groups_find(&core->groups, &group->id) == index);
    for (uint32_t at = group->first; at != JOB_NONE; at = groups_member(&core->groups, at)->next) {
        const struct member *member = groups_member(&core->groups, at);
        const struct job *job = core_job(core, member->job);
        assert(is_live(job));
        assert(job->member == at);
        assert(member->group == index);
        assert(member->previous == previous);
        assert(id_equal(&member->links.group, &group->id));
        assert(!groups_waits(&core->groups, at) || job->state == JOB_STATE_PENDING);
        previous = at;
        count++;
    }
    assert(count > 0);
    assert(count == group->live);
}

static void check_groups(const struct core *core)
{
    uint64_t members = 0;
    uint32_t live = 0;
    for (uint32_t bucket = 0; bucket < core->groups.table.count; bucket++) {
        uint32_t index = core->groups.table.buckets[bucket];
        for (; index != JOB_NONE; index = groups_group(&core->groups, index)->hash_next) {
            check_group(core, index);
            members += groups_group(&core->groups, index)->live;
        }
    }
    for (uint32_t index = 0; index < core->slab.count; index++) {
        const struct job *job = core_job(core, index);
        live += is_live(job) && job->member != JOB_NONE;
    }
    assert(members == live);
    assert(core->groups.groups_used == core->groups.table.entries);
}

/* ---- webhook endpoints ---- */

static void check_endpoints(const struct core *core)
{
    uint32_t count = 0;
    for (uint32_t bucket = 0; bucket < core->users.table.count; bucket++) {
        uint32_t index = core->users.table.buckets[bucket];
        for (; index != JOB_NONE; index = users_user(&core->users, index)->hash_next) {
            const struct user *user = users_user(&core->users, index);
            uint32_t own = 0;
            for (uint32_t place = user->endpoints; place != JOB_NONE;
                 place = core_endpoint(core, place)->next) {
                assert(core_endpoint(core, place)->owner == index);
                assert(core_endpoint(core, place)->version > 0);
                own++;
            }
            assert(own == user->endpoint_count);
            assert(own <= ENDPOINTS_USER_MAX);
            count += own;
        }
    }
    assert(count == core->endpoints.count);
}

/* ---- workers ---- */

static uint64_t check_leases(const struct core *core, uint32_t worker, uint32_t first)
{
    uint64_t count = 0;
    uint32_t index = first;
    if (first == JOB_NONE) {
        return 0;
    }
    do {
        const struct job *job = core_job(core, index);
        assert(job->state == JOB_STATE_ACTIVE);
        assert(job->worker_index == worker);
        assert(core_job(core, job->chain_next)->chain_previous == index);
        index = job->chain_next;
        count++;
    } while (index != first);
    return count;
}

static void check_worker(const struct core *core, uint32_t index)
{
    const struct worker *worker = core_worker(core, index);
    bool has_session = worker->state == WORKER_STATE_OPENING || worker->state == WORKER_STATE_OPEN;
    bool takes_jobs = worker_takes_jobs(worker) && worker->dispatched < worker->credit;
    bool is_awaited = worker->state == WORKER_STATE_LOST && worker->orders != WORKER_ORDERS_WORK;
    bool has_leases = worker->leases != JOB_NONE || worker->returning != JOB_NONE;
    bool is_gone = worker->state == WORKER_STATE_GONE;
    assert(workers_find_instance(&core->workers, &worker->instance) == index);
    assert((worker->session != 0) == has_session);
    assert(has_session || has_leases || is_awaited);
    assert(worker->dispatched <= worker->credit);
    assert(worker->credit <= worker->dispatched + worker->slots || !has_session);
    assert(worker_is_listed(worker, WORKER_LIST_CREDIT) == takes_jobs);
    assert(worker_is_listed(worker, WORKER_LIST_EXPIRY) == !is_gone);
    if (is_gone) {
        assert(worker_is_listed(worker, WORKER_LIST_DRAIN));
    }
    if (has_session) {
        assert(workers_find_session(&core->workers, worker->session) == index);
        assert(workers_find_peer(&core->workers, worker->peer) == index);
        bool is_complete = worker->providers_left == 0 && worker->holds_left == 0;
        assert(is_complete == (worker->state == WORKER_STATE_OPEN));
    }
}

static void check_expiry(const struct core *core)
{
    uint32_t index = core->workers.expiry;
    if (index == JOB_NONE) {
        return;
    }
    uint32_t next = core_worker(core, index)->links[WORKER_LIST_EXPIRY].next;
    while (next != core->workers.expiry) {
        assert(core_worker(core, index)->deadline <= core_worker(core, next)->deadline);
        index = next;
        next = core_worker(core, index)->links[WORKER_LIST_EXPIRY].next;
    }
}

static void check_workers(const struct core *core)
{
    uint64_t credit[JOB_KIND_COUNT] = {0};
    uint32_t open[JOB_KIND_COUNT] = {0};
    uint64_t leases = 0;
    uint64_t active = 0;
    uint32_t count = 0;
    for (uint32_t index = 0; index < core->workers.capacity; index++) {
        const struct worker *worker = core_worker(core, index);
        if (worker->state != WORKER_STATE_FREE) {
            check_worker(core, index);
            open[worker->kind] += worker_takes_jobs(worker);
            credit[worker->kind] +=
                worker_takes_jobs(worker) ? worker->credit - worker->dispatched : 0;
            uint64_t held = check_leases(core, index, worker->leases);
            held += check_leases(core, index, worker->returning);
            assert(held == worker->lease_count);
            leases += held;
            count++;
        }
    }
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        active += core->queues[kind].active;
        assert(core->queues[kind].open == open[kind]);
        assert(core->queues[kind].credit == credit[kind]);
    }
    assert(leases == active);
    assert(count == core->workers.count);
    check_expiry(core);
}

/* ---- providers ---- */

/* Sessions that have declared it for one of these uses. */
static uint32_t holders_of(const struct core *core, uint32_t provider, uint8_t uses)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < core->workers.capacity; index++) {
        const struct worker *worker = core_worker(core, index);
        bool has_session = worker->state != WORKER_STATE_FREE && worker->session != 0;
        uint64_t held = 0;
        for (int use = 0; has_session && use < PROVIDER_USE_COUNT; use++) {
            held |= (uses & 1u << use) != 0 ? worker->providers[use] : 0;
        }
        count += (held & UINT64_C(1) << provider) != 0;
    }
    return count;
}

static void check_provider(const struct core *core, uint32_t index)
{
    const struct provider *provider = &core->providers.items[index];
    assert(provider->sessions == holders_of(core, index, PROVIDER_USES_ALL));
    assert(provider->name_size > 0 || provider->sessions == 0);
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        assert(provider->holders[use] == holders_of(core, index, (uint8_t)(1u << use)));
        assert(provider->holders[use] == 0 || (provider->uses & 1u << use) != 0);
    }
}

static void check_windows(const struct account *account)
{
    for (int index = 0; index < ACCOUNT_WINDOW_COUNT; index++) {
        const struct window *window = &account->windows[index];
        uint64_t count = 0;
        for (int part = 0; part < WINDOW_PARTS; part++) {
            count += window->parts[part];
        }
        assert(count == window->count);
    }
}

static void check_providers(const struct core *core)
{
    uint32_t references[PROVIDERS_MAX] = {0};
    uint32_t held = 0;
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        const struct provider *provider = &core->providers.items[index];
        check_provider(core, index);
        held += provider->sessions > 0;
        references[provider->account] += provider->name_size > 0;
    }
    assert(held == core->providers.count);
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        check_windows(&core->providers.accounts[index]);
        assert(core->providers.accounts[index].references == references[index]);
        assert(references[index] == 0 || core->providers.accounts[index].name_size > 0);
    }
}

static void check_bulks(const struct core *core)
{
    const struct bulks *bulks = &core->bulks;
    assert(bulks_live(bulks) <= BULKS_LIVE_MAX);
    for (uint32_t index = 0; index < bulks->count; index++) {
        const struct message_bulk *told = &bulks->items[index].told;
        assert(told->matched == told->done + told->refused);
        assert(told->place <= told->first);
        assert((told->place == 0) == (told->state == BULK_STATE_COMPLETED));
        assert((told->completed_at == 0) == (told->state == BULK_STATE_RUNNING));
        assert(index == 0 || bulks->items[index - 1].told.started_at <= told->started_at);
    }
}

void core_check(const struct core *core)
{
    struct tally tally = {0};
    assert(core->effects == NULL);
    check_jobs(core, &tally);
    check_timers(core);
    check_users(core, tally.reserved);
    check_waiting(core, &tally);
    check_groups(core);
    check_endpoints(core);
    check_workers(core);
    check_providers(core);
    check_bulks(core);
}
