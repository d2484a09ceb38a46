#ifndef TROUPE_BROKER_DISPATCH_H
#define TROUPE_BROKER_DISPATCH_H

/*
 * How a leased job reaches its worker: at once when its input is at hand, otherwise when a reader
 * has fetched what it needs. Those that wait for a reader stand in a row here. Part of the shell.
 */

#include "base/id.h"
#include "base/status.h"

struct broker;
struct effect;
struct read;

struct dispatch {
    uint64_t peer;
    uint64_t session;
    struct id job;
    uint32_t lease;
};

enum {
    DISPATCHES_MAX = 1 << 20, /* waiting for a reader; a worker is dropped above */
    /* How long a job waits whose input the disk failed to give: at first, and at most. */
    DISPATCH_AGAIN_MS = 5000,
    DISPATCH_AGAIN_MS_MAX = 300000,
    DISPATCH_WAITS = 1024, /* places: those who share one wait as one, so that a disk which fails
                              for all jobs is not asked more often the more there are */
};

/* A ring, and what the disk failed to give; embedded by the broker. */
struct dispatches {
    struct dispatch *items;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t first;
    uint32_t count;
    uint32_t waits_ms[DISPATCH_WAITS]; /* by the ends of jobs' ids: how long the last one that the
                                          disk failed to give waits; 0: it gave one since */
};

void dispatches_fini(struct dispatches *dispatches);

/* Takes a DISPATCH of the core. */
void dispatch_job(struct broker *broker, const struct effect *effect);

/* Hands to the readers what waits, as far as they take it; after a commit. */
void dispatch_push(struct broker *broker);

/* Takes a job that a reader has fetched. */
void dispatch_fetched(struct broker *broker, const struct read *read);

#endif
