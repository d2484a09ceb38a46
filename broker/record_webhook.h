#ifndef TROUPE_BROKER_RECORD_WEBHOOK_H
#define TROUPE_BROKER_RECORD_WEBHOOK_H

/* How the effects about webhooks become writes: a part of the recorder. Pure. Each returns OK,
 * TOO_LARGE or NO_MEMORY; value is scratch space. */

#include "broker/batch.h"
#include "broker/core/core.h"

/* Writes PUT_, DELETE_ or DISABLE_ENDPOINT. */
enum status record_endpoint(struct batch *batch, struct buffer *value, const struct effect *effect,
                            int64_t now);

/* Writes what a new delivery has beside its head: its input, which is the event that it reports,
 * and its places in the live index and in the log. */
enum status record_delivery(struct batch *batch, struct buffer *value, const struct effect *effect);

#endif
