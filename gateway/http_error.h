#ifndef TROUPE_GATEWAY_HTTP_ERROR_H
#define TROUPE_GATEWAY_HTTP_ERROR_H

/*
 * Why a request is refused: the one error type of the API, and its envelope. Pure. The usual ones
 * are constants here; a handler that needs details makes its own on the stack.
 */

#include "base/buffer.h"
#include "gateway/limits.h"
#include "proto/messages.h"

/* One wrong field of a body, a query string or a header. */
struct problem {
    char field[PROBLEM_FIELD_SIZE];
    char text[PROBLEM_SIZE_MAX];
};

struct problems {
    const char *prefix; /* of the fields that are noted; NULL for none. Borrowed */
    size_t count;
    struct problem items[PROBLEMS_MAX];
};

/* Notes a problem; beyond PROBLEMS_MAX they are not kept. */
void problems_add(struct problems *problems, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct http_error {
    int status;
    const char *code;       /* for programs: lower case with underscores */
    const char *message;    /* for people */
    unsigned retry_after_s; /* a Retry-After header, 0 for none */
};

extern const struct http_error HTTP_ERROR_NO_ROUTE;
extern const struct http_error HTTP_ERROR_NO_METHOD;
extern const struct http_error HTTP_ERROR_UNAUTHORIZED;
extern const struct http_error HTTP_ERROR_TOKEN_EXPIRED;
extern const struct http_error HTTP_ERROR_FORBIDDEN;
extern const struct http_error HTTP_ERROR_NOT_MEANT;
extern const struct http_error HTTP_ERROR_BODY_TOO_LARGE;
extern const struct http_error HTTP_ERROR_MEDIA_TYPE;
extern const struct http_error HTTP_ERROR_VALIDATION;
extern const struct http_error HTTP_ERROR_JOB_NOT_FOUND;
extern const struct http_error HTTP_ERROR_JOB_EXPIRED;
extern const struct http_error HTTP_ERROR_CHARACTER_NOT_FOUND;
extern const struct http_error HTTP_ERROR_MEDIA_NOT_FOUND;
extern const struct http_error HTTP_ERROR_ASSET_NOT_FOUND;
extern const struct http_error HTTP_ERROR_WEBHOOK_NOT_FOUND;
extern const struct http_error HTTP_ERROR_DELIVERY_NOT_FOUND;
extern const struct http_error HTTP_ERROR_DELIVERY_SPENT;
extern const struct http_error HTTP_ERROR_BATCH_NOT_FOUND;
extern const struct http_error HTTP_ERROR_GROUP_NOT_FOUND;
extern const struct http_error HTTP_ERROR_PIPELINE_NOT_FOUND;
extern const struct http_error HTTP_ERROR_BATCH_ENDED;
extern const struct http_error HTTP_ERROR_BATCH_TOO_LARGE;
extern const struct http_error HTTP_ERROR_QUEUE_NOT_FOUND;
extern const struct http_error HTTP_ERROR_WORKER_NOT_FOUND;
extern const struct http_error HTTP_ERROR_WORKER_ENDS;
extern const struct http_error HTTP_ERROR_RANGE;
extern const struct http_error HTTP_ERROR_RATE_LIMITED;
extern const struct http_error HTTP_ERROR_OVER_BUDGET;
extern const struct http_error HTTP_ERROR_BROKER_UNAVAILABLE;
extern const struct http_error HTTP_ERROR_OUTCOME_UNKNOWN;
extern const struct http_error HTTP_ERROR_BUSY;
extern const struct http_error HTTP_ERROR_STORE_FAILED;
extern const struct http_error HTTP_ERROR_STORE_LATE;
extern const struct http_error HTTP_ERROR_INTERNAL;

/* What a broker's answer other than OK means to the client. NOT_FOUND is the job's. */
const struct http_error *http_error_of_reply(enum reply_code code);

/* What a request of unanswered outcome is answered: whether it may have been carried out. */
const struct http_error *http_error_of_silence(bool maybe_done);

/* The library's own refusals (bad framing, a body above its limit) in our words. */
const struct http_error *http_error_of_status(int status);

/* Why a request is refused, with everything that goes with it. */
struct refusal {
    const struct http_error *error;
    const struct problems *problems; /* NULL for none */
    struct slice data;               /* a JSON value, or empty */
    struct slice path;               /* of the request */
    struct slice request_id;
};

/* Appends the envelope: success, statusCode, message, error {code, details}, data if there is any.
 * Returns OK, TOO_LARGE or NO_MEMORY. */
enum status http_error_render(const struct refusal *refusal, struct buffer *out);

/* Appends the same as problem details (RFC 9457): type, title, status, detail, instance, and as
 * extensions code, requestId, errors, data. Returns as above. */
enum status http_error_render_problem(const struct refusal *refusal, struct buffer *out);

#endif
