#ifndef TROUPE_TESTS_SIM_STORE_MEMORY_H
#define TROUPE_TESTS_SIM_STORE_MEMORY_H

/*
 * The store of a simulated world: an ordered map in memory that keeps every version of every key
 * by the number of its batch, so that a reader can look at any earlier commit. What was applied and
 * not synced is lost in a crash.
 */

#include "broker/batch.h"
#include "broker/view.h"
#include "tests/sim/prng.h"

enum {
    STORE_LEVELS = 14, /* of the skip list: enough for 4^14 keys */
};

struct store_node;

struct store_memory {
    struct store_node *heads[STORE_LEVELS];
    struct prng prng; /* of the skip list alone */
    uint64_t applied; /* last batch in memory */
    uint64_t synced;  /* last batch that survives a crash */
    uint64_t keys;
    struct arena_block *arena;
};

void store_memory_init(struct store_memory *store);
void store_memory_fini(struct store_memory *store);

/* Applies a batch; it is not durable yet. Its number is higher than that of any before. */
void store_memory_apply(struct store_memory *store, const struct batch *batch);

/* A turn without any write: number counts as applied. */
void store_memory_skip(struct store_memory *store, uint64_t number);

/* Makes everything applied durable. */
void store_memory_sync(struct store_memory *store);

/* The process is gone: everything after the last sync is lost. */
void store_memory_crash(struct store_memory *store);

/* A new process goes on from batch `last`, the last one with anything in it: numbers of turns
 * without writes are used again. */
void store_memory_open(struct store_memory *store, uint64_t last);

/* The last state, whether durable or not. Returns whether the key exists; *value lives as long as
 * the store. */
bool store_memory_get(const struct store_memory *store, struct slice key, struct slice *value);

/* The durable state. */
bool store_memory_get_durable(const struct store_memory *store, struct slice key,
                              struct slice *value);

/* A view at a commit; claimed (at most at) is what it says of itself. Nothing to close. */
struct store_view {
    struct view view;
    const struct store_memory *store;
    uint64_t at;
};
void store_view_init(struct store_view *view, const struct store_memory *store, uint64_t at,
                     uint64_t claimed);

#endif
