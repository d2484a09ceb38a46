#ifndef TROUPE_BROKER_CORE_USERS_H
#define TROUPE_BROKER_CORE_USERS_H

/*
 * The owners of live jobs: each name stands in memory once, with the owner's place in each queue.
 * A user exists as long as a live job or a webhook endpoint refers to it, or it has spent today.
 * Users are named by a small index.
 */

#include <assert.h>
#include "broker/core/order.h"
#include "broker/core/table.h"

enum {
    LIVE_STATE_COUNT = 3, /* pending, waiting, active */
    DAY_NONE = INT32_MAX,
};

/* A user's part of one queue. */
struct user_queue {
    struct order order;                /* jobs that may start now */
    uint32_t next, previous;           /* in the ring of users whose turn may come; or JOB_NONE */
    uint32_t counts[LIVE_STATE_COUNT]; /* live jobs by state */
};

struct user {
    uint32_t hash_next;
    uint32_t references; /* jobs in memory and endpoints that name this user, and its spending */
    struct user_queue queues[JOB_KIND_COUNT];
    uint64_t spent;                          /* micro-dollars, on spent_day ... */
    uint64_t reserved;                       /* ... and what live jobs hold */
    uint32_t spent_day;                      /* since 1970; DAY_NONE: it is no spender */
    uint32_t spender_previous, spender_next; /* in the list of spenders (costs.c); or JOB_NONE */
    uint32_t endpoints; /* first of its webhook endpoints (endpoints.h), or JOB_NONE */
    uint8_t endpoint_count;
    uint8_t owner_size;
    uint8_t owner[]; /* owner_size bytes */
};

/* A pointer has its lowest bit clear, the next free place is shifted above a set one. */
union user_slot {
    struct user *user;
    uint64_t free_next;
};
_Static_assert(sizeof(struct user *) == sizeof(uint64_t), "the lowest bits are at the same place");

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

/* The user at a place below users->count, or NULL for one that is free. */
static inline const struct user *users_at(const struct users *users, uint32_t place)
{
    assert(place < users->count);
    return (users->slots[place].free_next & 1) != 0 ? NULL : users->slots[place].user;
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
