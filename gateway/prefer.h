#ifndef TROUPE_GATEWAY_PREFER_H
#define TROUPE_GATEWAY_PREFER_H

/* Prefer headers (RFC 7240): what a client would like and can do without. Pure. The only preference
 * that is known is wait. */

#include <stdint.h>
#include "base/slice.h"

/* Reads the preference wait of one header's value, in seconds, cut to WAIT_S_MAX: who would wait
 * longer waits that long too. Returns whether it is there. Other preferences, parameters, and
 * whatever does not follow the grammar are passed over, as the RFC asks for. */
bool prefer_wait(struct slice header, uint32_t *wait_s);

#endif
