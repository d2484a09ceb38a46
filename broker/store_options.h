#ifndef TROUPE_BROKER_STORE_OPTIONS_H
#define TROUPE_BROKER_STORE_OPTIONS_H

/* How RocksDB is set up: its memory is bounded, whatever the number of jobs. */

#include <rocksdb/c.h>

/* The options and what they refer to; all of it must outlive the database. */
struct store_tuning {
    rocksdb_options_t *options;
    rocksdb_cache_t *cache;
};

void store_tuning_init(struct store_tuning *tuning);
void store_tuning_fini(struct store_tuning *tuning);

#endif
