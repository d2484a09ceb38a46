#ifndef TROUPE_GATEWAY_BATCH_RULES_H
#define TROUPE_GATEWAY_BATCH_RULES_H

/* What the body of a batch may contain, and what one of its jobs says. Pure. */

#include "gateway/job_options.h"
#include "gateway/validate.h"

/* A job of a batch; payload is for its writer (batch_item_payload). */
struct batch_item {
    enum job_kind kind;
    struct id character; /* image and video */
    struct id source;    /* video */
    struct job_options options;
    const struct body *body;
};

/* Gives the list of jobs, 1 to GROUP_JOBS_MAX. Returns false with the problem noted. */
bool batch_jobs(const struct body *body, struct json_value *jobs, struct problems *problems);

/* Reads the job at this place of the list. Returns false with its problems noted, each with the
 * way to it. private_allowed: as for job_options_read. */
bool batch_item_read(const struct json_value *jobs, uint32_t index, bool private_allowed,
                     struct batch_item *item, struct problems *problems);

/* Appends what the actor gets: the job without the members that say what it is. Returns OK,
 * TOO_LARGE (PAYLOAD_SIZE_MAX) or NO_MEMORY. */
enum status batch_item_payload(const struct batch_item *item, struct buffer *out);

#endif
