#ifndef TROUPE_BROKER_CHRONICLE_H
#define TROUPE_BROKER_CHRONICLE_H

/* The history of this broker: kept up to date from the core's meters, written with the ordinary
 * commits, told to gateways from memory. Part of the shell. */

#include "broker/history.h"
#include "broker/view.h"
#include "proto/codec.h"

struct broker;

/* Makes the history, with what the store has of it. Returns OK, NO_MEMORY, MALFORMED or IO. */
enum status chronicle_open(struct broker *broker, struct view *view);

/* The beginning of a turn, before anything happens in it: when a minute is over, what happened in
 * it goes into the turn's batch. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status chronicle_turn(struct broker *broker);

/* The end of the last turn, before its commit: everything goes into its batch. Returns likewise. */
enum status chronicle_end(struct broker *broker);

/* Writes the answer to a GET_HISTORY. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status chronicle_write(struct broker *broker, const struct message *request,
                            struct frame_writer *writer);

#endif
