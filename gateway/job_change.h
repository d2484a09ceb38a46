#ifndef TROUPE_GATEWAY_JOB_CHANGE_H
#define TROUPE_GATEWAY_JOB_CHANGE_H

/* Handlers that change one job: its cancellation, and its explicit retry. Each looks the job up
 * first, which tells whether the caller may see it, and answers with what has become of it. */

#include "gateway/router.h"

route_handler job_cancel_character;
route_handler job_cancel_media;
route_handler job_retry_character;
route_handler job_retry_media;

/* The same of any user's job, for operators; a delivery is replayed instead. */
route_handler job_cancel_any;
route_handler job_retry_any;

#endif
