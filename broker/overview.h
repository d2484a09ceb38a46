#ifndef TROUPE_BROKER_OVERVIEW_H
#define TROUPE_BROKER_OVERVIEW_H

/* What gateways ask of the stack as a whole, told from memory. Part of the shell. */

#include "proto/codec.h"

struct broker;

/* Each writes the whole answer to its request. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status overview_queues(struct broker *broker, const struct message *request,
                            struct frame_writer *writer);
enum status overview_workers(struct broker *broker, const struct message *request,
                             struct frame_writer *writer);
enum status overview_bulks(struct broker *broker, const struct message *request,
                           struct frame_writer *writer);
enum status overview_providers(struct broker *broker, const struct message *request,
                               struct frame_writer *writer);

#endif
