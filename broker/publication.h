#ifndef TROUPE_BROKER_PUBLICATION_H
#define TROUPE_BROKER_PUBLICATION_H

/*
 * The events of one turn, as they go to every gateway: numbered batches, each an EVENTS record with
 * its EVENTs in one frame. Pure; embedded by the broker.
 */

#include "broker/outbox.h"

struct publication {
    struct buffer records; /* of this turn's events */
    struct outbox_part parts[OUTBOX_PARTS_MAX];
    uint32_t part_count;
    uint64_t batch;       /* number of the last batch */
    struct outbox outbox; /* of this turn, once it is closed */
};

void publication_init(struct publication *publication);
void publication_fini(struct publication *publication);

/* Adds one EVENT record. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status publication_add(struct publication *publication, struct slice event);

/* Numbers what was added and puts it into the outbox; without any event the outbox is left empty,
 * or, for a tick, repeats the last number. Returns as publication_add. */
enum status publication_close(struct publication *publication, uint64_t event_last, bool tick);

/* Forgets the turn. */
void publication_clear(struct publication *publication);

#endif
