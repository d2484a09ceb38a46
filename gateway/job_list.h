#ifndef TROUPE_GATEWAY_JOB_LIST_H
#define TROUPE_GATEWAY_JOB_LIST_H

/* Handlers of lists of jobs. Those of a user, newest first: filters, limit and skip, or an opaque
 * cursor that does not slow with depth. Those of a batch, in their order: limit and skip. */

#include "gateway/router.h"

route_handler job_list_character;
route_handler job_list_media;
route_handler job_list_batch;

#endif
