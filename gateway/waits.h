#ifndef TROUPE_GATEWAY_WAITS_H
#define TROUPE_GATEWAY_WAITS_H

/* Status requests that wait for a change (?wait=N, ?since=VERSION). Pure but for its callbacks.
 * Embedded by the gateway; each wait is embedded by its handler. */

#include "gateway/hub.h"
#include "gateway/list.h"

struct wait;

/* It is time to answer: something changed, may have changed, or the time is over. Told once. */
typedef void wait_done(struct wait *wait);

struct wait {
    struct subscription subscription;
    struct list node; /* in waits.all */
    struct waits *waits;
    int64_t deadline_ms;
    uint32_t version_min; /* earlier events are passed over: they may come late. Of the others: */
    bool until_end;       /* answer at a terminal state, or */
    bool any_version;     /* at any event, or */
    uint8_t state;        /* at any other state than this */
    wait_done *done;
};

struct waits {
    struct list all;
    size_t count;
    bool stopped; /* nobody waits any more */
};

void waits_init(struct waits *waits);

/* Starts to wait for a job; the fields of wait up to subscription's callbacks are the caller's to
 * set: deadline_ms, version_min, until_end, any_version, state, done. Returns OK, or FULL
 * (WAITS_MAX, or after waits_stop) and then done is not called. */
enum status waits_add(struct waits *waits, struct hub *hub, const struct id *job,
                      struct wait *wait);

/* Forgets a wait; one that is over stays so. */
void waits_remove(struct wait *wait);

/* Ends the waits whose time is over. */
void waits_tick(struct waits *waits, int64_t now_ms);

/* Ends all of them and takes no more, for a shutdown. */
void waits_stop(struct waits *waits);

#endif
