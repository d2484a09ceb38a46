#ifndef TROUPE_BROKER_RECORD_DOCUMENTS_H
#define TROUPE_BROKER_RECORD_DOCUMENTS_H

/* How the effects about documents become writes: a part of the recorder. Pure. Each returns OK,
 * TOO_LARGE or NO_MEMORY; value is scratch space. */

#include "broker/turn.h"

/* Writes what a completed job made, with its places in lists and totals: it becomes visible with
 * the job's end. */
enum status record_documents(struct turn *turn, struct batch *batch, struct buffer *value,
                             const struct effect *effect);

/* Writes DELETE: the document, its place in a list and in the totals go, and what it leaves behind
 * is marked. */
enum status record_delete(struct turn *turn, struct batch *batch, struct buffer *value,
                          const struct effect *effect, int64_t now);

/* Writes that a character that was to be, or was there, is not. */
enum status record_gone(struct batch *batch, struct buffer *value, const struct id *character,
                        int64_t now);

/* Writes REMOVED. */
enum status record_removed(struct batch *batch, struct slice ids);

#endif
