#ifndef TROUPE_GATEWAY_FILE_WALK_H
#define TROUPE_GATEWAY_FILE_WALK_H

/*
 * A walk through all files of the assets directory, one after the other, those of a character
 * together. What begins with a dot is passed over; no link is followed. Embedded by its owner,
 * zeroed before first use.
 */

#include <dirent.h>
#include "gateway/assets.h"
#include "gateway/stored_asset.h"

struct file_walk {
    DIR *characters; /* NULL: none is under way */
    DIR *directory;  /* of the character; NULL: between two */
    struct id character;
};

/* Begins a walk; none may be under way. Returns OK, also when there is nothing to walk through, or
 * IO. */
enum status file_walk_begin(struct file_walk *walk, const struct assets *assets);

/* Goes to the next file. Returns OK, AGAIN (none yet: a step was made) or NOT_FOUND at the end.
 * *out is valid after OK, and not ours for what is no asset. */
enum status file_walk_next(struct file_walk *walk, struct stored_asset *out);

/* Removes the file that the walk is at. Returns OK (also when it is gone) or IO. */
enum status file_walk_remove(struct file_walk *walk, const struct stored_asset *asset);

/* Ends a walk. Accepts a zeroed one; may be called twice. */
void file_walk_fini(struct file_walk *walk);

#endif
