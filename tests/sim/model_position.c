#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/model_stop.h"
#include "tests/sim/world.h"

/* What jobs are told that they wait for, by counting all that wait. */

/* Whether the job stands in its user's order since the last step. */
static bool is_in_order(const struct model *model, const struct model_job *job)
{
    return job->current.state == JOB_STATE_WAITING && job->current.stop_by == 0 &&
           job->current.next_attempt_at <= model->step_at;
}

static bool goes_before(const struct model_job *left, const struct model_job *right)
{
    if (model_priority(left) != model_priority(right)) {
        return model_priority(left) < model_priority(right);
    }
    return left->event_first < right->event_first;
}

/* The sum over all users of min(their jobs, the job's own place). */
static uint32_t position_of(const struct model *model, const struct model_job *job)
{
    uint32_t jobs[USERS_MODEL_MAX] = {0};
    uint32_t place = 1;
    uint32_t sum = 0;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *other = &model->jobs[model->live[index]];
        if (other->kind == job->kind && is_in_order(model, other)) {
            jobs[other->user]++;
            place += other->user == job->user && goes_before(other, job);
        }
    }
    for (uint32_t user = 0; user < USERS_MODEL_MAX; user++) {
        sum += jobs[user] < place ? jobs[user] : place;
    }
    return sum;
}

static bool has_worker(const struct model *model, uint8_t kind)
{
    for (uint32_t index = 0; index < model->session_count; index++) {
        const struct model_session *session = &model->sessions[index];
        if (session->open && session->kind == kind && model_session_is_complete(session) &&
            model_orders_of(model, &session->instance) == WORKER_ORDERS_WORK) {
            return true;
        }
    }
    return false;
}

/* Whether a cap stands against any other job of this queue or user. */
static bool is_capped(const struct world *world, const struct model_job *job)
{
    const struct model *model = &world->model;
    uint32_t queue_max = world->settings.active_max[job->kind];
    uint32_t user_max = world->settings.user_active_max[job->kind];
    uint32_t active = 0;
    uint32_t own = 0;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *other = &model->jobs[model->live[index]];
        if (other->kind == job->kind && other->current.state == JOB_STATE_ACTIVE) {
            active++;
            own += other->user == job->user;
        }
    }
    return (queue_max != 0 && active >= queue_max) || (user_max != 0 && own >= user_max);
}

static bool reason_is_true(struct world *world, const struct model_job *job,
                           enum wait_reason reason)
{
    const struct model *model = &world->model;
    bool in_order = is_in_order(model, job);
    bool worker = has_worker(model, job->kind);
    bool capped = is_capped(world, job);
    bool paused = model->paused[job->kind];
    if (model_stop_waits(&job->current)) {
        return reason == (worker ? WAIT_REASON_QUEUED : WAIT_REASON_NO_WORKER);
    }
    switch (reason) {
    case WAIT_REASON_NONE:
        return job->current.state == JOB_STATE_ACTIVE;
    case WAIT_REASON_SCHEDULED:
        return job->current.state == JOB_STATE_PENDING && job->parent == 0;
    case WAIT_REASON_DEPENDENCY:
        return job->current.state == JOB_STATE_PENDING && job->parent != 0;
    case WAIT_REASON_BACKOFF:
        return job->current.state == JOB_STATE_WAITING && !in_order;
    case WAIT_REASON_NO_WORKER:
        return in_order && !paused && !worker;
    case WAIT_REASON_CAPPED:
        return in_order && !paused && worker && capped;
    case WAIT_REASON_RATE_LIMITED:
        return in_order && !paused && worker && !capped &&
               (world->settings.rate[job->kind] > 0 || model_provider_limits(world, job->kind));
    case WAIT_REASON_QUEUED:
        return in_order && !paused && worker && !capped;
    case WAIT_REASON_PAUSED:
        return in_order && paused;
    case WAIT_REASON_PROVIDER_DOWN:
        return job->current.state == JOB_STATE_WAITING && job->kind != JOB_KIND_WEBHOOK &&
               (!in_order || (!paused && worker)) && model_provider_down_until(world) > world->now;
    }
    return false;
}

static void check_position(struct world *world, const struct model_job *job)
{
    struct position found;
    uint32_t number = model_job_number(&world->model, job);
    uint32_t expected = is_in_order(&world->model, job) ? position_of(&world->model, job) : 0;
    core_position(world->shell.core, &job->id, world->now, &found);
    world_check(world, "reasons to wait are true", reason_is_true(world, job, found.reason),
                "job %u is told %s", number, wait_reason_name(found.reason));
    world_check(world, "positions are those of the turns", found.position == expected,
                "job %u is told %u, should be %u", number, found.position, expected);
    bool works = has_worker(&world->model, job->kind) && !world->model.paused[job->kind];
    world_check(world, "nobody knows when without a worker", found.eta_seconds == 0 || works,
                "job %u: %u s", number, found.eta_seconds);
    world->coverage->waits[found.reason]++;
    if (found.eta_seconds > 0) {
        world_seen(world, SEEN_ETA);
    }
}

void model_check_positions(struct world *world)
{
    const struct model *model = &world->model;
    if (core_wake(world->shell.core) <= model->step_at) {
        return; /* a turn was left with more to do: its timers are not all told */
    }
    for (int count = 0; count < 4 && model->live_count > 0; count++) {
        uint32_t live = prng_below(&world->prng, model->live_count);
        check_position(world, &model->jobs[model->live[live]]);
    }
}
