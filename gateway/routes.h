#ifndef TROUPE_GATEWAY_ROUTES_H
#define TROUPE_GATEWAY_ROUTES_H

/* The one table of everything that the API answers to. */

#include "gateway/router.h"

/* The whole table. */
const struct route *routes_all(size_t *count);

/* See router_find. */
enum router_result routes_find(struct slice method, struct slice path, struct route_match *out);

#endif
