#ifndef TROUPE_GATEWAY_JOBS_H
#define TROUPE_GATEWAY_JOBS_H

/* Handlers of one job: its status, with ETag, ?wait, ?since and ?include. */

#include "gateway/router.h"

route_handler jobs_get_character;
route_handler jobs_get_media;

#endif
