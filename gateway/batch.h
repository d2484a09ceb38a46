#ifndef TROUPE_GATEWAY_BATCH_H
#define TROUPE_GATEWAY_BATCH_H

/* Handler of POST /batches: many jobs in one request, all or nothing. */

#include "gateway/router.h"

route_handler batch_post;

#endif
