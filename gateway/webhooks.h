#ifndef TROUPE_GATEWAY_WEBHOOKS_H
#define TROUPE_GATEWAY_WEBHOOKS_H

/* Handlers of a user's webhook endpoints. A change is made from what the broker has: it is read,
 * changed here, and written with the version that was read, so that no other change is lost. */

#include "gateway/router.h"

route_handler webhooks_create;
route_handler webhooks_list;
route_handler webhooks_get;
route_handler webhooks_get_secret;
route_handler webhooks_change;
route_handler webhooks_rotate_secret;
route_handler webhooks_delete;

#endif
