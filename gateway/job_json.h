#ifndef TROUPE_GATEWAY_JOB_JSON_H
#define TROUPE_GATEWAY_JOB_JSON_H

/*
 * Jobs as clients see them (spec/queue-api.md; fields beyond it are additive). Pure. Equal states
 * give equal bytes, but for what a job waits for: the version can stand for them in an ETag.
 */

#include "base/json_writer.h"
#include "proto/messages.h"

/* What a job that has not started waits for, as POSITION tells it; zero where nobody can tell. It
 * changes without the job's version. */
struct job_wait {
    uint8_t reason; /* enum wait_reason */
    uint32_t position;
    uint32_t eta_seconds;
};

struct job_wait job_wait_of(const struct message_position *position);

/* Whether a job's status object tells what it waits for: it is pending or waiting. */
bool job_json_waits(const struct message_job_state *job);

/* Writes the status object of a job. wait may be NULL: nothing is known of it. */
void job_json_write(struct json_writer *writer, const struct message_job_state *job,
                    const struct job_wait *wait);

/* Writes its members only, within an object of the caller's. */
void job_json_members(struct json_writer *writer, const struct message_job_state *job,
                      const struct job_wait *wait);

/* Writes the member `character`: its name, and its number for people. */
void job_json_character(struct json_writer *writer, const struct message_job_state *job);

/* Appends the envelope of a success with the job in it. wait and message may be NULL. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status job_json_envelope(const struct message_job_state *job, const struct job_wait *wait,
                              const char *message, struct buffer *out);

/* Appends the 202 envelope of an accepted job, or of one that was there already. */
enum status job_json_accepted(enum job_kind kind, const struct message_reply *reply,
                              struct buffer *out);

#endif
