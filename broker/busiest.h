#ifndef TROUPE_BROKER_BUSIEST_H
#define TROUPE_BROKER_BUSIEST_H

/*
 * A page of the users with live jobs, those with the most first and equals by name, of however many
 * it is shown in whatever order; and the sums of all. Pure; fixed in size. Embedded by its owner.
 */

#include "broker/core/core.h"

enum {
    BUSIEST_MAX = LIST_LIMIT_MAX,
};

struct busiest_user {
    uint64_t waiting, active, delayed;
    uint64_t spent; /* today, micro-dollars */
    uint8_t owner_size;
    uint8_t owner[OWNER_SIZE_MAX];
};

/* A place in the order: behind the user of this name with so many jobs, who need not be there any
 * more. An empty name is the place before all. */
struct busiest_place {
    uint64_t jobs;
    uint8_t owner_size;
    uint8_t owner[OWNER_SIZE_MAX];
};

struct busiest {
    struct busiest_place after;
    uint64_t behind; /* users behind `after`, on the page or not */
    uint32_t count;
    struct busiest_user items[BUSIEST_MAX];   /* by place in order: see there */
    uint8_t order[BUSIEST_MAX];               /* places in items, the busiest first */
    uint64_t users, waiting, active, delayed; /* of all */
};

/* Begins the page behind a place. */
void busiest_begin(struct busiest *busiest, const struct busiest_place *after);

bool busiest_place_equal(const struct busiest_place *left, const struct busiest_place *right);

/* Takes a user into account. */
void busiest_add(struct busiest *busiest, const struct user_told *user);

/* The user with so many of the page before it, below busiest->count. */
const struct busiest_user *busiest_at(const struct busiest *busiest, uint32_t rank);

#endif
