#ifndef TROUPE_GATEWAY_ENVELOPE_FILTER_H
#define TROUPE_GATEWAY_ENVELOPE_FILTER_H

/* Puts the API's envelope around what h2o refuses by itself before a handler sees it: broken
 * framing, a body above ENTITY_SIZE_MAX, an unknown expectation. Pages of other origins may read it
 * as any other answer. */

#include <h2o.h>
#include "gateway/swallow.h"

struct gateway;

/* Registers it for the requests of host that never reached a path. Their clients may still be
 * sending: swallows, which must live as long as host, lets them finish. *gateway is there with the
 * first request. */
void envelope_filter_register(h2o_hostconf_t *host, struct swallows *swallows,
                              struct gateway *const *gateway);

#endif
