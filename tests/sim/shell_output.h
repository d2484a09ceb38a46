#ifndef TROUPE_TESTS_SIM_SHELL_OUTPUT_H
#define TROUPE_TESTS_SIM_SHELL_OUTPUT_H

/* What a turn has to say to its peers, kept until the commit and then sent as frames. */

#include "tests/sim/shell.h"

/* Keeps an effect that is to be sent; others are ignored. */
void outgoing_keep(struct shell *shell, const struct effect *effect);

/* Keeps the frame that a reader made for a dispatched job. */
void outgoing_keep_read(struct shell *shell, uint32_t read);

/* Sends everything. Returns false when the broker died amid it. */
bool outgoing_send(struct world *world);

#endif
