#ifndef TROUPE_ACTORS_WEBHOOK_BODY_H
#define TROUPE_ACTORS_WEBHOOK_BODY_H

/*
 * What a receiver is sent: the JSON of one event of a job, and the headers that belong to it
 * (Standard Webhooks 1.0.0). Pure. The same event makes the same body at every attempt.
 */

#include "base/buffer.h"
#include "proto/messages.h"

enum {
    WEBHOOK_BODY_SIZE_MAX = 20 << 10, /* bytes: Standard Webhooks asks for less */
    WEBHOOK_HEADERS = 3,              /* webhook-id, -timestamp and -signature */
};

/* Appends {"type", "timestamp", "data"} of the event that a delivery (job) reports. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status webhook_body_write(const struct message_job *job, const struct message_event *event,
                               struct buffer *out);

/* Writes the header lines, each ended by a NUL, of an attempt at now_ms: without a secret there is
 * no signature. *count_out of lines[] point into out. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status webhook_headers_write(const struct message_job *job, struct slice body, int64_t now_ms,
                                  struct buffer *out, const char *lines[WEBHOOK_HEADERS],
                                  size_t *count_out);

#endif
