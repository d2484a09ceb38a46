#ifndef TROUPE_BROKER_EXPIRY_H
#define TROUPE_BROKER_EXPIRY_H

/* How an ended job is noted for its time, and leaves the store when that has come: all of its keys,
 * in the batch of the turn. Pure. */

#include "broker/batch.h"
#include "broker/turn.h"

/* Notes the end of a job in the index of what is kept. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status expiry_note(struct batch *batch, const struct job *job);

/* Adds the writes of one EXPIRE effect. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status expiry_add(struct turn *turn, struct batch *batch, const struct effect *effect,
                       int64_t now);

#endif
