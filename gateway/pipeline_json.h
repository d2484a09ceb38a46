#ifndef TROUPE_GATEWAY_PIPELINE_JSON_H
#define TROUPE_GATEWAY_PIPELINE_JSON_H

/* Pipelines as clients see them. Pure. Equal versions give equal bytes. */

#include "base/json_writer.h"
#include "gateway/pipeline_rules.h"

/* Appends the 202 envelope: the ids of all jobs and of what they will make. Returns OK, TOO_LARGE
 * or NO_MEMORY. */
enum status pipeline_json_accepted(const struct id *group, const struct pipeline *pipeline,
                                   struct buffer *out);

/* Appends the envelope of a success with the pipeline and its jobs: records holds a JOB_STATE of
 * each. message may be NULL. Returns OK, TOO_LARGE, NO_MEMORY, or MALFORMED. */
enum status pipeline_json_envelope(const struct message_group_state *group, struct slice records,
                                   const char *message, struct buffer *out);

#endif
