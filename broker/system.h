#ifndef TROUPE_BROKER_SYSTEM_H
#define TROUPE_BROKER_SYSTEM_H

/*
 * What the broker tells of itself and of the programs that are connected to it (GET_SYSTEM): the
 * loop writes down what it knows, a reader adds what the store and the disk say. Part of the shell.
 */

#include "broker/backups.h"

struct broker;

/* The bytes of a request with a SYSTEM and its PROGRAMs behind it, in the broker's scratch space;
 * empty when there is no memory for them. For the loop. */
struct slice system_known(struct broker *broker, struct slice request);

/* Writes the answer from those records, completed. Blocks for the disk. Any thread. Returns OK, or
 * why it does not fit. */
enum status system_write(uint64_t request, struct slice known, struct store *store,
                         struct backups *backups, struct frame_writer *out);

#endif
