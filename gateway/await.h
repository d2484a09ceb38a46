#ifndef TROUPE_GATEWAY_AWAIT_H
#define TROUPE_GATEWAY_AWAIT_H

/* Waits until a job has ended, for answers that come with the outcome (Prefer: wait=N). Embedded by
 * its handler; takes the handler_data of the exchange. */

#include "gateway/lookup.h"
#include "gateway/waits.h"

struct await;

/* Told once, at once or later. job is borrowed; NULL when it cannot be looked up. It may not have
 * ended: the time was over first, or too many wait. waited of await tells whether it was waited
 * for. */
typedef void await_done(struct await *await, const struct cached_job *job);

struct await {
    struct wait wait;
    struct exchange *exchange;
    enum job_family family;
    struct id job;
    int64_t deadline_ms;
    bool waited; /* until the job's end or the deadline */
    await_done *done;
};

/* Reads the client's wish: the seconds of Prefer: wait=N. Returns whether it has one. */
bool await_preference(const struct exchange *exchange, uint32_t *wait_s);

/* Waits for the end of a job of family; exchange, job, family, deadline_ms and done are set in
 * *await first. */
void await_start(struct await *await);

/* Forgets it: to be called when the exchange ends. */
void await_stop(struct await *await);

#endif
