#ifndef TROUPE_GATEWAY_WORKER_JSON_H
#define TROUPE_GATEWAY_WORKER_JSON_H

/* Workers as the admin API shows them. Pure. */

#include "base/json_writer.h"
#include "proto/codec.h"

/* Writes {"workers": [...]} from the count records that answer GET_WORKERS. Returns OK, MALFORMED
 * when they are not what they say, TOO_LARGE or NO_MEMORY. */
enum status worker_json_all(struct json_writer *writer, struct frame_reader records,
                            uint32_t count);

/* Writes what a worker has been told to do. */
void worker_json_orders(struct json_writer *writer, const struct id *worker,
                        enum worker_orders orders);

#endif
