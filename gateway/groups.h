#ifndef TROUPE_GATEWAY_GROUPS_H
#define TROUPE_GATEWAY_GROUPS_H

/* Handlers of a batch that exists: its state, its events, its end. */

#include "gateway/router.h"

route_handler groups_get_batch;
route_handler groups_events_batch;
route_handler groups_cancel_batch;

#endif
