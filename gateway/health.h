#ifndef TROUPE_GATEWAY_HEALTH_H
#define TROUPE_GATEWAY_HEALTH_H

/* Handlers of /healthz (this process answers), /readyz (it can serve: the broker is there) and
 * /api/v1/version. */

#include "gateway/router.h"

route_handler health_live;
route_handler health_ready;
route_handler health_version;

#endif
