#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "actors/asset_store.h"
#include "actors/limits.h"
#include "base/log.h"

enum {
    FILE_MODE = 0600,
};

struct asset_reader {
    asset_reader_function *function;
    void *context;
    int fd; /* of the temporary file; -1: none */
    char url[URL_SIZE_MAX + 1];
    char path[ASSET_PATH_SIZE_MAX];
    struct store_call call;
};

static enum status write_file(void *context, struct slice bytes)
{
    struct asset_reader *reader = context;
    while (bytes.size > 0) {
        ssize_t written = write(reader->fd, bytes.data, bytes.size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return STATUS_IO;
        }
        bytes = slice_make(bytes.data + written, bytes.size - (size_t)written);
    }
    return STATUS_OK;
}

static void restart_file(void *context)
{
    struct asset_reader *reader = context;
    bool is_empty = ftruncate(reader->fd, 0) == 0 && lseek(reader->fd, 0, SEEK_SET) == 0;
    assert(is_empty); /* a file of our own that has been written to */
}

static void on_answer(void *context, const struct s3_failure *failure,
                      const struct http_response *response)
{
    (void)response;
    struct asset_reader *reader = context;
    enum status status = failure->kind == S3_FAILURE_NONE      ? STATUS_OK
                         : failure->kind == S3_FAILURE_MISSING ? STATUS_NOT_FOUND
                                                               : STATUS_IO;
    if (status == STATUS_IO) {
        log_error("asset cannot be read from the object store",
                  "job=%s request=%s code=%s message=\"%s\"", reader->call.subject.job,
                  reader->call.subject.request, failure->code, failure->message);
    }
    reader->function(reader->context, status, reader->path);
}

/* A file that goes with its descriptor, and so with the process. */
static bool open_file(struct asset_reader *reader)
{
    const char *directory = getenv("TMPDIR");
    reader->fd = open(directory != NULL && directory[0] == '/' ? directory : "/tmp",
                      O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_MODE);
    snprintf(reader->path, sizeof(reader->path), "/proc/self/fd/%d", reader->fd);
    return reader->fd >= 0;
}

static void ask(struct asset_store *store, struct asset_reader *reader,
                const struct subject *subject, bool wants_file)
{
    if (wants_file && !open_file(reader)) {
        log_error("temporary file cannot be made", "job=%s request=%s errno=%d", subject->job,
                  subject->request, errno);
        reader->function(reader->context, STATUS_IO, "");
        return;
    }
    reader->call = (struct store_call){
        .line = &store->objects.line,
        .subject = *subject,
        .request = {.method = wants_file ? "GET" : "HEAD", .key = object_key(reader->url)},
        .write = wants_file ? write_file : NULL,
        .restart = wants_file ? restart_file : NULL,
        .answer_size_max = wants_file ? IMAGE_SIZE_MAX : 0,
        .function = on_answer,
        .context = reader,
    };
    store_call_start(&reader->call);
}

enum status asset_reader_begin(struct asset_store *store, const struct subject *subject,
                               const char *url, bool wants_file, asset_reader_function *function,
                               void *context, struct asset_reader **out)
{
    struct asset_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return STATUS_NO_MEMORY;
    }
    *out = reader;
    reader->fd = -1;
    reader->function = function;
    reader->context = context;
    if (!asset_url_is_ours(slice_from_string(url))) {
        function(context, STATUS_MALFORMED, "");
    } else if (store->is_bucket) {
        snprintf(reader->url, sizeof(reader->url), "%s", url);
        ask(store, reader, subject, wants_file);
    } else {
        function(context,
                 asset_directory_find(&store->directory, slice_from_string(url), reader->path),
                 reader->path);
    }
    return STATUS_OK;
}

void asset_reader_destroy(struct asset_reader **reader_in)
{
    struct asset_reader *reader = *reader_in;
    if (reader != NULL) {
        *reader_in = NULL;
        store_call_cancel(&reader->call);
        if (reader->fd >= 0) {
            close(reader->fd);
        }
        free(reader);
    }
}
