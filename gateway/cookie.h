#ifndef TROUPE_GATEWAY_COOKIE_H
#define TROUPE_GATEWAY_COOKIE_H

/* Cookie headers (RFC 6265, 4.2.1). Pure. */

#include "base/slice.h"

/* The value of the first cookie of this name, borrowed from header; empty when there is none. */
struct slice cookie_find(struct slice header, struct slice name);

#endif
