#ifndef TROUPE_GATEWAY_DELIVERIES_H
#define TROUPE_GATEWAY_DELIVERIES_H

/* Handlers of the log of a webhook's deliveries. */

#include "gateway/router.h"

route_handler deliveries_list;

#endif
