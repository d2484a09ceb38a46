#ifndef TROUPE_BROKER_QUERY_QUEUES_H
#define TROUPE_BROKER_QUERY_QUEUES_H

/* What the store has of queues as a whole, for a start. Pure over a view. */

#include "broker/batch.h"
#include "broker/core/core.h"
#include "broker/view.h"

struct queue_value {
    bool paused;
    uint64_t ended[JOB_STATE_COUNT]; /* jobs that ended so and are still kept, of all owners */
};

/* Reads all queues. A store without counters of all owners is one of before they were kept: those
 * of each owner are added up (deliveries were not counted), and added to the batch, which is to be
 * written. Returns OK, TOO_LARGE, NO_MEMORY, MALFORMED or IO. */
enum status query_queues(struct view *view, struct queue_value out[JOB_KIND_COUNT],
                         struct batch *batch);

/* Calls visit with the orders of each worker, for core_restore_worker. Stops and returns visit's
 * status when it is not OK; MALFORMED when a record is damaged. */
typedef enum status query_orders_visit(void *context, const struct id *worker, enum job_kind kind,
                                       enum worker_orders orders);
enum status query_orders(struct view *view, query_orders_visit *visit, void *context);

#endif
