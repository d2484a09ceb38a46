#ifndef TROUPE_BASE_CLOCK_H
#define TROUPE_BASE_CLOCK_H

/*
 * Time. All times in Troupe are milliseconds since 1970 (UTC), signed 64 bits, from one clock a
 * process that never goes back: the wall clock read once at start, moved on by the monotonic clock.
 * Only shells read it; pure modules are told.
 */

#include <stdint.h>

struct clock {
    int64_t wall_start_ms;
    int64_t monotonic_start_ms;
};

/* Starts the clock at the wall time, or at floor_ms when the wall time is before it (what a store
 * has already seen). */
void clock_init(struct clock *clock, int64_t floor_ms);

/* Milliseconds since 1970; never less than an earlier answer. */
int64_t clock_now_ms(const struct clock *clock);

/* CLOCK_MONOTONIC in milliseconds, for measuring only. */
int64_t clock_monotonic_ms(void);

/* The same in microseconds. */
int64_t clock_monotonic_us(void);

enum {
    CLOCK_TEXT_SIZE = 25, /* 2026-01-02T03:04:05.678Z and the NUL */
};

/* Writes ISO 8601 with milliseconds, UTC. Years outside 1970-9999 are clamped to that range.
 * Pure. */
void clock_format(int64_t time_ms, char out[CLOCK_TEXT_SIZE]);

#endif
