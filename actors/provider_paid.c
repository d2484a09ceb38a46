#include "actors/providers.h"

static void submit_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    paid->submit(task, paid);
}

static void record_intent(struct task *task, void *context)
{
    struct paid_call *paid = context;
    task_operation(task, paid->number, OPERATION_STATE_INTENT, paid->provider, SLICE_EMPTY,
                   submit_now, paid);
}

static void give_up(struct task *task, void *context)
{
    (void)context;
    task_fail(task, FAIL_KIND_PERMANENT, "outcome_unknown",
              SLICE_LITERAL("two calls to the provider were cut off; whether they were performed "
                            "and charged is not known, so no third one is made"),
              0);
}

bool paid_begin(struct task *task, struct paid_call *paid, uint8_t first, const char *provider,
                task_function *submit, struct slice *resume_out)
{
    size_t count = 0;
    const struct recorded_operation *operations = task_operations(task, &count);
    struct operation_plan plan =
        operations_plan(operations, count, first, slice_from_string(provider));
    paid->provider = provider;
    paid->submit = submit;
    paid->number = plan.number;
    paid->is_last = plan.number == first + OPERATION_SUBMISSIONS_MAX - 1;
    if (plan.advice == OPERATION_ADVICE_RESUME) {
        *resume_out = plan.task;
        return true;
    }
    task_function *then = plan.advice == OPERATION_ADVICE_GIVE_UP ? give_up : record_intent;
    if (plan.mark_unknown) {
        task_operation(task, plan.mark_number, OPERATION_STATE_UNKNOWN, provider, SLICE_EMPTY, then,
                       paid);
    } else {
        then(task, paid);
    }
    return false;
}

static void fail_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    const struct provider_failure *failure = &paid->failure;
    if (failure->is_unknown && paid->is_last) {
        give_up(task, NULL);
        return;
    }
    task_fail(task, failure->kind, failure->code, slice_from_string(failure->message),
              failure->retry_after_ms);
}

void paid_fail(struct task *task, struct paid_call *paid, const struct provider_failure *failure)
{
    paid->failure = *failure;
    task_operation(task, paid->number,
                   failure->is_unknown ? OPERATION_STATE_UNKNOWN : OPERATION_STATE_REFUSED,
                   paid->provider, SLICE_EMPTY, fail_now, paid);
}
