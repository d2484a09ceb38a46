#ifndef TROUPE_GATEWAY_UNUSED_H
#define TROUPE_GATEWAY_UNUSED_H

/*
 * Removes assets that nobody uses: those that were stored whole, and whose job never told of them,
 * because its worker was killed or the job had ended (ADR 29). A walk through all that is stored,
 * gently, and a question to the broker for each character that has something old enough. One
 * gateway of all does it, once a day. Embedded by the sweeps.
 */

#include "gateway/asset_use.h"
#include "gateway/bucket_walk.h"
#include "gateway/file_walk.h"
#include "gateway/requests.h"

struct gateway;

/* Of one look, or since the start. */
struct unused_counts {
    uint64_t seen; /* assets */
    uint64_t kept; /* used, or young */
    uint64_t left; /* nobody can tell */
    uint64_t removed;
    uint64_t removed_bytes;
    uint64_t foreign; /* not ours by their names */
};

enum unused_state {
    UNUSED_IDLE,
    UNUSED_CLAIMING, /* the broker is asked whether to look at all */
    UNUSED_WALKING,
    UNUSED_WAITING, /* for the broker's, or the store's answer */
    UNUSED_PAUSING, /* after a failure, until due_ms */
};

struct unused {
    struct gateway *gateway;
    enum unused_state state;
    int64_t due_ms;
    int64_t older_ms; /* what was written before may be removed */
    uint32_t failures;
    int32_t budget; /* entries that this tick may yet look at */
    bool has_entry; /* that is not judged yet */
    struct stored_asset entry;
    struct asset_use use; /* of the entry's character, when it is complete */
    uint8_t cursor[CURSOR_SIZE_MAX];
    struct request request;
    struct file_walk files;
    struct bucket_walk objects;
    struct bucket_call removal;
    struct unused_counts counts; /* of this look */
    struct unused_counts totals;
};

void unused_init(struct unused *unused, struct gateway *gateway);

/* Accepts a zeroed one; may be called twice. */
void unused_fini(struct unused *unused);

/* To be called every TICK_MS. */
void unused_tick(struct unused *unused, int64_t now_ms);

#endif
