#include "actors/providers.h"

static void submit_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    paid->stage = PAID_STAGE_SENT;
    paid->submit(task, paid);
}

static void record_intent(struct task *task, void *context)
{
    struct paid_call *paid = context;
    const struct operation_record intent = {
        .operation = paid->number,
        .state = OPERATION_STATE_INTENT,
        .provider = paid->provider,
        .repeats = paid->is_last,
    };
    paid->stage = PAID_STAGE_ASKED;
    task_operation(task, &intent, submit_now, paid);
}

/* A call that was cut off may still come to something that can be seen: its repetition waits. */
static void wait_then_record(struct task *task, void *context)
{
    struct paid_call *paid = context;
    int64_t left_ms = operations_wait_ms(paid->unknown_at_ms, task_providers(task)->repeat_after_ms,
                                         task_now_ms(task));
    if (paid->is_last && left_ms > 0) {
        task_after(task, left_ms, record_intent, paid);
    } else {
        record_intent(task, paid);
    }
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
    paid->unknown_at_ms = plan.unknown_at_ms;
    if (plan.advice == OPERATION_ADVICE_RESUME) {
        paid->stage = PAID_STAGE_TAKEN;
        *resume_out = plan.task;
        return true;
    }
    task_function *then = plan.advice == OPERATION_ADVICE_GIVE_UP ? give_up : wait_then_record;
    if (plan.mark_unknown) {
        const struct operation_record lost = {
            .operation = plan.mark_number,
            .state = OPERATION_STATE_UNKNOWN,
            .provider = provider,
        };
        task_operation(task, &lost, then, paid);
    } else {
        then(task, paid);
    }
    return false;
}

static void fail_now(struct task *task, void *context)
{
    struct paid_call *paid = context;
    const struct provider_failure *failure = &paid->failure;
    paid->stage = PAID_STAGE_OVER;
    if (failure->is_unknown && paid->is_last) {
        give_up(task, NULL);
        return;
    }
    task_fail(task, failure->kind, failure->code, slice_from_string(failure->message),
              failure->retry_after_ms);
}

void paid_fail(struct task *task, struct paid_call *paid, const struct provider_failure *failure)
{
    const struct operation_record record = {
        .operation = paid->number,
        .state = failure->is_unknown ? OPERATION_STATE_UNKNOWN : OPERATION_STATE_REFUSED,
        .charged = failure->is_unknown ? CHARGE_UNKNOWN : CHARGE_NO,
        .provider = paid->provider,
    };
    paid->failure = *failure;
    paid->stage = PAID_STAGE_FAILED;
    task_operation(task, &record, fail_now, paid);
}

/* ---- results ---- */

void result_request(struct task *task, struct http_request *request)
{
    const struct providers *providers = task_providers(task);
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

/* ---- the end of an attempt ---- */

static void close_now(struct task *task, void *context)
{
    (void)context;
    task_closed(task);
}

void paid_close_as(struct task *task, const struct paid_call *paid, enum operation_state state,
                   enum charge charged, struct slice task_id)
{
    const struct operation_record record = {
        .operation = paid->number,
        .state = state,
        .charged = charged,
        .repeats = paid->is_last,
        .provider = paid->provider,
        .task = task_id,
    };
    task_operation(task, &record, close_now, NULL);
}

void paid_close(struct task *task, struct paid_call *paid, const struct ending *ending)
{
    bool is_wanted = ending->kind == FAIL_KIND_RETRY || !ending->is_final;
    bool is_paid = paid->stage == PAID_STAGE_SENT || paid->stage == PAID_STAGE_TAKEN;
    if (paid->stage == PAID_STAGE_NONE || paid->stage == PAID_STAGE_OVER) {
        task_closed(task);
    } else if (paid->stage == PAID_STAGE_FAILED && paid->failure.is_unknown) {
        paid_close_as(task, paid, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, SLICE_EMPTY);
    } else if (!is_paid || task_providers(task)->is_null) { /* nothing is to be paid */
        paid_close_as(task, paid, OPERATION_STATE_REFUSED, CHARGE_NO, SLICE_EMPTY);
    } else if (paid->stage == PAID_STAGE_SENT) {
        paid_close_as(task, paid, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, SLICE_EMPTY);
    } else { /* made, and lost: who wants it still may have it made once more */
        paid_close_as(task, paid, is_wanted ? OPERATION_STATE_UNKNOWN : OPERATION_STATE_ABANDONED,
                      CHARGE_YES, SLICE_EMPTY);
    }
}
