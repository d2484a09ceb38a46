#ifndef TROUPE_GATEWAY_HEALTH_H
#define TROUPE_GATEWAY_HEALTH_H

/* Handlers of /healthz (this process answers) and /readyz (it can serve: the broker is there). */

#include "gateway/router.h"

route_handler health_live;
route_handler health_ready;

#endif
