#ifndef TROUPE_BROKER_CORE_LIMITER_H
#define TROUPE_BROKER_CORE_LIMITER_H

/*
 * At most `rate` starts in any second, exactly: a ring of the last start times. The next start is
 * allowed when more than a second has passed since the one `rate` starts ago; more, because times
 * are whole milliseconds, and two that are 1000 apart may be closer than a second.
 */

#include "base/status.h"
#include <stdint.h>

enum {
    LIMITER_WINDOW_MS = 1000,
};

/* Embedded by a queue. */
struct limiter {
    uint32_t rate; /* starts in a window; 0: no limit */
    uint32_t next; /* the oldest start */
    int64_t *starts;
};

/* Makes a limiter whose window is full up to now: what was started before is not known. Returns OK
 * or NO_MEMORY. */
enum status limiter_init(struct limiter *limiter, uint32_t rate, int64_t now);
void limiter_fini(struct limiter *limiter);

/* The first moment at which a start is allowed; INT64_MIN without a limit. */
int64_t limiter_next(const struct limiter *limiter);

/* Starts in the window that ends now; the first second of a run counts as full. O(rate). */
uint32_t limiter_used(const struct limiter *limiter, int64_t now);

/* Counts a start; limiter_next must allow it. */
void limiter_start(struct limiter *limiter, int64_t now);

#endif
