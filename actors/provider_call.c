#include "actors/providers.h"

#include "actors/limits.h"

bool provider_may_be_another(const struct paid_call *paid, int64_t now_ms)
{
    return !paid->is_bound && provider_list_has_other(paid->list, paid->endpoint, now_ms);
}

void provider_called(struct task *task, const struct paid_call *paid,
                     struct provider_failure *failure)
{
    struct provider_endpoint *endpoint = paid->endpoint;
    enum provider_fault fault =
        failure == NULL ? PROVIDER_FAULT_NONE : provider_error_fault(failure);
    if (task_providers(task)->is_null) {
        return;
    }
    task_report(task, endpoint, fault, failure == NULL ? 0 : failure->retry_after_ms);
    if (fault == PROVIDER_FAULT_NONE) {
        return;
    }
    int64_t now_ms = task_now_ms(task);
    bool is_longer = failure->retry_after_ms > PROVIDER_AVOID_MS;
    provider_avoid(endpoint, now_ms + (is_longer ? failure->retry_after_ms : PROVIDER_AVOID_MS));
    if (!failure->is_unknown && provider_may_be_another(paid, now_ms)) {
        failure->kind = FAIL_KIND_THROTTLED;
        failure->retry_after_ms = 0;
    }
}
