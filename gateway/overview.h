#ifndef TROUPE_GATEWAY_OVERVIEW_H
#define TROUPE_GATEWAY_OVERVIEW_H

/* All queues, and whether there is room on the disk for new work, as the broker last told them.
 * Pure. Embedded by the gateway. */

#include "gateway/requests.h"

struct overview {
    struct message_queue queues[JOB_KIND_COUNT]; /* by kind */
    bool disk_low;                               /* new work is refused */
    uint64_t disk_free;                          /* bytes; 0: not known */
    uint64_t disk_floor;                         /* bytes, below which it is refused */
    int64_t at_ms;                               /* when they were told; 0: never */
};

/* Takes the answer to GET_QUEUES. Returns OK, or MALFORMED and then nothing is changed. */
enum status overview_take(struct overview *overview, const struct answer *answer, int64_t now_ms);

/* Whether what is known may be told again. */
bool overview_is_fresh(const struct overview *overview, int64_t now_ms);

#endif
