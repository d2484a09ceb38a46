#ifndef TROUPE_GATEWAY_POSES_H
#define TROUPE_GATEWAY_POSES_H

/* The handler of the built-in poses (proto/poses.h). */

#include "gateway/router.h"

route_handler poses_get;

#endif
