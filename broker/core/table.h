#ifndef TROUPE_BROKER_CORE_TABLE_H
#define TROUPE_BROKER_CORE_TABLE_H

/*
 * A hash table of indexes that grows by one bucket at a time (linear hashing, Litwin 1980), so that
 * no single step pays for moving a million entries. The chains run through the entries themselves:
 * the table's owner says where an entry's link and hash are, and walks a chain to compare keys.
 */

#include "base/status.h"
#include "broker/core/job.h"

struct table_methods {
    uint32_t *(*next)(void *context, uint32_t index);
    uint64_t (*hash)(void *context, uint32_t index);
};

/* Embedded; the methods' context is given with each call because it may move. */
struct table {
    const struct table_methods *methods;
    uint32_t *buckets; /* first entry of each chain, or JOB_NONE */
    uint32_t count;    /* buckets in use: as many as entries, at least one */
    uint32_t capacity;
    uint32_t entries;
};

/* Returns OK or NO_MEMORY. */
enum status table_init(struct table *table, const struct table_methods *methods);
void table_fini(struct table *table);

/* Makes room for so many entries in all. Returns OK or NO_MEMORY. */
enum status table_reserve(struct table *table, uint32_t entries);

/* Adds an entry that is not in the table; room for it has been reserved. */
void table_put(struct table *table, void *context, uint32_t index);

/* Removes an entry that is in the table. */
void table_remove(struct table *table, void *context, uint32_t index);

/* Returns the first entry of the chain that entries of this hash are in, or JOB_NONE. */
uint32_t table_first(const struct table *table, uint64_t hash);

/* Mixes bits so that each depends on all (the finisher of splitmix64, public domain). */
static inline uint64_t hash_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* The hash of an id: its bytes are random, but who made them is not trusted with more than that. */
static inline uint64_t hash_id(const struct id *id)
{
    uint64_t halves[2];
    memcpy(halves, id->bytes, sizeof(halves));
    return hash_mix(halves[0] ^ hash_mix(halves[1]));
}

/* FNV-1a over the bytes, mixed. */
uint64_t hash_slice(struct slice bytes, uint64_t seed);

#endif
