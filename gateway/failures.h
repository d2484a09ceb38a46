#ifndef TROUPE_GATEWAY_FAILURES_H
#define TROUPE_GATEWAY_FAILURES_H

/* GET /api/v1/admin/failures: failed jobs counted by what their errors have in common. */

#include "gateway/router.h"

route_handler failures_get;

#endif
