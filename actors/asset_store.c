#include "actors/asset_store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct asset_writer {
    struct file_writer file;
    struct object_writer *object; /* NULL: file */
};

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
        .is_whole = plan->is_whole,
    };
    return object_writer_begin(&store->objects, &object, wake, context, &writer->object);
}

enum status asset_writer_begin(const struct asset_plan *plan, struct asset_store *store,
                               const uint8_t random[ID_SIZE], object_wake_function *wake,
                               void *context, struct asset_writer **out)
{
    struct asset_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = store->is_bucket
                             ? object_begin(plan, store, random, wake, context, writer)
                             : file_writer_begin(&writer->file, &store->directory, plan->character,
                                                 random, plan->extension, plan->size_max);
    if (status != STATUS_OK && status != STATUS_AGAIN) {
        free(writer);
        return status;
    }
    *out = writer;
    return status;
}

enum status asset_writer_add(struct asset_writer *writer, struct slice bytes)
{
    return writer->object != NULL ? object_writer_add(writer->object, bytes)
                                  : file_writer_add(&writer->file, bytes);
}

void asset_writer_commit(struct asset_writer *writer, object_done_function *done, void *context)
{
    if (writer->object != NULL) {
        object_writer_commit(writer->object, done, context);
        return;
    }
    struct asset asset = {0};
    enum status status = file_writer_commit(&writer->file, &asset);
    done(context, status, status == STATUS_OK ? &asset : NULL);
}

const char *asset_writer_error(const struct asset_writer *writer, enum status status)
{
    bool has_words = writer->object != NULL && object_writer_error(writer->object)[0] != '\0';
    return has_words ? object_writer_error(writer->object) : status_name(status);
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
