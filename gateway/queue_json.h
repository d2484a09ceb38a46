#ifndef TROUPE_GATEWAY_QUEUE_JSON_H
#define TROUPE_GATEWAY_QUEUE_JSON_H

/* Queues as the admin API shows them. Pure. */

#include "base/json_writer.h"
#include "gateway/overview.h"

/* Writes one queue. */
void queue_json_write(struct json_writer *writer, const struct message_queue *queue);

/* Writes {"queues": [...], "diskLow", "disk"}, the queues by kind. The disk is told while it is low
 * only: a stream that is told of each byte would never be still. */
void queue_json_all(struct json_writer *writer, const struct overview *overview);

#endif
