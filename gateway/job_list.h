#ifndef TROUPE_GATEWAY_JOB_LIST_H
#define TROUPE_GATEWAY_JOB_LIST_H

/* Handlers of the two lists of jobs, newest first: filters, limit and skip, or an opaque cursor
 * that does not slow with depth. */

#include "gateway/router.h"

route_handler job_list_character;
route_handler job_list_media;

#endif
