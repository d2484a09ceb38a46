#ifndef TROUPE_TESTS_UNIT_MEMORY_VIEW_H
#define TROUPE_TESTS_UNIT_MEMORY_VIEW_H

/*
 * A store for unit tests: a sorted array that batches are applied to and queries read from. Its
 * n-th read can be told to fail, and a part of it to be damaged.
 */

#include "broker/batch.h"
#include "broker/forget.h"
#include "broker/view.h"

struct memory_pair;

struct memory_view {
    struct view view;
    struct memory_pair *pairs;
    size_t count;
    size_t capacity;
    uint32_t reads;                 /* so far */
    uint32_t fail_at;               /* this read fails with IO; 0 for none */
    uint8_t damaged[KEY_BYTES_MAX]; /* what begins with these bytes cannot be read */
    size_t damaged_size;            /* 0: everything can */
};

void memory_view_init(struct memory_view *memory);
void memory_view_fini(struct memory_view *memory);
void memory_view_apply(struct memory_view *memory, const struct batch *batch);

/* Puts one pair by hand. */
void memory_view_put(struct memory_view *memory, struct slice key, struct slice value);

/* Damages the keys that begin with these bytes, which are not empty, as a block of RocksDB's is: a
 * get of one tells, and a scan passes over them and tells. Those from before are whole again. */
void memory_view_damage(struct memory_view *memory, struct slice prefix);

/* Drops what is over, as RocksDB does when it rewrites its tables. */
void memory_view_forget(struct memory_view *memory, const struct forgetting *forgetting);

/* Returns whether the key is there, and its value, which lives until the next change. */
bool memory_view_get(const struct memory_view *memory, struct slice key, struct slice *value);

/* How many keys begin with these bytes. */
size_t memory_view_count(const struct memory_view *memory, struct slice prefix);

#endif
