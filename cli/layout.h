#ifndef TROUPE_CLI_LAYOUT_H
#define TROUPE_CLI_LAYOUT_H

/*
 * The data directory of a stack: assets/, run/ (its sockets), the secret that signs tokens, and the
 * broker's own directory, which the broker makes.
 */

#include "cli/stack.h"

/* Makes what is missing. Returns OK, or another status after a message. */
enum status layout_make(const char *data);

#endif
