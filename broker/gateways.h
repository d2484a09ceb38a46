#ifndef TROUPE_BROKER_GATEWAYS_H
#define TROUPE_BROKER_GATEWAYS_H

/*
 * The sessions of gateways, their reads, and what is published to them. Part of the shell.
 */

#include "proto/messages.h"

enum {
    PUBLISH_MS = 250, /* the last batch number is repeated this often (design 4) */
};

struct broker;
struct read;

/* Takes one record of a gateway. */
void gateways_take(struct broker *broker, const struct message *message);

/* Takes what a reader has answered to a gateway's read, or looked up for its request. */
void gateways_answered(struct broker *broker, struct read *read);

/* Publishes the turn's events and sends everything that gateways are to get; after the commit. */
void gateways_send(struct broker *broker);

#endif
