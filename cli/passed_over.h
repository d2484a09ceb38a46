#ifndef TROUPE_CLI_PASSED_OVER_H
#define TROUPE_CLI_PASSED_OVER_H

/* Variables that are set and mean nothing here: misspelt ones, and settings that `troupe up` does
 * not use. It is said on stderr, and stops nothing. */

#include "cli/document.h"

/* Reads the file of TROUPE_PROVIDERS_FILE. Returns NULL without one, and when it cannot be read:
 * what is wrong with it the actors say. The caller's. */
struct document *passed_over_providers(void);

/* Tells of each variable that looks like a setting and is none, nor holds the key of a provider.
 * providers: the file that names them; NULL without one. */
void passed_over_unknown(const struct document *providers);

/* Tells of each setting that `troupe up` does not use with this --provider and with a --rate. */
void passed_over_unused(const char *provider, bool has_rate);

/* Whether it is one that passed_over_unknown tells of: it is told once, not by each program. */
bool passed_over_has(const struct document *providers, const char *name);

#endif
