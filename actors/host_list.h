#ifndef TROUPE_ACTORS_HOST_LIST_H
#define TROUPE_ACTORS_HOST_LIST_H

/* A list of hosts as an operator writes it: names and "*.domain" (every name below it), in lower
 * case, and addresses, without ports and brackets, separated by commas or blanks. Pure. */

#include <stdbool.h>
#include "base/slice.h"

/* Whether the text is such a list, of at least one. */
bool host_list_is_valid(const char *list);

/* Whether a host is in it, in any case; as it stands in a URL: an address of version 6 may have
 * its brackets. */
bool host_list_has(const char *list, struct slice host);

#endif
