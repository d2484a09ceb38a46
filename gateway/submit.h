#ifndef TROUPE_GATEWAY_SUBMIT_H
#define TROUPE_GATEWAY_SUBMIT_H

/* Handlers of the three queue POSTs: check the body, fix the ids, hand the job to the broker, and
 * answer 202 when it is durable there. */

#include "gateway/router.h"

route_handler submit_character;
route_handler submit_image;
route_handler submit_video;

#endif
