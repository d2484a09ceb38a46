#ifndef TROUPE_GATEWAY_JOBS_H
#define TROUPE_GATEWAY_JOBS_H

/* Handlers of one job: its status (with ETag, ?wait and ?since), and its cancellation. */

#include "gateway/cache.h"
#include "gateway/router.h"

route_handler jobs_get_character;
route_handler jobs_get_media;
route_handler jobs_cancel_character;
route_handler jobs_cancel_media;

/* Answers 200 with a job and its ETag. With a message the answer is not to be had by If-None-Match:
 * something was done. */
void jobs_send(struct exchange *exchange, const struct cached_job *job, const char *message);

#endif
