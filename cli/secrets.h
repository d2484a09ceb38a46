#ifndef TROUPE_CLI_SECRETS_H
#define TROUPE_CLI_SECRETS_H

/*
 * Which variables of the environment are secrets, and whose: a program of `troupe up` inherits only
 * those that it needs, for whoever reads its memory or /proc/PID/environ gets them all. Pure.
 */

#include "cli/document.h"

/* What a program is for. */
struct secrets {
    bool calls_providers;
    bool uses_bucket;
    const struct document *providers; /* the providers file, borrowed; NULL without one */
};

/* Whether the providers file names the variable as that of a key. */
bool secrets_names(const struct document *providers, const char *name);

/* Whether the program is to be started without the variable. */
bool secrets_hide(const struct secrets *secrets, const char *name);

#endif
