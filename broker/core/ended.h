#ifndef TROUPE_BROKER_CORE_ENDED_H
#define TROUPE_BROKER_CORE_ENDED_H

/*
 * Jobs that have ended lately and that had announced a paid call: so that a success which comes
 * after that is known to have been paid for in vain, and once. A table of a fixed size in which a
 * later job may take the place of an earlier one: what is forgotten is not counted. Memory only.
 */

#include "broker/core/job.h"
#include "broker/core/limits.h"

struct ended_job {
    struct id id;        /* zero: an empty place */
    uint32_t used_lease; /* whose success completed it; 0 for none */
    uint32_t paid_lease; /* last one that announced a call: those behind it went on with that */
    uint32_t told_lease; /* highest lease whose success was told to be wasted */
    uint32_t leases;     /* that it had */
    uint8_t kind;        /* enum job_kind */
};

struct ended {
    struct ended_job jobs[ENDED_SIZE];
};

/* Notes that a job has ended; used_lease: whose success completed it, 0 for none. */
void ended_note(struct ended *ended, const struct job *job, uint32_t used_lease);

/* Whether the success of a lease of an ended job is wasted and has not been told to be. */
bool ended_wastes(struct ended *ended, const struct id *id, uint8_t kind, uint32_t lease);

#endif
