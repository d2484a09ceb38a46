#include "gateway/cross_origin.h"

#include "gateway/cors.h"
#include "gateway/respond.h"

/* Whether the request comes from a page that may read its answer; *answer tells the browser. */
static bool is_allowed(const struct exchange *exchange, struct slice *answer)
{
    const char *origins = exchange->gateway->settings.cors_origins;
    struct slice origin = origins == NULL ? SLICE_EMPTY : exchange_header_named(exchange, "origin");
    *answer = origin.size == 0 ? SLICE_EMPTY : cors_answer(origins, origin);
    return answer->size > 0;
}

void cross_origin_headers(struct exchange *exchange)
{
    const char *origins = exchange->gateway->settings.cors_origins;
    struct slice answer;
    if (origins != NULL && strcmp(origins, "*") != 0) {
        respond_header(exchange, "vary", SLICE_LITERAL("origin"));
    }
    if (is_allowed(exchange, &answer)) {
        respond_header(exchange, "access-control-allow-origin", answer);
        respond_header(exchange, "access-control-expose-headers",
                       SLICE_LITERAL("accept-ranges, allow, content-location, content-range, etag, "
                                     "idempotency-replayed, location, preference-applied, "
                                     "ratelimit, ratelimit-policy, retry-after, "
                                     "www-authenticate, x-request-id, x-troupe-budget-warning"));
    }
}

void cross_origin_preflight(struct exchange *exchange)
{
    struct slice answer;
    if (!is_allowed(exchange, &answer) ||
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
