#ifndef TROUPE_BROKER_CORE_USES_H
#define TROUPE_BROKER_CORE_USES_H

/*
 * Which live jobs are made from which documents: a treap of the image and video jobs by character,
 * then by source (all zero of an image), so that those of a character stand together, and those of
 * a source in it. Its links are in the jobs; nothing is allocated. Embedded by the core.
 */

#include "broker/core/slab.h"

struct uses {
    uint32_t root; /* slab index, or JOB_NONE */
};

void uses_init(struct uses *uses);

/* Puts a job of a kind that needs a character. */
void uses_put(struct uses *uses, const struct slab *slab, uint32_t index);

/* Removes a job that was put. */
void uses_remove(struct uses *uses, const struct slab *slab, uint32_t index);

/* A job made from the source, or, when that is all zero, any job of the character. JOB_NONE when
 * there is none. */
uint32_t uses_find(const struct uses *uses, const struct slab *slab, const struct id *character,
                   const struct id *source);

#endif
