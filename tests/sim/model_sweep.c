#include <assert.h>
#include <string.h>
#include "broker/core/retention.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* What is kept no longer: not before its time, and in the end everything. */

static int64_t life_of(const struct world *world, const struct model_job *job)
{
    return world->settings.retention.ended_ms[job->current.state];
}

static void expire_job(struct world *world, const struct core_event *event, struct model_job *job,
                       const struct effect *effect)
{
    struct model_state *state = &job->current;
    const struct job *head = effect->job;
    uint32_t number = model_job_number(&world->model, job);
    world_check(world, "ended jobs are kept for their time",
                model_is_terminal(state) && !state->expired &&
                    (world->now >= state->ended_at + life_of(world, job) ||
                     model_removes(world, event, &job->id)),
                "job %u is %s and goes after %lld ms", number, job_state_name(state->state),
                (long long)(world->now - state->ended_at));
    world_check(world, "what goes is the job as it ended",
                head->state == state->state && head->version == state->version &&
                    head->kind == job->kind && head->accepted == job->event_first &&
                    model_user_of(effect->owner) == job->user,
                "job %u", number);
    world_check(world, "who removes a job is heard of by all",
                effect->event.removed == (event->type != CORE_EVENT_SWEEP) &&
                    (!effect->event.removed || effect->event.version > state->version),
                "job %u", number);
    state->expired = true;
    state->expired_at = world->now;
    state->forgotten = job->kind == JOB_KIND_WEBHOOK; /* nobody asks for a delivery by its id */
    world_seen(world, SEEN_EXPIRED);
}

static void forget(struct world *world, struct model_job *job)
{
    struct model_state *state = &job->current;
    world_check(world, "tombstones are kept for their time",
                state->expired && !state->forgotten &&
                    world->now >= state->expired_at + world->settings.retention.tombstone_ms,
                "job %u", model_job_number(&world->model, job));
    state->forgotten = true;
    world_seen(world, SEEN_FORGOTTEN);
}

void model_expire(struct world *world, const struct core_event *event, const struct effect *effect)
{
    struct model_job *job = model_job_of(world, &effect->id);
    model_bulk_touch(world, event, job);
    switch (effect->swept->kind) {
    case SWEPT_JOB:
        expire_job(world, event, job, effect);
        break;
    case SWEPT_TOMBSTONE:
        forget(world, job);
        break;
    case SWEPT_EVENTS:
        world_check(world, "only what is over goes", model_is_terminal(&job->current), "job %u",
                    model_job_number(&world->model, job));
        break;
    case SWEPT_INDEX:
        world_check(world, "only what is over goes",
                    job->current.state != (uint8_t)effect->swept->retained ||
                        job->current.ended_at != effect->swept->since,
                    "the entry of job %u", model_job_number(&world->model, job));
        world_seen(world, SEEN_LIVED_ON);
        break;
    }
    model_touch(&world->model, job);
}

/* ---- the end ---- */

static bool is_short(const struct retention *retention)
{
    return retention->ended_ms[JOB_STATE_COMPLETED] < SWEPT_LIFE_MS_MAX;
}

static bool is_swept(const struct model *model)
{
    for (uint32_t index = 0; index < model->job_count; index++) {
        const struct model_state *state = &model->jobs[index].durable;
        if (state->exists && !state->forgotten) {
            return false;
        }
    }
    return true;
}

static bool find_left(void *context, struct slice key, struct slice value)
{
    static const uint8_t left[] = {'J', 'P', 'L', 'I', 'S', 'R', 'E', 'D', 'Q', 'X', 'Z', 'b'};
    struct world *world = context;
    world_check(world, "everything that is stored ends",
                memchr(left, key.data[0], sizeof left) == NULL, "a key %c is left", key.data[0]);
    int64_t total = 0;
    if (key.data[0] == 'T' && key.data[key.size - 1] != TOTAL_CHARACTERS) {
        assert(value.size == sizeof(total));
        memcpy(&total, value.data, sizeof(total));
    }
    world_check(world, "totals count what is there", total == 0, "%lld are left", (long long)total);
    return true;
}

bool model_must_sweep(const struct world *world)
{
    return is_short(&world->settings.retention) && !is_swept(&world->model);
}

void model_check_swept(struct world *world)
{
    static const uint8_t first = 0;
    static const uint8_t last = UINT8_MAX;
    struct store_view view;
    if (!is_short(&world->settings.retention)) {
        return;
    }
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    enum status status = view.view.methods->scan(&view.view, slice_make(&first, 1),
                                                 slice_make(&last, 1), find_left, world);
    assert(status == STATUS_OK);
    world_seen(world, SEEN_SWEPT_CLEAN);
}
