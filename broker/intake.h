#ifndef TROUPE_BROKER_INTAKE_H
#define TROUPE_BROKER_INTAKE_H

/* The turn's first half: everything that has arrived is handed to the core. Part of the shell. */

#include <stdbool.h>

struct broker;

/* Tells the core of actors whose connection is gone and forgets peers that are. */
void intake_lost(struct broker *broker);

/* Takes what has arrived at both ports, up to the limits of a turn. Returns whether there may be
 * more. */
bool intake_ports(struct broker *broker);

/* Takes what the readers have done, up to half a turn's limit, so that they and the ports both go
 * on. */
void intake_reads(struct broker *broker);

/* Tells the core when the disk becomes full or has room again. */
void intake_space(struct broker *broker);

/* Asks actors that were not spoken to for a while, which finds those that are gone. */
void intake_ping(struct broker *broker);

#endif
