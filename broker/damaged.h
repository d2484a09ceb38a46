#ifndef TROUPE_BROKER_DAMAGED_H
#define TROUPE_BROKER_DAMAGED_H

/*
 * Which jobs were passed over by walks because a record of theirs is damaged: each is logged once,
 * when a walk first meets it. Embedded in the broker, zeroed; not kept over a restart.
 */

#include "broker/search.h"

enum {
    DAMAGED_TOLD_MAX = 64, /* jobs that are logged; a store with more of them needs a backup */
};

struct damaged {
    uint32_t count;
    struct id told[DAMAGED_TOLD_MAX];
};

void damaged_tell(struct damaged *damaged, const struct search_damage *damage);

#endif
