#ifndef TROUPE_BROKER_POSITIONS_H
#define TROUPE_BROKER_POSITIONS_H

/* What gateways ask of what jobs wait for, told from memory. Part of the shell. */

#include "proto/codec.h"

struct broker;

/* Writes the answer to a GET_POSITION. Returns OK, MALFORMED when its jobs are no list of ids,
 * TOO_LARGE or NO_MEMORY. */
enum status positions_write(struct broker *broker, const struct message *request,
                            struct frame_writer *writer);

#endif
