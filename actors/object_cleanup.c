#include "actors/object_cleanup.h"

#include <stdlib.h>
#include "actors/limits.h"
#include "base/log.h"

struct object_cleanup {
    struct object_store *store;
    struct object_cleanup *next;
    struct store_call call;
    bool has_upload;
    bool has_object;
    size_t key_size;
    size_t upload_size;
    uint8_t text[]; /* key, then upload */
};

static void release(struct object_cleanup *cleanup)
{
    struct object_cleanup **place = &cleanup->store->cleanups;
    while (*place != cleanup) {
        place = &(*place)->next;
    }
    *place = cleanup->next;
    cleanup->store->cleanup_count--;
    store_call_cancel(&cleanup->call);
    free(cleanup);
}

/* The parts first: an object cannot come about any more after that. */
static void go_on(struct object_cleanup *cleanup)
{
    struct s3_request *request = &cleanup->call.request;
    *request = (struct s3_request){
        .method = "DELETE",
        .key = slice_make(cleanup->text, cleanup->key_size),
    };
    if (cleanup->has_upload) {
        cleanup->has_upload = false;
        request->query[0] = (struct sigv4_field){
            SLICE_LITERAL("uploadId"),
            slice_make(cleanup->text + cleanup->key_size, cleanup->upload_size)};
        request->query_count = 1;
        store_call_start(&cleanup->call);
    } else if (cleanup->has_object) {
        cleanup->has_object = false;
        store_call_start(&cleanup->call);
    } else {
        release(cleanup);
    }
}

static void on_done(void *context, const struct s3_failure *failure,
                    const struct http_response *response)
{
    (void)response;
    struct object_cleanup *cleanup = context;
    if (failure->kind != S3_FAILURE_NONE && failure->kind != S3_FAILURE_MISSING) {
        log_warn("what was cut off stays in the object store until it is swept",
                 "job=%s request=%s code=%s message=\"%s\"", cleanup->call.subject.job,
                 cleanup->call.subject.request, failure->code, failure->message);
    }
    go_on(cleanup);
}

void object_cleanup_start(struct object_store *store, const struct subject *subject,
                          struct slice key, struct slice upload, bool has_object)
{
    if (upload.size == 0 && !has_object) {
        return;
    }
    struct object_cleanup *cleanup = store->cleanup_count >= STORE_CLEANUPS_MAX
                                         ? NULL
                                         : calloc(1, sizeof(*cleanup) + key.size + upload.size);
    if (cleanup == NULL) {
        log_warn("what was cut off stays in the object store until it is swept",
                 "job=%s request=%s count=%u", subject->job, subject->request,
                 store->cleanup_count);
        return;
    }
    *cleanup = (struct object_cleanup){
        .store = store,
        .next = store->cleanups,
        .call = {.line = &store->line,
                 .subject = *subject,
                 .function = on_done,
                 .context = cleanup},
        .has_upload = upload.size > 0,
        .has_object = has_object,
        .key_size = key.size,
        .upload_size = upload.size,
    };
    memcpy(cleanup->text, key.data, key.size);
    if (upload.size > 0) {
        memcpy(cleanup->text + key.size, upload.data, upload.size);
    }
    store->cleanups = cleanup;
    store->cleanup_count++;
    go_on(cleanup);
}

void object_cleanup_end(struct object_store *store)
{
    while (store->cleanups != NULL) {
        release(store->cleanups);
    }
}
