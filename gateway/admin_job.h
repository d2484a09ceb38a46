#ifndef TROUPE_GATEWAY_ADMIN_JOB_H
#define TROUPE_GATEWAY_ADMIN_JOB_H

/* One job as operators see it: everything that there is of it. */

#include "gateway/router.h"

route_handler admin_job_get;

#endif
