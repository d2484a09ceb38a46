#ifndef TROUPE_S3_SIGV4_H
#define TROUPE_S3_SIGV4_H

/*
 * AWS Signature Version 4 as S3 has it (AWS: "Authenticating Requests"): a path is encoded once and
 * not normalised. Signs requests by a header, and addresses by their query. Pure; sends nothing.
 */

#include "base/buffer.h"

enum {
    SIGV4_FIELDS_MAX = 24,        /* headers, and parameters, of one request */
    SIGV4_TEXT_SIZE_MAX = 16384,  /* bytes of a canonical request */
    SIGV4_TIME_SIZE = 17,         /* 20150830T123600Z and the NUL */
    SIGV4_EXPIRES_S_MAX = 604800, /* of a signed address: a week (AWS) */
};

#define SIGV4_UNSIGNED SLICE_LITERAL("UNSIGNED-PAYLOAD")

/* Who signs, for what. Borrowed texts. */
struct sigv4_key {
    const char *id;
    const char *secret;
    const char *token; /* of a session; NULL for none. Only of signed addresses: requests carry it
                          as the header x-amz-security-token */
    const char *region;
    const char *service;
};

/* A header, its name in lower case, or a parameter of a query, neither of them encoded. */
struct sigv4_field {
    struct slice name;
    struct slice value;
};

struct sigv4_request {
    const char *method;
    struct slice path; /* begins with a slash; not encoded */
    const struct sigv4_field *query;
    size_t query_count; /* at most SIGV4_FIELDS_MAX, less what a signed address adds */
    const struct sigv4_field *headers; /* all that are signed, with host and x-amz-date */
    size_t header_count;               /* at most SIGV4_FIELDS_MAX */
    struct slice payload_hash;         /* hexadecimal, or SIGV4_UNSIGNED */
    int64_t time_ms;
};

/* Writes the time as x-amz-date has it. */
void sigv4_time(int64_t time_ms, char out[SIGV4_TIME_SIZE]);

/* Appends text with all but letters, digits and "-._~" as %XX; slashes stay in a path. */
enum status sigv4_encode(struct slice text, bool is_path, struct buffer *out);

/* Appends the parameters, encoded, in their canonical order. Returns OK, TOO_LARGE (too many, too)
 * or NO_MEMORY, as all below. */
enum status sigv4_query(const struct sigv4_field *query, size_t count, struct buffer *out);

/* Appends what is hashed: the canonical request. */
enum status sigv4_canonical(const struct sigv4_request *request, struct buffer *out);

/* Appends the value of the header Authorization. */
enum status sigv4_authorize(const struct sigv4_key *key, const struct sigv4_request *request,
                            struct buffer *out);

/* Appends the query of an address that works for expires_s seconds, the request's own parameters in
 * it. Only the header host is signed, so that anybody can follow it. */
enum status sigv4_presign(const struct sigv4_key *key, const struct sigv4_request *request,
                          uint32_t expires_s, struct buffer *out);

#endif
