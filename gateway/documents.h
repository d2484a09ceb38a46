#ifndef TROUPE_GATEWAY_DOCUMENTS_H
#define TROUPE_GATEWAY_DOCUMENTS_H

/* Handlers of what jobs made: characters and their media, as the actors wrote them. */

#include "base/id.h"
#include "base/slice.h"
#include "gateway/router.h"

route_handler documents_get_character;
route_handler documents_get_media;

/* Answers with a document: 200, 304 when it is known to who asks, or 201 for a new one; 500 for one
 * that is no JSON object. */
void documents_send(struct exchange *exchange, int status, const struct id *id,
                    struct slice document);

#endif
