#ifndef TROUPE_GATEWAY_EVENT_TEXT_H
#define TROUPE_GATEWAY_EVENT_TEXT_H

/* Events as Server-Sent Events (WHATWG HTML 9.2): id, event, data in one line of JSON. Pure. */

#include "base/json_writer.h"
#include "proto/messages.h"

/* Appends one event. Returns OK, TOO_LARGE or NO_MEMORY, and then out is as it was. */
enum status event_text_write(const struct message_event *event, struct buffer *out);

/* Writes one event as an object: its data with its id and its name. */
void event_json_write(struct json_writer *writer, const struct message_event *event);

/* Appends a reset: what was between the reader's cursor and through is not kept any more. */
enum status event_text_reset(uint64_t through, struct buffer *out);

#endif
