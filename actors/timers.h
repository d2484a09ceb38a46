#ifndef TROUPE_ACTORS_TIMERS_H
#define TROUPE_ACTORS_TIMERS_H

/*
 * A heap of timers that live inside their owners: a task has two, and may be freed the moment they
 * are stopped, which libuv's own (closed a turn later) would not allow. Pure: the caller tells the
 * time and asks for what is due. The loop owns the one instance.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/status.h"

typedef void timer_function(void *context);

/* Embedded by its owner, zeroed before first use, stopped before it is freed. */
struct timer {
    size_t place; /* in the heap, counted from 1; 0 when it does not run */
    int64_t due_ms;
    timer_function *fire;
    void *context;
};

struct timers {
    struct timer **heap;
    size_t count;
    size_t capacity;
};

void timers_init(struct timers *timers);
void timers_fini(struct timers *timers);

/* Makes room for count timers running at once, so that starting one cannot fail. Returns OK or
 * NO_MEMORY. */
enum status timers_reserve(struct timers *timers, size_t count);

/* Starts the timer, or moves it when it runs. Needs room (timers_reserve). */
void timers_start(struct timers *timers, struct timer *timer, int64_t due_ms);

/* Stops the timer; one that does not run is fine. */
void timers_stop(struct timers *timers, struct timer *timer);

/* Whether the timer runs. */
bool timer_is_running(const struct timer *timer);

/* Tells when the earliest one is due. Returns false when none runs. */
bool timers_next(const struct timers *timers, int64_t *due_ms_out);

/* Takes the earliest timer that is due at now_ms off the heap and returns it (the caller fires
 * it), or NULL. */
struct timer *timers_take_due(struct timers *timers, int64_t now_ms);

#endif
