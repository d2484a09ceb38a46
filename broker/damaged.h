#ifndef TROUPE_BROKER_DAMAGED_H
#define TROUPE_BROKER_DAMAGED_H

/*
 * What the log has been told of damage in the store that was passed over: each record once, when a
 * query first meets it, and entries without an id once. Embedded in the broker, zeroed; not kept
 * over a restart.
 */

#include "broker/view.h"

enum {
    DAMAGED_TOLD_MAX = 64, /* records that are logged; a store with more of them needs a backup */
};

struct damaged {
    uint32_t count;
    struct id told[DAMAGED_TOLD_MAX];
    bool entries_told;
};

void damaged_tell(struct damaged *damaged, const struct view_damage *damage);

#endif
