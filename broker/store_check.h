#ifndef TROUPE_BROKER_STORE_CHECK_H
#define TROUPE_BROKER_STORE_CHECK_H

/* Reads a whole copy of the store, so that a backup that cannot be restored is known before it is
 * needed. May take minutes: not for the loop's thread. */

#include <stdatomic.h>
#include "broker/values.h"

/* What a copy holds. */
struct store_content {
    struct meta meta;
    uint64_t keys;
    uint64_t jobs; /* all that are kept */
    uint64_t live; /* of these, not ended */
};

/* Opens the copy for reading only and reads every key and value of it, each by its checksum. Ends
 * early when *stop becomes true. Returns OK, MALFORMED (damaged, empty, or of another format),
 * AGAIN (stopped) or IO; *detail is then a text for people, or NULL, to be freed by the caller. */
enum status store_check(const char *directory, const atomic_bool *stop, struct store_content *out,
                        char **detail);

#endif
