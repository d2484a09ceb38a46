#ifndef TROUPE_GATEWAY_DOCUMENTS_H
#define TROUPE_GATEWAY_DOCUMENTS_H

/* Handlers of what jobs made: characters and their media, as the actors wrote them. */

#include "base/slice.h"
#include "gateway/router.h"

route_handler documents_get_character;
route_handler documents_get_media;

/* Answers with a document: 200, or 201 for a new one. */
void documents_send(struct exchange *exchange, int status, struct slice document);

#endif
