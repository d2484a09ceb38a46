#ifndef TROUPE_GATEWAY_WALKS_H
#define TROUPE_GATEWAY_WALKS_H

/*
 * Where walks through lists by `skip` are: for a short while each page that was given is remembered
 * with the cursor that continues it, so that the page that follows begins behind the last item that
 * was seen, whatever was added or removed meanwhile. What is forgotten is counted from the front.
 * docs/adr/0026 says why. Pure; embedded in the gateway.
 */

#include <stdbool.h>
#include "base/id.h"
#include "base/status.h"
#include "gateway/limits.h"
#include "proto/messages.h"

enum walk_list {
    WALK_JOBS = 1 << 16,
    WALK_DOCUMENTS = 2 << 16,
};

/* Which list, whose, and how it is asked for. */
struct walk {
    struct slice owner;
    struct id character; /* of a list of media; otherwise all zero */
    uint32_t filter;     /* enum walk_list and, below it, what the list is filtered by */
    uint32_t limit;
};

struct walk_place {
    uint64_t key;       /* of the walk and of skip; never 0 in use */
    int64_t expires_ms; /* 0: empty */
    uint8_t cursor_size;
    uint8_t cursor[CURSOR_SIZE_MAX];
};

struct walks {
    uint64_t seed;
    struct walk_place *places; /* WALKS_MAX, in sets of WALKS_WAYS; NULL before walks_init */
};

/* seed is random: users must not choose whose place theirs takes. Returns OK or NO_MEMORY. */
enum status walks_init(struct walks *walks, uint64_t seed);
void walks_fini(struct walks *walks);

/* Remembers that cursor (1..CURSOR_SIZE_MAX bytes) continues the walk at `skip` items. The oldest
 * place makes room. */
void walks_note(struct walks *walks, const struct walk *walk, uint64_t skip, struct slice cursor,
                int64_t now_ms);

/* The cursor that continues the walk there, valid until the next note; empty when it is not known
 * (any more). */
struct slice walks_find(const struct walks *walks, const struct walk *walk, uint64_t skip,
                        int64_t now_ms);

#endif
