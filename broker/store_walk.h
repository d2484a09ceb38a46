#ifndef TROUPE_BROKER_STORE_WALK_H
#define TROUPE_BROKER_STORE_WALK_H

/*
 * A walk over a range of keys that goes on behind what cannot be read. RocksDB checks whole blocks
 * of some dozen keys, and an iterator stands still before one with a wrong checksum; where the next
 * one begins it does not say. That is found by seeking: ever further, until something can be read,
 * and then back by halves. Keeps nothing.
 */

#include <rocksdb/c.h>
#include "broker/view.h"

/* Calls visit for each key of from <= key < to that can be read, ascending, until it returns false.
 * The options have `to` as their upper bound. Returns OK, MALFORMED when something damaged was
 * passed over before the walk ended, or IO. Blocks for the disk. */
enum status store_walk(rocksdb_t *database, const rocksdb_readoptions_t *options, struct slice from,
                       struct slice to, view_visit *visit, void *context);

#endif
