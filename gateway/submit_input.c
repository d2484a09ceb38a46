#include "gateway/submit_input.h"

#include <string.h>
#include <strings.h>
#include "gateway/respond.h"

/* application/json, with no charset or that of UTF-8 (RFC 8259 has no other). */
static bool media_type_is_json(struct slice type)
{
    static const char json[] = "application/json";
    size_t size = sizeof(json) - 1;
    const char *text = (const char *)type.data;
    if (type.size < size || strncasecmp(text, json, size) != 0) {
        return false;
    }
    struct slice rest = slice_make(type.data + size, type.size - size);
    if (rest.size == 0) {
        return true;
    }
    bool charset = memmem(rest.data, rest.size, "charset", 7) != NULL;
    bool utf8 = memmem(rest.data, rest.size, "utf-8", 5) != NULL ||
                memmem(rest.data, rest.size, "UTF-8", 5) != NULL;
    return (rest.data[0] == ';' || rest.data[0] == ' ') && (!charset || utf8);
}

bool submit_input_is_json(struct exchange *exchange)
{
    bool empty = exchange->request->entity.len == 0;
    bool is_json = exchange_header(exchange, H2O_TOKEN_CONTENT_ENCODING).size == 0 &&
                   (empty || media_type_is_json(exchange_header(exchange, H2O_TOKEN_CONTENT_TYPE)));
    if (!is_json) {
        respond_error(exchange, &HTTP_ERROR_MEDIA_TYPE, NULL);
    }
    return is_json;
}

/* SHA-256 of method, path and body, each ended by a NUL that none can contain. */
static void hash_make(const struct exchange *exchange, struct slice body, uint8_t out[SHA256_SIZE])
{
    const h2o_req_t *request = exchange->request;
    struct buffer bytes;
    buffer_init(&bytes, SIZE_MAX);
    buffer_append(&bytes, request->method.base, request->method.len);
    buffer_append_byte(&bytes, 0);
    buffer_append(&bytes, request->path_normalized.base, request->path_normalized.len);
    buffer_append_byte(&bytes, 0);
    buffer_append_slice(&bytes, body);
    sha256(buffer_slice(&bytes), out);
    buffer_fini(&bytes);
}

/* An Idempotency-Key is 1 to 255 printable characters. Answers and returns false when it is not: an
 * empty one is no key, but whoever sends it counts on one. */
bool submit_input_key(struct exchange *exchange, struct slice body, uint8_t hash[SHA256_SIZE],
                      struct slice *out)
{
    struct slice key = exchange_header_named(exchange, "idempotency-key");
    bool is_empty = key.size == 0 && exchange_has_header(exchange, "idempotency-key");
    bool fit = !is_empty && key.size <= KEY_SIZE_MAX;
    for (size_t index = 0; fit && index < key.size; index++) {
        fit = key.data[index] >= ' ' && key.data[index] <= '~';
    }
    if (!fit) {
        struct problems problems = {0};
        problems_add(&problems, "Idempotency-Key", "must be 1 to %d printable characters",
                     KEY_SIZE_MAX);
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return false;
    }
    if (key.size > 0) {
        hash_make(exchange, body, hash);
    }
    *out = key;
    return true;
}

bool submit_input_key_of_body(struct exchange *exchange, uint8_t hash[SHA256_SIZE],
                              struct slice *key, struct slice *key_hash)
{
    const h2o_req_t *request = exchange->request;
    struct slice body = slice_make(request->entity.base, request->entity.len);
    bool is_fit = submit_input_key(exchange, body, hash, key);
    *key_hash = is_fit && key->size > 0 ? slice_make(hash, SHA256_SIZE) : SLICE_EMPTY;
    return is_fit;
}

void submit_input_replayed(struct exchange *exchange, bool replayed)
{
    if (replayed) {
        respond_header(exchange, "idempotency-replayed", SLICE_LITERAL("true"));
    }
}

/* The trace that the request belongs to, for the actor and its providers. One that is malformed is
 * none, and none is made: nothing here tells a tracer of its own spans. */
struct slice submit_input_trace(const struct exchange *exchange, char out[TRACEPARENT_SIZE])
{
    bool is_there = traceparent_read(exchange_header_named(exchange, "traceparent"), out);
    return is_there ? slice_make(out, TRACEPARENT_SIZE) : SLICE_EMPTY;
}
