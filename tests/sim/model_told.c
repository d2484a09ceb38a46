#include "tests/sim/model_told.h"

#include <stdio.h>
#include "tests/sim/world.h"

static bool is_told_of(const struct message_operation *operation)
{
    bool is_open = operation->state == OPERATION_STATE_INTENT;
    bool is_made = operation->state == OPERATION_STATE_FINISHED;
    return is_open ? operation->repeats : is_made ? operation->charged != CHARGE_UNKNOWN : true;
}

/* Another life of the job, or another run of the broker, begins anew. */
static uint64_t digest_of(const struct world *world, const struct model_state *state,
                          const struct message_operation *operation)
{
    char text[TASK_SIZE_MAX + 128];
    int size = snprintf(text, sizeof(text), "%u %u %u %u %u %lld %.*s", operation->lease,
                        operation->operation, operation->state, operation->charged, state->retries,
                        (long long)world->model.restarted_at, SLICE_PRINT(operation->task));
    return model_digest(slice_make(text, (size_t)size));
}

void model_told_check(struct world *world, const struct message_operation *operation,
                      const struct effects *effects)
{
    struct model_job *job = world->model.step.job;
    uint64_t told = digest_of(world, &job->current, operation);
    bool has_event = false;
    bool has_spent = false;
    for (uint32_t index = 0; index < effects->count; index++) {
        const struct effect *effect = &effects->items[index];
        has_event |= effect->type == EFFECT_EVENT && effect->event.kind == EVENT_KIND_PROVIDER;
        has_spent |= effect->type == EFFECT_OPERATION && effect->spend.amount > 0;
    }
    bool is_wanted = has_spent || (is_told_of(operation) && told != job->current.told);
    world_check(world, "what is said again is told once", has_event == is_wanted,
                "job %u: operation %u, %s%s", model_job_number(&world->model, job),
                operation->operation, operation_state_name((enum operation_state)operation->state),
                told == job->current.told ? ", again" : "");
    job->current.told = told;
}
