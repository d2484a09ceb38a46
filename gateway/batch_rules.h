#ifndef TROUPE_GATEWAY_BATCH_RULES_H
#define TROUPE_GATEWAY_BATCH_RULES_H

/* What the body of a batch may contain. Pure. */

#include "gateway/group_item.h"

/* Gives the list of jobs, 1 to GROUP_JOBS_MAX. Returns false with the problem noted. */
bool batch_jobs(const struct body *body, struct json_value *jobs, struct problems *problems);

/* Reads the job at this place of the list. Returns false with its problems noted, each with the
 * way to it. private_allowed: as for job_options_read. */
bool batch_item_read(const struct json_value *jobs, uint32_t index, bool private_allowed,
                     struct group_item *item, struct problems *problems);

#endif
