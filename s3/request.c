#include "s3/request.h"

#include <assert.h>

/* ---- addresses ---- */

/* Writes /bucket/prefix/key, or /bucket/ for the bucket itself. */
static enum status path_of(const struct s3_bucket *bucket, struct slice key, struct buffer *out)
{
    enum status status = buffer_append_format(out, "%s", bucket->path);
    if (status == STATUS_OK && key.size > 0) {
        status = key.size > S3_KEY_SIZE_MAX
                     ? STATUS_TOO_LARGE
                     : buffer_append_format(out, "%s%.*s", bucket->prefix, SLICE_PRINT(key));
    }
    return status;
}

/* Appends scheme, host and path of an address. */
static enum status append_address(const struct s3_bucket *bucket, struct slice path,
                                  struct buffer *out)
{
    enum status status =
        buffer_append_format(out, "%s://%s", bucket->is_tls ? "https" : "http", bucket->host);
    return status == STATUS_OK ? sigv4_encode(path, true, out) : status;
}

/* ---- signed by a header ---- */

struct draft {
    struct sigv4_field headers[SIGV4_FIELDS_MAX];
    size_t header_count;
    size_t offsets[S3_HEADERS_MAX]; /* of the lines in the call's text */
    char time[SIGV4_TIME_SIZE];
    char hash[S3_HASH_TEXT_SIZE + 1];
};

static void add(struct draft *draft, const char *name, struct slice value)
{
    assert(draft->header_count < SIGV4_FIELDS_MAX);
    draft->headers[draft->header_count++] = (struct sigv4_field){slice_from_string(name), value};
}

static void hash_body(const struct s3_request *request, char out[S3_HASH_TEXT_SIZE + 1])
{
    uint8_t computed[SHA256_SIZE];
    const uint8_t *hash = request->body_hash;
    if (hash == NULL) {
        sha256(request->body, computed);
        hash = computed;
    }
    hex_write(slice_make(hash, SHA256_SIZE), out);
}

static void collect(const struct s3_bucket *bucket, const struct s3_request *request,
                    int64_t now_ms, struct draft *draft)
{
    sigv4_time(now_ms, draft->time);
    hash_body(request, draft->hash);
    add(draft, "host", slice_from_string(bucket->host));
    add(draft, "x-amz-content-sha256", slice_from_string(draft->hash));
    add(draft, "x-amz-date", slice_from_string(draft->time));
    if (bucket->key.token != NULL) {
        add(draft, "x-amz-security-token", slice_from_string(bucket->key.token));
    }
    for (size_t index = 0; index < request->header_count; index++) {
        draft->headers[draft->header_count++] = request->headers[index];
    }
}

/* Appends a header line, ended by a NUL, and notes where it begins. */
static enum status append_line(struct s3_call *call, struct draft *draft, struct slice name,
                               struct slice value)
{
    assert(call->line_count < S3_HEADERS_MAX);
    draft->offsets[call->line_count] = call->text.size;
    enum status status =
        buffer_append_format(&call->text, "%.*s: %.*s", SLICE_PRINT(name), SLICE_PRINT(value));
    if (status == STATUS_OK) {
        status = buffer_append_byte(&call->text, '\0');
    }
    call->line_count += status == STATUS_OK;
    return status;
}

static enum status append_authorization(const struct s3_bucket *bucket,
                                        const struct sigv4_request *request, struct s3_call *call,
                                        struct draft *draft)
{
    struct buffer value;
    buffer_init(&value, SIGV4_TEXT_SIZE_MAX);
    enum status status = sigv4_authorize(&bucket->key, request, &value);
    if (status == STATUS_OK) {
        status = append_line(call, draft, SLICE_LITERAL("authorization"), buffer_slice(&value));
    }
    buffer_fini(&value);
    return status;
}

static enum status append_url(const struct s3_bucket *bucket, const struct s3_request *request,
                              struct slice path, struct buffer *out)
{
    enum status status = append_address(bucket, path, out);
    if (status == STATUS_OK && request->query_count > 0) {
        status = buffer_append_byte(out, '?');
    }
    if (status == STATUS_OK) {
        status = sigv4_query(request->query, request->query_count, out);
    }
    return status == STATUS_OK ? buffer_append_byte(out, '\0') : status;
}

/* The address, then all headers but Host, which the client makes from it. */
static enum status make(const struct s3_bucket *bucket, const struct s3_request *request,
                        int64_t now_ms, struct slice path, struct s3_call *call)
{
    struct draft draft = {.header_count = 0};
    collect(bucket, request, now_ms, &draft);
    const struct sigv4_request signed_request = {
        .method = request->method,
        .path = path,
        .query = request->query,
        .query_count = request->query_count,
        .headers = draft.headers,
        .header_count = draft.header_count,
        .payload_hash = slice_from_string(draft.hash),
        .time_ms = now_ms,
    };
    enum status status = append_url(bucket, request, path, &call->text);
    for (size_t index = 1; status == STATUS_OK && index < draft.header_count; index++) {
        status = append_line(call, &draft, draft.headers[index].name, draft.headers[index].value);
    }
    if (status == STATUS_OK) {
        status = append_authorization(bucket, &signed_request, call, &draft);
    }
    if (status != STATUS_OK) {
        return status;
    }
    call->url = (const char *)call->text.data;
    for (size_t index = 0; index < call->line_count; index++) {
        call->lines[index] = (const char *)call->text.data + draft.offsets[index];
    }
    return STATUS_OK;
}

enum status s3_call_make(const struct s3_bucket *bucket, const struct s3_request *request,
                         int64_t now_ms, struct s3_call *out)
{
    struct buffer path;
    assert(request->query_count <= S3_EXTRA_MAX && request->header_count <= S3_EXTRA_MAX);
    *out = (struct s3_call){.url = NULL};
    buffer_init(&out->text, S3_CALL_SIZE_MAX);
    buffer_init(&path, S3_PATH_SIZE_MAX + S3_PREFIX_SIZE_MAX + S3_KEY_SIZE_MAX);
    enum status status = path_of(bucket, request->key, &path);
    if (status == STATUS_OK) {
        status = make(bucket, request, now_ms, buffer_slice(&path), out);
    }
    buffer_fini(&path);
    return status;
}

void s3_call_fini(struct s3_call *call)
{
    buffer_fini(&call->text);
    call->url = NULL;
    call->line_count = 0;
}

/* ---- signed by the address ---- */

enum status s3_presign(const struct s3_bucket *bucket, const char *method, struct slice key,
                       int64_t now_ms, uint32_t expires_s, struct buffer *out)
{
    struct buffer path;
    const struct sigv4_field host = {SLICE_LITERAL("host"), slice_from_string(bucket->host)};
    buffer_init(&path, S3_PATH_SIZE_MAX + S3_PREFIX_SIZE_MAX + S3_KEY_SIZE_MAX);
    enum status status = path_of(bucket, key, &path);
    if (status == STATUS_OK) {
        status = append_address(bucket, buffer_slice(&path), out);
    }
    if (status == STATUS_OK) {
        status = buffer_append_byte(out, '?');
    }
    if (status == STATUS_OK) {
        const struct sigv4_request request = {
            .method = method,
            .path = buffer_slice(&path),
            .headers = &host,
            .header_count = 1,
            .payload_hash = SIGV4_UNSIGNED,
            .time_ms = now_ms,
        };
        status = sigv4_presign(&bucket->key, &request, expires_s, out);
    }
    buffer_fini(&path);
    return status;
}
