#ifndef TROUPE_GATEWAY_DELIVERIES_H
#define TROUPE_GATEWAY_DELIVERIES_H

/* Handlers of the log of a webhook's deliveries, and of the replay of one. */

#include "gateway/router.h"

route_handler deliveries_list;
route_handler deliveries_replay;

#endif
