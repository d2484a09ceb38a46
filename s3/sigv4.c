#include "s3/sigv4.h"

#include <assert.h>
#include <stdio.h>
#include "base/clock.h"
#include "base/encoding.h"

static const char algorithm[] = "AWS4-HMAC-SHA256";

enum {
    DAY_SIZE = 8,           /* 20150830 */
    SCOPE_SIZE_MAX = 160,   /* bytes of day/region/service/aws4_request */
    KEY_TEXT_SIZE_MAX = 512 /* bytes of "AWS4" and the secret */
};

void sigv4_time(int64_t time_ms, char out[SIGV4_TIME_SIZE])
{
    char text[CLOCK_TEXT_SIZE]; /* 2015-08-30T12:36:00.000Z */
    clock_format(time_ms, text);
    snprintf(out, SIGV4_TIME_SIZE, "%.4s%.2s%.2sT%.2s%.2s%.2sZ", text, text + 5, text + 8,
             text + 11, text + 14, text + 17);
}

/* ---- encoding ---- */

static bool is_unreserved(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

enum status sigv4_encode(struct slice text, bool is_path, struct buffer *out)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; status == STATUS_OK && index < text.size; index++) {
        uint8_t byte = text.data[index];
        status = is_unreserved(byte) || (is_path && byte == '/')
                     ? buffer_append_byte(out, byte)
                     : buffer_append_format(out, "%%%02X", byte);
    }
    return status;
}

/* ---- canonical forms ---- */

static int compare(struct slice left, struct slice right)
{
    size_t size = left.size < right.size ? left.size : right.size;
    int order = size == 0 ? 0 : memcmp(left.data, right.data, size);
    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

/* Sorts fields by name; fields of one name by value when with_values, else they stay in order. */
static void sort(struct sigv4_field *fields, size_t count, bool with_values)
{
    for (size_t index = 1; index < count; index++) {
        struct sigv4_field moved = fields[index];
        size_t place = index;
        while (place > 0) {
            int order = compare(fields[place - 1].name, moved.name);
            if (order == 0 && with_values) {
                order = compare(fields[place - 1].value, moved.value);
            }
            if (order <= 0) {
                break;
            }
            fields[place] = fields[place - 1];
            place--;
        }
        fields[place] = moved;
    }
}

/* Encodes the parameters into text, one after the other; sizes are of names and values in turn. */
static enum status encode_all(const struct sigv4_field *query, size_t count, struct buffer *text,
                              size_t *sizes)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; status == STATUS_OK && index < 2 * count; index++) {
        size_t before = text->size;
        const struct sigv4_field *field = &query[index / 2];
        status = sigv4_encode(index % 2 == 0 ? field->name : field->value, false, text);
        sizes[index] = text->size - before;
    }
    return status;
}

enum status sigv4_query(const struct sigv4_field *query, size_t count, struct buffer *out)
{
    struct sigv4_field encoded[SIGV4_FIELDS_MAX];
    size_t sizes[2 * SIGV4_FIELDS_MAX] = {0};
    struct buffer text;
    if (count > SIGV4_FIELDS_MAX) {
        return STATUS_TOO_LARGE;
    }
    buffer_init(&text, SIGV4_TEXT_SIZE_MAX);
    enum status status = encode_all(query, count, &text, sizes);
    size_t offset = 0;
    for (size_t index = 0; status == STATUS_OK && index < count; index++) {
        encoded[index].name = slice_make(text.data + offset, sizes[2 * index]);
        offset += sizes[2 * index];
        encoded[index].value = slice_make(text.data + offset, sizes[2 * index + 1]);
        offset += sizes[2 * index + 1];
    }
    if (status == STATUS_OK) {
        sort(encoded, count, true);
    }
    for (size_t index = 0; status == STATUS_OK && index < count; index++) {
        status = buffer_append_format(out, "%s%.*s=%.*s", index == 0 ? "" : "&",
                                      SLICE_PRINT(encoded[index].name),
                                      SLICE_PRINT(encoded[index].value));
    }
    buffer_fini(&text);
    return status;
}

/* Appends a header's value without blanks around it, and one in place of several within. */
static enum status append_value(struct slice value, struct buffer *out)
{
    enum status status = STATUS_OK;
    bool is_blank = false;
    bool has_begun = false;
    for (size_t index = 0; status == STATUS_OK && index < value.size; index++) {
        uint8_t byte = value.data[index];
        if (byte == ' ' || byte == '\t') {
            is_blank = true;
            continue;
        }
        if (is_blank && has_begun) {
            status = buffer_append_byte(out, ' ');
        }
        is_blank = false;
        has_begun = true;
        if (status == STATUS_OK) {
            status = buffer_append_byte(out, byte);
        }
    }
    return status;
}

/* Appends "name:value" lines of sorted headers; several of one name are one line. */
static enum status append_headers(const struct sigv4_field *headers, size_t count,
                                  struct buffer *out)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; status == STATUS_OK && index < count; index++) {
        bool is_next = index > 0 && slice_equal(headers[index - 1].name, headers[index].name);
        bool is_last =
            index + 1 == count || !slice_equal(headers[index].name, headers[index + 1].name);
        status = is_next ? buffer_append_byte(out, ',')
                         : buffer_append_format(out, "%.*s:", SLICE_PRINT(headers[index].name));
        if (status == STATUS_OK) {
            status = append_value(headers[index].value, out);
        }
        if (status == STATUS_OK && is_last) {
            status = buffer_append_byte(out, '\n');
        }
    }
    return status;
}

/* Appends the names of sorted headers, each once, with semicolons. */
static enum status append_names(const struct sigv4_field *headers, size_t count, struct buffer *out)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; status == STATUS_OK && index < count; index++) {
        bool is_next = index > 0 && slice_equal(headers[index - 1].name, headers[index].name);
        if (!is_next) {
            status = buffer_append_format(out, "%s%.*s", index == 0 ? "" : ";",
                                          SLICE_PRINT(headers[index].name));
        }
    }
    return status;
}

static enum status names_of(const struct sigv4_request *request, struct buffer *out)
{
    struct sigv4_field headers[SIGV4_FIELDS_MAX];
    if (request->header_count > SIGV4_FIELDS_MAX) {
        return STATUS_TOO_LARGE;
    }
    memcpy(headers, request->headers, request->header_count * sizeof(headers[0]));
    sort(headers, request->header_count, false);
    return append_names(headers, request->header_count, out);
}

enum status sigv4_canonical(const struct sigv4_request *request, struct buffer *out)
{
    struct sigv4_field headers[SIGV4_FIELDS_MAX];
    assert(request->path.size > 0 && request->path.data[0] == '/');
    if (request->header_count > SIGV4_FIELDS_MAX) {
        return STATUS_TOO_LARGE;
    }
    memcpy(headers, request->headers, request->header_count * sizeof(headers[0]));
    sort(headers, request->header_count, false);
    enum status status = buffer_append_format(out, "%s\n", request->method);
    if (status == STATUS_OK) {
        status = sigv4_encode(request->path, true, out);
    }
    if (status == STATUS_OK) {
        status = buffer_append_byte(out, '\n');
    }
    if (status == STATUS_OK) {
        status = sigv4_query(request->query, request->query_count, out);
    }
    if (status == STATUS_OK) {
        status = buffer_append_byte(out, '\n');
    }
    if (status == STATUS_OK) {
        status = append_headers(headers, request->header_count, out);
    }
    if (status == STATUS_OK) {
        status = buffer_append_byte(out, '\n');
    }
    if (status == STATUS_OK) {
        status = append_names(headers, request->header_count, out);
    }
    if (status == STATUS_OK) {
        status = buffer_append_format(out, "\n%.*s", SLICE_PRINT(request->payload_hash));
    }
    return status;
}

/* ---- the signature ---- */

/* Writes day/region/service/aws4_request. */
static enum status scope_of(const struct sigv4_key *key, const char *time, char out[SCOPE_SIZE_MAX])
{
    int size = snprintf(out, SCOPE_SIZE_MAX, "%.*s/%s/%s/aws4_request", DAY_SIZE, time, key->region,
                        key->service);
    return size < SCOPE_SIZE_MAX ? STATUS_OK : STATUS_TOO_LARGE;
}

/* The key of one day, region and service, made from the secret. */
static enum status derive(const struct sigv4_key *key, const char *time, uint8_t out[SHA256_SIZE])
{
    char secret[KEY_TEXT_SIZE_MAX];
    int size = snprintf(secret, sizeof(secret), "AWS4%s", key->secret);
    if (size >= (int)sizeof(secret)) {
        return STATUS_TOO_LARGE;
    }
    const struct slice links[] = {slice_make(time, DAY_SIZE), slice_from_string(key->region),
                                  slice_from_string(key->service), SLICE_LITERAL("aws4_request")};
    enum status status = hmac_sha256(slice_make(secret, (size_t)size), links[0], out);
    explicit_bzero(secret, sizeof(secret));
    for (size_t index = 1; status == STATUS_OK && index < 4; index++) {
        uint8_t next[SHA256_SIZE];
        status = hmac_sha256(slice_make(out, SHA256_SIZE), links[index], next);
        memcpy(out, next, SHA256_SIZE);
    }
    return status;
}

/* Appends the signature of a request, in hexadecimal. */
static enum status sign(const struct sigv4_key *key, const struct sigv4_request *request,
                        struct buffer *out)
{
    uint8_t bytes[SHA256_SIZE];
    uint8_t signing_key[SHA256_SIZE];
    char time[SIGV4_TIME_SIZE];
    char scope[SCOPE_SIZE_MAX];
    struct buffer text;
    buffer_init(&text, SIGV4_TEXT_SIZE_MAX);
    sigv4_time(request->time_ms, time);
    enum status status = scope_of(key, time, scope);
    if (status == STATUS_OK) {
        status = sigv4_canonical(request, &text);
    }
    if (status == STATUS_OK) {
        sha256(buffer_slice(&text), bytes);
        buffer_clear(&text);
        status = buffer_append_format(&text, "%s\n%s\n%s\n", algorithm, time, scope);
    }
    if (status == STATUS_OK) {
        status = encode_hex(slice_make(bytes, sizeof(bytes)), &text);
    }
    if (status == STATUS_OK) {
        status = derive(key, time, signing_key);
    }
    if (status == STATUS_OK) {
        status =
            hmac_sha256(slice_make(signing_key, sizeof(signing_key)), buffer_slice(&text), bytes);
    }
    if (status == STATUS_OK) {
        status = encode_hex(slice_make(bytes, sizeof(bytes)), out);
    }
    explicit_bzero(signing_key, sizeof(signing_key));
    buffer_fini(&text);
    return status;
}

enum status sigv4_authorize(const struct sigv4_key *key, const struct sigv4_request *request,
                            struct buffer *out)
{
    char time[SIGV4_TIME_SIZE];
    char scope[SCOPE_SIZE_MAX];
    sigv4_time(request->time_ms, time);
    enum status status = scope_of(key, time, scope);
    if (status == STATUS_OK) {
        status = buffer_append_format(out, "%s Credential=%s/%s, SignedHeaders=", algorithm,
                                      key->id, scope);
    }
    if (status == STATUS_OK) {
        status = names_of(request, out);
    }
    if (status == STATUS_OK) {
        status = buffer_append_format(out, ", Signature=");
    }
    return status == STATUS_OK ? sign(key, request, out) : status;
}

enum {
    PRESIGN_FIELDS = 6, /* that a signed address adds, the signature aside */
};

enum status sigv4_presign(const struct sigv4_key *key, const struct sigv4_request *request,
                          uint32_t expires_s, struct buffer *out)
{
    char time[SIGV4_TIME_SIZE];
    char scope[SCOPE_SIZE_MAX];
    char credential[SCOPE_SIZE_MAX + KEY_TEXT_SIZE_MAX];
    char expires[16];
    struct sigv4_field query[SIGV4_FIELDS_MAX];
    assert(expires_s > 0 && expires_s <= SIGV4_EXPIRES_S_MAX);
    if (request->query_count > SIGV4_FIELDS_MAX - PRESIGN_FIELDS) {
        return STATUS_TOO_LARGE;
    }
    sigv4_time(request->time_ms, time);
    enum status status = scope_of(key, time, scope);
    int size = snprintf(credential, sizeof(credential), "%s/%s", key->id, scope);
    snprintf(expires, sizeof(expires), "%u", expires_s);
    if (status != STATUS_OK || size >= (int)sizeof(credential)) {
        return STATUS_TOO_LARGE;
    }
    size_t count = request->query_count;
    if (count > 0) {
        memcpy(query, request->query, count * sizeof(query[0]));
    }
    query[count++] =
        (struct sigv4_field){SLICE_LITERAL("X-Amz-Algorithm"), slice_from_string(algorithm)};
    query[count++] =
        (struct sigv4_field){SLICE_LITERAL("X-Amz-Credential"), slice_from_string(credential)};
    query[count++] = (struct sigv4_field){SLICE_LITERAL("X-Amz-Date"), slice_from_string(time)};
    query[count++] =
        (struct sigv4_field){SLICE_LITERAL("X-Amz-Expires"), slice_from_string(expires)};
    query[count++] =
        (struct sigv4_field){SLICE_LITERAL("X-Amz-SignedHeaders"), SLICE_LITERAL("host")};
    if (key->token != NULL) {
        query[count++] = (struct sigv4_field){SLICE_LITERAL("X-Amz-Security-Token"),
                                              slice_from_string(key->token)};
    }
    struct sigv4_request whole = *request;
    whole.query = query;
    whole.query_count = count;
    status = sigv4_query(query, count, out);
    if (status == STATUS_OK) {
        status = buffer_append_format(out, "&X-Amz-Signature=");
    }
    return status == STATUS_OK ? sign(key, &whole, out) : status;
}
