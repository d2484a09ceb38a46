#include "actors/asset_store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "actors/limits.h"
#include "actors/object_cleanup.h"
#include "base/log.h"
#include "base/random.h"

struct asset_writer {
    struct asset_store *store;
    struct file_writer file;
    struct object_writer *object; /* NULL: file */
    object_wake_function *wake;
    void *wake_context;
    object_done_function *done;
    void *done_context;
};

static void note_failed(struct asset_store *store, const char *words)
{
    if (!store->health.is_bad) {
        log_warn("the asset store takes nothing: no paid call is made", "reason=\"%s\"", words);
    }
    store_health_failed(&store->health, words, clock_now_ms(store->objects.line.clock));
}

static void note_succeeded(struct asset_store *store)
{
    if (store->health.is_bad) {
        log_info("the asset store takes something again", "");
    }
    store_health_succeeded(&store->health);
}

/* What a store does not take that is within our own limits, it takes of nobody. */
static void note(struct asset_store *store, enum status status, const char *words)
{
    if (status == STATUS_DENIED || status == STATUS_FULL || status == STATUS_IO) {
        note_failed(store, words);
    }
}

enum status asset_store_init(struct asset_store *store, const char *assets,
                             const struct s3_settings *s3)
{
    *store = (struct asset_store){.is_bucket = s3 != NULL};
    if (s3 != NULL) {
        store->objects.line.bucket = &s3->bucket;
        return STATUS_OK;
    }
    return asset_directory_init(&store->directory, s3_directory_of(assets));
}

void asset_store_attach(struct asset_store *store, struct loop *loop, struct http *http,
                        const struct clock *clock)
{
    store->objects.line.loop = loop;
    store->objects.line.http = http;
    store->objects.line.clock = clock;
}

void asset_store_fini(struct asset_store *store)
{
    asset_writer_destroy(&store->probe);
    object_store_fini(&store->objects);
    asset_directory_fini(&store->directory);
}

static enum status object_begin(const struct asset_plan *plan, struct asset_store *store,
                                const uint8_t random[ID_SIZE], object_wake_function *wake,
                                void *context, struct asset_writer *writer)
{
    char url[URL_SIZE_MAX + 1];
    if (!asset_url(plan->character, random, plan->extension, url)) {
        return STATUS_TOO_LARGE;
    }
    const struct object_plan object = {
        .url = url,
        .content_type = plan->content_type,
        .size_max = plan->size_max,
        .subject = plan->subject,
        .is_whole = plan->is_whole,
    };
    return object_writer_begin(&store->objects, &object, wake, context, &writer->object);
}

static void on_wake(void *context, enum status status)
{
    struct asset_writer *writer = context;
    note(writer->store, status, asset_writer_error(writer, status));
    writer->wake(writer->wake_context, status);
}

enum status asset_writer_begin(const struct asset_plan *plan, struct asset_store *store,
                               const uint8_t random[ID_SIZE], object_wake_function *wake,
                               void *context, struct asset_writer **out)
{
    struct asset_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return STATUS_NO_MEMORY;
    }
    writer->store = store;
    writer->wake = wake;
    writer->wake_context = context;
    enum status status = store->is_bucket
                             ? object_begin(plan, store, random, on_wake, writer, writer)
                             : file_writer_begin(&writer->file, &store->directory, plan->character,
                                                 random, plan->extension, plan->size_max);
    if (status != STATUS_OK) {
        note(store, status, status_text(status));
        free(writer);
        return status;
    }
    *out = writer;
    return status;
}

void asset_writer_tell(struct asset_writer *writer, const char *extension, const char *content_type)
{
    if (writer->object != NULL) {
        object_writer_tell(writer->object, extension, content_type);
    } else {
        asset_url_set_extension(writer->file.url, extension);
    }
}

enum status asset_writer_add(struct asset_writer *writer, struct slice bytes)
{
    enum status status = writer->object != NULL ? object_writer_add(writer->object, bytes)
                                                : file_writer_add(&writer->file, bytes);
    note(writer->store, status, asset_writer_error(writer, status));
    return status;
}

static void on_done(void *context, enum status status, const struct asset *asset)
{
    struct asset_writer *writer = context;
    if (status == STATUS_OK) {
        note_succeeded(writer->store);
    } else {
        note(writer->store, status, asset_writer_error(writer, status));
    }
    writer->done(writer->done_context, status, asset);
}

void asset_writer_commit(struct asset_writer *writer, object_done_function *done, void *context)
{
    writer->done = done;
    writer->done_context = context;
    if (writer->object != NULL) {
        object_writer_commit(writer->object, on_done, writer);
        return;
    }
    struct asset asset = {0};
    enum status status = file_writer_commit(&writer->file, &asset);
    on_done(writer, status, status == STATUS_OK ? &asset : NULL);
}

const char *asset_writer_error(const struct asset_writer *writer, enum status status)
{
    bool has_words =
        writer != NULL && writer->object != NULL && object_writer_error(writer->object)[0] != '\0';
    return has_words ? object_writer_error(writer->object) : status_text(status);
}

void asset_writer_destroy(struct asset_writer **writer_in)
{
    struct asset_writer *writer = *writer_in;
    if (writer != NULL) {
        *writer_in = NULL;
        object_writer_destroy(&writer->object);
        file_writer_fini(&writer->file);
        free(writer);
    }
}

/* ---- a store that takes nothing ---- */

static void ignore_wake(void *context, enum status status)
{
    (void)context;
    (void)status;
}

/* What has come of the probe is on record. It is removed again. */
static void end_probe(void *context, enum status status, const struct asset *asset)
{
    struct asset_store *store = context;
    if (store->health.is_probed && status != STATUS_OK) { /* not the store's fault, and over */
        note_failed(store, status_text(status));
    }
    if (status == STATUS_OK && store->is_bucket) {
        static const struct subject nobody;
        object_cleanup_start(&store->objects, &nobody, object_key(asset->url), SLICE_EMPTY, true);
    } else if (status == STATUS_OK) {
        asset_directory_remove(&store->directory, asset->url);
    }
    asset_writer_destroy(&store->probe);
}

static enum status add_zeros(struct asset_writer *writer)
{
    static const uint8_t zeros[16 << 10];
    enum status status = STATUS_OK;
    for (size_t size = 0; size < STORE_PROBE_SIZE && status == STATUS_OK; size += sizeof(zeros)) {
        status = asset_writer_add(writer, slice_make(zeros, sizeof(zeros)));
    }
    return status;
}

static void probe(struct asset_store *store, const struct id *character)
{
    uint8_t random[ID_SIZE];
    const struct asset_plan plan = {
        .character = character,
        .extension = "txt",
        .content_type = "text/plain",
        .size_max = STORE_PROBE_SIZE,
        .is_whole = true,
    };
    random_bytes(random, sizeof(random));
    enum status status =
        asset_writer_begin(&plan, store, random, ignore_wake, store, &store->probe);
    if (status == STATUS_OK) {
        status = add_zeros(store->probe);
    }
    if (status != STATUS_OK) {
        note_failed(store, status_text(status));
        asset_writer_destroy(&store->probe);
    } else { /* a disk may tell with the sync or the new name what it did not tell before */
        asset_writer_commit(store->probe, end_probe, store);
    }
}

bool asset_store_takes(struct asset_store *store, const struct id *character, int64_t *wait_ms_out)
{
    int64_t now_ms = clock_now_ms(store->objects.line.clock);
    if (store->probe == NULL && store_health_begin_probe(&store->health, now_ms)) {
        probe(store, character);
    }
    *wait_ms_out = store_health_wait_ms(&store->health, now_ms);
    return !store->health.is_bad;
}
