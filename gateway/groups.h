#ifndef TROUPE_GATEWAY_GROUPS_H
#define TROUPE_GATEWAY_GROUPS_H

/* Handlers of a batch or a pipeline that exists: its state, its events, its end. get_any: whatever
 * and whoever's it is, for those who see everything. */

#include "gateway/router.h"

route_handler groups_get_any;
route_handler groups_get_batch;
route_handler groups_events_batch;
route_handler groups_cancel_batch;
route_handler groups_get_pipeline;
route_handler groups_events_pipeline;
route_handler groups_cancel_pipeline;

#endif
