#ifndef TROUPE_BROKER_RECORD_ORDERS_H
#define TROUPE_BROKER_RECORD_ORDERS_H

/* What is kept of the orders of those who run the stack: a part of the recorder. Pure. Each returns
 * OK, TOO_LARGE or NO_MEMORY; value is scratch space. */

#include "broker/batch.h"
#include "broker/core/core.h"

/* Writes that a queue is paused, or that it goes on (EFFECT_QUEUE). */
enum status record_queue(struct batch *batch, struct buffer *value, const struct effect *effect);

/* Writes a worker's orders, if it has any (EFFECT_WORKER). */
enum status record_worker(struct batch *batch, struct buffer *value, const struct effect *effect);

#endif
