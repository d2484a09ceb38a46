#include "broker/store.h"

#include <assert.h>
#include <errno.h>
#include <rocksdb/c.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/file.h"
#include "broker/keys.h"
#include "broker/store_options.h"
#include "broker/store_status.h"
#include "broker/store_walk.h"

struct store {
    char *directory;
    int lock; /* -1 when not held */
    rocksdb_t *database;
    struct store_tuning tuning;
    rocksdb_writeoptions_t *write_options;
    rocksdb_writebatch_t *writes;
    char *error;             /* of the last commit, or NULL */
    _Atomic uint64_t commit; /* number of the last durable batch */
    uint64_t commit_count;
    uint64_t fault_commit;
    uint64_t fault_read;
    char fault_read_kind;
    _Atomic uint64_t read_count;
};

struct store_view {
    struct view view;
    struct store *store;
    const rocksdb_snapshot_t *snapshot;
    rocksdb_readoptions_t *options;
};

struct build_library store_library(void)
{
    return build_library("rocksdb", "%s", ROCKSDB_VERSION);
}

/* ---- opening ---- */

static enum status lock_directory(struct store *store, char **detail)
{
    char *path = NULL;
    enum status status = directory_make(store->directory, 0700);
    if (status == STATUS_OK && asprintf(&path, "%s/broker.lock", store->directory) < 0) {
        return STATUS_NO_MEMORY;
    }
    if (status == STATUS_OK) {
        status = file_lock(path, &store->lock);
    }
    if (status == STATUS_BUSY) {
        *detail = strdup("data directory in use by another broker");
    } else if (status != STATUS_OK &&
               asprintf(detail, "cannot write to the data directory: %s", strerror(errno)) < 0) {
        *detail = NULL;
    }
    free(path);
    return status;
}

/* A new one is empty: what has keys and no format is somebody else's. */
static bool is_empty(struct store *store)
{
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    rocksdb_iterator_t *iterator = rocksdb_create_iterator(store->database, options);
    rocksdb_iter_seek_to_first(iterator);
    bool has_keys = rocksdb_iter_valid(iterator);
    char *error = NULL;
    rocksdb_iter_get_error(iterator, &error);
    bool is_known = error == NULL;
    rocksdb_free(error);
    rocksdb_iter_destroy(iterator);
    rocksdb_readoptions_destroy(options);
    return is_known && !has_keys;
}

/* Reads the format of the whole store, and writes it into a new one. */
static enum status check_format(struct store *store, char **detail)
{
    static const uint8_t format[] = {STORE_FORMAT};
    uint8_t key[KEY_BYTES_MAX];
    char *error = NULL;
    struct slice name = key_format(key);
    size_t size = 0;
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    char *value =
        rocksdb_get(store->database, options, (const char *)name.data, name.size, &size, &error);
    rocksdb_readoptions_destroy(options);
    enum status status = STATUS_OK;
    if (error != NULL) {
        status = store_status(error);
        *detail = error;
    } else if (value == NULL && !is_empty(store)) {
        status = STATUS_MALFORMED;
        *detail = strdup("the directory has a database of another program");
    } else if (value == NULL) {
        rocksdb_put(store->database, store->write_options, (const char *)name.data, name.size,
                    (const char *)format, sizeof format, &error);
        status = error == NULL ? STATUS_OK : store_status(error);
        *detail = error;
    } else if (size != sizeof format || value[0] != STORE_FORMAT) {
        status = STATUS_MALFORMED;
        *detail = strdup("the data directory is of another version's format");
    }
    rocksdb_free(value);
    return status;
}

static enum status open_database(struct store *store, const struct store_options *options,
                                 char **detail)
{
    char *error = NULL;
    store_tuning_init(&store->tuning);
    store->write_options = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(store->write_options, !options->unsynced);
    store->writes = rocksdb_writebatch_create();
    store->database = rocksdb_open(store->tuning.options, store->directory, &error);
    if (error != NULL) {
        *detail = error;
        return store_status(error);
    }
    return check_format(store, detail);
}

enum status store_open(const struct store_options *options, struct store **out, char **detail)
{
    *detail = NULL;
    *out = NULL;
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return STATUS_NO_MEMORY;
    }
    store->lock = -1;
    store->fault_commit = options->fault_commit;
    store->fault_read = options->fault_read;
    store->fault_read_kind = options->fault_read_kind;
    store->directory = strdup(options->directory);
    enum status status =
        store->directory == NULL ? STATUS_NO_MEMORY : lock_directory(store, detail);
    if (status == STATUS_OK) {
        status = open_database(store, options, detail);
    }
    if (status != STATUS_OK) {
        store_close(&store);
    }
    *out = store;
    return status;
}

void store_close(struct store **store)
{
    struct store *old = *store;
    if (old == NULL) {
        return;
    }
    if (old->database != NULL) {
        rocksdb_cancel_all_background_work(old->database, 1);
        rocksdb_close(old->database);
    }
    if (old->write_options != NULL) {
        rocksdb_writeoptions_destroy(old->write_options);
        rocksdb_writebatch_destroy(old->writes);
    }
    store_tuning_fini(&old->tuning);
    if (old->lock >= 0) {
        close(old->lock);
    }
    rocksdb_free(old->error);
    free(old->directory);
    free(old);
    *store = NULL;
}

/* ---- writing ---- */

static void fill_writes(struct store *store, const struct batch *batch)
{
    size_t position = 0;
    struct batch_entry entry;
    rocksdb_writebatch_clear(store->writes);
    while (batch_next(batch, &position, &entry)) {
        const char *key = (const char *)entry.key.data;
        const char *value = (const char *)entry.value.data;
        switch (entry.operation) {
        case BATCH_PUT:
            rocksdb_writebatch_put(store->writes, key, entry.key.size, value, entry.value.size);
            break;
        case BATCH_DELETE:
            rocksdb_writebatch_delete(store->writes, key, entry.key.size);
            break;
        case BATCH_ADD:
            rocksdb_writebatch_merge(store->writes, key, entry.key.size, value, entry.value.size);
            break;
        }
    }
}

enum commit_result store_commit(struct store *store, const struct batch *batch)
{
    assert(batch->number > atomic_load(&store->commit));
    rocksdb_free(store->error);
    store->error = NULL;
    if (batch->count > 0) {
        bool fault = ++store->commit_count == store->fault_commit;
        if (!fault || batch->number % 2 == 1) {
            fill_writes(store, batch);
            rocksdb_write(store->database, store->write_options, store->writes, &store->error);
        }
        if (fault || store->error != NULL) {
            return COMMIT_UNKNOWN;
        }
    }
    atomic_store(&store->commit, batch->number);
    return COMMIT_DURABLE;
}

const char *store_error(const struct store *store)
{
    return store->error == NULL ? "" : store->error;
}

/* ---- reading ---- */

static bool read_fails(struct store *store, struct slice key)
{
    if (store->fault_read_kind != '\0' &&
        (key.size == 0 || key.data[0] != (uint8_t)store->fault_read_kind)) {
        return false;
    }
    return atomic_fetch_add(&store->read_count, 1) + 1 == store->fault_read;
}

static enum status view_get(struct view *view, struct slice key, struct buffer *value)
{
    struct store_view *self = (struct store_view *)view;
    char *error = NULL;
    size_t size;
    enum status status;
    if (read_fails(self->store, key)) {
        return STATUS_IO;
    }
    buffer_clear(value);
    rocksdb_pinnableslice_t *found = rocksdb_get_pinned(self->store->database, self->options,
                                                        (const char *)key.data, key.size, &error);
    if (error != NULL) {
        status = store_read_status(error);
    } else if (found == NULL) {
        status = STATUS_NOT_FOUND;
    } else {
        const char *data = rocksdb_pinnableslice_value(found, &size);
        status = buffer_append(value, data, size);
    }
    rocksdb_pinnableslice_destroy(found);
    rocksdb_free(error);
    return status;
}

static enum status view_scan(struct view *view, struct slice from, struct slice to,
                             view_visit *visit, void *context)
{
    struct store_view *self = (struct store_view *)view;
    if (read_fails(self->store, from)) {
        return STATUS_IO;
    }
    rocksdb_readoptions_set_iterate_upper_bound(self->options, (const char *)to.data, to.size);
    enum status status = store_walk(self->store->database, self->options, from, to, visit, context);
    rocksdb_readoptions_set_iterate_upper_bound(self->options, NULL, 0);
    return status;
}

enum status store_view_open(struct store *store, struct view **out)
{
    static const struct view_methods methods = {view_get, view_scan};
    struct store_view *view = calloc(1, sizeof *view);
    *out = NULL;
    if (view == NULL) {
        return STATUS_NO_MEMORY;
    }
    view->view.methods = &methods;
    /* First the number, then the snapshot: it may hold more than it says, never less. */
    view->view.commit = atomic_load(&store->commit);
    view->store = store;
    view->snapshot = rocksdb_create_snapshot(store->database);
    view->options = rocksdb_readoptions_create();
    rocksdb_readoptions_set_snapshot(view->options, view->snapshot);
    *out = &view->view;
    return STATUS_OK;
}

void store_view_close(struct view **view)
{
    struct store_view *old = (struct store_view *)*view;
    if (old != NULL) {
        rocksdb_readoptions_destroy(old->options);
        rocksdb_release_snapshot(old->store->database, old->snapshot);
        free(old);
        *view = NULL;
    }
}

/* ---- copies ---- */

enum status store_copy(struct store *store, const char *directory, char **detail)
{
    *detail = NULL;
    rocksdb_checkpoint_t *checkpoint = rocksdb_checkpoint_object_create(store->database, detail);
    if (checkpoint != NULL) {
        rocksdb_checkpoint_create(checkpoint, directory, 0, detail);
        rocksdb_checkpoint_object_destroy(checkpoint);
    }
    return *detail == NULL ? STATUS_OK : store_status(*detail);
}

uint64_t store_size(const struct store *store)
{
    uint64_t size = 0;
    rocksdb_property_int(store->database, "rocksdb.total-sst-files-size", &size);
    return size;
}

void store_forget(struct store *store, const struct forgetting *forgetting)
{
    store_tuning_forget(&store->tuning, forgetting);
}

bool store_number(const struct store *store, enum store_number number, uint64_t *out)
{
    static const char *const names[STORE_NUMBER_COUNT] = {
        [STORE_NUMBER_KEYS] = "rocksdb.estimate-num-keys",
        [STORE_NUMBER_TABLE_BYTES] = "rocksdb.live-sst-files-size",
        [STORE_NUMBER_LIVE_BYTES] = "rocksdb.estimate-live-data-size",
        [STORE_NUMBER_MEMTABLE_BYTES] = "rocksdb.cur-size-all-mem-tables",
        [STORE_NUMBER_CACHE_BYTES] = "rocksdb.block-cache-usage",
        [STORE_NUMBER_PENDING_BYTES] = "rocksdb.estimate-pending-compaction-bytes",
        [STORE_NUMBER_COMPACTIONS] = "rocksdb.num-running-compactions",
        [STORE_NUMBER_STOPPED] = "rocksdb.is-write-stopped",
        [STORE_NUMBER_ERRORS] = "rocksdb.background-errors",
    };
    assert((int)number < STORE_NUMBER_COUNT);
    return rocksdb_property_int(store->database, names[number], out) == 0;
}

uint64_t store_space_left(const struct store *store)
{
    struct statvfs information;
    if (statvfs(store->directory, &information) != 0) {
        return UINT64_MAX;
    }
    return (uint64_t)information.f_bavail * information.f_frsize;
}
