#ifndef TROUPE_BROKER_CORE_LIMITS_H
#define TROUPE_BROKER_CORE_LIMITS_H

/* Every limit and time of the queue, with its unit and the reason for its value. */

enum {
    ATTEMPTS_MAX = 3,              /* executions that count (spec, Retry Policy) */
    ATTEMPTS_WEBHOOK_MAX = 10,     /* of a delivery (Standard Webhooks: over three days) */
    ATTEMPTS_LIMIT = 10,           /* of every kind */
    WORKERS_LOST_MAX = 3,          /* lost leases until a job is taken to be the cause */
    WORKERS_LOST_WEBHOOK_MAX = 10, /* a delivery lives through many restarts, and harms no worker */
    BACKOFF_BASE_MS = 2000,        /* 2 s, 4 s (spec) */
    TIMEOUT_CHARACTER_MS = 300000, /* of one attempt (spec) */
    TIMEOUT_IMAGE_MS = 300000,
    TIMEOUT_VIDEO_MS = 600000,
    TIMEOUT_WEBHOOK_MS = 20000, /* the request gets 15 s of it */
    TIMEOUT_SLACK_MS =
        5000, /* the actor ends a timed-out attempt itself, and takes 4 s at most to close it; the
                 broker this much later */
    THROTTLE_MIN_MS = 1000, /* between uncounted attempts, so that nothing spins */
    LEASE_MS = 30000,       /* renewed by any message of the worker */
    HEARTBEAT_MS = 5000,
    CANCEL_MS = 10000,    /* for the worker to comply; then the broker ends the job by itself */
    DROP_WAIT_MS = 30000, /* that a job which is to end waits for a worker with a place, to have its
                               task dropped: who is started again is back by then */
    DROP_AGAIN_MS = 1000, /* that a job which is to end waits after a disk failed to read it, then
                             each time as long as it has been tried: four times in CANCEL_MS */
    DEADLINE_MS = 86400000, /* total, unless the request sets one: bounds everything uncounted */
    DEADLINE_WEBHOOK_MS = 518400000, /* six days: the schedule is 75.6 hours, and Retry-After may
                                        stretch it */
    LATE_MS = 1000, /* a step that comes later than this after the one before moves lease deadlines
                       by as much: the broker was stalled, not its workers */
    TICK_MS = 250,  /* the shell ticks at least this often */
    JOBS_MAX = 4000000,           /* live jobs: about 1.5 GB of memory */
    WEBHOOK_USER_ACTIVE_MAX = 10, /* deliveries of one user under way at once, by default: a
                                     receiver that hangs holds so many slots for 15 s */
    DELIVERIES_USER_MAX = 10000,  /* live deliveries of one user: those of a dead receiver stay for
                                    days; what comes above is not delivered */
    DELIVERIES_MAX = 1000000,     /* of all users: about 0.3 GB of memory */
    DELIVERIES_STEP_MAX = 1000,   /* made in one step: a group's jobs may be cancelled in one */
    ENDPOINTS_MAX = 100000,       /* webhook endpoints of all users: 4 MB of memory */
    ENDPOINTS_STORED_MAX = 1 << 17, /* that a store may have: earlier versions took as many */
    WORKERS_MAX = 4096,             /* actor sessions at once */
    SLOTS_MAX = 100000,             /* of one worker */
    HOLDS_MAX = 100000,             /* of one HELLO: leases at work and results not acknowledged */
    RATE_MAX = 100000,              /* of a limiter: entries in its ring */
    SPENDERS_MAX = 1000000,         /* users that have spent money today: 0.3 GB; jobs of others are
                                     refused above */
    SPENDERS_TICK_MAX = 1024,       /* of them that a tick forgets when the day is over */
    PROVIDERS_MAX = 64,           /* of all hosts, and as many accounts: a worker's are a bit set */
    DAY_PART_MS = 1440000,        /* a sixtieth of a day: calls of an account are stored so */
    BREAKER_FAILURES_MIN = 5,     /* of a provider before it counts as down: one could be chance */
    BREAKER_OPEN_MS = 10000,      /* a provider that is down is not asked for so long, then twice */
    BREAKER_OPEN_MS_MAX = 300000, /* as long each time, up to 5 minutes */
    PROVIDER_PAUSE_MS_MAX = 300000, /* that a provider which fails may ask for: no longer than it
                                       would count as down, whoever asked in its place */
    BREAKER_PROBE_MS = 60000,       /* a probe that nothing is heard of for so long is lost */
    PROBE_RETRY_MS = 5000, /* from a call denied while a probe is under way to its repetition */
    SPENT_PACE_MS = 60000, /* between jobs that a queue starts while the day of its providers is
                              used up: one of them may have a paid task that is only to be polled */
    PROBE_PACE_MS = 1000,  /* between jobs that a queue starts while its providers are half open */
    EFFECTS_MAX = 7168, /* of one step: five for each job of a group that is cancelled, two for each
                           delivery, and room */
    EFFECTS_TICK_MAX = 1024, /* of them for a tick, so that a turn's commit stays small */
    EFFECTS_TIMERS_MAX =
        512, /* of them for timers, so that a flood of them still lets jobs start */
    EFFECTS_PER_JOB_MAX = 52, /* that one job's change can make in a step: 8 of its own, and 2 of
                                 each delivery of its two events */
    CHANGES_SIZE = 65536,     /* slots of the table of recent changes (changes.h); a power of two */
    ENDED_SIZE = 8192, /* jobs that have ended lately, of which a late success is known (ended.h) */
    PRIORITY_USUAL = 128,
    LAST_ERRORS_MAX = 1 << 16, /* jobs that wait after an error and have it in memory: 38 MB at its
                                  limits, and usually a tenth; others lose it when their priority is
                                  changed meanwhile */
    RETENTION_COMPLETED_S = 2592000, /* 30 days after its end a job goes, by default */
    RETENTION_FAILED_S = 2592000,
    RETENTION_CANCELLED_S = 86400,      /* a day: nobody waits for it any more */
    RETENTION_MAX_S = 315360000,        /* that a setting may ask for: ten years */
    RETENTION_TOMBSTONE_MIN_MS = 60000, /* a request that is sent again must find it */
    RETENTION_TOMBSTONE_S = 604800,     /* a week in which it is said that there was one */
    SWEEP_JOBS_MAX = 64,                /* that one turn lets go: a few milliseconds of its time */
    BULKS_LIVE_MAX = 4,                 /* that go on at once: they take turns */
    BULKS_MAX = 100,                    /* known, with those that have ended lately */
    BULK_PAGE_MAX = 128, /* jobs that one step of a bulk changes: a few milliseconds of a turn */
    LIVE_SINCE_JOBS_MAX = 1000, /* of a character: looked at for the oldest, a tenth of a ms */
    LATE_RESULT_MS = 43200000,  /* older results of earlier leases are not used for a job that was
                                  tried again: their assets may have been swept since (ADR 29) */
    SWEEP_EVENTS_MAX = 1024,    /* records of their events; a job with more goes in parts */
};

#endif
