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
 * is at work for it, any worker that has a place. Until then the job is active and to stop. One
 * that is to stop already is to end so. */
void job_stop(struct core *core, uint32_t index, enum job_ending ending);

/* No attempt of a job runs any more, and it would end: whether a worker drops its task before, for
 * which the job is active again. A job that is to stop already keeps its ending. Of failure: what
 * its attempt has failed of, for JOB_ENDING_FAILED. False when it has no task, when no worker has a
 * place, or when one was sent for this already. */
bool stop_drop(struct core *core, uint32_t index, enum job_ending ending, struct failure failure);

/* A worker that had a job only to drop its task has handed it back: whether another one gets it, in
 * what is left of the time. */
bool stop_drop_elsewhere(struct core *core, uint32_t index);

/* What a job that is to stop and ends so has failed of; nothing for a cancel. */
struct failure stop_failure(const struct job *job, enum job_ending ending);

/* Ends a job as its `ending` says. */
void stop_end(struct core *core, uint32_t index, struct call call);

#endif
