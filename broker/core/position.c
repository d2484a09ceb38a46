#include "broker/core/position.h"

/* What a job waits for, where it stands, and when it may start: computed when asked for. */

static uint32_t smaller(uint64_t left, uint64_t right)
{
    return (uint32_t)(left < right ? left : right);
}

/* How many more leases a cap allows; UINT32_MAX without one. */
static uint32_t left_below(uint32_t cap, uint32_t active)
{
    if (cap == 0) {
        return UINT32_MAX;
    }
    return active < cap ? cap - active : 0;
}

/* Of the job's queue and of its owner's part in it. */
struct room {
    uint32_t queue; /* leases that caps allow now */
    uint32_t user;
};

static struct room room_of(const struct core *core, const struct job *job)
{
    const struct queue *queue = &core->queues[job->kind];
    uint32_t own = core_user_queue(core, job)->counts[JOB_STATE_ACTIVE];
    return (struct room){
        .queue = left_below(core->options.active_max[job->kind], queue->active),
        .user = left_below(core->options.user_active_max[job->kind], own),
    };
}

/* What keeps a queue from starting anything now; NONE: nothing but the jobs' turns. */
static enum wait_reason reason_held(const struct core *core, uint8_t kind, bool is_capped,
                                    int64_t now)
{
    const struct queue *queue = &core->queues[kind];
    if (queue->paused) {
        return WAIT_REASON_PAUSED;
    }
    if (queue->open == 0) {
        return WAIT_REASON_NO_WORKER;
    }
    struct providers_gate gate = gate_of(core, kind, now);
    if (gate.is_down) {
        return WAIT_REASON_PROVIDER_DOWN;
    }
    if (is_capped) {
        return WAIT_REASON_CAPPED;
    }
    bool is_paced = gate.at > now || queue->paced_until > now;
    bool is_limited = is_paced || (queue->credit > 0 && limiter_next(&queue->limiter) > now);
    return is_limited ? WAIT_REASON_RATE_LIMITED : WAIT_REASON_NONE;
}

enum wait_reason position_held(const struct core *core, uint8_t kind, int64_t now)
{
    const struct queue *queue = &core->queues[kind];
    uint32_t room = left_below(core->options.active_max[kind], queue->active);
    enum wait_reason reason = reason_held(core, kind, room == 0, now);
    bool is_told = reason == WAIT_REASON_PAUSED || reason == WAIT_REASON_NO_WORKER;
    /* Jobs may begin, and then wait for a provider that they need later. */
    return !is_told && gate_outage(core, kind) > now ? WAIT_REASON_PROVIDER_DOWN : reason;
}

/* Why the queue does not start its next job of this owner now. */
static enum wait_reason reason_in_order(const struct core *core, const struct job *job, int64_t now)
{
    struct room room = room_of(core, job);
    enum wait_reason reason = reason_held(core, job->kind, room.queue == 0 || room.user == 0, now);
    return reason == WAIT_REASON_NONE ? WAIT_REASON_QUEUED : reason;
}

static enum wait_reason reason_of(const struct core *core, const struct job *job, int64_t now)
{
    if (job->state == JOB_STATE_ACTIVE) {
        return WAIT_REASON_NONE;
    }
    if (job->state == JOB_STATE_PENDING) {
        return job_waits_for_parent(core, job) ? WAIT_REASON_DEPENDENCY : WAIT_REASON_SCHEDULED;
    }
    if (job_is_stopping(job)) { /* for a worker to drop its task */
        bool has_worker = core->queues[job->kind].open > 0;
        return has_worker ? WAIT_REASON_QUEUED : WAIT_REASON_NO_WORKER;
    }
    if (job->size == 0) { /* between two attempts */
        bool is_down = gate_outage(core, job->kind) > now;
        return is_down ? WAIT_REASON_PROVIDER_DOWN : WAIT_REASON_BACKOFF;
    }
    return reason_in_order(core, job, now);
}

/* ---- when ---- */

/* The time until the first `ahead` jobs have started at `slots` at a time, of which `free` start at
 * once; -1 when it is not known how long one takes. */
static int64_t turns_ms(uint64_t ahead, uint64_t free, uint64_t slots, int64_t run_ms)
{
    if (ahead <= free) {
        return 0;
    }
    if (run_ms == 0 || slots == 0) {
        return -1;
    }
    return (int64_t)((ahead - free) * (uint64_t)run_ms / slots);
}

static int64_t limiter_ms(const struct limiter *limiter, uint32_t position, int64_t now)
{
    if (limiter->rate == 0) {
        return 0;
    }
    int64_t first = limiter_next(limiter) - now;
    return (first > 0 ? first : 0) + (int64_t)(position - 1) * LIMITER_WINDOW_MS / limiter->rate;
}

/* The time until a job in its owner's order starts, if nothing comes before it; -1: not known. */
static int64_t start_ms(const struct core *core, const struct job *job, uint32_t position,
                        uint32_t rank, int64_t now)
{
    const struct queue *queue = &core->queues[job->kind];
    uint32_t own = core_user_queue(core, job)->counts[JOB_STATE_ACTIVE];
    struct room room = room_of(core, job);
    uint32_t free = smaller(queue->credit, room.queue);
    int64_t run_ms = pace_run_ms(&queue->pace, now);
    int64_t queue_ms = turns_ms(position, free, (uint64_t)queue->active + free, run_ms);
    int64_t user_ms = turns_ms(rank, room.user, (uint64_t)own + room.user, run_ms);
    int64_t rate_ms = limiter_ms(&queue->limiter, position, now);
    struct providers_gate gate = gate_of(core, job->kind, now);
    bool is_held = queue->paused || gate.at > now || gate.pace_ms > 0; /* nobody knows how long */
    if (queue->open == 0 || queue_ms < 0 || user_ms < 0 || is_held) {
        return -1;
    }
    int64_t longest = queue_ms > user_ms ? queue_ms : user_ms;
    return longest > rate_ms ? longest : rate_ms;
}

/* Whole seconds, from 1; 0 for a time that is not known. */
static uint32_t seconds(int64_t ms)
{
    if (ms < 0) {
        return 0;
    }
    return ms < 1000 ? 1 : smaller((uint64_t)(ms + 999) / 1000, UINT32_MAX);
}

static void fill_in_order(const struct core *core, uint32_t index, int64_t now,
                          struct position *out)
{
    const struct job *job = core_job(core, index);
    uint32_t rank = order_rank(&core->slab, index) + 1;
    out->position = rounds_sum(&core->queues[job->kind].rounds, rank);
    out->eta_seconds = seconds(start_ms(core, job, out->position, rank, now));
    assert(out->position >= rank);
}

void core_position(const struct core *core, const struct id *id, int64_t now, struct position *out)
{
    uint32_t index = core_index(core, id);
    *out = (struct position){0};
    if (index == JOB_NONE) {
        return;
    }
    const struct job *job = core_job(core, index);
    out->reason = reason_of(core, job, now);
    if (out->reason == WAIT_REASON_SCHEDULED || out->reason == WAIT_REASON_BACKOFF) {
        const struct queue *queue = &core->queues[job->kind];
        bool has_worker = queue->open > 0 && !queue->paused;
        int64_t left = job->next_attempt_at > now ? job->next_attempt_at - now : 0;
        out->eta_seconds = has_worker ? seconds(left) : 0;
    } else if (job->size > 0) {
        fill_in_order(core, index, now, out);
    }
}
