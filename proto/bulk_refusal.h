#ifndef TROUPE_PROTO_BULK_REFUSAL_H
#define TROUPE_PROTO_BULK_REFUSAL_H

/* Why a bulk could not do with a job what it was to do: a BULK counts each reason in a field of its
 * own. What had already ended has no reason; a BULK of an older broker tells none. Pure. */

#include "proto/messages.h"

enum bulk_refusal {
    BULK_REFUSAL_NOT_FOUND, /* there is no such job, or it is kept no longer */
    BULK_REFUSAL_CHANGED,   /* it is no longer what was asked for */
    BULK_REFUSAL_NOT_RETRYABLE,
    BULK_REFUSAL_NOT_DELAYED,
    BULK_REFUSAL_STARTED,
    BULK_REFUSAL_NOT_ENDED,
    BULK_REFUSAL_SOURCE, /* what it is made from is gone, or does not suit */
    BULK_REFUSAL_OVER_BUDGET,
    BULK_REFUSAL_DISK_FULL,
    BULK_REFUSAL_TOO_MANY_JOBS,
    BULK_REFUSAL_DAMAGED, /* its record in the store cannot be read */
    BULK_REFUSAL_COUNT
};

/* The word of the API: that of the request for a single job, where there is one. */
const char *bulk_refusal_name(enum bulk_refusal refusal);

/* How many jobs were refused for it. */
uint64_t bulk_refusal_count(const struct message_bulk *bulk, enum bulk_refusal refusal);

/* Counts one more. */
void bulk_refusal_add(struct message_bulk *bulk, enum bulk_refusal refusal);

/* The reason that a request for a single job was refused for. */
enum bulk_refusal bulk_refusal_of(enum reply_code code);

#endif
