#include "actors/asset_object.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "actors/asset_file.h"
#include "actors/limits.h"
#include "actors/object_cleanup.h"

enum {
    UPLOAD_ID_SIZE_MAX = 1024, /* bytes; AWS's are about 130 */
    ETAG_SIZE_MAX = 256,
    PART_LINE_SIZE_MAX = 1536, /* bytes of one in the list of parts, its ETag escaped */
    NUMBER_SIZE = 16,
    ERROR_SIZE_MAX = S3_MESSAGE_SIZE_MAX + 1,
};

#define CACHE_CONTROL "public, max-age=31536000, immutable"
#define ASSETS_PREFIX "/assets/"

struct object_writer {
    struct object_store *store;
    struct turn turn; /* to have a part in memory */
    bool is_whole;
    bool is_closing;
    bool is_starved;    /* bytes were not taken */
    bool is_final;      /* a request is under way that may make the object */
    bool is_committed;  /* it is there, and is to stay */
    enum status status; /* what is not OK is final */
    char error[ERROR_SIZE_MAX];
    char url[URL_SIZE_MAX + 1];
    const char *content_type;
    struct subject subject;
    uint64_t size;
    uint64_t size_max;
    struct sha256_stream hash;
    struct buffer part;   /* what is not yet in the store */
    size_t sent;          /* bytes of it under way */
    struct buffer upload; /* id of the upload in parts; empty: none */
    struct buffer parts;  /* the list of parts that the store has */
    uint32_t part_count;
    char part_number[NUMBER_SIZE];
    uint8_t body_hash[SHA256_SIZE]; /* of the request under way, however often it is tried */
    char checksum[SHA256_SIZE * 2];
    struct store_call call;
    object_wake_function *wake;
    void *wake_context;
    object_done_function *done;
    void *done_context;
};

static void close_step(struct object_writer *writer);

struct slice object_key(const char *url)
{
    assert(strncmp(url, ASSETS_PREFIX, sizeof(ASSETS_PREFIX) - 1) == 0);
    return slice_from_string(url + sizeof(ASSETS_PREFIX) - 1);
}

static void on_turn(void *context)
{
    struct object_writer *writer = context;
    writer->wake(writer->wake_context, STATUS_OK);
}

/* ---- the end ---- */

static void finish(struct object_writer *writer)
{
    struct asset asset = {0};
    uint8_t hash[SHA256_SIZE];
    sha256_stream_finish(&writer->hash, hash);
    writer->is_final = false;
    writer->is_committed = true;
    memcpy(asset.url, writer->url, sizeof(asset.url));
    asset.size = writer->size;
    hex_write(slice_make(hash, sizeof(hash)), asset.sha256);
    writer->done(writer->done_context, STATUS_OK, &asset);
}

/* The writer may be gone after this. */
static void fail(struct object_writer *writer, enum status status, const char *words)
{
    writer->status = status;
    snprintf(writer->error, sizeof(writer->error), "%s", words);
    if (writer->is_closing) {
        writer->done(writer->done_context, status, NULL);
    } else if (writer->is_starved) {
        writer->is_starved = false;
        writer->wake(writer->wake_context, status);
    }
}

/* Whether a request succeeded; else the writer has failed. */
static bool is_good(struct object_writer *writer, const struct s3_failure *failure)
{
    if (failure->kind != S3_FAILURE_NONE) {
        fail(writer, STATUS_IO, failure->message);
    }
    return failure->kind == S3_FAILURE_NONE;
}

/* ---- requests ---- */

static void ask(struct object_writer *writer, const struct s3_request *request,
                store_call_function *function)
{
    writer->call = (struct store_call){
        .line = &writer->store->line,
        .subject = writer->subject,
        .request = *request,
        .function = function,
        .context = writer,
    };
    writer->call.request.key = object_key(writer->url);
    store_call_start(&writer->call);
}

static void name_type(const struct object_writer *writer, struct s3_request *request)
{
    request->headers[0] = (struct sigv4_field){SLICE_LITERAL("content-type"),
                                               slice_from_string(writer->content_type)};
    request->headers[1] =
        (struct sigv4_field){SLICE_LITERAL("cache-control"), SLICE_LITERAL(CACHE_CONTROL)};
    request->header_count = 2;
}

/* Names the sum of what is sent, for stores that keep it, and check it against what they wrote. */
static enum status name_checksum(struct object_writer *writer, struct s3_request *request)
{
    struct buffer text;
    sha256(request->body, writer->body_hash);
    request->body_hash = writer->body_hash;
    buffer_init(&text, sizeof(writer->checksum) - 1);
    enum status status =
        encode_base64(slice_make(writer->body_hash, sizeof(writer->body_hash)), &text);
    if (status == STATUS_OK) {
        memcpy(writer->checksum, text.data, text.size);
        writer->checksum[text.size] = '\0';
        request->headers[request->header_count++] = (struct sigv4_field){
            SLICE_LITERAL("x-amz-checksum-sha256"), slice_from_string(writer->checksum)};
    }
    buffer_fini(&text);
    return status;
}

/* A store that tells the sum of what it wrote tells ours. */
static bool checksum_is_ours(struct object_writer *writer, const struct http_response *response)
{
    struct slice told = http_header(response, "x-amz-checksum-sha256");
    if (told.size > 0 && !slice_equal(told, slice_from_string(writer->checksum))) {
        fail(writer, STATUS_IO, "the object store has written other bytes than were sent");
        return false;
    }
    return true;
}

/* ---- in one piece ---- */

static void on_put(void *context, const struct s3_failure *failure,
                   const struct http_response *response)
{
    struct object_writer *writer = context;
    if (is_good(writer, failure) && checksum_is_ours(writer, response)) {
        finish(writer);
    }
}

static void put(struct object_writer *writer)
{
    struct s3_request request = {.method = "PUT", .body = buffer_slice(&writer->part)};
    name_type(writer, &request);
    if (name_checksum(writer, &request) != STATUS_OK) {
        fail(writer, STATUS_NO_MEMORY, status_text(STATUS_NO_MEMORY));
        return;
    }
    writer->is_final = true;
    ask(writer, &request, on_put);
}

/* ---- in parts ---- */

static void send_part(struct object_writer *writer);

static void on_created(void *context, const struct s3_failure *failure,
                       const struct http_response *response)
{
    struct object_writer *writer = context;
    if (!is_good(writer, failure)) {
        return;
    }
    enum status status = s3_xml_text(response->body, "UploadId", &writer->upload);
    if (status != STATUS_OK || writer->upload.size == 0) {
        buffer_clear(&writer->upload);
        fail(writer, STATUS_IO, "the object store names no upload");
        return;
    }
    send_part(writer);
}

static void create(struct object_writer *writer)
{
    struct s3_request request = {
        .method = "POST", .query = {{SLICE_LITERAL("uploads"), SLICE_EMPTY}}, .query_count = 1};
    name_type(writer, &request);
    request.headers[request.header_count++] =
        (struct sigv4_field){SLICE_LITERAL("x-amz-checksum-algorithm"), SLICE_LITERAL("SHA256")};
    ask(writer, &request, on_created);
}

static enum status note_part(struct object_writer *writer, struct slice etag)
{
    struct buffer *parts = &writer->parts;
    enum status status = buffer_append_format(parts, "<Part><PartNumber>%u</PartNumber><ETag>",
                                              writer->part_count + 1);
    if (status == STATUS_OK) {
        status = s3_xml_escape(etag, parts);
    }
    if (status == STATUS_OK) {
        status = buffer_append_format(parts, "</ETag><ChecksumSHA256>%s</ChecksumSHA256></Part>",
                                      writer->checksum);
    }
    writer->part_count += status == STATUS_OK;
    return status;
}

static void on_part(void *context, const struct s3_failure *failure,
                    const struct http_response *response)
{
    struct object_writer *writer = context;
    if (!is_good(writer, failure) || !checksum_is_ours(writer, response)) {
        return;
    }
    struct slice etag = http_header(response, "etag");
    if (etag.size == 0 || etag.size > ETAG_SIZE_MAX || note_part(writer, etag) != STATUS_OK) {
        fail(writer, STATUS_IO, "the object store's answer to a part makes no sense");
        return;
    }
    buffer_consume(&writer->part, writer->sent);
    writer->sent = 0;
    if (writer->is_closing) {
        close_step(writer);
    } else if (writer->is_starved) {
        writer->is_starved = false;
        writer->wake(writer->wake_context, STATUS_OK);
    }
}

static void send_part(struct object_writer *writer)
{
    writer->sent = writer->part.size < STORE_PART_SIZE ? writer->part.size : STORE_PART_SIZE;
    struct s3_request request = {
        .method = "PUT",
        .query = {{SLICE_LITERAL("partNumber"), SLICE_EMPTY},
                  {SLICE_LITERAL("uploadId"), buffer_slice(&writer->upload)}},
        .query_count = 2,
        .body = slice_make(writer->part.data, writer->sent),
    };
    snprintf(writer->part_number, sizeof(writer->part_number), "%u", writer->part_count + 1);
    request.query[0].value = slice_from_string(writer->part_number);
    if (writer->part_count >= STORE_PARTS_MAX || name_checksum(writer, &request) != STATUS_OK) {
        fail(writer, STATUS_NO_MEMORY, status_text(STATUS_NO_MEMORY));
        return;
    }
    ask(writer, &request, on_part);
}

static void on_checked(void *context, const struct s3_failure *failure,
                       const struct http_response *response)
{
    struct object_writer *writer = context;
    char size[32];
    if (!is_good(writer, failure)) {
        return;
    }
    snprintf(size, sizeof(size), "%" PRIu64, writer->size);
    if (!slice_equal(http_header(response, "content-length"), slice_from_string(size))) {
        fail(writer, STATUS_IO, "the object store has joined the parts to another size");
        return;
    }
    finish(writer);
}

/* An upload that the store does not know any more may have been joined by the request before, whose
 * answer was lost: the object itself tells. */
static void on_joined(void *context, const struct s3_failure *failure,
                      const struct http_response *response)
{
    (void)response;
    struct object_writer *writer = context;
    if (failure->kind == S3_FAILURE_MISSING || is_good(writer, failure)) {
        const struct s3_request request = {.method = "HEAD"};
        ask(writer, &request, on_checked);
    }
}

static void join(struct object_writer *writer)
{
    if (buffer_append_format(&writer->parts, "</CompleteMultipartUpload>") != STATUS_OK) {
        fail(writer, STATUS_NO_MEMORY, status_text(STATUS_NO_MEMORY));
        return;
    }
    const struct s3_request request = {
        .method = "POST",
        .query = {{SLICE_LITERAL("uploadId"), buffer_slice(&writer->upload)}},
        .query_count = 1,
        .body = buffer_slice(&writer->parts),
    };
    writer->is_final = true;
    ask(writer, &request, on_joined);
}

/* Nothing is under way: what comes next on the way to the end. */
static void close_step(struct object_writer *writer)
{
    if (writer->upload.size == 0) {
        put(writer);
    } else if (writer->part.size > 0) {
        send_part(writer);
    } else {
        join(writer);
    }
}

/* ---- public ---- */

void object_store_fini(struct object_store *store)
{
    assert(store->turns.first == NULL && store->turns.taken == 0);
    object_cleanup_end(store);
}

enum status object_writer_begin(struct object_store *store, const struct object_plan *plan,
                                object_wake_function *wake, void *context,
                                struct object_writer **out)
{
    struct object_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (sha256_stream_init(&writer->hash) != STATUS_OK) {
        free(writer);
        return STATUS_NO_MEMORY;
    }
    writer->store = store;
    writer->is_whole = plan->is_whole;
    writer->content_type = plan->content_type;
    writer->subject = plan->subject;
    writer->size_max = plan->size_max;
    writer->wake = wake;
    writer->wake_context = context;
    snprintf(writer->url, sizeof(writer->url), "%s", plan->url);
    buffer_init(&writer->part,
                plan->is_whole ? plan->size_max : STORE_PART_SIZE + STORE_PART_SLACK);
    buffer_init(&writer->upload, UPLOAD_ID_SIZE_MAX);
    buffer_init(&writer->parts, STORE_PARTS_MAX * PART_LINE_SIZE_MAX);
    *out = writer;
    if (buffer_append_format(&writer->parts, "<CompleteMultipartUpload>") != STATUS_OK) {
        object_writer_destroy(out);
        return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

/* Asked for with the first bytes, so that a sender without any keeps nobody else waiting. */
static bool has_turn(struct object_writer *writer)
{
    return writer->is_whole || writer->turn.is_had ||
           turn_take(&writer->turn, &writer->store->turns, STORE_WRITES_MAX, on_turn, writer);
}

void object_writer_tell(struct object_writer *writer, const char *extension,
                        const char *content_type)
{
    assert(writer->size < STORE_PART_SIZE); /* nobody was told the key */
    asset_url_set_extension(writer->url, extension);
    writer->content_type = content_type;
}

enum status object_writer_add(struct object_writer *writer, struct slice bytes)
{
    assert(!writer->is_closing);
    if (writer->status != STATUS_OK) {
        return writer->status;
    }
    if (bytes.size > writer->size_max - writer->size) {
        return STATUS_TOO_LARGE;
    }
    if (!has_turn(writer)) {
        return STATUS_AGAIN;
    }
    if (!writer->is_whole && writer->part.size >= STORE_PART_SIZE) {
        writer->is_starved = true;
        return STATUS_AGAIN;
    }
    enum status status = buffer_append_slice(&writer->part, bytes);
    if (status != STATUS_OK) {
        return status;
    }
    sha256_stream_add(&writer->hash, bytes);
    writer->size += bytes.size;
    if (!writer->is_whole && writer->part.size >= STORE_PART_SIZE) {
        if (writer->upload.size == 0) {
            create(writer);
        } else {
            send_part(writer);
        }
    }
    return STATUS_OK;
}

void object_writer_commit(struct object_writer *writer, object_done_function *done, void *context)
{
    assert(!writer->is_closing);
    writer->is_closing = true;
    writer->done = done;
    writer->done_context = context;
    if (writer->status != STATUS_OK) {
        done(context, writer->status, NULL);
    } else if (!store_call_is_running(&writer->call)) {
        close_step(writer);
    }
}

const char *object_writer_error(const struct object_writer *writer)
{
    return writer->error;
}

void object_writer_destroy(struct object_writer **writer_in)
{
    struct object_writer *writer = *writer_in;
    if (writer == NULL) {
        return;
    }
    *writer_in = NULL;
    store_call_cancel(&writer->call);
    turn_end(&writer->turn);
    if (!writer->is_committed) {
        object_cleanup_start(writer->store, &writer->subject, object_key(writer->url),
                             buffer_slice(&writer->upload), writer->is_final);
    }
    sha256_stream_fini(&writer->hash);
    buffer_fini(&writer->part);
    buffer_fini(&writer->upload);
    buffer_fini(&writer->parts);
    free(writer);
}
