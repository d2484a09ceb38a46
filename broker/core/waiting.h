#ifndef TROUPE_BROKER_CORE_WAITING_H
#define TROUPE_BROKER_CORE_WAITING_H

/*
 * The jobs of a queue that wait for their turn, of all users, in the order in which they began to
 * wait: the first one has waited longest. A circular list by the links that a job needs for its
 * worker's leases only while it is active. Embedded by a queue as the slab index of the first, one
 * list for each class: what may start while the day of its providers is used up is found at once.
 */

#include "broker/core/slab.h"

enum waiting_class {
    WAITING_CLASS_USUAL,
    WAITING_CLASS_BEGUN, /* it has announced a paid call, which may be found at the provider */
    WAITING_CLASS_TASK,  /* its task is recorded, its end is not: it needs no call to go on */
    WAITING_CLASS_DROP,  /* it is to stop, in no user's order: its task is dropped before it ends */
};

enum {
    WAITING_CLASS_COUNT = WAITING_CLASS_DROP + 1,
};

/* The class of a job as it is now. */
enum waiting_class waiting_class_of(const struct job *job);

/* Adds a job whose waiting_at is set, behind all others. */
void waiting_put(uint32_t *first, struct slab *slab, uint32_t index);

/* Adds it at the place of its waiting_at. Takes as long as there are jobs behind that. */
void waiting_insert(uint32_t *first, struct slab *slab, uint32_t index);
void waiting_remove(uint32_t *first, struct slab *slab, uint32_t index);

/* Puts jobs that were added in no order, as at a restart, into that of their waiting_at. */
void waiting_sort(uint32_t *first, struct slab *slab);

#endif
