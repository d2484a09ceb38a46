#ifndef TROUPE_BROKER_STORE_OPTIONS_H
#define TROUPE_BROKER_STORE_OPTIONS_H

/* How RocksDB is set up: its memory is bounded, whatever the number of jobs. */

#include <rocksdb/c.h>
#include <stdatomic.h>
#include "broker/forget.h"

/* The options and what they refer to; all of it must outlive the database. */
struct store_tuning {
    rocksdb_options_t *options;
    rocksdb_cache_t *cache;
    rocksdb_compactionfilter_t *filter;
    _Atomic int64_t keys_before; /* struct forgetting, for the threads that compact */
    _Atomic int64_t events_before;
    _Atomic int64_t groups_before;
    _Atomic int64_t audit_before;
    _Atomic uint64_t audit_above;
    _Atomic int64_t spent_before;
    _Atomic int64_t calls_before;
};

void store_tuning_init(struct store_tuning *tuning);
void store_tuning_fini(struct store_tuning *tuning);

/* Lets compactions drop what is older. Any thread. */
void store_tuning_forget(struct store_tuning *tuning, const struct forgetting *forgetting);

#endif
