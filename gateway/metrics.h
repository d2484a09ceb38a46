#ifndef TROUPE_GATEWAY_METRICS_H
#define TROUPE_GATEWAY_METRICS_H

/* GET /metrics: what this gateway has counted, for Prometheus; only for who may read it
 * (metrics_access.h). */

#include "gateway/exchange.h"

void metrics_get(struct exchange *exchange);

#endif
