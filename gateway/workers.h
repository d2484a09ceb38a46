#ifndef TROUPE_GATEWAY_WORKERS_H
#define TROUPE_GATEWAY_WORKERS_H

/* Handlers of the admin API's workers. */

#include "gateway/router.h"

route_handler workers_get;
route_handler workers_drain;
route_handler workers_undrain;
route_handler workers_stop;

#endif
