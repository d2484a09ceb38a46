#ifndef TROUPE_GATEWAY_QUEUE_JSON_H
#define TROUPE_GATEWAY_QUEUE_JSON_H

/* Queues as the admin API shows them. Pure. */

#include "base/json_writer.h"
#include "proto/messages.h"

/* Writes one queue. */
void queue_json_write(struct json_writer *writer, const struct message_queue *queue);

/* Writes {"queues": [...]}, by kind. */
void queue_json_all(struct json_writer *writer, const struct message_queue queues[JOB_KIND_COUNT]);

#endif
