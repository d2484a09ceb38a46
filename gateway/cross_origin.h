#ifndef TROUPE_GATEWAY_CROSS_ORIGIN_H
#define TROUPE_GATEWAY_CROSS_ORIGIN_H

/* The headers of the CORS protocol (cors.h), which let pages of other origins call the API from a
 * browser. Nothing is sent unless TROUPE_CORS_ORIGINS names origins. Tokens are sent by scripts,
 * not by browsers, so that no answer allows credentials. */

#include "gateway/exchange.h"

/* Adds the headers that every answer has: who may read it, and which of its headers. */
void cross_origin_headers(struct exchange *exchange);

/* Adds those of the answer to a preflight request (OPTIONS): what the request may be like. */
void cross_origin_preflight(struct exchange *exchange);

#endif
