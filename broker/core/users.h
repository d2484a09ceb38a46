#ifndef TROUPE_BROKER_CORE_USERS_H
#define TROUPE_BROKER_CORE_USERS_H

/*
 * The owners of live jobs: each name stands in memory once, with the owner's place in each queue.
 * A user exists as long as a live job or a webhook endpoint refers to it. Users are named by a
 * small index.
 */

#include <assert.h>
#include "broker/core/order.h"
#include "broker/core/table.h"

enum {
    LIVE_STATE_COUNT = 3, /* pending, waiting, active */
};

/* A user's part of one queue. */
struct user_queue {
    struct order order;                /* jobs that may start now */
    uint32_t next, previous;           /* in the ring of users whose turn may come; or JOB_NONE */
    uint32_t counts[LIVE_STATE_COUNT]; /* live jobs by state */
};

struct user {
    uint32_t hash_next;
    uint32_t references; /* jobs in memory and endpoints that name this user */
    struct user_queue queues[JOB_KIND_COUNT];
    uint32_t endpoints; /* first of its webhook endpoints (endpoints.h), or JOB_NONE */
    uint8_t endpoint_count;
    uint8_t owner_size;
    uint8_t owner[]; /* owner_size bytes */
};

union user_slot {
    struct user *user;
    uint32_t free_next;
};

/* Embedded by the core. */
struct users {
    struct table table; /* by owner */
    union user_slot *slots;
    uint32_t count; /* slots handed out so far, free ones included */
    uint32_t capacity;
    uint32_t free_first;
};

/* Returns OK or NO_MEMORY; users_fini is due in either case. */
enum status users_init(struct users *users);
void users_fini(struct users *users);

/* Returns the index of an owner (1..OWNER_SIZE_MAX bytes) with live jobs, or JOB_NONE. */
uint32_t users_find(const struct users *users, struct slice owner);

/* Finds or makes the user and counts a reference. Returns OK or NO_MEMORY. */
enum status users_take(struct users *users, struct slice owner, uint32_t *out);

/* Drops a reference; the user goes with the last. */
void users_give(struct users *users, uint32_t index);

static inline struct user *users_user(const struct users *users, uint32_t index)
{
    assert(index < users->count);
    return users->slots[index].user;
}

/* Live jobs of a user in one queue. */
static inline uint32_t user_queue_jobs(const struct user_queue *own)
{
    uint32_t jobs = 0;
    for (uint32_t state = 0; state < LIVE_STATE_COUNT; state++) {
        jobs += own->counts[state];
    }
    return jobs;
}

static inline struct slice user_owner(const struct user *user)
{
    return slice_make(user->owner, user->owner_size);
}

#endif
