#ifndef TROUPE_GATEWAY_JOB_JSON_H
#define TROUPE_GATEWAY_JOB_JSON_H

/*
 * Jobs as clients see them (spec/queue-api.md; fields beyond it are additive). Pure. Equal states
 * give equal bytes: the version can stand for them in an ETag.
 */

#include "base/json_writer.h"
#include "proto/messages.h"

/* Writes the status object of a job. */
void job_json_write(struct json_writer *writer, const struct message_job_state *job);

/* Appends the envelope of a success with the job in it. message may be NULL. Returns OK, TOO_LARGE
 * or NO_MEMORY. */
enum status job_json_envelope(const struct message_job_state *job, const char *message,
                              struct buffer *out);

/* Appends the 202 envelope of an accepted job. */
enum status job_json_accepted(enum job_kind kind, const struct id *job, struct buffer *out);

#endif
