#ifndef TROUPE_BROKER_CORE_STOP_H
#define TROUPE_BROKER_CORE_STOP_H

/*
 * Jobs that end while somebody is at work for them: by a cancel, or because the broker ends them by
 * itself. The worker lets go first and tells what became of the paid calls. When there is none any
 * more, a provider may still be at work: another worker gets the job only to drop its task
 * (docs/adr/0023-an-attempt-is-closed-before-it-ends.md).
 */

#include "broker/core/state.h"

/* Ends a live job. Whoever is at work for it lets go first: its worker, or else, while a provider
 * is at work for it, any worker as soon as one has a place. Until then the job is to stop: active,
 * or waiting for that worker. One that is to stop already is to end so. */
void job_stop(struct core *core, uint32_t index, enum job_ending ending);

/* No attempt of a job runs any more, and it would end: whether a worker drops its task before, for
 * which the job is active again, or waits for a place for DROP_WAIT_MS at most. A job that is to
 * stop already keeps its ending. Of failure: what its attempt has failed of, for
 * JOB_ENDING_FAILED. False when it has no task, or when one was sent for this already. */
bool stop_drop(struct core *core, uint32_t index, enum job_ending ending, struct failure failure);

/* A worker that had a job only to drop its task has handed it back, or never got it: whether
 * another one gets it, or that one in the second case, in what is left of the time. */
bool stop_drop_elsewhere(struct core *core, uint32_t index, bool was_returned);

/* What a job that is to stop and ends so has failed of; nothing for a cancel. */
struct failure stop_failure(const struct job *job, enum job_ending ending);

/* Ends a job as its `ending` says. */
void stop_end(struct core *core, uint32_t index, struct call call);

/* ---- transition.c, dispatch.c ---- */

/* Takes a waiting job that is to stop out of its turn: it waits for a worker to drop its task. */
void job_withdraw(struct core *core, uint32_t index);

/* Gives a waiting job that is to stop to a worker that has a place, whatever else holds its queue:
 * the shell tells the worker of that behind the job itself. False when none has a place, or when
 * the disk that failed to read the job is given a while: each tick asks again. */
bool dispatch_to_stop(struct core *core, uint32_t index);

#endif
