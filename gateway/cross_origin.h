#ifndef TROUPE_GATEWAY_CROSS_ORIGIN_H
#define TROUPE_GATEWAY_CROSS_ORIGIN_H

/* The headers of the CORS protocol (cors.h), which let pages of other origins call the API from a
 * browser. Nothing is sent unless TROUPE_CORS_ORIGINS names origins. Tokens are sent by scripts,
 * not by browsers, so that no answer allows credentials. */

#include "gateway/exchange.h"

/* Adds the headers that every answer has, also to what h2o refuses: who may read it, and which of
 * its headers. origins is TROUPE_CORS_ORIGINS, or NULL. */
void cross_origin_headers(h2o_req_t *request, const char *origins);

/* Adds those of the answer to a preflight request (OPTIONS): what the request may be like. */
void cross_origin_preflight(struct exchange *exchange);

#endif
