#ifndef TROUPE_GATEWAY_JOB_MANAGE_H
#define TROUPE_GATEWAY_JOB_MANAGE_H

/* Handlers by which those who run the stack change one job of any user: it may start before its
 * time, has another priority, or is kept no longer. */

#include "gateway/router.h"

route_handler job_promote;
route_handler job_set_priority;
route_handler job_remove;

#endif
