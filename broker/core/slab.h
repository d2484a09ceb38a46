#ifndef TROUPE_BROKER_CORE_SLAB_H
#define TROUPE_BROKER_CORE_SLAB_H

/*
 * The live jobs, in chunks of memory that never move, named by a small index. A job that is given
 * back is zeroed, so `version` tells whether an index is in use. Memory is kept for the next jobs;
 * it never exceeds what the most jobs at once needed.
 */

#include <assert.h>
#include "broker/core/job.h"
#include "broker/core/limits.h"

enum {
    SLAB_CHUNK_JOBS = 1024, /* jobs in one chunk: 336 KiB, few enough calls, little to waste */
    SLAB_CHUNKS_MAX = (JOBS_MAX + DELIVERIES_MAX + SLAB_CHUNK_JOBS - 1) / SLAB_CHUNK_JOBS,
};

/* Embedded by the core. */
struct slab {
    uint32_t count;      /* indexes handed out so far, free ones included */
    uint32_t free_first; /* given back, chained by hash_next */
    uint32_t free_count; /* of them */
    struct job *chunks[SLAB_CHUNKS_MAX];
};

void slab_init(struct slab *slab);
void slab_fini(struct slab *slab);

/* Makes sure that the next `count` calls of slab_take succeed. Returns OK or NO_MEMORY. */
enum status slab_reserve(struct slab *slab, uint32_t count);

/* Hands out a zeroed job whose lists are empty; slab_reserve came before. */
uint32_t slab_take(struct slab *slab);
void slab_give(struct slab *slab, uint32_t index);

static inline struct job *slab_job(const struct slab *slab, uint32_t index)
{
    assert(index < slab->count);
    return &slab->chunks[index / SLAB_CHUNK_JOBS][index % SLAB_CHUNK_JOBS];
}

#endif
