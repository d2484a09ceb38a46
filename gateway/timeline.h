#ifndef TROUPE_GATEWAY_TIMELINE_H
#define TROUPE_GATEWAY_TIMELINE_H

/* What happened to a job, for people who want to know why: its attempts, and every event that is
 * kept of it. Pure. */

#include "base/json_writer.h"
#include "proto/codec.h"

/* Writes {"attempts", "events", "complete"} of the job's count EVENT records, the oldest first,
 * that records stands at. complete: none of its events is missing. Returns OK, MALFORMED (other
 * records stand there), TOO_LARGE or NO_MEMORY. */
enum status timeline_write(struct json_writer *writer, struct frame_reader records, uint32_t count);

#endif
