#ifndef TROUPE_GATEWAY_BACKUPS_H
#define TROUPE_GATEWAY_BACKUPS_H

/* Handlers about backups of the broker's store, for admins. */

#include "gateway/router.h"

route_handler backups_make;
route_handler backups_list;

#endif
