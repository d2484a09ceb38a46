#include "broker/store_check.h"

#include <rocksdb/c.h>
#include <stdlib.h>
#include <string.h>
#include "broker/keys.h"
#include "broker/store.h"
#include "broker/store_options.h"
#include "broker/store_status.h"

/* Gets the value of a key. Returns whether it is there; false also when it cannot be read. */
static bool get(rocksdb_t *database, struct slice key, struct buffer *value)
{
    size_t size = 0;
    char *error = NULL;
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    char *found = rocksdb_get(database, options, (const char *)key.data, key.size, &size, &error);
    bool good = error == NULL && found != NULL && buffer_append(value, found, size) == STATUS_OK;
    rocksdb_readoptions_destroy(options);
    rocksdb_free(found);
    rocksdb_free(error);
    return good;
}

/* The format and the last commit: without them it is no store of ours. */
static enum status check_head(rocksdb_t *database, struct meta *meta)
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer value;
    enum status status = STATUS_MALFORMED;
    buffer_init(&value, VALUE_SIZE_MAX);
    if (get(database, key_format(key), &value) && value.size == 1 &&
        value.data[0] == STORE_FORMAT) {
        buffer_clear(&value);
        if (get(database, key_meta(key), &value)) {
            status = meta_read(buffer_slice(&value), meta);
        }
    }
    buffer_fini(&value);
    return status;
}

static void count(struct store_content *content, const char *key, size_t size)
{
    content->keys++;
    content->jobs += size > 0 && key[0] == KEY_JOB;
    content->live += size > 0 && key[0] == KEY_LIVE;
}

static enum status read_all(rocksdb_t *database, const atomic_bool *stop,
                            struct store_content *content, char **detail)
{
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    rocksdb_readoptions_set_verify_checksums(options, 1);
    rocksdb_readoptions_set_fill_cache(options, 0);
    rocksdb_iterator_t *iterator = rocksdb_create_iterator(database, options);
    rocksdb_iter_seek_to_first(iterator);
    while (rocksdb_iter_valid(iterator) && !atomic_load(stop)) {
        size_t size;
        const char *key = rocksdb_iter_key(iterator, &size);
        count(content, key, size);
        rocksdb_iter_next(iterator);
    }
    bool stopped = rocksdb_iter_valid(iterator);
    rocksdb_iter_get_error(iterator, detail);
    rocksdb_iter_destroy(iterator);
    rocksdb_readoptions_destroy(options);
    if (*detail != NULL) {
        return store_read_status(*detail);
    }
    return stopped ? STATUS_AGAIN : STATUS_OK;
}

enum status store_check(const char *directory, const atomic_bool *stop, struct store_content *out,
                        char **detail)
{
    struct store_tuning tuning = {0};
    *out = (struct store_content){0};
    *detail = NULL;
    store_tuning_init(&tuning);
    rocksdb_options_set_create_if_missing(tuning.options, 0);
    rocksdb_t *database = rocksdb_open_for_read_only(tuning.options, directory, 0, detail);
    enum status status = database == NULL ? STATUS_IO : check_head(database, &out->meta);
    if (status == STATUS_OK) {
        status = read_all(database, stop, out, detail);
    }
    if (database != NULL) {
        rocksdb_close(database);
    }
    store_tuning_fini(&tuning);
    return status;
}
