#ifndef TROUPE_GATEWAY_EVENTS_H
#define TROUPE_GATEWAY_EVENTS_H

/* Handlers of the event streams: of one job, and of everything that is the user's. */

#include "gateway/router.h"

route_handler events_character;
route_handler events_media;
route_handler events_owner;

#endif
