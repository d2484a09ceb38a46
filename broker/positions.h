#ifndef TROUPE_BROKER_POSITIONS_H
#define TROUPE_BROKER_POSITIONS_H

/* Questions of gateways about what jobs wait for, answered from memory within the turn. Part of the
 * shell. */

#include "proto/messages.h"

struct broker;

/* Answers the request of the gateway whose record is being read, after the commit. */
void positions_take(struct broker *broker, const struct message_get_position *request);

#endif
