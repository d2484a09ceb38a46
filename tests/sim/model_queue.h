#ifndef TROUPE_TESTS_SIM_MODEL_QUEUE_H
#define TROUPE_TESTS_SIM_MODEL_QUEUE_H

/* The part of the model (model.h) that is about what those who run the stack steer: queues that are
 * paused, and the orders of workers. */

#include "tests/sim/model.h"

void model_queue_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *reply);
/* QUEUE, WORKER, or the AUDIT line of who changed it. */
void model_steered_effect(struct world *world, const struct effect *effect);
/* Compares what is told of queues, and what the store has of them, with the model. */
void model_check_queues(struct world *world);
void model_check_stored_queues(struct world *world);
void model_queue_committed(struct model *model);
void model_queue_crashed(struct model *model);
bool model_queue_is_durable(const struct model *model);
/* A job is handed out. */
void model_queue_dispatch(struct world *world, const struct model_job *job,
                          const struct effect *effect);

/* Orders of workers: enum worker_orders. */
uint8_t model_orders_of(const struct model *model, const struct id *instance);
void model_orders_before(struct world *world, const struct core_event *event);
void model_orders_answer(struct world *world, const struct core_event *event,
                         const struct message_reply *reply);

#endif
