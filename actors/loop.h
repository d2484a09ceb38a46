#ifndef TROUPE_ACTORS_LOOP_H
#define TROUPE_ACTORS_LOOP_H

/*
 * The event loop of an actor: file descriptors, timers and signals on one thread. The owner of
 * libuv: nobody else includes uv.h. main makes the one instance. A turn is: wait, callbacks of
 * descriptors, due timers, the turn's end function.
 */

#include "actors/timers.h"
#include "base/build.h"

enum {
    LOOP_READABLE = 1,
    LOOP_WRITABLE = 2,
};

struct loop;
struct loop_watch;

/* libuv, for --version. */
struct build_library loop_library(void);

typedef void loop_watch_function(void *context, int events);
typedef void loop_signal_function(void *context, int signal);
typedef void loop_turn_function(void *context);

/* Returns OK, NO_MEMORY or IO. */
enum status loop_new(struct loop **out);
void loop_destroy(struct loop **loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Milliseconds of a clock that never goes back, read once a turn. */
int64_t loop_now_ms(const struct loop *loop);

/* Called at the end of each turn, before the loop waits. */
void loop_on_turn(struct loop *loop, loop_turn_function *function, void *context);

/* Makes the next turn begin without waiting. */
void loop_hurry(struct loop *loop);

/* Called with SIGTERM and SIGINT. SIGPIPE is ignored from here on. Returns OK or IO. */
enum status loop_on_signal(struct loop *loop, loop_signal_function *function, void *context);

/* Makes room for count timers running at once. Returns OK or NO_MEMORY. */
enum status loop_timers_reserve(struct loop *loop, size_t count);

/* Starts, or moves, a timer that fires delay_ms from now (0: next turn), once. */
void loop_timer_start(struct loop *loop, struct timer *timer, int64_t delay_ms);
void loop_timer_stop(struct loop *loop, struct timer *timer);

/* Watches a descriptor that stays open until loop_unwatch. events is a set of LOOP_READABLE and
 * LOOP_WRITABLE, level triggered. Returns OK, NO_MEMORY or IO. */
enum status loop_watch(struct loop *loop, int fd, int events, loop_watch_function *function,
                       void *context, struct loop_watch **out);

/* Changes what is waited for. Returns OK or IO. */
enum status loop_watch_change(struct loop_watch *watch, int events);

/* Stops at once, and nulls the caller's pointer. */
void loop_unwatch(struct loop_watch **watch);

#endif
