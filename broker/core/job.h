#ifndef TROUPE_BROKER_CORE_JOB_H
#define TROUPE_BROKER_CORE_JOB_H

/*
 * The life of a job.
 *
 * A gateway SUBMITs it; once that is durable the job is `waiting` (or `pending`, while its start
 * time has not come, or another job has not made what it is made from). Each waiting job stands in
 * its owner's order (priority, then age) in its kind's queue; owners take turns. When the queue's
 * limiter and a worker's credit allow it, the job is leased: the lease number grows by one, the job
 * is `active` and the worker is told. The worker reports progress and paid operations under that
 * lease number, and at last DONE or FAIL. DONE ends the job `completed`. A counted failure sends it
 * back to `waiting` with a backoff, or ends it `failed` when it was the last attempt. A lease whose
 * worker is lost goes back to `waiting` uncounted; the third one ends the job. A cancel ends a
 * queued job at once and asks the worker of an active one, which has CANCEL_MS to comply; one that
 * waits between two attempts while a provider is at work for it goes to a worker first, as soon as
 * one has a place, whatever holds its queue, and is active until its task is dropped. The owner of
 * a failed or cancelled job may have it tried again: it waits with a new deadline and no attempts
 * made, while its lease numbers, version, recorded operations and history go on.
 *
 *     pending ──► waiting ──► active ──► completed
 *        │        │ ▲  ▲        │ └────► failed ──────────────────────┐
 *        │        │ │  └────────┤ retry, worker lost, handed back     │
 *        └────────┴─┼───────────┴──────► cancelled, failed (deadline) ┤
 *                   └───────────────────────── explicit retry ────────┘
 *
 * A delivery of a webhook is a job like the others, of a kind of its own: the core makes it in the
 * same step as the event that it reports (webhook.c). Its character and media are those of that
 * event's job. It may be sent again though it was taken.
 *
 * job_transition in transition.c is the only place that changes a job's state; the table of allowed
 * moves is there.
 *
 * Everything in struct job up to `memory only` is the job's head as the store keeps it
 * (broker/records.h), fixed in size. The input, the result and all texts but the step's name live
 * on disk only; what the last attempt failed of is in memory too while a job waits, or ends of it.
 */

#include <stddef.h>
#include "proto/messages.h"

/* Bits of struct job's flags; its ending is among them. */
enum job_flag {
    JOB_FLAG_INPUT = 1, /* its input has something that its state tells: labels, or a start time */
    JOB_FLAG_TASK = 2,  /* a provider may be at work for it: its task is recorded, its end is not */
    JOB_FLAG_DROP = 4,  /* it went to workers only so that its task is dropped: once in a life */
    JOB_FLAG_UNTOLD = 8, /* its task is known since it is to stop, and not to who has it */
    JOB_ENDING_SHIFT = 4,
    JOB_ENDING_MASK = 7 << JOB_ENDING_SHIFT,
    JOB_FLAG_ASKED = 128, /* who had its task was asked to drop it, and has not told of that */
};

/* How a job that is to stop will end, unless it has success before. Numbers are stored. */
enum job_ending {
    JOB_ENDING_CANCEL = 0,         /* cancelled, as asked for */
    JOB_ENDING_DEADLINE = 1,       /* failed: its time is over */
    JOB_ENDING_START_DEADLINE = 2, /* failed: the time to start is over */
    JOB_ENDING_TIMEOUT = 3,        /* failed: the last attempt took too long */
    JOB_ENDING_STALLED = 4,        /* failed: too many workers were lost */
    JOB_ENDING_FAILED = 5,         /* failed: of what its last attempt failed of (last_errors.h) */
    JOB_ENDING_COUNT
};
_Static_assert(JOB_ENDING_COUNT << JOB_ENDING_SHIFT <= JOB_ENDING_MASK,
               "an ending has room among the flags");

enum {
    JOB_NONE = UINT32_MAX, /* no job: the end of a list of slab indexes */
};

struct job {
    struct id id;
    struct id character;
    struct id media;
    struct id source;   /* video: the media entry it is made from; delivery: the endpoint, zero for
                           the job's own webhook; otherwise zero */
    struct id worker;   /* instance that holds or last held the lease; zero before the first */
    char display_id[8]; /* character jobs: the character's display id; not NUL terminated */
    char step[STEP_SIZE_MAX + 1]; /* of the current or last attempt; NUL terminated */
    int64_t created_at;           /* all times in milliseconds since 1970, 0 for none */
    int64_t started_at;           /* first lease of all */
    int64_t completed_at;         /* set by every terminal state */
    int64_t attempt_at;           /* when the current lease was given */
    int64_t next_attempt_at;      /* not eligible before: scheduled start or backoff */
    int64_t start_by;             /* fails unless first leased by then */
    int64_t deadline;             /* fails unless ended by then; always set */
    int64_t stop_by;              /* it is to stop, and ends by then without its worker; 0: it is
                                     not */
    uint64_t accepted;            /* number of its first event: its age, unique in the shard */
    uint32_t version;             /* number of its events */
    uint32_t lease;               /* number of the last lease; 0 before the first */
    uint32_t paid_lease;          /* highest lease that announced a paid operation; 0 for none */
    uint32_t attempt;             /* of the current or next execution, from 1 */
    uint32_t attempts_made;       /* executions that ended in success or a counted failure */
    uint16_t workers_lost;        /* leases whose worker was lost */
    uint16_t open_before;    /* of the open operations (below), those announced before paid_lease */
    uint8_t kind;            /* enum job_kind */
    uint8_t state;           /* enum job_state */
    uint8_t priority;        /* lower goes first among one owner's jobs; 128 is usual */
    uint8_t progress;        /* 0..100 */
    uint8_t operations;      /* number of recorded operations: highest index + 1 */
    uint16_t webhook_events; /* events that its own webhook is told of: bit set of event_kind */
    uint8_t retries;         /* explicit ones */
    uint8_t flags;           /* enum job_flag, and its enum job_ending (job_ending) */
    uint64_t spent;          /* money in micro-dollars: what it has cost (costs.c) ... */
    uint64_t uncertain;      /* ... of which nobody knows whether it was charged */
    uint32_t estimate;       /* of what this life of it costs */
    uint32_t expected;       /* what it is yet expected to cost, by the estimate */
    uint32_t open_price;     /* of its open operations: announced, and the outcome is not told */
    uint16_t open;           /* their numbers: bit set */

    /* --- memory only --- */
    bool drafted;             /* the store may have a draft of it */
    bool returned;            /* it is to stop, and who had it last has handed it back */
    uint8_t waiting_class;    /* enum waiting_class: whose list it is in while it waits its turn */
    struct last_error *error; /* while it waits, or ends of it: what its last attempt failed of
                                 (last_errors.h), or NULL */
    uint64_t told;            /* digest of the last operation that was recorded (lease.c); 0 for
                                 none, and after a restart */
    int64_t drop_at; /* it is to stop, and goes to no worker before: a disk failed to read it */
    uint32_t wasted_lease;   /* highest lease whose success came too late to be used */
    uint32_t member;         /* of a group (groups.h); JOB_NONE for none */
    uint32_t owner;          /* index in the table of users */
    uint32_t hash_next;      /* slab index: chain in the table of ids */
    uint32_t timer_position; /* in the heap of timers */
    uint32_t left, right,
        parent;            /* slab indexes: node of the owner's order while waiting (order.h) */
    uint32_t size;         /* jobs in this subtree */
    uint32_t worker_index; /* entry of the worker that holds the lease; JOB_NONE unless active */
    uint32_t chain_previous,
        chain_next;     /* slab indexes: the worker's leases; while it waits for its
                                            turn, all that do in its queue (waiting.h) */
    int64_t waiting_at; /* since when it waits for its turn; after a restart since it was made, or
                           since its backoff ended */
    uint32_t use_left, use_right; /* slab indexes: node of the jobs by documents (uses.h) */
};

enum {
    JOB_HEAD_SIZE = offsetof(struct job, drafted), /* bytes before the memory-only part */
};

static inline bool job_is_stopping(const struct job *job)
{
    return job->stop_by != 0;
}

/* Of a job that is to stop. */
static inline enum job_ending job_ending(const struct job *job)
{
    return (enum job_ending)((job->flags & JOB_ENDING_MASK) >> JOB_ENDING_SHIFT);
}

static inline void job_set_ending(struct job *job, enum job_ending ending)
{
    unsigned flags = job->flags & ~(unsigned)JOB_ENDING_MASK;
    job->flags = (uint8_t)(flags | (unsigned)ending << JOB_ENDING_SHIFT);
}

/* Who has it is asked to stop, and drops the task that is on record; until that is told of, nobody
 * knows whether the provider has it. */
static inline void job_note_asked(struct job *job)
{
    if ((job->flags & JOB_FLAG_TASK) != 0) {
        job->flags |= JOB_FLAG_ASKED;
    }
}

/* Whether a cancel was asked for. */
static inline bool job_is_cancelling(const struct job *job)
{
    return job_is_stopping(job) && job_ending(job) == JOB_ENDING_CANCEL;
}

/* Whether it ends of what its last attempt has failed of, once its task is dropped. */
static inline bool job_ends_failed(const struct job *job)
{
    return job_is_stopping(job) && job_ending(job) == JOB_ENDING_FAILED;
}

/* What ties a job to others. Only jobs of groups have it, beside their head: in memory (groups.h)
 * and in the store (broker/values.h). */
struct job_links {
    struct id group;
    struct id parent; /* the job that must complete first; zero for none */
};

/* A provider's call that a worker's report tells of. */
struct call {
    enum call_purpose purpose; /* NONE: it tells of none */
    struct slice provider;
    uint32_t took_ms;
};
#define CALL_NONE ((struct call){.purpose = CALL_PURPOSE_NONE})

/* What a completed job made. */
struct result {
    struct slice url;
    struct slice document;
    struct slice media;
    struct slice provider; /* of operation, the paid call that its worker told last */
    uint8_t operation;
};
#define RESULT_NONE ((struct result){.url = SLICE_EMPTY})

#endif
