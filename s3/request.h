#ifndef TROUPE_S3_REQUEST_H
#define TROUPE_S3_REQUEST_H

/*
 * Requests to a bucket, ready to be sent by any HTTP client: an address and header lines, signed.
 * Every body is signed by its hash, so that what a store takes is what was sent. Pure.
 */

#include "base/encoding.h"
#include "s3/bucket.h"

enum {
    S3_EXTRA_MAX = 8,            /* parameters, and headers, of a request's own */
    S3_HEADERS_MAX = 16,         /* header lines of a request */
    S3_CALL_SIZE_MAX = 16 << 10, /* bytes of address and lines */
    S3_HASH_TEXT_SIZE = 2 * SHA256_SIZE,
};

/* What is wanted. */
struct s3_request {
    const char *method;
    struct slice key; /* below the prefix; empty: the bucket itself */
    struct sigv4_field query[S3_EXTRA_MAX];
    size_t query_count;
    struct sigv4_field headers[S3_EXTRA_MAX]; /* names in lower case */
    size_t header_count;
    struct slice body;
    const uint8_t *body_hash; /* its SHA-256; NULL: it is computed */
};

/* What is to be sent. */
struct s3_call {
    struct buffer text; /* holds the others */
    const char *url;
    const char *lines[S3_HEADERS_MAX]; /* "name: value" */
    size_t line_count;
};

/* Returns OK, TOO_LARGE or NO_MEMORY; to be released in any case. */
enum status s3_call_make(const struct s3_bucket *bucket, const struct s3_request *request,
                         int64_t now_ms, struct s3_call *out);

/* Accepts a zeroed call; may be called twice. */
void s3_call_fini(struct s3_call *call);

/* Appends the address of an object that works for expires_s seconds, with a request of that method,
 * for everybody who has it. Returns as above. */
enum status s3_presign(const struct s3_bucket *bucket, const char *method, struct slice key,
                       int64_t now_ms, uint32_t expires_s, struct buffer *out);

#endif
