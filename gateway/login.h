#ifndef TROUPE_GATEWAY_LOGIN_H
#define TROUPE_GATEWAY_LOGIN_H

/*
 * The dashboard's session: a cookie that no script can read holds the token. A page of another site
 * could make the browser send it along, so that whoever comes with it must also bring a header that
 * no form can (LOGIN_HEADER).
 */

#include "gateway/exchange.h"

#define LOGIN_HEADER "x-troupe-request"

/* The token of the session cookie, borrowed; empty when there is none. */
struct slice login_token(const struct exchange *exchange);

/* Whether a request that has nothing but the cookie may do what it asks for. */
bool login_is_meant(const struct exchange *exchange);

/* Handlers. */
route_handler login_post;
route_handler login_end;
route_handler login_get;

#endif
