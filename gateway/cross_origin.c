#include "gateway/cross_origin.h"

#include "gateway/cors.h"
#include "gateway/respond.h"

/* Whether the request comes from a page that may read its answer; *answer tells the browser. */
static bool is_allowed(const h2o_req_t *request, const char *origins, struct slice *answer)
{
    ssize_t index =
        origins == NULL ? -1 : h2o_find_header_by_str(&request->headers, H2O_STRLIT("origin"), -1);
    *answer = SLICE_EMPTY;
    if (index >= 0) {
        const h2o_iovec_t *value = &request->headers.entries[index].value;
        *answer = cors_answer(origins, slice_make(value->base, value->len));
    }
    return answer->size > 0;
}

static void add(h2o_req_t *request, const char *name, struct slice value)
{
    h2o_iovec_t copy = h2o_strdup(&request->pool, (const char *)value.data, value.size);
    h2o_add_header_by_str(&request->pool, &request->res.headers, name, strlen(name), 1, NULL,
                          copy.base, copy.len);
}

void cross_origin_headers(h2o_req_t *request, const char *origins)
{
    struct slice answer;
    if (origins != NULL && strcmp(origins, "*") != 0) {
        add(request, "vary", SLICE_LITERAL("origin"));
    }
    if (is_allowed(request, origins, &answer)) {
        add(request, "access-control-allow-origin", answer);
        add(request, "access-control-expose-headers",
            SLICE_LITERAL("accept-ranges, allow, content-location, content-range, etag, "
                          "idempotency-replayed, location, preference-applied, ratelimit, "
                          "ratelimit-policy, retry-after, www-authenticate, x-request-id, "
                          "x-troupe-budget-warning"));
    }
}

void cross_origin_preflight(struct exchange *exchange)
{
    struct slice answer;
    if (!is_allowed(exchange->request, exchange->gateway->settings.cors_origins, &answer) ||
        exchange_header_named(exchange, "access-control-request-method").size == 0) {
        return;
    }
    respond_header(exchange, "access-control-allow-methods",
                   slice_from_string(exchange->match.allow));
    respond_header(exchange, "access-control-allow-headers",
                   SLICE_LITERAL("accept, authorization, cache-control, content-type, "
                                 "idempotency-key, if-none-match, if-range, last-event-id, prefer, "
                                 "range, traceparent, x-request-id"));
    respond_header(exchange, "access-control-max-age", SLICE_LITERAL("7200"));
}
