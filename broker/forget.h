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
    SPENT_DAYS_KEPT = 35,           /* of money: a month and some days */
    CALLS_DAYS_KEPT = 2,            /* of calls of accounts: limits are of a day */
    EVENT_DAYS_KEPT = 400,          /* of when events were: a stack may rest for a year */
    OWNER_EVENTS_STORED_S = 691200, /* eight days: a week longer than they are told of */
    GROUP_LIFE_S = 1296000, /* 15 days: a group's jobs have ended by then (scheduled a week ahead, a
                               week to their deadline, and room); with the time that jobs are kept
                               for, no group that was not tried again has any left. The same goes
                               for the job that has a dedupe key, and for one retry of it */
    AUDIT_KEPT_S =
        7776000,         /* 90 days: a quarter is what those who look after a stack look back on */
    GONE_DAYS_KEPT = 90, /* of characters that are gone: what a lost worker has left of them
                                  was swept long before */
    AUDIT_LINES_MAX = 1000000, /* and no more lines than so many: about 200 MB */
};

/* Times before which a record is not read any more, in milliseconds since 1970. */
struct forgetting {
    int64_t keys_before;   /* K: idempotency keys */
    int64_t events_before; /* O: events of owners */
    int64_t groups_before; /* G V Y: groups and their events, dedupe keys */
    int64_t audit_before;  /* A: lines of the audit log */
    uint64_t audit_above;  /* number of the last of them that are too many; 0: none is */
    int64_t spent_before;  /* U: money, by its day */
    int64_t calls_before;  /* N: calls of accounts, by their part of a day */
    int64_t days_before;   /* e: the first events of days */
    int64_t gone_before;   /* z: characters that are gone */
};

/* kept_ms: how long jobs are kept after their end at most. audit_last: the number of the last line
 * of the audit log. */
struct forgetting forgetting_at(int64_t now, int64_t kept_ms, uint64_t audit_last);

/* The number of the last line that is told no longer because there are so many newer ones. */
uint64_t forget_audit_above(uint64_t audit_last);

/* Whether a record may be dropped: it is older than its time, or a counter that is 0. What is
 * damaged stays: whoever reads it tells. */
bool forget_is_over(const struct forgetting *forgetting, struct slice key, struct slice value);

#endif
