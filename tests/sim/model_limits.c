#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/world.h"

/* The limits that a dispatch must keep: starts in a sliding second, caps, credit, and fairness. */

enum {
    WINDOW_MS = 1000,
    ROUNDS_MAX = 1, /* turns of another user before one's own */
};

static void check_rate(struct world *world, const struct model_job *job)
{
    struct model *model = &world->model;
    uint32_t rate = world->settings.rate[job->kind];
    uint64_t count = model->start_count[job->kind]++;
    int64_t *starts = model->starts[job->kind];
    if (rate > 0 && count >= rate) {
        int64_t first = starts[(count - rate) % STARTS_MAX];
        world_check(world, "limit of a sliding second", world->now - first > WINDOW_MS,
                    "%u starts of %s within %lld ms", rate + 1, job_kind_name(job->kind),
                    (long long)(world->now - first));
        if (world->now - first < WINDOW_MS + 50) {
            world_seen(world, SEEN_RATE_LIMITED);
        }
    }
    starts[count % STARTS_MAX] = world->now;
}

static void check_caps(struct world *world, const struct model_job *job)
{
    const struct model *model = &world->model;
    uint32_t active_max = world->settings.active_max[job->kind];
    uint32_t user_max = world->settings.user_active_max[job->kind];
    uint32_t active = 0;
    uint32_t own = 0;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *other = &model->jobs[model->live[index]];
        if (other->current.state == JOB_STATE_ACTIVE && other->kind == job->kind) {
            active++;
            own += other->user == job->user;
        }
    }
    world_check(world, "caps of leases",
                (active_max == 0 || active <= active_max) && (user_max == 0 || own <= user_max),
                "%u leases of %s, %u of user %u", active, job_kind_name(job->kind), own, job->user);
    if ((active_max != 0 && active == active_max) || (user_max != 0 && own == user_max)) {
        world_seen(world, SEEN_CAP_REACHED);
    }
}

static void check_credit(struct world *world, const struct effect *effect)
{
    struct model_session *session = model_session(&world->model, effect->session);
    session->dispatched++;
    world_check(world, "credit", session->dispatched <= session->credit,
                "%llu jobs for %llu of credit", (unsigned long long)session->dispatched,
                (unsigned long long)session->credit);
}

/* Whether a job surely could have started in this turn, as far as its user is concerned. */
static bool is_ready(const struct model *model, const struct model_job *job)
{
    return job->current.state == JOB_STATE_WAITING && job->current.stop_by == 0 &&
           job->waiting_turn < model->turn && job->current.next_attempt_at <= model->turn_before;
}

static uint32_t users_ready(const struct world *world, uint8_t kind)
{
    const struct model *model = &world->model;
    uint32_t user_max = world->settings.user_active_max[kind];
    uint32_t active[USERS_MODEL_MAX] = {0};
    uint32_t ready = 0;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *job = &model->jobs[model->live[index]];
        if (job->kind == kind) {
            active[job->user] += job->current.state == JOB_STATE_ACTIVE;
            ready |= is_ready(model, job) ? 1u << job->user : 0;
        }
    }
    for (uint32_t user = 0; user < USERS_MODEL_MAX; user++) {
        if (user_max != 0 && active[user] >= user_max) {
            ready &= ~(1u << user);
        }
    }
    return ready;
}

static void check_fairness(struct world *world, const struct model_job *job)
{
    struct model *model = &world->model;
    uint32_t ready = users_ready(world, job->kind);
    memset(model->passed[job->kind][job->user], 0, sizeof(model->passed[0][0]));
    for (uint32_t user = 0; user < USERS_MODEL_MAX; user++) {
        uint32_t *passed = model->passed[job->kind][user];
        if ((ready & (1u << user)) == 0) {
            memset(passed, 0, sizeof(model->passed[0][0]));
        } else if (user != job->user) {
            passed[job->user]++;
            world_check(world, "users take turns", passed[job->user] <= ROUNDS_MAX,
                        "user %u had %u turns before user %u in %s", job->user, passed[job->user],
                        user, job_kind_name(job->kind));
        }
    }
}

/* Among one user's jobs: priority, then age. */
static void check_order(struct world *world, const struct model_job *job)
{
    const struct model *model = &world->model;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *other = &model->jobs[model->live[index]];
        if (other->user != job->user || other->kind != job->kind || !is_ready(model, other)) {
            continue;
        }
        bool before = model_priority(other) != model_priority(job)
                          ? model_priority(other) < model_priority(job)
                          : other->event_first < job->event_first;
        world_check(world, "priority, then age", !before, "job %u goes before job %u",
                    model_job_number(model, job), model_job_number(model, other));
    }
}

static bool has_task(const struct model_job *job)
{
    bool found = false;
    for (int index = 0; index < OPERATIONS_MAX; index++) {
        found |= job->current.operation_lease[index] != 0 &&
                 job->current.operation_state[index] == OPERATION_STATE_SUBMITTED;
    }
    return found;
}

static bool has_called(const struct model_job *job)
{
    bool found = false;
    for (int index = 0; index < OPERATIONS_MAX; index++) {
        found |= job->current.operation_lease[index] != 0;
    }
    return found;
}

/* While a day is used up only those start that may need no call, first of all those that need none.
 * Others that stand before them wait. */
static void check_day(struct world *world, const struct model_job *job)
{
    const struct model *model = &world->model;
    memset(world->model.passed[job->kind], 0, sizeof(world->model.passed[0]));
    if (model_provider_day(world) == MODEL_DAY_UNSURE) {
        return;
    }
    world_check(world, "a day that is used up lets nobody start who needs it", has_called(job),
                "job %u", model_job_number(model, job));
    for (uint32_t index = 0; index < model->live_count && !has_task(job); index++) {
        const struct model_job *other = &model->jobs[model->live[index]];
        bool is_passed = other->kind == job->kind && other->user == job->user &&
                         is_ready(model, other) && has_task(other);
        world_check(world, "who has a task goes on first", !is_passed, "job %u goes before job %u",
                    model_job_number(model, job), model_job_number(model, other));
    }
    world_seen(world, SEEN_DAY_BEGUN);
}

/* One that is to stop goes to a worker for its task alone, whatever else holds its queue. It may
 * bring its user to a cap for a moment, and so to the end of the round. */
static void check_closing(struct world *world, const struct model_job *job)
{
    memset(world->model.passed[job->kind][job->user], 0, sizeof(world->model.passed[0][0]));
    world_check(world, "what is to stop starts for its task alone", has_task(job), "job %u",
                model_job_number(&world->model, job));
    world_seen(world, job->current.cancel_asked ? SEEN_CLOSED : SEEN_CLOSED_UNASKED);
}

void model_limits_dispatch(struct world *world, struct model_job *job, const struct effect *effect)
{
    if (effect->job->stop_by != 0) {
        check_closing(world, job);
        check_credit(world, effect);
        return;
    }
    if (job->kind != JOB_KIND_WEBHOOK) {
        model_provider_dispatch(world, job->kind);
    }
    model_queue_dispatch(world, job, effect);
    check_rate(world, job);
    check_caps(world, job);
    check_credit(world, effect);
    if (job->kind != JOB_KIND_WEBHOOK && model_provider_day(world) != MODEL_DAY_LEFT) {
        check_day(world, job);
        return;
    }
    check_fairness(world, job);
    check_order(world, job);
}

/* ---- what a turn leaves undone ---- */

static bool may_start(const struct world *world, uint8_t kind)
{
    const struct model *model = &world->model;
    uint32_t rate = world->settings.rate[kind];
    uint64_t count = model->start_count[kind];
    int64_t first = model->restarted_at;
    if (rate == 0) {
        return true;
    }
    if (count >= rate && model->starts[kind][(count - rate) % STARTS_MAX] > first) {
        first = model->starts[kind][(count - rate) % STARTS_MAX];
    }
    return world->now > first + WINDOW_MS;
}

bool model_limits_has_place(const struct model *model, uint8_t kind, const struct id *but)
{
    for (uint32_t index = 0; index < model->session_count; index++) {
        const struct model_session *session = &model->sessions[index];
        bool is_it = but != NULL && id_equal(&session->instance, but);
        if (session->open && session->kind == kind && !is_it &&
            model_session_is_complete(session) &&
            model_orders_of(model, &session->instance) == WORKER_ORDERS_WORK &&
            session->dispatched < session->credit) {
            return true;
        }
    }
    return false;
}

static bool has_ready(const struct world *world, uint8_t kind)
{
    const struct model *model = &world->model;
    uint32_t active_max = world->settings.active_max[kind];
    uint32_t user_max = world->settings.user_active_max[kind];
    uint32_t active[USERS_MODEL_MAX] = {0};
    uint32_t total = 0;
    uint32_t waiting = 0;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *job = &model->jobs[model->live[index]];
        if (job->kind != kind) {
            continue;
        }
        active[job->user] += job->current.state == JOB_STATE_ACTIVE;
        total += job->current.state == JOB_STATE_ACTIVE;
        if (job->current.state == JOB_STATE_WAITING && job->current.stop_by == 0 &&
            job->current.next_attempt_at <= world->now) {
            waiting |= 1u << job->user;
        }
    }
    for (uint32_t user = 0; user < USERS_MODEL_MAX; user++) {
        if (user_max != 0 && active[user] >= user_max) {
            waiting &= ~(1u << user);
        }
    }
    return waiting != 0 && (active_max == 0 || total < active_max);
}

void model_limits_turn(struct world *world)
{
    if (core_wake(world->shell.core) <= world->now) {
        world_seen(world, SEEN_UNFINISHED); /* no room for all effects: the next turn goes on */
        return;
    }
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        bool idle = model_limits_has_place(&world->model, kind, NULL) && may_start(world, kind) &&
                    has_ready(world, kind) && !model_provider_holds(world, kind);
        if (idle && world->model.paused[kind]) {
            world_seen(world, SEEN_HELD_BY_PAUSE);
        }
        world_check(world, "nothing waits without a reason", !idle || world->model.paused[kind],
                    "a %s job waits, and a worker too", job_kind_name((enum job_kind)kind));
    }
}

void model_limits_waiting(struct world *world, const struct model_job *job)
{
    struct model *model = &world->model;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *other = &model->jobs[model->live[index]];
        if (other->user == job->user && other->kind == job->kind && is_ready(model, other)) {
            return;
        }
    }
    memset(model->passed[job->kind][job->user], 0, sizeof(model->passed[0][0]));
}
