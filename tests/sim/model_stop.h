#ifndef TROUPE_TESTS_SIM_MODEL_STOP_H
#define TROUPE_TESTS_SIM_MODEL_STOP_H

/* Jobs that are to stop, and the tasks that their attempts leave: the rest is in model.h. */

#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* A job is to stop from some time on, in 10 s; in 10 more when a worker only drops its task, for
 * which it waits 30 s at most. */
void model_stop_take(struct world *world, struct model_job *job, const struct job *head);

/* An attempt of a job that is to stop is over. */
void model_stop_over(struct world *world);

/* One that is to stop was handed back: by a worker that had it only to drop its task, perhaps. */
void model_stop_handed_back(struct world *world);

/* One that is to stop, and whose worker knew of no task though there is one, was ended by it. */
void model_stop_untold(struct world *world);

/* The disk has failed to read the job that is to stop and was given to a worker. */
void model_stop_unread(struct world *world);

/* A job has gone to a worker. */
void model_stop_sent(struct world *world, struct model_job *job);

/* The newest job that has ended while nobody has told of a task that somebody was asked to drop, or
 * JOB_UNKNOWN. */
uint32_t model_stop_unheard(const struct model *model);

/* Whether it is to stop, and waits for a worker to drop its task; and whether for long enough. */
bool model_stop_waits(const struct model_state *state);
bool model_stop_has_waited(const struct world *world, const struct model_job *job);

/* What a turn leaves of a live job that is to stop. */
void model_stop_turn(struct world *world, const struct model_job *job);

/* A lost attempt has told of the task of a call: whoever is at work without it goes no further. */
void model_stop_late(struct world *world, uint8_t number);

/* Whether everybody may meet a failure with this code. */
bool model_stop_is_outage(struct slice code);

/* What goes on to another attempt keeps its tasks: they would be ordered and paid for again. */
void model_stop_kept(struct world *world);

/* Whether an attempt has failed for good with it. */
bool model_stop_is_refusal(const struct core_event *event);

#endif
