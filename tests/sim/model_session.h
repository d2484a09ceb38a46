#ifndef TROUPE_TESTS_SIM_MODEL_SESSION_H
#define TROUPE_TESTS_SIM_MODEL_SESSION_H

/* What the model knows of workers that are away: the rest of it is in model.h. */

#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* Whether the worker of an attempt whose time is over may yet tell what became of it: it is away or
 * has just come back, and has not done so all the time. */
bool model_session_may_tell(const struct world *world, const struct model_job *job);

/* Whether the worker has said BYE: it tells nothing more. */
bool model_session_has_left(const struct world *world, const struct model_job *job);

/* Whether an attempt's time is over, and its worker had the time to tell of it. */
static inline bool model_session_is_overdue(const struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    int64_t until = state->lease_at + model_timeout(job->kind) + TIMEOUT_SLACK_MS;
    return state->state == JOB_STATE_ACTIVE && world->now >= until &&
           (model_session_has_left(world, job) || !model_session_may_tell(world, job));
}

/* Whether the broker may still wait for that. */
bool model_session_told_late(const struct world *world, const struct model_job *job);

/* After the step of a RELEASE under a live lease: who leaves grants nothing more. */
void model_session_handed_back(struct world *world);

#endif
