#include "actors/providers.h"

/* Results, which are paid for: where they may be fetched from, and how often that is tried. */

void result_request(struct task *task, const struct provider_endpoint *endpoint,
                    struct http_request *request)
{
    const struct providers *providers = task_providers(task);
    request->stall_s = provider_timeout_ms(endpoint, HTTP_STALL_S * 1000) / 1000;
    request->follow = true;
    request->global_only = !providers->result_private;
    request->hosts = providers->result_hosts;
}

void result_fail_forbidden(struct task *task)
{
    task_fail(task, FAIL_KIND_PERMANENT, "result_forbidden",
              SLICE_LITERAL("the provider's result is at an address that may not be called "
                            "(TROUPE_RESULT_HOSTS, TROUPE_RESULT_PRIVATE)"),
              0);
}

void result_begin(struct result_tries *tries)
{
    *tries = (struct result_tries){.pause_ms = DOWNLOAD_PAUSE_MS};
}

/* Whether it may be there in a while, rather than be gone or no result. */
static bool may_pass(const struct http_response *response)
{
    if (response->outcome != HTTP_OUTCOME_ANSWERED) {
        return response->outcome != HTTP_OUTCOME_REFUSED;
    }
    return response->status >= 500 || response->status == 408 || response->status == 425 ||
           response->status == 429;
}

bool result_again(struct task *task, struct result_tries *tries,
                  const struct http_response *response, const struct provider_failure *failure,
                  task_function *fetch, void *context)
{
    int64_t told_ms = failure->retry_after_ms;
    int64_t wait_ms = told_ms > tries->pause_ms ? told_ms : tries->pause_ms;
    uint32_t tries_max = may_pass(response) ? RESULT_WAITS_MAX : RESULT_DOWNLOADS_MAX;
    tries->count++;
    tries->pause_ms *= 2;
    bool is_wanted = failure->kind != FAIL_KIND_PERMANENT && tries->count < tries_max &&
                     wait_ms + STORE_SPARE_MS < task_left_ms(task);
    if (is_wanted) {
        task_after(task, wait_ms, fetch, context);
    }
    return is_wanted;
}
