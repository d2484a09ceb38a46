#ifndef TROUPE_GATEWAY_DELETIONS_H
#define TROUPE_GATEWAY_DELETIONS_H

/* Handlers of DELETE of characters and media entries, with their assets. */

#include "gateway/router.h"

route_handler deletions_character;
route_handler deletions_media;

#endif
