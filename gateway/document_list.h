#ifndef TROUPE_GATEWAY_DOCUMENT_LIST_H
#define TROUPE_GATEWAY_DOCUMENT_LIST_H

/* Handlers of the lists of what jobs made, newest first: the caller's characters, and the media
 * entries of a character. A page of large documents has fewer than its limit. */

#include "gateway/router.h"

route_handler document_list_characters;
route_handler document_list_media;

#endif
