#ifndef TROUPE_TESTS_SIM_SHELL_GATEWAYS_H
#define TROUPE_TESTS_SIM_SHELL_GATEWAYS_H

/* The sessions of gateways in the simulated broker: what comes under an older one is refused. */

#include "tests/sim/shell.h"

/* Answers a gateway's HELLO: its earlier session is over. */
void gateways_welcome(struct world *world, uint64_t peer, const struct id *instance);

/* Returns whether the session is open on this connection; otherwise the peer is told. */
bool gateways_knows(struct world *world, uint64_t peer, uint64_t session);

#endif
