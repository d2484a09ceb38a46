#ifndef TROUPE_GATEWAY_USAGE_H
#define TROUPE_GATEWAY_USAGE_H

/* What was spent: GET /api/v1/usage of who asks, GET /api/v1/admin/usage of any owner or of all. */

#include "gateway/exchange.h"

void usage_get(struct exchange *exchange);
void usage_get_any(struct exchange *exchange);

#endif
