#ifndef TROUPE_GATEWAY_GROUP_JSON_H
#define TROUPE_GATEWAY_GROUP_JSON_H

/* Groups of jobs as clients see them. Pure. Equal versions give equal bytes. */

#include "base/json_writer.h"
#include "proto/messages.h"

/* pending: nothing has started; active: something has, and something lives; completed: all jobs
 * have; partial: all have ended, some completed; failed: all have ended, none completed, some
 * failed; cancelled: all were cancelled. */
const char *group_status_name(const struct message_group_state *group);

/* Begins the envelope of a success, up to the members of its data, and ends it. message may be
 * NULL. */
void group_json_begin(struct json_writer *writer, int status, const char *message);
enum status group_json_end(struct json_writer *writer);

/* Writes status, progress, counts and times. */
void group_json_members(struct json_writer *writer, const struct message_group_state *group);

/* Writes where its state is to be found. */
void group_json_url(struct json_writer *writer, enum group_kind kind, const struct id *group);

/* Appends the envelope of a success with the batch in it. message may be NULL. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status group_json_envelope(const struct message_group_state *group, const char *message,
                                struct buffer *out);

/* The same of either kind, with whose it is. */
enum status group_json_any(const struct message_group_state *group, struct buffer *out);

/* Appends the 202 envelope of an accepted batch of so many jobs. */
enum status group_json_accepted(const struct id *group, uint32_t count, struct buffer *out);

#endif
