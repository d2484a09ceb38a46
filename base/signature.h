#ifndef TROUPE_BASE_SIGNATURE_H
#define TROUPE_BASE_SIGNATURE_H

/*
 * Signatures of webhooks as Standard Webhooks 1.0.0 has them: HMAC-SHA256 of "id.timestamp.payload"
 * under a secret that is written "whsec_" and base64. Pure. It sends nothing.
 */

#include "base/buffer.h"

enum {
    SIGNATURE_SECRET_SIZE_MIN = 24, /* bytes (Standard Webhooks) */
    SIGNATURE_SECRET_SIZE_MAX = 64,
    SIGNATURE_SECRET_SIZE = 32,          /* of one that we make */
    SIGNATURE_SECRET_TEXT_SIZE_MAX = 94, /* characters of the longest */
};

/* Reads "whsec_" and base64 of SECRET_SIZE_MIN to _MAX bytes into out, which is empty and of at
 * least that limit. Returns OK, MALFORMED or NO_MEMORY. */
enum status signature_secret_read(struct slice text, struct buffer *out);

/* Appends a secret in its written form. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status signature_secret_write(struct slice secret, struct buffer *out);

/* Appends one signature, after a blank unless out is empty: the value of webhook-signature is those
 * of all secrets in force. timestamp: seconds since 1970. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status signature_add(struct slice secret, struct slice id, int64_t timestamp,
                          struct slice payload, struct buffer *out);

#endif
