#include "broker/core/stop.h"

#define TO(state) (1u << JOB_STATE_##state)

/* The allowed moves: see the picture at the top of job.h. A waiting job completes by salvage; an
 * explicit retry makes an ended one wait again. */
static const unsigned moves[JOB_STATE_COUNT] = {
    [JOB_STATE_PENDING] = TO(WAITING) | TO(FAILED) | TO(CANCELLED),
    [JOB_STATE_WAITING] = TO(ACTIVE) | TO(COMPLETED) | TO(FAILED) | TO(CANCELLED),
    [JOB_STATE_ACTIVE] = TO(WAITING) | TO(COMPLETED) | TO(FAILED) | TO(CANCELLED),
    [JOB_STATE_COMPLETED] = TO(WAITING), /* a delivery */
    [JOB_STATE_FAILED] = TO(WAITING),
    [JOB_STATE_CANCELLED] = TO(WAITING),
};

_Static_assert(JOB_STATE_ACTIVE + 1 == LIVE_STATE_COUNT, "live states come first");

/* ---- the ring of users whose turn may come ---- */

static void ring_put(struct core *core, struct queue *queue, uint8_t kind, uint32_t user)
{
    struct user_queue *own = &users_user(&core->users, user)->queues[kind];
    assert(own->next == JOB_NONE);
    if (queue->users == JOB_NONE) {
        own->next = user;
        own->previous = user;
        queue->users = user;
        return;
    }
    struct user_queue *first = &users_user(&core->users, queue->users)->queues[kind];
    own->next = queue->users;
    own->previous = first->previous;
    users_user(&core->users, first->previous)->queues[kind].next = user;
    first->previous = user;
}

static void ring_remove(struct core *core, struct queue *queue, uint8_t kind, uint32_t user)
{
    struct user_queue *own = &users_user(&core->users, user)->queues[kind];
    assert(own->next != JOB_NONE);
    users_user(&core->users, own->previous)->queues[kind].next = own->next;
    users_user(&core->users, own->next)->queues[kind].previous = own->previous;
    if (queue->users == user) {
        queue->users = own->next == user ? JOB_NONE : own->next;
    }
    own->next = JOB_NONE;
    own->previous = JOB_NONE;
}

bool job_is_below_cap(const struct core *core, const struct job *job)
{
    uint32_t active_max = core->options.user_active_max[job->kind];
    return active_max == 0 || core_user_queue(core, job)->counts[JOB_STATE_ACTIVE] < active_max;
}

/* A newcomer goes to the end: everyone else has a turn before. */
static void ring_update(struct core *core, const struct job *job)
{
    const struct user_queue *own = core_user_queue(core, job);
    struct queue *queue = &core->queues[job->kind];
    bool is_wanted = own->order.root != JOB_NONE && job_is_below_cap(core, job);
    bool is_in = own->next != JOB_NONE;
    if (is_wanted && !is_in) {
        ring_put(core, queue, job->kind, job->owner);
    }
    if (!is_wanted && is_in) {
        ring_remove(core, queue, job->kind, job->owner);
    }
}

/* ---- timers ---- */

static int64_t earlier(int64_t time, int64_t other)
{
    return other != 0 && other < time ? other : time;
}

int64_t job_due(const struct core *core, const struct job *job)
{
    int64_t at = job->deadline;
    if (job->state == JOB_STATE_ACTIVE) {
        int64_t attempt_until = job->attempt_at + job_rules(job)->timeout_ms + TIMEOUT_SLACK_MS;
        return job_is_stopping(job) ? job->stop_by : earlier(at, attempt_until);
    }
    if (job_is_stopping(job)) {
        return job->stop_by;
    }
    if (job->started_at == 0) {
        at = earlier(at, job->start_by);
    }
    bool is_delayed = (job->state == JOB_STATE_PENDING || job->next_attempt_at > core->now) &&
                      !job_waits_for_parent(core, job);
    return is_delayed ? earlier(at, job->next_attempt_at) : at;
}

void job_watch(struct core *core, uint32_t index)
{
    timers_set(&core->timers, &core->slab, index, job_due(core, core_job(core, index)));
}

/* ---- states ---- */

static uint32_t *waiting_of(struct core *core, const struct job *job)
{
    return &core->queues[job->kind].waiting[job->waiting_class];
}

/* Puts a waiting job that is to stop among those whose task is to be dropped. */
static void offer_to_stop(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    assert(job->next_attempt_at == 0);
    job->waiting_at = core->now;
    job->waiting_class = (uint8_t)waiting_class_of(job);
    waiting_put(waiting_of(core, job), &core->slab, index);
}

void job_offer(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    assert(job->state == JOB_STATE_WAITING);
    assert(job->next_attempt_at <= core->now);
    assert(!job_is_stopping(job));
    struct order *order = &core_user_queue(core, job)->order;
    job->waiting_at = core->now;
    if (!core->started) {
        job->waiting_at = job->next_attempt_at != 0 ? job->next_attempt_at : job->created_at;
    }
    order_put(order, &core->slab, index);
    job->waiting_class = (uint8_t)waiting_class_of(job);
    waiting_put(waiting_of(core, job), &core->slab, index);
    rounds_put(&core->queues[job->kind].rounds, order_size(order, &core->slab));
    ring_update(core, job);
}

void job_classify(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    enum waiting_class class = waiting_class_of(job);
    if (class == WAITING_CLASS_USUAL) {
        class = WAITING_CLASS_BEGUN; /* a place in the long list is long to find */
    }
    if (job->size == 0 || job->waiting_class == class) {
        return;
    }
    waiting_remove(waiting_of(core, job), &core->slab, index);
    job->waiting_class = (uint8_t) class;
    waiting_insert(waiting_of(core, job), &core->slab, index);
}

static void count(struct core *core, const struct job *job, int change)
{
    core_user_queue(core, job)->counts[job->state] += (uint32_t)change;
    core->statistics.live[job->kind][job->state] += (uint64_t)(int64_t)change;
}

static void leave_active(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    uint32_t worker = job->worker_index;
    struct queue *queue = &core->queues[job->kind];
    assert(queue->active > 0);
    queue->active--;
    histogram_add(&queue->meters.runs, &HISTOGRAM_JOB, (uint64_t)(core->now - job->attempt_at));
    worker_lease_remove(core_worker(core, worker), &core->slab, index);
    job->worker_index = JOB_NONE;
    session_settle(core, worker);
}

/* It ends of what it has failed of, when its task is dropped. */
static bool keeps_error(const struct job *job, enum job_state next)
{
    return !job_state_is_terminal(next) && job_ends_failed(job);
}

/* Takes a waiting job out of its turn. */
static void leave_turn(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    struct order *order = &core_user_queue(core, job)->order;
    if (job->size > 0) {
        rounds_remove(&core->queues[job->kind].rounds, order_size(order, &core->slab));
        order_remove(order, &core->slab, index);
    }
    if (job->chain_next != JOB_NONE) {
        waiting_remove(waiting_of(core, job), &core->slab, index);
    }
}

void job_withdraw(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    assert(job->state == JOB_STATE_WAITING);
    assert(job_is_stopping(job));
    leave_turn(core, index);
    job->next_attempt_at = 0;
    offer_to_stop(core, index);
    job_watch(core, index);
    ring_update(core, job);
}

static void leave(struct core *core, uint32_t index, enum job_state next)
{
    struct job *job = core_job(core, index);
    count(core, job, -1);
    if (job->state == JOB_STATE_WAITING) {
        leave_turn(core, index);
    }
    if (!keeps_error(job, next)) {
        last_errors_drop(&core->last_errors, job);
    }
    if (job->state == JOB_STATE_ACTIVE) {
        leave_active(core, index);
    }
}

static void leave_group(struct core *core, const struct job *job)
{
    if (job->member == JOB_NONE) {
        return;
    }
    const struct member *member = groups_member(&core->groups, job->member);
    groups_leave(&core->groups, job->member);
    if (member->group == JOB_NONE) {
        changes_note(&core->changes, CHANGE_GROUP, slice_make(&member->links.group, ID_SIZE),
                     SLICE_EMPTY, core->commit);
    }
}

static void enter_terminal(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    job->completed_at = core->now;
    timers_remove(&core->timers, &core->slab, index);
    table_remove(&core->jobs, core, index);
    job->hash_next = core->ended;
    core->ended = index;
    core->live--;
    leave_group(core, job);
    if (kind_makes_assets(job->kind)) {
        uses_remove(&core->uses, &core->slab, index);
    }
    changes_note(&core->changes, CHANGE_JOB, slice_make(&job->id, ID_SIZE), SLICE_EMPTY,
                 core->commit);
}

static void enter(struct core *core, uint32_t index)
{
    struct job *job = core_job(core, index);
    if (job_state_is_terminal((enum job_state)job->state)) {
        enter_terminal(core, index);
        return;
    }
    count(core, job, 1);
    if (job->state == JOB_STATE_ACTIVE) {
        worker_lease_put(core_worker(core, job->worker_index), &core->slab, index);
        core->queues[job->kind].active++;
    }
    bool is_waiting = job->state == JOB_STATE_WAITING;
    if (is_waiting && job_is_stopping(job)) {
        offer_to_stop(core, index);
    } else if (is_waiting && job->next_attempt_at <= core->now) {
        job_offer(core, index);
    }
    job_watch(core, index);
}

static enum status reserve_rounds(struct core *core, uint32_t user,
                                  const uint32_t counts[JOB_KIND_COUNT])
{
    enum status status = STATUS_OK;
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT && status == STATUS_OK; kind++) {
        uint32_t jobs = user_queue_jobs(&users_user(&core->users, user)->queues[kind]);
        if (counts[kind] > 0) {
            status = rounds_reserve(&core->queues[kind].rounds, jobs + counts[kind]);
        }
    }
    return status;
}

/* The user comes late: it is the only one that would have to be given back. */
enum status jobs_reserve(struct core *core, const uint32_t counts[JOB_KIND_COUNT],
                         struct slice owner, uint32_t *user)
{
    uint32_t total = 0;
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        total += counts[kind];
    }
    enum status status = slab_reserve(&core->slab, total);
    status = status == STATUS_OK ? timers_reserve(&core->timers, total) : status;
    status = status == STATUS_OK ? table_reserve(&core->jobs, core->jobs.entries + total) : status;
    /* What was accepted is restored, however many have spent something since. */
    bool is_known = users_find(&core->users, owner) != JOB_NONE || !core->started;
    if (status == STATUS_OK && !is_known && core->spenders.count >= SPENDERS_MAX) {
        status = STATUS_NO_MEMORY;
    }
    status = status == STATUS_OK ? users_take(&core->users, owner, user) : status;
    if (status != STATUS_OK) {
        return status;
    }
    status = reserve_rounds(core, *user, counts);
    if (status != STATUS_OK) {
        users_give(&core->users, *user);
    }
    return status;
}

enum status job_reserve(struct core *core, uint8_t kind, struct slice owner, uint32_t *user)
{
    uint32_t counts[JOB_KIND_COUNT] = {0};
    counts[kind] = 1;
    return jobs_reserve(core, counts, owner, user);
}

void job_begin(struct core *core, uint32_t index, enum job_state state)
{
    struct job *job = core_job(core, index);
    assert(!job_state_is_terminal(state));
    assert(job->timer_position == JOB_NONE);
    job->state = (uint8_t)state;
    core->live++;
    table_put(&core->jobs, core, index);
    if (kind_makes_assets(job->kind)) {
        uses_put(&core->uses, &core->slab, index);
    }
    costs_begin(core, index);
    enter(core, index);
    ring_update(core, job);
}

void job_revive(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    assert(job_state_is_terminal((enum job_state)job->state));
    assert((moves[job->state] & TO(WAITING)) != 0);
    uint64_t *ended = &core->queues[job->kind].ended[job->state];
    *ended -= *ended > 0; /* deliveries of an older store were not counted */
    changes_note(&core->changes, CHANGE_JOB, slice_make(&job->id, ID_SIZE), SLICE_EMPTY,
                 core->commit);
    job_begin(core, index, JOB_STATE_WAITING);
}

void job_transition(struct core *core, uint32_t index, enum job_state state)
{
    struct job *job = core_job(core, index);
    assert(job->state < LIVE_STATE_COUNT);
    assert((moves[job->state] & (1u << state)) != 0);
    leave(core, index, state);
    job->state = (uint8_t)state;
    enter(core, index);
    ring_update(core, job);
}

enum event_kind job_end_event(enum job_state state)
{
    if (state == JOB_STATE_COMPLETED) {
        return EVENT_KIND_COMPLETED;
    }
    return state == JOB_STATE_FAILED ? EVENT_KIND_FAILED : EVENT_KIND_CANCELLED;
}

static void count_end(struct core *core, enum job_kind kind, enum job_state state)
{
    struct core_statistics *statistics = &core->statistics;
    struct queue *queue = &core->queues[kind];
    assert(job_state_is_terminal(state));
    queue->ended[state]++;
    queue->meters.ended[state]++;
    if (state != JOB_STATE_CANCELLED) {
        bool is_success = state == JOB_STATE_COMPLETED;
        minute_count(&queue->minute, is_success ? MINUTE_COMPLETED : MINUTE_FAILED, core->now);
    }
    statistics->completed += state == JOB_STATE_COMPLETED;
    statistics->failed += state == JOB_STATE_FAILED;
    statistics->cancelled += state == JOB_STATE_CANCELLED;
}

/* Whoever tries a job again goes on from its draft. Not from what a provider has refused, nor when
 * that cannot happen. */
static bool keeps_draft(enum job_state state, struct failure failure)
{
    static const char *const lost[] = {"content_policy", "character_deleted", "media_deleted"};
    for (size_t code = 0; code < sizeof lost / sizeof lost[0]; code++) {
        if (slice_equal(failure.code, slice_from_string(lost[code]))) {
            return false;
        }
    }
    return state != JOB_STATE_COMPLETED;
}

/* Who is to be paid for what is open when a job ends: of one call its worker has told that. */
static struct slice creditor_of(const struct job *job, const struct result *result)
{
    return job->open == 1u << result->operation ? result->provider : SLICE_EMPTY;
}

void job_end(struct core *core, uint32_t index, enum job_state state, struct result result,
             struct failure failure)
{
    struct spend spend;
    struct slice creditor = creditor_of(core_job(core, index), &result);
    core_job(core, index)->next_attempt_at = 0;
    costs_end(core, index, state == JOB_STATE_COMPLETED, creditor, &spend);
    job_transition(core, index, state);
    count_end(core, (enum job_kind)core_job(core, index)->kind, state);
    struct effect *end = emit_job(core, EFFECT_END, index);
    end->number = core->event_last + 1;
    end->spend = spend;
    end->operation.provider = creditor;
    end->url = result.url;
    end->document = result.document;
    end->media = result.media;
    end->error_code = failure.code;
    end->error_message = failure.message;
    end->keeps_draft = keeps_draft(state, failure);
    emit_event(core, index, job_end_event(state), failure)->url = result.url;
    ended_note(&core->ended_lately, core_job(core, index), 0);
    dependants_settle(core, index);
}
