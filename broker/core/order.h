#ifndef TROUPE_BROKER_CORE_ORDER_H
#define TROUPE_BROKER_CORE_ORDER_H

/*
 * The waiting jobs of one owner in one queue, by priority and then age: a treap with subtree sizes
 * inside the jobs themselves, so that put, take, remove and rank are O(log n) and cost no memory.
 * The heap order comes from a hash of the job's `accepted`, so it is the same in every run. Jobs
 * are named by their index in the slab.
 */

#include "broker/core/job.h"

struct slab; /* slab.h: job at an index */

struct order {
    uint32_t root; /* JOB_NONE when empty */
};

void order_init(struct order *order);
void order_put(struct order *order, struct slab *slab, uint32_t job);
void order_remove(struct order *order, struct slab *slab, uint32_t job);

/* The job that goes next, or JOB_NONE. */
uint32_t order_first(const struct order *order, const struct slab *slab);

/* How many jobs go before this one. */
uint32_t order_rank(const struct slab *slab, uint32_t job);
uint32_t order_size(const struct order *order, const struct slab *slab);

#endif
