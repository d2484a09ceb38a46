#ifndef TROUPE_BASE_NAME_LOOKUPS_H
#define TROUPE_BASE_NAME_LOOKUPS_H

/*
 * How many names are being looked up at once. libcurl asks the system's resolver in a thread for
 * each, and nothing can stop one: a lookup that nobody waits for any more goes on until the
 * resolver gives up, which is not told. It counts for NAME_LOOKUP_LEFT_MS more. Pure; who owns
 * libcurl owns the one instance, zeroed at first.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
    NAME_LOOKUPS_MAX = 1000, /* threads: more than an ordinary burst, less than a host's limit */
    NAME_LOOKUP_LEFT_MS = 60000, /* three servers that are silent, asked twice for 5 s each, and a
                                    second name of a search list */
};

struct name_lookups {
    uint32_t waited_for;
    uint32_t left_count;
    uint32_t left_first; /* index of the oldest */
    int64_t left_until_ms[NAME_LOOKUPS_MAX];
};

/* One begins. Returns false, and counts nothing, when there are NAME_LOOKUPS_MAX. */
bool name_lookups_begin(struct name_lookups *lookups, int64_t now_ms);

/* One has come to its end. */
void name_lookups_end(struct name_lookups *lookups);

/* One is waited for no longer, and may go on. */
void name_lookups_leave(struct name_lookups *lookups, int64_t now_ms);

#endif
