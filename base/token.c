#include "base/token.h"

#include <assert.h>
#include <jansson.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "base/encoding.h"
#include "base/json_writer.h"

enum {
    MAC_SIZE = 32, /* bytes of HMAC-SHA256 */
};

/* A token's three parts, still encoded, and what the signature covers. */
struct token_parts {
    struct slice header;
    struct slice claims;
    struct slice signature;
    struct slice signed_text;
};

static bool is_secret_usable(struct slice secret)
{
    return secret.size >= TOKEN_SECRET_SIZE_MIN && secret.size <= INT_MAX;
}

static enum status mac(struct slice secret, struct slice text, uint8_t out[MAC_SIZE])
{
    unsigned size = 0;
    const uint8_t *made =
        HMAC(EVP_sha256(), secret.data, (int)secret.size, text.data, text.size, out, &size);
    return made != NULL && size == MAC_SIZE ? STATUS_OK : STATUS_NO_MEMORY;
}

/* An owner is text that JSON can carry and C can end with a NUL. */
static bool is_owner_usable(const char *owner, size_t size)
{
    if (size == 0 || size > TOKEN_OWNER_SIZE_MAX || memchr(owner, '\0', size) != NULL) {
        return false;
    }
    json_t *text = json_stringn(owner, size);
    json_decref(text);
    return text != NULL;
}

const char *token_role_name(enum token_role role)
{
    static const char *const names[TOKEN_ROLE_COUNT] = {
        [TOKEN_ROLE_USER] = "user",
        [TOKEN_ROLE_VIEWER] = "viewer",
        [TOKEN_ROLE_ADMIN] = "admin",
    };
    assert((uint32_t)role < TOKEN_ROLE_COUNT);
    return names[role];
}

enum status token_role_parse(struct slice text, enum token_role *out)
{
    for (uint32_t role = 0; role < TOKEN_ROLE_COUNT; role++) {
        if (slice_equal(text, slice_from_string(token_role_name((enum token_role)role)))) {
            *out = (enum token_role)role;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static enum status write_claims(const struct token_claims *claims, int64_t now_ms,
                                struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "sub", slice_make(claims->owner, claims->owner_size));
    if (claims->role != TOKEN_ROLE_USER) {
        json_member_text(&writer, "role", slice_from_string(token_role_name(claims->role)));
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
    if (!is_secret_usable(secret) || !is_owner_usable(claims->owner, claims->owner_size)) {
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

/* Takes what stands before the next dot off the front of rest. */
static bool take_part(struct slice *rest, struct slice *out)
{
    const uint8_t *dot = rest->size == 0 ? NULL : memchr(rest->data, '.', rest->size);
    if (dot == NULL) {
        return false;
    }
    size_t size = (size_t)(dot - rest->data);
    *out = slice_make(rest->data, size);
    *rest = slice_make(dot + 1, rest->size - size - 1);
    return true;
}

static enum status split_token(struct slice token, struct token_parts *out)
{
    struct slice rest = token;
    if (!take_part(&rest, &out->header) || !take_part(&rest, &out->claims)) {
        return STATUS_MALFORMED;
    }
    out->signature = rest;
    out->signed_text = slice_make(token.data, out->header.size + 1 + out->claims.size);
    return STATUS_OK;
}

/* Comes before anything else is looked into: only bytes that our secret has signed are parsed. */
static enum status check_signature(struct slice secret, const struct token_parts *parts)
{
    uint8_t expected[MAC_SIZE];
    struct buffer given;
    buffer_init(&given, TOKEN_SIZE_MAX);
    enum status status = decode_base64url(parts->signature, &given);
    if (status == STATUS_OK) {
        status = mac(secret, parts->signed_text, expected);
    }
    if (status == STATUS_OK &&
        (given.size != MAC_SIZE || CRYPTO_memcmp(given.data, expected, MAC_SIZE) != 0)) {
        status = STATUS_DENIED;
    }
    buffer_fini(&given);
    return status;
}

/* Decodes one part and parses it as a JSON object without duplicate members. On success the caller
 * releases *out with json_decref. */
static enum status parse_part(struct slice part, json_t **out)
{
    struct buffer text;
    buffer_init(&text, TOKEN_SIZE_MAX);
    enum status status = decode_base64url(part, &text);
    if (status == STATUS_OK) {
        struct slice json = buffer_slice(&text);
        json_t *object = json_loadb(json.size == 0 ? "" : (const char *)json.data, json.size,
                                    JSON_REJECT_DUPLICATES, NULL);
        status = json_is_object(object) ? STATUS_OK : STATUS_MALFORMED;
        if (status == STATUS_OK) {
            *out = object;
        } else {
            json_decref(object);
        }
    }
    buffer_fini(&text);
    return status;
}

static enum status check_header(struct slice part)
{
    json_t *header = NULL;
    enum status status = parse_part(part, &header);
    if (status != STATUS_OK) {
        return status;
    }
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    if (algorithm == NULL || strcmp(algorithm, "HS256") != 0) {
        status = STATUS_DENIED;
    }
    /* RFC 7515 4.1.11: an extension that one does not know is a reason to refuse. */
    if (json_object_get(header, "crit") != NULL) {
        status = STATUS_DENIED;
    }
    json_decref(header);
    return status;
}

/* Reads a NumericDate (RFC 7519 section 2), which may have a fraction; *out stays as it is when
 * there is none. */
static enum status read_time(const json_t *claims, const char *name, int64_t *out)
{
    const double seconds_max = 1e12; /* in milliseconds still exact in a double */
    const json_t *value = json_object_get(claims, name);
    if (value == NULL) {
        return STATUS_OK;
    }
    double seconds = json_number_value(value);
    if (!json_is_number(value) || !(seconds >= 0 && seconds <= seconds_max)) {
        return STATUS_INVALID;
    }
    *out = (int64_t)(seconds * 1000);
    return STATUS_OK;
}

static enum status read_times(const json_t *claims, int64_t now_ms, struct token_claims *out)
{
    const int64_t leeway_ms = TOKEN_LEEWAY_S * 1000;
    int64_t not_before_ms = 0;
    out->expires_at_ms = INT64_MAX;
    enum status status = read_time(claims, "exp", &out->expires_at_ms);
    if (status == STATUS_OK) {
        status = read_time(claims, "nbf", &not_before_ms);
    }
    if (status == STATUS_OK && now_ms - leeway_ms >= out->expires_at_ms) {
        status = STATUS_TIMEOUT;
    }
    if (status == STATUS_OK && now_ms + leeway_ms < not_before_ms) {
        status = STATUS_INVALID;
    }
    return status;
}

static enum status read_identity(const json_t *claims, struct token_claims *out)
{
    const json_t *owner = json_object_get(claims, "sub");
    const json_t *role = json_object_get(claims, "role");
    size_t size = json_string_length(owner);
    if (!json_is_string(owner) || size == 0 || size > TOKEN_OWNER_SIZE_MAX) {
        return STATUS_INVALID;
    }
    if (role != NULL && !json_is_string(role)) {
        return STATUS_INVALID;
    }
    /* jansson has refused a NUL inside and bytes that are not UTF-8. */
    memcpy(out->owner, json_string_value(owner), size);
    out->owner[size] = '\0';
    out->owner_size = size;
    out->role = TOKEN_ROLE_USER; /* a role that we do not know gives no rights */
    if (role != NULL) {
        token_role_parse(slice_from_string(json_string_value(role)), &out->role);
    }
    return STATUS_OK;
}

static enum status read_claims(struct slice part, int64_t now_ms, struct token_claims *out)
{
    json_t *claims = NULL;
    enum status status = parse_part(part, &claims);
    if (status == STATUS_OK) {
        status = read_identity(claims, out);
    }
    if (status == STATUS_OK) {
        status = read_times(claims, now_ms, out);
    }
    json_decref(claims);
    return status;
}

enum status token_verify(struct slice secret, struct slice token, int64_t now_ms,
                         struct token_claims *out)
{
    struct token_parts parts;
    struct token_claims claims = {.owner_size = 0};
    if (!is_secret_usable(secret)) {
        return STATUS_DENIED;
    }
    if (token.size > TOKEN_SIZE_MAX) {
        return STATUS_MALFORMED;
    }
    enum status status = split_token(token, &parts);
    if (status == STATUS_OK) {
        status = check_signature(secret, &parts);
    }
    if (status == STATUS_OK) {
        status = check_header(parts.header);
    }
    if (status == STATUS_OK) {
        status = read_claims(parts.claims, now_ms, &claims);
    }
    if (status == STATUS_OK) {
        *out = claims;
    }
    return status;
}
