#include "base/token.h"

#include <inttypes.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "base/encoding.h"
#include "base/json_writer.h"

enum {
    MAC_SIZE = 32, /* bytes of HMAC-SHA256 */
};

static enum status mac(struct slice secret, struct slice text, uint8_t out[MAC_SIZE])
{
    unsigned size = 0;
    if (HMAC(EVP_sha256(), secret.data, (int)secret.size, text.data, text.size, out, &size) ==
        NULL) {
        return STATUS_NO_MEMORY;
    }
    return size == MAC_SIZE ? STATUS_OK : STATUS_IO;
}

static enum status write_claims(const struct token_claims *claims, int64_t now_ms,
                                struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "sub", slice_make(claims->owner, claims->owner_size));
    if (claims->role == TOKEN_ROLE_ADMIN) {
        json_member_text(&writer, "role", SLICE_LITERAL("admin"));
    }
    json_member_integer(&writer, "iat", now_ms / 1000);
    if (claims->expires_at_ms != INT64_MAX) {
        json_member_integer(&writer, "exp", claims->expires_at_ms / 1000);
    }
    json_object_end(&writer);
    return json_writer_status(&writer);
}

enum status token_sign(struct slice secret, const struct token_claims *claims, int64_t now_ms,
                       struct buffer *out)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    struct buffer body;
    struct buffer token;
    uint8_t signature[MAC_SIZE];
    if (secret.size < TOKEN_SECRET_SIZE_MIN || claims->owner_size == 0 ||
        claims->owner_size > TOKEN_OWNER_SIZE_MAX) {
        return STATUS_INVALID;
    }
    buffer_init(&body, TOKEN_SIZE_MAX);
    buffer_init(&token, TOKEN_SIZE_MAX);
    enum status status = write_claims(claims, now_ms, &body);
    if (status == STATUS_OK) {
        status = encode_base64url(SLICE_LITERAL(header), &token);
    }
    if (status == STATUS_OK) {
        status = buffer_append_byte(&token, '.');
    }
    if (status == STATUS_OK) {
        status = encode_base64url(buffer_slice(&body), &token);
    }
    if (status == STATUS_OK) {
        status = mac(secret, buffer_slice(&token), signature);
    }
    if (status == STATUS_OK) {
        status = buffer_append_byte(&token, '.');
    }
    if (status == STATUS_OK) {
        status = encode_base64url(slice_make(signature, MAC_SIZE), &token);
    }
    if (status == STATUS_OK) {
        status = buffer_append_slice(out, buffer_slice(&token));
    }
    buffer_fini(&token);
    buffer_fini(&body);
    return status;
}

/* Decodes one part of a token and parses it as a JSON object without duplicate members; NULL when
 * it is not one. */
static json_t *parse_part(struct slice part)
{
    struct buffer text;
    json_t *object = NULL;
    buffer_init(&text, TOKEN_SIZE_MAX);
    if (decode_base64url(part, &text) == STATUS_OK && text.size > 0) {
        object = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    }
    buffer_fini(&text);
    if (object != NULL && !json_is_object(object)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static enum status check_header(struct slice part)
{
    json_t *header = parse_part(part);
    enum status status = STATUS_OK;
    if (header == NULL) {
        return STATUS_MALFORMED;
    }
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    if (algorithm == NULL || strcmp(algorithm, "HS256") != 0 ||
        json_object_get(header, "crit") != NULL) {
        status = STATUS_DENIED;
    }
    json_decref(header);
    return status;
}

static enum status check_signature(struct slice secret, struct slice text, struct slice signature)
{
    uint8_t expected[MAC_SIZE];
    struct buffer given;
    buffer_init(&given, TOKEN_SIZE_MAX);
    enum status status = decode_base64url(signature, &given);
    if (status == STATUS_OK) {
        status = mac(secret, text, expected);
    }
    if (status == STATUS_OK &&
        (given.size != MAC_SIZE || CRYPTO_memcmp(given.data, expected, MAC_SIZE) != 0)) {
        status = STATUS_DENIED;
    }
    buffer_fini(&given);
    return status;
}

/* Reads a time claim in seconds into milliseconds. Returns OK, NOT_FOUND or INVALID. */
static enum status read_time(const json_t *claims, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(claims, name);
    if (value == NULL) {
        return STATUS_NOT_FOUND;
    }
    double seconds = json_is_number(value) ? json_number_value(value) : -1;
    if (!(seconds >= 0 && seconds < 1e12)) {
        return STATUS_INVALID;
    }
    *out = (int64_t)(seconds * 1000);
    return STATUS_OK;
}

static enum status check_times(const json_t *claims, int64_t now_ms, struct token_claims *out)
{
    int64_t not_before_ms = 0;
    enum status expires = read_time(claims, "exp", &out->expires_at_ms);
    enum status starts = read_time(claims, "nbf", &not_before_ms);
    if (expires == STATUS_INVALID || starts == STATUS_INVALID) {
        return STATUS_INVALID;
    }
    if (expires == STATUS_NOT_FOUND) {
        out->expires_at_ms = INT64_MAX;
    } else if (now_ms >= out->expires_at_ms + TOKEN_LEEWAY_S * 1000) {
        return STATUS_TIMEOUT;
    }
    if (starts == STATUS_OK && now_ms + TOKEN_LEEWAY_S * 1000 < not_before_ms) {
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status read_claims(struct slice part, int64_t now_ms, struct token_claims *out)
{
    json_t *claims = parse_part(part);
    if (claims == NULL) {
        return STATUS_MALFORMED;
    }
    const json_t *owner = json_object_get(claims, "sub");
    const json_t *role = json_object_get(claims, "role");
    enum status status = check_times(claims, now_ms, out);
    size_t size = json_is_string(owner) ? json_string_length(owner) : 0;
    if (status == STATUS_OK &&
        (size == 0 || size > TOKEN_OWNER_SIZE_MAX || strlen(json_string_value(owner)) != size)) {
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        memcpy(out->owner, json_string_value(owner), size + 1);
        out->owner_size = size;
        out->role = json_is_string(role) && strcmp(json_string_value(role), "admin") == 0
                        ? TOKEN_ROLE_ADMIN
                        : TOKEN_ROLE_USER;
    }
    json_decref(claims);
    return status;
}

enum status token_verify(struct slice secret, struct slice token, int64_t now_ms,
                         struct token_claims *out)
{
    if (token.size == 0 || token.size > TOKEN_SIZE_MAX || secret.size < TOKEN_SECRET_SIZE_MIN) {
        return STATUS_MALFORMED;
    }
    const uint8_t *first = memchr(token.data, '.', token.size);
    const uint8_t *last = memrchr(token.data, '.', token.size);
    if (first == NULL || first == last) {
        return STATUS_MALFORMED;
    }
    const uint8_t *end = token.data + token.size;
    struct slice header = slice_make(token.data, (size_t)(first - token.data));
    struct slice claims = slice_make(first + 1, (size_t)(last - first - 1));
    struct slice signature = slice_make(last + 1, (size_t)(end - last - 1));
    struct slice signed_text = slice_make(token.data, (size_t)(last - token.data));
    enum status status = check_header(header);
    if (status == STATUS_OK) {
        status = check_signature(secret, signed_text, signature);
    }
    if (status == STATUS_OK) {
        *out = (struct token_claims){0};
        status = read_claims(claims, now_ms, out);
    }
    return status;
}
