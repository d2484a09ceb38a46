#include "gateway/respond.h"

#include <inttypes.h>
#include <stdio.h>
#include "base/log.h"
#include "gateway/accept.h"
#include "gateway/compress.h"
#include "gateway/job_json.h"

enum {
    ERROR_BODY_SIZE_MAX = 32 << 10, /* bytes: a job at its wire limits, escaped, is the most */
};

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {302, "Found"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {507, "Insufficient Storage"},
    };
    for (size_t index = 0; index < sizeof(reasons) / sizeof(reasons[0]); index++) {
        if (reasons[index].status == status) {
            return reasons[index].reason;
        }
    }
    return "Unknown";
}

static void header_add(struct exchange *exchange, const h2o_token_t *token, struct slice value)
{
    h2o_req_t *request = exchange->request;
    h2o_add_header(&request->pool, &request->res.headers, token, NULL, (const char *)value.data,
                   value.size);
}

void respond_header(struct exchange *exchange, const char *name, struct slice value)
{
    h2o_req_t *request = exchange->request;
    h2o_iovec_t copy =
        h2o_strdup(&request->pool, value.size == 0 ? "" : (const char *)value.data, value.size);
    h2o_add_header_by_str(&request->pool, &request->res.headers, name, strlen(name), 1, NULL,
                          copy.base, copy.len);
}

static void head_begin(struct exchange *exchange, int status, int64_t took_us,
                       struct slice content_type)
{
    h2o_req_t *request = exchange->request;
    http_meter_count(&exchange->gateway->http_meter, exchange->match.route, status,
                     exchange->is_waiting ? -1 : took_us);
    request->res.status = status;
    request->res.reason = reason_of(status);
    if (content_type.size > 0) {
        header_add(exchange, H2O_TOKEN_CONTENT_TYPE, content_type);
    }
    h2o_add_header_by_str(&request->pool, &request->res.headers, H2O_STRLIT("x-request-id"), 0,
                          NULL, (const char *)exchange->request_id.data, exchange->request_id.size);
}

static int64_t us_since_begin(const struct exchange *exchange)
{
    return clock_monotonic_us() - exchange->begun_us;
}

/* A path may hold anything: the route's pattern is told instead. */
static const char *pattern_of(const struct exchange *exchange)
{
    return exchange->match.route == NULL ? "" : exchange->match.route->pattern;
}

void respond_begin(struct exchange *exchange, int status, struct slice content_type)
{
    const h2o_iovec_t *method = &exchange->request->method;
    int64_t us = us_since_begin(exchange);
    log_debug("request answered", "request=%.*s job=%s status=%d method=%.*s route=%s ms=%" PRId64,
              SLICE_PRINT(exchange->request_id), exchange->job, status, (int)method->len,
              method->base, pattern_of(exchange), us / 1000);
    head_begin(exchange, status, us, content_type);
}

/* Sends a whole body, whose parts must live as long as the request. */
static void parts_send(struct exchange *exchange, h2o_iovec_t *parts, size_t count)
{
    h2o_req_t *request = exchange->request;
    bool head = h2o_memis(request->method.base, request->method.len, H2O_STRLIT("HEAD"));
    h2o_start_response(request, &exchange->generator);
    exchange_send(exchange, parts, head ? 0 : count, H2O_SEND_STATE_FINAL);
}

/* A weak tag when the same version may go out in other bytes (RFC 9110, 8.8.1). */
static void etag_add(struct exchange *exchange, struct slice etag, bool weak)
{
    if (etag.size > 0) {
        struct slice parts[] = {weak ? SLICE_LITERAL("W/") : SLICE_EMPTY, etag};
        h2o_iovec_t copy =
            h2o_concat(&exchange->request->pool, h2o_iovec_init(parts[0].data, parts[0].size),
                       h2o_iovec_init(parts[1].data, parts[1].size));
        header_add(exchange, H2O_TOKEN_ETAG, slice_make(copy.base, copy.len));
    }
}

static void body_send(struct exchange *exchange, struct slice body, struct slice etag)
{
    h2o_req_t *request = exchange->request;
    bool large = body.size >= GZIP_SIZE_MIN;
    if (large) {
        header_add(exchange, H2O_TOKEN_VARY, SLICE_LITERAL("accept-encoding"));
    }
    if (large && accept_gzip(exchange_header(exchange, H2O_TOKEN_ACCEPT_ENCODING))) {
        struct compressed compressed;
        compress_gzip(&request->pool, body, &compressed);
        header_add(exchange, H2O_TOKEN_CONTENT_ENCODING, SLICE_LITERAL("gzip"));
        etag_add(exchange, etag, true);
        request->res.content_length = compressed.size;
        parts_send(exchange, compressed.parts, compressed.part_count);
        return;
    }
    h2o_iovec_t copy = h2o_strdup(&request->pool, (const char *)body.data, body.size);
    etag_add(exchange, etag, false);
    request->res.content_length = copy.len;
    parts_send(exchange, &copy, body.size == 0 ? 0 : 1);
}

void respond_body(struct exchange *exchange, int status, struct slice content_type,
                  struct slice body, struct slice etag)
{
    respond_begin(exchange, status, content_type);
    body_send(exchange, body, etag);
}

void respond_json(struct exchange *exchange, int status, struct slice body, struct slice etag)
{
    header_add(exchange, H2O_TOKEN_CACHE_CONTROL, SLICE_LITERAL("private, no-cache"));
    respond_body(exchange, status, SLICE_LITERAL("application/json; charset=utf-8"), body, etag);
}

void respond_empty(struct exchange *exchange, int status, struct slice etag)
{
    respond_begin(exchange, status, SLICE_EMPTY);
    if (exchange->match.allow[0] != '\0') {
        header_add(exchange, H2O_TOKEN_ALLOW, slice_from_string(exchange->match.allow));
    }
    etag_add(exchange, etag, false);
    parts_send(exchange, NULL, 0);
}

/* The envelope, or problem details for who asks for them. */
static void refusal_send(struct exchange *exchange, const struct refusal *refusal)
{
    const struct http_error *error = refusal->error;
    bool problem = accept_problem(exchange_header(exchange, H2O_TOKEN_ACCEPT));
    struct buffer body;
    buffer_init(&body, ERROR_BODY_SIZE_MAX);
    enum status status =
        problem ? http_error_render_problem(refusal, &body) : http_error_render(refusal, &body);
    if (status != STATUS_OK) {
        buffer_clear(&body); /* memory is short: the status must do */
    }
    head_begin(exchange, error->status, us_since_begin(exchange),
               problem ? SLICE_LITERAL("application/problem+json")
                       : SLICE_LITERAL("application/json; charset=utf-8"));
    header_add(exchange, H2O_TOKEN_CACHE_CONTROL, SLICE_LITERAL("private, no-cache"));
    header_add(exchange, H2O_TOKEN_VARY, SLICE_LITERAL("accept"));
    body_send(exchange, buffer_slice(&body), SLICE_EMPTY);
    buffer_fini(&body);
}

static void refuse(struct exchange *exchange, const struct http_error *error,
                   const struct problems *problems, struct slice data)
{
    const h2o_req_t *request = exchange->request;
    const struct refusal refusal = {
        .error = error,
        .problems = problems,
        .data = data,
        .path = slice_make(request->path_normalized.base, request->path_normalized.len),
        .request_id = exchange->request_id,
    };
    if (error->retry_after_s > 0) {
        char seconds[12];
        int size = snprintf(seconds, sizeof(seconds), "%u", error->retry_after_s);
        respond_header(exchange, "retry-after", slice_make(seconds, (size_t)size));
    }
    if (error->status == 405) {
        header_add(exchange, H2O_TOKEN_ALLOW, slice_from_string(exchange->match.allow));
    }
    log_line(error->status == 500 ? LOG_ERROR : LOG_DEBUG, "request refused",
             "request=%.*s job=%s status=%d code=%s route=%s", SLICE_PRINT(exchange->request_id),
             exchange->job, error->status, error->code, pattern_of(exchange));
    refusal_send(exchange, &refusal);
}

void respond_error(struct exchange *exchange, const struct http_error *error,
                   const struct problems *problems)
{
    refuse(exchange, error, problems, SLICE_EMPTY);
}

void respond_error_data(struct exchange *exchange, const struct http_error *error,
                        struct slice data)
{
    refuse(exchange, error, NULL, data);
}

void respond_job_error(struct exchange *exchange, const struct http_error *error,
                       const struct message_job_state *job)
{
    struct buffer data;
    struct json_writer writer;
    buffer_init(&data, ERROR_BODY_SIZE_MAX);
    json_writer_init(&writer, &data);
    job_json_write(&writer, job, NULL);
    if (json_writer_status(&writer) != STATUS_OK) {
        buffer_clear(&data); /* memory is short: without it */
    }
    refuse(exchange, error, NULL, buffer_slice(&data));
    buffer_fini(&data);
}

void respond_unauthorized(struct exchange *exchange, enum status reason)
{
    bool expired = reason == STATUS_TIMEOUT;
    struct slice challenge = SLICE_LITERAL("Bearer realm=\"troupe\"");
    if (expired) {
        challenge = SLICE_LITERAL(
            "Bearer realm=\"troupe\", error=\"invalid_token\", error_description=\"expired\"");
    } else if (reason != STATUS_NOT_FOUND) {
        challenge = SLICE_LITERAL("Bearer realm=\"troupe\", error=\"invalid_token\"");
    }
    header_add(exchange, H2O_TOKEN_WWW_AUTHENTICATE, challenge);
    respond_error(exchange, expired ? &HTTP_ERROR_TOKEN_EXPIRED : &HTTP_ERROR_UNAUTHORIZED, NULL);
}
