#ifndef TROUPE_GATEWAY_SYSTEM_H
#define TROUPE_GATEWAY_SYSTEM_H

#include "gateway/router.h"

/* GET /api/v1/admin/system: the broker, the programs that are connected to it, and this gateway. */
route_handler system_get;

#endif
