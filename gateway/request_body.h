#ifndef TROUPE_GATEWAY_REQUEST_BODY_H
#define TROUPE_GATEWAY_REQUEST_BODY_H

/* The body of a request as JSON. */

#include "gateway/body.h"
#include "gateway/exchange.h"
#include "gateway/http_error.h"

/* Parses the body, which is required, into *out, the caller's (body_destroy). Answers 400 or 415
 * and returns false when it is not fit. */
bool request_body_take(struct exchange *exchange, struct body **out);

#endif
