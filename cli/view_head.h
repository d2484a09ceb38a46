#ifndef TROUPE_CLI_VIEW_HEAD_H
#define TROUPE_CLI_VIEW_HEAD_H

/* The line above a view on the terminal: how it ends, when that was so, what is shown, and of which
 * stack, for which a narrow terminal may have no room. Below it is a line for what is amiss. */

#include "cli/session.h"

/* Appends both, each as wide as the terminal at most. what: as the command line has it, perhaps a
 * user's words. at_ms: since 1970, from when what is shown is. amiss: perhaps a server's words;
 * empty where all is well. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status view_head_draw(const struct session *session, const char *what, int64_t at_ms,
                           const char *amiss, struct buffer *out);

#endif
