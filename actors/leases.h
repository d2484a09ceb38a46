#ifndef TROUPE_ACTORS_LEASES_H
#define TROUPE_ACTORS_LEASES_H

/*
 * The table of leases that this process answers for: jobs being worked on, and results that the
 * broker has not acknowledged. Each occupies one slot. Pure. The runtime owns the one instance.
 */

#include "actors/result.h"

struct task;

enum lease_state {
    LEASE_STATE_WORKING, /* task is set */
    LEASE_STATE_ENDED,   /* result is set, and sent again after each reconnect until its ACK */
};

struct lease {
    struct id job;
    uint32_t number;
    enum lease_state state;
    struct task *task;     /* borrowed */
    struct result *result; /* owned */
};

struct leases {
    struct lease **cells; /* open addressing, linear probing */
    size_t capacity;      /* 0 or a power of two */
    size_t count;
    size_t working;
    size_t slots;
};

void leases_init(struct leases *leases, size_t slots);
void leases_fini(struct leases *leases);

/* Adds a lease that is being worked on. Returns OK, EXISTS, FULL (every slot is occupied) or
 * NO_MEMORY. The lease stays where it is until it is removed. */
enum status leases_add(struct leases *leases, const struct id *job, uint32_t number,
                       struct lease **out);

/* Returns the lease or NULL. */
struct lease *leases_find(const struct leases *leases, const struct id *job, uint32_t number);

/* The work is over and this is its result; the table owns it from here on. */
void leases_end(struct leases *leases, struct lease *lease, struct result *result);

/* Forgets the lease and frees it with its result. */
void leases_remove(struct leases *leases, struct lease *lease);

/* Walks the table: start with *cursor 0; returns NULL at the end. Meanwhile nothing may be
 * added, and only the lease that was returned last be removed: then step the cursor back by one. */
struct lease *leases_next(const struct leases *leases, size_t *cursor);

/* Slots that are not occupied. */
size_t leases_free(const struct leases *leases);

#endif
