#ifndef TROUPE_ACTORS_STUDIO_WORK_H
#define TROUPE_ACTORS_STUDIO_WORK_H

/*
 * Something that takes long, done on a thread of the pool and finished on the loop's thread.
 * Embedded at the start of what it is about; whoever submits it frees it in finish, which is called
 * exactly once after a submit that succeeded.
 */

#include "actors/studio/studio.h"

struct work {
    struct pool_job
        job; /* job.work runs on a thread of the pool, or not at all when the studio stops */
    void (*finish)(struct studio *studio, struct work *work); /* runs on the loop's thread */
    struct work *next;                                        /* the server's */
};

#endif
