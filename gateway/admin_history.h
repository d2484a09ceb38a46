#ifndef TROUPE_GATEWAY_ADMIN_HISTORY_H
#define TROUPE_GATEWAY_ADMIN_HISTORY_H

/* GET /api/v1/admin/history: what happened in the queues in the last hour, day or month. */

#include "gateway/exchange.h"

void admin_history_get(struct exchange *exchange);

#endif
