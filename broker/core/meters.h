#ifndef TROUPE_BROKER_CORE_METERS_H
#define TROUPE_BROKER_CORE_METERS_H

/*
 * What happened in a queue since the start of this run: counted where it is decided, never read by
 * the core itself. What was earlier is in the history (broker/history.h). Embedded by a queue.
 */

#include "base/histogram.h"
#include "proto/messages.h"

struct meters {
    uint64_t accepted;               /* jobs */
    uint64_t started;                /* leases given */
    uint64_t ended[JOB_STATE_COUNT]; /* jobs, by terminal state */
    uint64_t retried;                /* attempts after which a job waits for another one */
    uint64_t stalled;                /* attempts whose worker was lost */
    struct histogram waits; /* HISTOGRAM_JOB: from a job's turn being possible to its lease */
    struct histogram runs;  /* HISTOGRAM_JOB: from a lease to its end, however it ended */
};

#endif
