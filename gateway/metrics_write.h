#ifndef TROUPE_GATEWAY_METRICS_WRITE_H
#define TROUPE_GATEWAY_METRICS_WRITE_H

/* What this gateway has counted, by the names that it has for Prometheus (docs/operations.md). Who
 * may read it is metrics.h's. */

#include "base/metrics.h"
#include "gateway/gateway.h"

void gateway_metrics_write(const struct gateway *gateway, struct metrics_writer *writer);

#endif
