#ifndef TROUPE_BROKER_CORE_WAITING_H
#define TROUPE_BROKER_CORE_WAITING_H

/*
 * The jobs of a queue that wait for their turn, of all users, in the order in which they began to
 * wait: the first one has waited longest. A circular list by the links that a job needs for its
 * worker's leases only while it is active. Embedded by a queue as the slab index of the first.
 */

#include "broker/core/slab.h"

/* Adds a job whose waiting_at is set, behind all others. */
void waiting_put(uint32_t *first, struct slab *slab, uint32_t index);
void waiting_remove(uint32_t *first, struct slab *slab, uint32_t index);

/* Puts jobs that were added in no order, as at a restart, into that of their waiting_at. */
void waiting_sort(uint32_t *first, struct slab *slab);

#endif
