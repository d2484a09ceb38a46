#ifndef TROUPE_BROKER_QUERY_BULK_H
#define TROUPE_BROKER_QUERY_BULK_H

/* What the store has of bulks (broker/core/bulks.h), and the jobs that each comes to. Pure over a
 * view. */

#include "broker/query.h"

enum {
    BULK_LOOK_MS = 40, /* of one look for jobs: the readers have others to do */
};

/* Calls visit with each bulk, for core_restore_bulk; what it is told is borrowed. What is damaged,
 * or is MALFORMED to visit, is noted and passed over: a broker that starts without an operation is
 * better than none. Stops at any other status of visit, and returns it. */
typedef enum status query_bulks_visit(void *context, const struct message_bulk *stored);
enum status query_bulks(struct view *view, query_bulks_visit *visit, void *context);

/* Finds the next jobs of a bulk, as it is now, from its place on, until it has `most` of them (at
 * least one), or the limit says stop. Jobs that ended after it was started are not among those that
 * it is to retry or remove. What is damaged is among them, to be refused: a job, a group of which
 * nobody knows the jobs, or, as the last one, the bulk itself when nobody knows what it is to do.
 * Returns OK, NO_MEMORY, IO, or NOT_FOUND when the store does not say that: it has ended. */
enum status query_bulk_page(struct view *view, const struct message_bulk *bulk,
                            const struct search_limit *limit, uint32_t most, int64_t now,
                            struct bulk_page *page);

#endif
