#ifndef TROUPE_GATEWAY_ASSETS_SWEEP_H
#define TROUPE_GATEWAY_ASSETS_SWEEP_H

/*
 * Removes from the assets directory what actors began to write and never finished, because they
 * were killed: dot-files that end in ".part" (actors/asset_file.h). A walk through the directories
 * of all characters, a few of them in each turn of the loop. Embedded by the sweeps.
 */

#include <dirent.h>
#include "gateway/assets.h"

struct assets_sweep {
    DIR *characters; /* where the walk is; NULL: none is under way */
    uint64_t removed_count;
};

/* Begins a walk; none may be under way. Returns OK, also when there is nothing to walk through, or
 * IO. */
enum status assets_sweep_begin(struct assets_sweep *sweep, const struct assets *assets);

/* Goes on by SWEEP_DIRECTORIES_MAX characters, and removes what nobody has written to since
 * older_ms, since 1970. Returns AGAIN, or OK at the end of the walk. */
enum status assets_sweep_step(struct assets_sweep *sweep, int64_t older_ms);

/* Ends a walk. Accepts a zeroed one; may be called twice. */
void assets_sweep_fini(struct assets_sweep *sweep);

#endif
