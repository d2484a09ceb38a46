#ifndef TROUPE_BROKER_CORE_PACE_H
#define TROUPE_BROKER_CORE_PACE_H

/*
 * How long a queue's attempts took of late: the mean of the last few that their worker ended, by
 * success or failure. Fixed in size, never stored: after a restart nothing is known. Embedded by a
 * queue.
 */

#include <stdint.h>

enum {
    PACE_RUNS = 32,         /* attempts in the mean: enough to be steady, few enough to follow */
    PACE_KEPT_MS = 3600000, /* after an hour without an end the mean is no longer of late */
};

struct pace {
    int64_t runs[PACE_RUNS]; /* milliseconds each took */
    int64_t sum;             /* of all of them */
    int64_t ended_at;        /* the last one */
    uint32_t count;
    uint32_t next;
};

/* Counts an attempt that took so many milliseconds. */
void pace_end(struct pace *pace, int64_t run_ms, int64_t now);

/* The mean, at least 1; 0 when nothing ended lately. */
int64_t pace_run_ms(const struct pace *pace, int64_t now);

#endif
