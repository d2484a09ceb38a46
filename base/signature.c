#include "base/signature.h"

#include <assert.h>
#include <inttypes.h>
#include "base/encoding.h"

static const char prefix[] = "whsec_";

enum {
    PREFIX_SIZE = sizeof(prefix) - 1,
    CONTENT_SIZE_MAX = 1 << 20, /* bytes signed: payloads are far below */
};

_Static_assert(PREFIX_SIZE + (SIGNATURE_SECRET_SIZE_MAX + 2) / 3 * 4 ==
                   SIGNATURE_SECRET_TEXT_SIZE_MAX,
               "the longest secret as text");

enum status signature_secret_read(struct slice text, struct buffer *out)
{
    assert(out->size == 0);
    if (text.size <= PREFIX_SIZE || text.size > SIGNATURE_SECRET_TEXT_SIZE_MAX ||
        memcmp(text.data, prefix, PREFIX_SIZE) != 0) {
        return STATUS_MALFORMED;
    }
    enum status status =
        decode_base64(slice_make(text.data + PREFIX_SIZE, text.size - PREFIX_SIZE), out);
    if (status == STATUS_TOO_LARGE) {
        return STATUS_MALFORMED;
    }
    bool fits = out->size >= SIGNATURE_SECRET_SIZE_MIN && out->size <= SIGNATURE_SECRET_SIZE_MAX;
    return status == STATUS_OK && !fits ? STATUS_MALFORMED : status;
}

enum status signature_secret_write(struct slice secret, struct buffer *out)
{
    assert(secret.size >= SIGNATURE_SECRET_SIZE_MIN && secret.size <= SIGNATURE_SECRET_SIZE_MAX);
    enum status status = buffer_append(out, prefix, PREFIX_SIZE);
    return status == STATUS_OK ? encode_base64(secret, out) : status;
}

static enum status append(struct slice mac, struct buffer *out)
{
    enum status status = out->size > 0 ? buffer_append(out, " ", 1) : STATUS_OK;
    if (status == STATUS_OK) {
        status = buffer_append(out, "v1,", 3);
    }
    return status == STATUS_OK ? encode_base64(mac, out) : status;
}

enum status signature_add(struct slice secret, struct slice id, int64_t timestamp,
                          struct slice payload, struct buffer *out)
{
    uint8_t mac[SHA256_SIZE];
    struct buffer content;
    assert(secret.size >= SIGNATURE_SECRET_SIZE_MIN && secret.size <= SIGNATURE_SECRET_SIZE_MAX);
    buffer_init(&content, CONTENT_SIZE_MAX);
    enum status status = buffer_append_slice(&content, id);
    if (status == STATUS_OK) {
        status = buffer_append_format(&content, ".%" PRId64 ".", timestamp);
    }
    if (status == STATUS_OK) {
        status = buffer_append_slice(&content, payload);
    }
    if (status == STATUS_OK) {
        status = hmac_sha256(secret, buffer_slice(&content), mac);
    }
    if (status == STATUS_OK) {
        status = append(slice_make(mac, sizeof(mac)), out);
    }
    buffer_fini(&content);
    return status;
}
