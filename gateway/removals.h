#ifndef TROUPE_GATEWAY_REMOVALS_H
#define TROUPE_GATEWAY_REMOVALS_H

/*
 * Removes the assets of what was deleted and tells the broker, which remembers them until then: so
 * that nothing stays behind when a gateway ends between a deletion and the removal. Every gateway
 * looks from time to time; two that do the same at once do no harm. Embedded by the gateway.
 */

#include "gateway/assets.h"
#include "gateway/bucket_removals.h"
#include "gateway/requests.h"

struct gateway;

struct removals {
    struct request request; /* LIST_REMOVALS, or REMOVED */
    struct gateway *gateway;
    int64_t due_ms;
    struct id after;   /* the last one that was looked at; all zero at the beginning */
    struct id last;    /* of the page under way in the bucket */
    bool is_last_page; /* of the round, likewise */
    uint32_t failures; /* of the bucket, in a row */
    struct bucket_removals objects;
    bool is_woken;       /* something was deleted since the round began */
    bool unfinished;     /* one of this round has more files than a turn removes */
    struct buffer ended; /* ids whose assets are gone for good */
};

void removals_init(struct removals *removals, struct gateway *gateway);
void removals_fini(struct removals *removals);

/* Looks again soon. */
void removals_wake(struct removals *removals, int64_t now_ms);

/* To be called every TICK_MS. */
void removals_tick(struct removals *removals, int64_t now_ms);

#endif
