#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* Which job has a dedupe key, and what a request with that key must be answered. */

static uint32_t *place_of(struct model *model, const struct model_job *job)
{
    return &model->holders[job->user][job->kind][job->dedupe];
}

struct model_job *model_dedupe_holder(struct world *world, const struct model_job *job)
{
    struct model *model = &world->model;
    uint32_t number = job->dedupe == 0 ? 0 : *place_of(model, job);
    if (number == 0) {
        return NULL;
    }
    struct model_job *holder = &model->jobs[number - 1];
    if (!holder->current.exists || holder->current.expired) {
        return NULL;
    }
    bool is_kept = world->now - holder->accepted_at < holder->dedupe_ttl_ms;
    return is_kept || !model_is_terminal(&holder->current) ? holder : NULL;
}

void model_dedupe_seen(struct world *world, const struct model_job *holder)
{
    if (holder != NULL && !holder->durable.exists) {
        world_fault(world, FAULT_DEDUPE_SAME_TURN);
    }
}

void model_dedupe_accepted(struct world *world, const struct model_job *job)
{
    struct model *model = &world->model;
    if (job->dedupe == 0) {
        return;
    }
    const struct model_job *holder = model_dedupe_holder(world, job);
    world_check(world, "one live job for a dedupe key", holder == NULL, "job %u, and now job %u",
                model_job_number(model, holder), model_job_number(model, job));
    if (*place_of(model, job) != 0) {
        world_seen(world, SEEN_DEDUPE_PASSED);
    }
    *place_of(model, job) = model_job_number(model, job) + 1;
}

void model_dedupe_answer(struct world *world, const struct model_job *holder,
                         const struct message_reply *reply)
{
    const struct model_state *state = &holder->current;
    world_check(world, "a dedupe key gets its job",
                reply->code == REPLY_CODE_OK && id_equal(&reply->job, &holder->id) &&
                    reply->deduplicated && !reply->replayed && world->model.step.writes == 0,
                "job %u: %s", model_job_number(&world->model, holder),
                reply_code_name(reply->code));
    world_check(world, "a dedupe key gets its job as it is",
                reply->version == state->version && reply->state == state->state,
                "job %u: version %u, should be %u", model_job_number(&world->model, holder),
                reply->version, state->version);
    world_seen(world, model_is_terminal(state) ? SEEN_DEDUPLICATED_ENDED : SEEN_DEDUPLICATED);
}

void model_dedupe_committed(struct model *model)
{
    memcpy(model->holders_durable, model->holders, sizeof(model->holders));
}

void model_dedupe_crashed(struct model *model)
{
    memcpy(model->holders, model->holders_durable, sizeof(model->holders));
}
