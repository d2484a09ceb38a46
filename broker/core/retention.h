#ifndef TROUPE_BROKER_CORE_RETENTION_H
#define TROUPE_BROKER_CORE_RETENTION_H

/*
 * How long jobs are kept after their end, and what a look at the store found to be over. A reader
 * gathers some of what is due (query_sweep); the core takes it as facts and decides: what changed
 * since is left for the next look. What remains of a job is its tombstone, which goes in the same
 * way. Constant but for the sweep, which its owner hands round.
 */

#include "broker/core/job.h"
#include "broker/core/limits.h"

/* In milliseconds from a job's end; a tombstone's from the job's going. */
struct retention {
    int64_t ended_ms[JOB_STATE_COUNT]; /* of terminal states */
    int64_t tombstone_ms;
};

/* When an ended job goes; 0 for one that is live. */
int64_t retention_end(const struct retention *retention, uint8_t state, int64_t completed_at);

/* What is kept until a time of its own: ended jobs by state, and tombstones. */
enum retained {
    RETAINED_COMPLETED = JOB_STATE_COMPLETED,
    RETAINED_FAILED = JOB_STATE_FAILED,
    RETAINED_CANCELLED = JOB_STATE_CANCELLED,
    RETAINED_TOMBSTONE = 255,
};
enum {
    RETAINED_COUNT = 4
};

int64_t retention_of(const struct retention *retention, enum retained retained);

/* Numbers them: place < RETAINED_COUNT. */
enum retained retained_at(uint32_t place);
uint32_t retained_place(enum retained retained);

enum swept_kind {
    SWEPT_JOB,    /* a job with all its records */
    SWEPT_EVENTS, /* the oldest events of a job that has too many for one sweep */
    SWEPT_INDEX,  /* an entry of the index whose job has lived on: it was tried again */
    SWEPT_TOMBSTONE,
};

struct swept {
    enum swept_kind kind;
    enum retained retained; /* the index entry: what, since when, whose */
    int64_t since;
    struct job head; /* id; of a job: as it ended */
    struct id log;   /* of a delivery: in whose log it stands */
    uint8_t owner[OWNER_SIZE_MAX];
    uint8_t owner_size;
    const uint32_t *versions; /* of its records of events; in the sweep */
    uint32_t version_count;
};

/* Where a look begins: behind this entry of the index. */
struct sweep_from {
    int64_t since;
    struct id job;
};

struct sweep {
    int64_t now;                            /* what is due then */
    struct sweep_from from[RETAINED_COUNT]; /* by place; moved on by each look */
    uint32_t turn; /* the place that the next look begins with, so that none waits for the others */
    uint64_t commit; /* the batch that the reader saw at least */
    bool more;       /* there was no room for all that is due */
    uint32_t count;
    struct swept items[SWEEP_JOBS_MAX];
    uint32_t version_count;
    uint32_t versions[SWEEP_EVENTS_MAX];
    uint32_t damaged_count; /* jobs with a damaged record: passed over, kept until somebody looks */
    struct id damaged[SWEEP_JOBS_MAX];
    uint32_t damaged_keys; /* entries of the index that are none; met again by the next look */
};

#endif
