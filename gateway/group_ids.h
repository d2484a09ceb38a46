#ifndef TROUPE_GATEWAY_GROUP_IDS_H
#define TROUPE_GATEWAY_GROUP_IDS_H

/*
 * The ids of a group's jobs and of what they make, derived from the group's random id and their
 * place in it: who knows the group and how many jobs it has can list them without asking anybody,
 * and a request that is answered again is answered alike. They share the group's slot. Pure.
 */

#include "base/id.h"

struct group_ids {
    struct id job;
    struct id media;
    struct id character; /* of a character job */
    char display_id[DISPLAY_ID_TEXT_SIZE];
};

struct group_ids group_ids(const struct id *group, uint32_t index);

/* Only the job's. */
struct id group_job_id(const struct id *group, uint32_t index);

#endif
