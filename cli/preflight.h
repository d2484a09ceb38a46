#ifndef TROUPE_CLI_PREFLIGHT_H
#define TROUPE_CLI_PREFLIGHT_H

/* Before `troupe up` starts anything: each program reads its settings (--check-settings), and what
 * it says is wrong is told in words, all of it at once. */

#include "cli/child.h"

enum {
    PREFLIGHT_CHILDREN_MAX = 8, /* one of each program */
};

/* Whether the settings of all these children are right, after a message for each that is not. One
 * that cannot be asked, or has no answer after ten seconds, is taken to be right: its start will
 * tell. Blocks meanwhile. */
bool preflight(struct child *const *children, int count);

#endif
