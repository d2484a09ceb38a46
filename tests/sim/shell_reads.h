#ifndef TROUPE_TESTS_SIM_SHELL_READS_H
#define TROUPE_TESTS_SIM_SHELL_READS_H

/*
 * The reader threads of the simulated broker: they look at the store some time after they were
 * asked and hand the answer in some time after that. Facts of requests, what dispatched jobs need,
 * and what is kept no longer.
 */

#include "broker/core/core.h"
#include "base/buffer.h"

struct world;

enum {
    READS_MAX = 8192, /* at once; facts that find no place are lost, dispatches always find one */
    READS_FACTS_MAX = 512,
    READ_NONE = UINT32_MAX,
    OWNER_MODEL_MAX = 16,
    GROUP_MODEL_MAX = 12, /* jobs of a group */
};

enum read_type {
    READ_FACTS,
    READ_DISPATCH,
    READ_SWEEP,
    READ_LEFTOVERS,
    READ_BULK,
};

struct read {
    bool used;
    enum read_type type;
    uint64_t peer;
    uint64_t session;
    struct buffer record; /* facts: the request, with the jobs of a group; dispatch: the frame */
    uint32_t operations;  /* leftovers: in the record */
    struct facts facts;
    struct item_facts items[GROUP_MODEL_MAX];
    struct sweep *sweep; /* facts: of what is to be removed; owned, NULL before it is needed */
    struct job head;
    uint8_t owner[OWNER_MODEL_MAX];
    uint32_t owner_size;
};

struct reads {
    struct read *items; /* READS_MAX */
};

void reads_init(struct reads *reads);
void reads_fini(struct reads *reads);
/* The process is gone. */
void reads_clear(struct reads *reads);

/* Hands a request over; without a free place it stays unanswered, as if lost. */
void reads_give_facts(struct world *world, const struct core_event *event);

/* Hands a leased job over; its commit is durable. */
void reads_give_dispatch(struct world *world, uint64_t peer, uint64_t session,
                         const struct job *head, struct slice owner);

/* Looks for what deleted characters left. Returns false without a free place. */
bool reads_give_leftovers(struct world *world);

/* Looks for the next jobs of the bulk whose turn it is. Returns false without a free place. */
bool reads_give_bulk(struct world *world);

/* Has one look for what is kept no longer. Returns whether there was a free place. */
bool reads_give_sweep(struct world *world);

/* Handlers of wakes; run: of the broker that asked. */
void reads_look(struct world *world, uint32_t index, uint32_t run);
void reads_done(struct world *world, uint32_t index, uint32_t run);

#endif
