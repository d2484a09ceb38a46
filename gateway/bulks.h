#ifndef TROUPE_GATEWAY_BULKS_H
#define TROUPE_GATEWAY_BULKS_H

/* Handlers of operations upon many jobs, which go on in the background. */

#include "gateway/router.h"

route_handler bulks_start;
route_handler bulks_list;
route_handler bulks_get;
route_handler bulks_stop;

#endif
