#ifndef TROUPE_BROKER_CORE_MINUTE_H
#define TROUPE_BROKER_CORE_MINUTE_H

/*
 * How often a few things happened in the last minute: a count for each second of it. Fixed in size,
 * never stored: after a restart it begins anew. Embedded by a queue or provider.
 */

#include <stdint.h>

enum minute_thing {
    MINUTE_STARTED, /* leases given */
    MINUTE_COMPLETED,
    MINUTE_FAILED,
};
enum {
    MINUTE_THING_COUNT = 3,
    MINUTE_SECONDS = 60,
};

struct minute {
    int64_t second; /* the last one that was counted in, since 1970 */
    uint32_t counts[MINUTE_SECONDS][MINUTE_THING_COUNT];
};

/* Counts one. now never falls. */
void minute_count(struct minute *minute, enum minute_thing thing, int64_t now);

/* Counts several, UINT32_MAX of a thing in one second at most. */
void minute_add(struct minute *minute, enum minute_thing thing, uint32_t count, int64_t now);

/* How many there were in this second and the 59 before it. */
uint64_t minute_sum(const struct minute *minute, enum minute_thing thing, int64_t now);

#endif
