#ifndef TROUPE_GATEWAY_QUOTA_H
#define TROUPE_GATEWAY_QUOTA_H

/* The limit of submitted jobs (rates.h) as clients see it: 429, Retry-After, and the RateLimit
 * headers (draft-ietf-httpapi-ratelimit-headers-11). */

#include "gateway/exchange.h"

/* Counts so many jobs of who asks and adds the headers that tell where that leaves them. Returns
 * whether the request may go on; otherwise it has been answered. */
bool quota_take(struct exchange *exchange, uint32_t jobs);

#endif
