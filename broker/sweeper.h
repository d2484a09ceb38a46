#ifndef TROUPE_BROKER_SWEEPER_H
#define TROUPE_BROKER_SWEEPER_H

/*
 * Lets go of what has been kept for long enough, in the background: one look at a time by a reader
 * thread, one step of the core for what it found, and a pause. Part of the shell; embedded by the
 * broker.
 */

#include "broker/core/core.h"

enum {
    SWEEP_START_MS = 3000, /* before the first look: a start has more urgent things to do */
    SWEEP_MS = 1000,       /* between two looks when nothing is due */
    SWEEP_PAUSE_MS = 10    /* between two when more is: 6,400 jobs a second at most, a fourth of a
                           processor's time */
};

struct broker;
struct read;

struct sweeper {
    struct sweep *sweep;
    bool under_way;             /* a reader has it */
    int64_t next_at;            /* the next look */
    enum status status;         /* of the last look: a failure that lasts is logged once */
    uint32_t damaged_keys_told; /* the most of one look, logged */
};

/* Returns OK or NO_MEMORY; sweeper_fini is due in either case, after the readers have ended. */
enum status sweeper_init(struct sweeper *sweeper, int64_t now);
void sweeper_fini(struct sweeper *sweeper);

/* When the next look is due; INT64_MAX while one is under way. */
int64_t sweeper_wake(const struct sweeper *sweeper);

/* Has a reader look when it is time to; after the commit. */
void sweeper_push(struct broker *broker);

/* Hands the core what a reader found. */
void sweeper_take(struct broker *broker, struct read *read);

#endif
