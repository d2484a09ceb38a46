#include "gateway/quota.h"

#include <stdio.h>
#include "gateway/respond.h"

static void headers_add(struct exchange *exchange, const struct rate_policy *policy,
                        const struct rate_state *state)
{
    char text[64];
    int size = snprintf(text, sizeof(text), "\"submit\";q=%u;w=%u", policy->jobs, policy->window_s);
    respond_header(exchange, "ratelimit-policy", slice_make(text, (size_t)size));
    size = snprintf(text, sizeof(text), "\"submit\";r=%u;t=%u", state->remaining, state->reset_s);
    respond_header(exchange, "ratelimit", slice_make(text, (size_t)size));
}

/* More jobs at once than the limit: no time to wait would help. */
static void never_send(struct exchange *exchange, const struct rate_policy *policy, uint32_t jobs)
{
    struct problems problems = {0};
    problems_add(&problems, "body", "has %u jobs, and no more than %u may be submitted in %u s",
                 jobs, policy->jobs, policy->window_s);
    respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
}

bool quota_take(struct exchange *exchange, uint32_t jobs)
{
    struct gateway *gateway = exchange->gateway;
    struct rates *rates = &gateway->rates;
    struct rate_state state;
    if (rates->policy.jobs == 0) {
        return true;
    }
    if (jobs > rates->policy.jobs) {
        never_send(exchange, &rates->policy, jobs);
        return false;
    }
    enum status status = rates_take(rates, exchange->owner, jobs, gateway_now_ms(gateway), &state);
    if (status == STATUS_FULL) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
        return false;
    }
    headers_add(exchange, &rates->policy, &state);
    if (status == STATUS_AGAIN) {
        struct http_error error = HTTP_ERROR_RATE_LIMITED;
        error.retry_after_s = state.reset_s;
        respond_error(exchange, &error, NULL);
    }
    return status == STATUS_OK;
}
