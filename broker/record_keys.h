#ifndef TROUPE_BROKER_RECORD_KEYS_H
#define TROUPE_BROKER_RECORD_KEYS_H

/* How the keys that a request brings along lead to what it became: a part of the recorder. Pure.
 * Each returns OK, TOO_LARGE or NO_MEMORY; value is scratch space. */

#include "broker/batch.h"
#include "broker/core/core.h"

/* Writes the idempotency key and the dedupe key of an accepted job, if it has any. */
enum status record_keys(struct batch *batch, struct buffer *value, const struct effect *accept,
                        int64_t now);

/* Writes what the index by age tells of a job: that it lives, or the state it ended in. */
enum status record_age(struct batch *batch, const struct job *job);

/* Writes the idempotency key of a group, if it has one. */
enum status record_group_key(struct batch *batch, struct buffer *value,
                             const struct message_submit_group *group, int64_t now);

/* Writes the idempotency key of a request that changed what there is (EFFECT_KEY). */
enum status record_key(struct batch *batch, struct buffer *value, const struct effect *effect,
                       int64_t now);

/* Adds what was counted in an OPERATION or END: money to what its owner, and all of them together,
 * have spent on the day, and a call that was granted to those of its account. */
enum status record_counts(struct batch *batch, const struct effect *effect);

#endif
