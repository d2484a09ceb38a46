#include "broker/core/state.h"

/* What a reader found to be over: it goes unless something changed it since. */

static bool is_stale(const struct core *core, const struct sweep *sweep, const struct swept *swept)
{
    struct slice job = slice_make(&swept->head.id, ID_SIZE);
    return changes_since(&core->changes, CHANGE_JOB, job, SLICE_EMPTY, sweep->commit);
}

static bool is_due(const struct core *core, const struct swept *swept)
{
    return swept->since + retention_of(&core->options.retention, swept->retained) <= core->now;
}

/* Of a job that has ended; a tombstone or an index entry says nothing of who has the id by now. */
static bool is_of_ended_job(const struct swept *swept)
{
    return swept->kind == SWEPT_JOB || swept->kind == SWEPT_EVENTS;
}

struct effect *sweep_expire(struct core *core, const struct swept *swept)
{
    assert(!is_of_ended_job(swept) || core_index(core, &swept->head.id) == JOB_NONE);
    changes_note(&core->changes, CHANGE_JOB, slice_make(&swept->head.id, ID_SIZE), SLICE_EMPTY,
                 core->commit);
    struct effect *effect = emit(core, EFFECT_EXPIRE);
    effect->job = &swept->head;
    effect->owner = slice_make(swept->owner, swept->owner_size);
    effect->id = swept->head.id;
    effect->swept = swept;
    if (swept->kind == SWEPT_JOB) {
        uint64_t *ended = &core->queues[swept->head.kind].ended[swept->head.state];
        *ended -= *ended > 0; /* deliveries of an older store were not counted */
        core->statistics.expired++;
    }
    return effect;
}

void core_sweep(struct core *core, const struct sweep *sweep)
{
    _Static_assert((int)SWEEP_JOBS_MAX <= (int)EFFECTS_MAX, "a sweep fits into a step");
    assert(sweep->count <= SWEEP_JOBS_MAX);
    for (uint32_t index = 0; index < sweep->count; index++) {
        const struct swept *swept = &sweep->items[index];
        if (!is_stale(core, sweep, swept)) {
            assert(is_due(core, swept));
            sweep_expire(core, swept);
        }
    }
}

void sweep_settle(struct sweep *sweep, const struct effects *effects)
{
    uint32_t left = effects->count;
    for (uint32_t index = sweep->count; index > 0; index--) {
        const struct swept *swept = &sweep->items[index - 1];
        if (left > 0 && effects->items[left - 1].swept == swept) {
            left--;
        } else {
            struct sweep_from *from = &sweep->from[retained_place(swept->retained)];
            *from = (struct sweep_from){.since = swept->since > 0 ? swept->since - 1 : 0};
            memset(from->job.bytes, 0xff, ID_SIZE);
        }
    }
    assert(left == 0);
}
