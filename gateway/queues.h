#ifndef TROUPE_GATEWAY_QUEUES_H
#define TROUPE_GATEWAY_QUEUES_H

/* Handlers of the admin API's queues. */

#include "gateway/router.h"

route_handler queues_get;
route_handler queues_pause;
route_handler queues_resume;

#endif
