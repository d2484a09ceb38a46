#ifndef TROUPE_BROKER_CORE_BULKS_H
#define TROUPE_BROKER_CORE_BULKS_H

/*
 * The bulks that are known: those that go on, and the last ones that have ended. What each is to do
 * stands on disk only (broker/keys.h); here is how far it is. A bulk goes through its jobs from the
 * newest to the oldest by place, which counts down to 0: by the age of the jobs that were there
 * when it was started, or, of those given by their ids, by how many are left. Pure; embedded by the
 * core.
 */

#include "base/status.h"
#include "broker/core/limits.h"
#include "proto/messages.h"

struct bulk {
    struct message_bulk told; /* but for the user, and for where */
    uint8_t user_size;
    uint8_t user[OWNER_SIZE_MAX];
    uint16_t where_size;
    uint8_t where[BULK_WHERE_SIZE_MAX];
};

struct bulks {
    uint32_t count;
    uint32_t turn;                /* index of the one that went on last */
    struct bulk items[BULKS_MAX]; /* the oldest first */
};

/* How far it is, borrowed from it. */
struct message_bulk bulk_told(const struct bulk *bulk);

static inline bool bulk_is_live(const struct bulk *bulk)
{
    return bulk->told.state == BULK_STATE_RUNNING;
}

/* Finds one; NULL when it is not known. The second is for who may change it. */
const struct bulk *bulks_find(const struct bulks *bulks, const struct id *id);
struct bulk *bulks_find_own(struct bulks *bulks, const struct id *id);

/* How many go on. */
uint32_t bulks_live(const struct bulks *bulks);

/* Makes room for one more when there is none: forgets the oldest that has ended. Returns whether it
 * did, and its id. Not all go on. */
bool bulks_forget(struct bulks *bulks, struct id *out);

/* Adds one by its age; there is room. It is valid until the next call. */
struct bulk *bulks_add(struct bulks *bulks, const struct message_bulk *told);

/* The one whose turn it is, and then another's; NULL when none goes on. */
const struct bulk *bulks_next(struct bulks *bulks);

#endif
