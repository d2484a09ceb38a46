#ifndef TROUPE_GATEWAY_OVERVIEW_H
#define TROUPE_GATEWAY_OVERVIEW_H

/* All queues as the broker last told them. Pure. Embedded by the gateway. */

#include "gateway/requests.h"

struct overview {
    struct message_queue queues[JOB_KIND_COUNT]; /* by kind */
    int64_t at_ms;                               /* when they were told; 0: never */
};

/* Takes the answer to GET_QUEUES. Returns OK, or MALFORMED and then nothing is changed. */
enum status overview_take(struct overview *overview, const struct answer *answer, int64_t now_ms);

/* Whether what is known may be told again. */
bool overview_is_fresh(const struct overview *overview, int64_t now_ms);

#endif
