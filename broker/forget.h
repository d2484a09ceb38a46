#ifndef TROUPE_BROKER_FORGET_H
#define TROUPE_BROKER_FORGET_H

/*
 * What the store may drop by itself, whenever it compacts: records that nobody reads any more, each
 * on its own. What goes with others, or has to be counted, goes by expiry.h. Pure.
 */

#include <stdbool.h>
#include <stdint.h>
#include "base/slice.h"

enum {
    OWNER_EVENTS_STORED_S = 691200, /* eight days: a week longer than they are told of, so that a
                                       cursor from then is still told to begin anew */
    GROUP_LIFE_S = 1296000, /* 15 days: a group's jobs have ended by then (scheduled a week ahead, a
                               week to their deadline, and room); with the time that jobs are kept
                               for, no group that was not tried again has any left. The same goes
                               for the job that has a dedupe key, and for one retry of it */
};

/* Times before which a record is not read any more, in milliseconds since 1970. */
struct forgetting {
    int64_t keys_before;   /* K: idempotency keys */
    int64_t events_before; /* O: events of owners */
    int64_t groups_before; /* G V Y: groups and their events, dedupe keys */
};

/* kept_ms: how long jobs are kept after their end at most. */
struct forgetting forgetting_at(int64_t now, int64_t kept_ms);

/* Whether a record may be dropped: it is older than its time, or a counter that is 0. What is
 * damaged stays: whoever reads it tells. */
bool forget_is_over(const struct forgetting *forgetting, struct slice key, struct slice value);

#endif
