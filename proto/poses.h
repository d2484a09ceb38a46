#ifndef TROUPE_PROTO_POSES_H
#define TROUPE_PROTO_POSES_H

/* The built-in poses: a poseId that a client may name, and the words that put a figure into it. The
 * ids are contract: poses may be added, never renamed. Constant data. */

#include "base/slice.h"

struct pose {
    const char *id;
    const char *title;  /* for people */
    const char *prompt; /* for an image model */
};

enum {
    POSE_COUNT = 10
};

extern const struct pose POSES[POSE_COUNT];

/* Returns the pose of an id, or NULL. */
const struct pose *pose_find(struct slice id);

#endif
