#ifndef TROUPE_CLI_VIEW_HEAD_H
#define TROUPE_CLI_VIEW_HEAD_H

/* The line above a view on the terminal: how it ends, when that was so, what is shown, and of which
 * stack, for which a narrow terminal may have no room. */

#include "cli/session.h"

/* Appends it, as wide as the terminal at most, and an empty one. what: as the command line has it,
 * perhaps a user's words. at_ms: since 1970, from when what is shown is. Returns OK, TOO_LARGE or
 * NO_MEMORY. */
enum status view_head_draw(const struct session *session, const char *what, int64_t at_ms,
                           struct buffer *out);

#endif
