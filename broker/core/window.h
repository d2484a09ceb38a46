#ifndef TROUPE_BROKER_CORE_WINDOW_H
#define TROUPE_BROKER_CORE_WINDOW_H

/*
 * Counts what happened in the last `ms` milliseconds, in parts of a sixtieth: memory does not grow
 * with the count. A part counts until all of it is older than the window, so the sum is never below
 * the true one: a limit that is kept by it is kept in every sliding window, and what it allows may
 * come a sixtieth of the window later than it could. Embedded by its owner.
 */

#include <stdint.h>

enum {
    WINDOW_PARTS = 61, /* a window's sixty, and the one that is just beginning */
};

struct window {
    int64_t part_ms;
    int64_t part_last; /* number of the newest part: its first millisecond / part_ms */
    int64_t closed_until;
    uint64_t count; /* of all parts */
    uint32_t parts[WINDOW_PARTS];
};

/* Makes an empty window that allows nothing in its own length from now: what was counted before is
 * not known. */
void window_init(struct window *window, int64_t ms, int64_t now);

/* Makes one of which all is known: nothing was counted before but what is restored. */
void window_init_known(struct window *window, int64_t ms);

/* Counts one at `now`, which is never before an earlier one. */
void window_count(struct window *window, int64_t now);

/* Counts what an earlier run has counted in the part of this number (its part_last then). What is
 * over is passed over, and what would be of a part to come is of now's: the window may be full for
 * longer, never for less. */
void window_restore(struct window *window, int64_t number, uint64_t count, int64_t now);

/* The first moment from `now` at which one more makes no more than max; max is above 0. */
int64_t window_next(const struct window *window, uint32_t max, int64_t now);

/* How many of max are used up at `now`: all of them while nothing is known, more than that when the
 * limit was lowered. */
uint64_t window_used(const struct window *window, uint32_t max, int64_t now);

#endif
