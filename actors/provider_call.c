#include "actors/providers.h"

#include "actors/limits.h"

void provider_called(struct task *task, struct provider_list *list,
                     struct provider_endpoint *endpoint, struct provider_failure *failure)
{
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
    if (!failure->is_unknown && provider_list_has_other(list, endpoint, now_ms)) {
        failure->kind = FAIL_KIND_THROTTLED;
        failure->retry_after_ms = 0;
    }
}
