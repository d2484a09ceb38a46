#ifndef TROUPE_GATEWAY_PIPELINE_H
#define TROUPE_GATEWAY_PIPELINE_H

/* Handler of POST /pipelines: a character, pictures of it, and videos of these, in one request. */

#include "gateway/router.h"

route_handler pipeline_post;

#endif
