#ifndef TROUPE_BROKER_CORE_TIMERS_H
#define TROUPE_BROKER_CORE_TIMERS_H

/*
 * When each live job needs attention next: one heap of (time, job), four children a node so that a
 * node's children share a cache line. A job knows its place (timer_position).
 */

#include "broker/core/slab.h"

struct timer {
    int64_t at; /* milliseconds since 1970 */
    uint32_t job;
};

/* Embedded by the core. */
struct timers {
    struct timer *items;
    uint32_t count;
    uint32_t capacity;
};

void timers_init(struct timers *timers);
void timers_fini(struct timers *timers);

/* Makes sure that `count` more jobs can be set. Returns OK or NO_MEMORY. */
enum status timers_reserve(struct timers *timers, uint32_t count);

/* Sets or moves a job's time. For a job that has none, timers_reserve came before. */
void timers_set(struct timers *timers, struct slab *slab, uint32_t job, int64_t at);
void timers_remove(struct timers *timers, struct slab *slab, uint32_t job);

/* The earliest, or NULL. */
const struct timer *timers_first(const struct timers *timers);

#endif
