#ifndef TROUPE_GATEWAY_DOCUMENTS_H
#define TROUPE_GATEWAY_DOCUMENTS_H

/* Handlers of what jobs made: characters and their media, as the actors wrote them. */

#include "gateway/router.h"

route_handler documents_get_character;
route_handler documents_get_media;

#endif
