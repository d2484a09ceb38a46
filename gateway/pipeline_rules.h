#ifndef TROUPE_GATEWAY_PIPELINE_RULES_H
#define TROUPE_GATEWAY_PIPELINE_RULES_H

/* What the body of a pipeline may contain, and which of its jobs is made from which. Its jobs are
 * numbered: the character, when it is made, the pictures, the videos. Pure. */

#include "gateway/group_item.h"

enum {
    PIPELINE_IMAGES_MAX = 10, /* as many as a character's page shows at once */
    PIPELINE_VIDEOS_MAX = 10,
};

_Static_assert(PIPELINE_IMAGES_MAX + PIPELINE_VIDEOS_MAX <= DEPENDANTS_MAX, "all may depend");

struct pipeline {
    bool makes_character;
    struct id character; /* when it does not */
    uint32_t image_count;
    uint32_t video_count;
    uint32_t sources[PIPELINE_VIDEOS_MAX]; /* index of the picture of each video */
    bool is_single;                        /* the video stands in `video`, not in a list */
    struct json_value character_body, images, videos; /* borrowed from the body */
};

/* Reads what there is, but not the jobs themselves. Returns false with the problems noted. */
bool pipeline_read(const struct body *body, struct pipeline *out, struct problems *problems);

uint32_t pipeline_count(const struct pipeline *pipeline);

/* The kind of a job, and its name in the body. */
enum job_kind pipeline_kind(const struct pipeline *pipeline, uint32_t index);
void pipeline_name(const struct pipeline *pipeline, uint32_t index, char out[PROBLEM_FIELD_SIZE]);

/* The number of the job that makes what this one is made from. Returns whether there is one. */
bool pipeline_parent(const struct pipeline *pipeline, uint32_t index, uint32_t *parent);

/* Reads a job; notes its problems, each with the way to it. Its ids are left to the caller. */
void pipeline_item_read(const struct pipeline *pipeline, uint32_t index, bool private_allowed,
                        struct group_item *item, struct problems *problems);

#endif
