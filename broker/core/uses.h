#ifndef TROUPE_BROKER_CORE_USES_H
#define TROUPE_BROKER_CORE_USES_H

/*
 * Which live jobs make something of which documents: a treap of all jobs but deliveries by
 * character, then by source (all zero but of a video), so that those of a character stand together,
 * and those of a source in it. Its links are in the jobs; nothing is allocated. Embedded by the
 * core.
 */

#include "broker/core/slab.h"

struct uses {
    uint32_t root; /* slab index, or JOB_NONE */
};

void uses_init(struct uses *uses);

/* Puts a job of a kind that makes assets. */
void uses_put(struct uses *uses, const struct slab *slab, uint32_t index);

/* Removes a job that was put. */
void uses_remove(struct uses *uses, const struct slab *slab, uint32_t index);

/* A job made from the source, or, when that is all zero, any job of the character. JOB_NONE when
 * there is none. */
uint32_t uses_find(const struct uses *uses, const struct slab *slab, const struct id *character,
                   const struct id *source);

/* The next job of the same character; JOB_NONE behind its last one. */
uint32_t uses_next(const struct uses *uses, const struct slab *slab, uint32_t index);

#endif
