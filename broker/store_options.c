#include "broker/store_options.h"

#include <stdlib.h>
#include "broker/batch.h"
#include "broker/bytes.h"

enum {
    WRITE_BUFFER_SIZE = 32 << 20, /* bytes of one memtable */
    WRITE_BUFFERS_MAX = 3,
    CACHE_SIZE = 64 << 20,    /* bytes of blocks, indexes and filters in memory */
    CACHE_SHARD_BITS = 2,     /* with more shards a large block never fits into one */
    OPEN_FILES_MAX = 512,     /* each open table costs memory */
    WAL_SIZE_MAX = 128 << 20, /* bytes to replay at a start */
    FILTER_BITS = 10,         /* a key: one look in a hundred at a table that does not have it */
    INDEX_PARTITIONED = 2,    /* two-level index (table.h of RocksDB) */
    RECOVERY_POINT_IN_TIME = 2,
    LOG_LEVEL_WARN = 2,
    LOG_FILE_SIZE_MAX = 1 << 20,
    LOG_FILES_MAX = 2,
    BACKGROUND_JOBS = 2,
    SYNC_SIZE = 1 << 20, /* bytes that a table's writer syncs at a time, so that commits never wait
                            for a large one */
};

/* ---- counters: signed 64 bits, little endian ---- */

static bool add(const char *value, size_t size, uint64_t *sum)
{
    if (size != BATCH_ADD_SIZE) {
        return false;
    }
    *sum += bytes_get_64((const uint8_t *)value);
    return true;
}

static char *add_operands(uint64_t sum, const char *const *operands, const size_t *sizes, int count,
                          unsigned char *success, size_t *size_out)
{
    char *result = malloc(BATCH_ADD_SIZE);
    bool good = result != NULL;
    for (int index = 0; index < count && good; index++) {
        good = add(operands[index], sizes[index], &sum);
    }
    if (good) {
        bytes_put_64((uint8_t *)result, sum);
    }
    *success = good;
    *size_out = BATCH_ADD_SIZE;
    return result;
}

static char *merge_full(void *state, const char *key, size_t key_size, const char *existing,
                        size_t existing_size, const char *const *operands, const size_t *sizes,
                        int count, unsigned char *success, size_t *size_out)
{
    uint64_t sum = 0;
    (void)state;
    (void)key;
    (void)key_size;
    if (existing != NULL && !add(existing, existing_size, &sum)) {
        *success = 0;
        *size_out = 0;
        return NULL;
    }
    return add_operands(sum, operands, sizes, count, success, size_out);
}

static char *merge_partial(void *state, const char *key, size_t key_size,
                           const char *const *operands, const size_t *sizes, int count,
                           unsigned char *success, size_t *size_out)
{
    (void)state;
    (void)key;
    (void)key_size;
    return add_operands(0, operands, sizes, count, success, size_out);
}

static void merge_free(void *state, const char *value, size_t size)
{
    (void)state;
    (void)size;
    free((char *)value);
}

static void merge_destroy(void *state)
{
    (void)state;
}

static const char *merge_name(void *state)
{
    (void)state;
    return "troupe.add";
}

/* ---- what is dropped when tables are rewritten anyway ---- */

void store_tuning_forget(struct store_tuning *tuning, const struct forgetting *forgetting)
{
    atomic_store(&tuning->keys_before, forgetting->keys_before);
    atomic_store(&tuning->events_before, forgetting->events_before);
    atomic_store(&tuning->groups_before, forgetting->groups_before);
    atomic_store(&tuning->audit_before, forgetting->audit_before);
    atomic_store(&tuning->audit_above, forgetting->audit_above);
    atomic_store(&tuning->spent_before, forgetting->spent_before);
    atomic_store(&tuning->calls_before, forgetting->calls_before);
}

static unsigned char filter(void *state, int level, const char *key, size_t key_size,
                            const char *value, size_t value_size, char **new_value,
                            size_t *new_value_size, unsigned char *value_changed)
{
    const struct store_tuning *tuning = state;
    const struct forgetting forgetting = {
        .keys_before = atomic_load(&tuning->keys_before),
        .events_before = atomic_load(&tuning->events_before),
        .groups_before = atomic_load(&tuning->groups_before),
        .audit_before = atomic_load(&tuning->audit_before),
        .audit_above = atomic_load(&tuning->audit_above),
        .spent_before = atomic_load(&tuning->spent_before),
        .calls_before = atomic_load(&tuning->calls_before),
    };
    (void)level;
    (void)new_value;
    (void)new_value_size;
    *value_changed = 0;
    return forget_is_over(&forgetting, slice_make(key, key_size), slice_make(value, value_size));
}

static void filter_destroy(void *state)
{
    (void)state;
}

static const char *filter_name(void *state)
{
    (void)state;
    return "troupe.forget";
}

/* ---- tables ---- */

/* Indexes and filters are partitioned and go through the cache: without that they stay in memory
 * for every table, and memory grows with the number of jobs that ended. */
static void set_tables(struct store_tuning *tuning)
{
    rocksdb_lru_cache_options_t *cache = rocksdb_lru_cache_options_create();
    rocksdb_lru_cache_options_set_capacity(cache, CACHE_SIZE);
    rocksdb_lru_cache_options_set_num_shard_bits(cache, CACHE_SHARD_BITS);
    tuning->cache = rocksdb_cache_create_lru_opts(cache);
    rocksdb_lru_cache_options_destroy(cache);

    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, tuning->cache);
    rocksdb_block_based_options_set_filter_policy(
        table, rocksdb_filterpolicy_create_bloom_full(FILTER_BITS));
    rocksdb_block_based_options_set_index_type(table, INDEX_PARTITIONED);
    rocksdb_block_based_options_set_partition_filters(table, 1);
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_pin_top_level_index_and_filter(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    rocksdb_options_set_block_based_table_factory(tuning->options, table);
    rocksdb_block_based_options_destroy(table);
}

void store_tuning_init(struct store_tuning *tuning)
{
    rocksdb_options_t *options = rocksdb_options_create();
    tuning->options = options;
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_paranoid_checks(options, 1);
    rocksdb_options_set_wal_recovery_mode(options, RECOVERY_POINT_IN_TIME);
    rocksdb_options_set_write_buffer_size(options, WRITE_BUFFER_SIZE);
    rocksdb_options_set_max_write_buffer_number(options, WRITE_BUFFERS_MAX);
    rocksdb_options_set_max_total_wal_size(options, WAL_SIZE_MAX);
    rocksdb_options_set_max_open_files(options, OPEN_FILES_MAX);
    rocksdb_options_set_max_background_jobs(options, BACKGROUND_JOBS);
    rocksdb_options_set_bytes_per_sync(options, SYNC_SIZE);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
    rocksdb_options_set_info_log_level(options, LOG_LEVEL_WARN);
    rocksdb_options_set_max_log_file_size(options, LOG_FILE_SIZE_MAX);
    rocksdb_options_set_keep_log_file_num(options, LOG_FILES_MAX);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
    rocksdb_options_set_merge_operator(
        options, rocksdb_mergeoperator_create(NULL, merge_destroy, merge_full, merge_partial,
                                              merge_free, merge_name));
    tuning->filter = rocksdb_compactionfilter_create(tuning, filter_destroy, filter, filter_name);
    rocksdb_options_set_compaction_filter(options, tuning->filter);
    set_tables(tuning);
}

void store_tuning_fini(struct store_tuning *tuning)
{
    if (tuning->options != NULL) {
        rocksdb_options_destroy(tuning->options);
        rocksdb_compactionfilter_destroy(tuning->filter);
        rocksdb_cache_destroy(tuning->cache);
        tuning->options = NULL;
        tuning->cache = NULL;
    }
}
