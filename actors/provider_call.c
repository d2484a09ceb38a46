#include "actors/providers.h"

#include <stdio.h>
#include "actors/limits.h"

bool provider_may_be_another(const struct paid_call *paid, int64_t now_ms)
{
    return !paid->is_bound && provider_list_has_other(paid->list, paid->endpoint, now_ms);
}

/* The next of the list takes over in a new attempt of the job; one that was paid for counts. */
static void pass_over(struct task *task, const struct paid_call *paid,
                      struct provider_failure *failure)
{
    struct provider_endpoint *endpoint = paid->endpoint;
    int64_t now_ms = task_now_ms(task);
    bool is_longer = failure->retry_after_ms > PROVIDER_AVOID_MS;
    provider_avoid(endpoint, now_ms + (is_longer ? failure->retry_after_ms : PROVIDER_AVOID_MS));
    if (!failure->is_unknown && provider_may_be_another(paid, now_ms)) {
        failure->kind = failure->is_charged ? FAIL_KIND_RETRY : FAIL_KIND_THROTTLED;
        failure->retry_after_ms = 0;
    }
}

void provider_called(struct task *task, const struct paid_call *paid,
                     struct provider_failure *failure)
{
    enum provider_fault fault =
        failure == NULL ? PROVIDER_FAULT_NONE : provider_error_fault(failure);
    if (task_providers(task)->is_null) {
        return;
    }
    if (fault == PROVIDER_FAULT_NONE) {
        task_report_success(task, paid->endpoint);
    } else {
        task_report_failure(task, paid->endpoint, fault, 1, failure->retry_after_ms);
        pass_over(task, paid, failure);
    }
}

void provider_missed(struct task *task, const struct paid_call *paid, bool counts,
                     struct provider_failure *failure)
{
    enum provider_fault fault = provider_error_fault(failure);
    if (fault == PROVIDER_FAULT_NONE) {
        return;
    }
    uint32_t failures = counts && fault != PROVIDER_FAULT_THROTTLED;
    task_report_failure(task, paid->endpoint, fault, failures, failure->retry_after_ms);
    pass_over(task, paid, failure);
}

void provider_fail(struct task *task, const struct provider_failure *failure)
{
    task_fail(task, failure->kind, failure->code, slice_from_string(failure->message),
              failure->retry_after_ms);
}

bool provider_store_is_bad(struct task *task, struct provider_failure *failure_out)
{
    struct asset_store *store = task_assets(task);
    int64_t wait_ms = 0;
    if (task_providers(task)->is_null || store == NULL ||
        asset_store_takes(store, &task_job(task)->character, &wait_ms)) {
        return false;
    }
    *failure_out = (struct provider_failure){
        .kind = FAIL_KIND_THROTTLED,
        .code = "asset_store",
        .retry_after_ms = wait_ms,
    };
    snprintf(failure_out->message, sizeof(failure_out->message),
             "waits for the asset store, which takes nothing (%s)", store->health.words);
    return true;
}
