#ifndef TROUPE_ACTORS_STUDIO_POOL_H
#define TROUPE_ACTORS_STUDIO_POOL_H

/*
 * A fixed number of threads that draw and encode, so that the loop never waits for them. Urgent
 * jobs (pictures: tenths of a second) go before others (films: seconds). A job belongs to the pool
 * from pool_submit until done was called with it.
 */

#include <stdbool.h>

#include "base/status.h"

enum {
    POOL_THREAD_COUNT_MAX = 32,
    POOL_QUEUE_COUNT_MAX = 512, /* jobs that wait */
};

struct pool_job {
    struct pool_job *next;              /* the pool's */
    void (*work)(struct pool_job *job); /* called on a thread of the pool; may block */
};

struct pool;

/* Starts the threads with all signals blocked. done is called on a thread of the pool after each
 * job's work. Returns OK, NO_MEMORY or IO. */
enum status pool_new(int thread_count, void (*done)(void *context, struct pool_job *job),
                     void *context, struct pool **out);

/* Returns OK, or FULL: the job stays the caller's. */
enum status pool_submit(struct pool *pool, struct pool_job *job, bool urgent);

/* Lets running jobs end (make them end soon first), gives the waiting ones to done without work,
 * and joins. Accepts a pointer to NULL. */
void pool_destroy(struct pool **pool);

#endif
