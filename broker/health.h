#ifndef TROUPE_BROKER_HEALTH_H
#define TROUPE_BROKER_HEALTH_H

/*
 * Whether a broker works, asked from another process (`troupe-broker --health`), for health checks
 * of containers. It greets as a gateway does: a WELCOME needs the loop to turn, not only a socket.
 */

#include "base/status.h"

enum {
    HEALTH_MS = 2000, /* for the broker to answer: a loop that stands for longer is not well */
};

/* Asks the broker whose endpoint for gateways this is. Blocks. Returns OK, TIMEOUT, DENIED (it
 * refused us), MALFORMED or UNSUPPORTED (it speaks something else), INVALID (no such endpoint can
 * be), IO or NO_MEMORY. */
enum status health_check(const char *endpoint);

#endif
