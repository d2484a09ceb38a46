#ifndef TROUPE_BROKER_CORE_ENDPOINTS_H
#define TROUPE_BROKER_CORE_ENDPOINTS_H

/*
 * The webhook endpoints of all users, as far as they decide which events become deliveries: where
 * they are and their secrets stand on disk only. A user's endpoints are chained at the user
 * (users.h), who stays in memory for them. Named by a small index.
 */

#include <assert.h>
#include "base/status.h"
#include "broker/core/job.h"

struct endpoint {
    struct id id;
    uint32_t owner;   /* index in the table of users */
    uint32_t next;    /* index: the user's next one, or JOB_NONE; the next free slot */
    uint32_t version; /* number of its changes; 0: the slot is free */
    uint16_t events;  /* bit set of event_kind */
    bool disabled;
};

/* Embedded by the core. */
struct endpoints {
    struct endpoint *items;
    uint32_t used; /* slots handed out so far, free ones included */
    uint32_t count;
    uint32_t capacity;
    uint32_t free_first;
};

void endpoints_init(struct endpoints *endpoints);
void endpoints_fini(struct endpoints *endpoints);

/* Makes sure that the next endpoints_take succeeds. Returns OK, NO_MEMORY, or FULL at
 * ENDPOINTS_STORED_MAX. */
enum status endpoints_reserve(struct endpoints *endpoints);

/* Hands out a zeroed one and chains it at *first; endpoints_reserve came before. Entries move with
 * endpoints_reserve. */
uint32_t endpoints_take(struct endpoints *endpoints, uint32_t *first);

/* Takes one out of the chain that begins at *first. */
void endpoints_give(struct endpoints *endpoints, uint32_t *first, uint32_t index);

/* Finds one in a chain by its id; JOB_NONE when it is not there. */
uint32_t endpoints_find(const struct endpoints *endpoints, uint32_t first, const struct id *id);

static inline struct endpoint *endpoints_endpoint(const struct endpoints *endpoints, uint32_t index)
{
    assert(index < endpoints->used);
    return &endpoints->items[index];
}

#endif
