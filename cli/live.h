#ifndef TROUPE_CLI_LIVE_H
#define TROUPE_CLI_LIVE_H

/* What `troupe up --provider live` is to find in the environment. */

#include <stdint.h>

/* Tells all that is missing for so many actors of a provider, before anything is started; what is
 * set wrongly they say themselves. Returns EXIT_CODE_OK, or EXIT_CODE_USAGE after a message. */
int live_check(const char *provider, int64_t actors);

#endif
