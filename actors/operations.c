#include "actors/operations.h"

#include <assert.h>

static const struct recorded_operation *find(const struct recorded_operation *operations,
                                             size_t count, uint8_t number)
{
    for (size_t index = 0; index < count; index++) {
        if (operations[index].operation == number) {
            return &operations[index];
        }
    }
    return NULL;
}

/* Nothing more comes of it: whoever tries the job again wants another one. */
static bool is_over(enum operation_state state)
{
    return state == OPERATION_STATE_REFUSED || state == OPERATION_STATE_CANCELLED ||
           state == OPERATION_STATE_ABANDONED;
}

/* Whether it was made at a provider that the settings of this worker do not name. */
static bool is_elsewhere(struct provider_list *list, struct slice provider)
{
    return provider.size > 0 && provider_list_find(list, provider) == NULL;
}

/* Whether the key of the call that is to be repeated is good for this one, too: what was made under
 * it after that came to no task. A picture that was thrown away is had again by it. */
static bool is_open(const struct recorded_operation *found)
{
    return found == NULL || found->task.size == 0;
}

/* A provider that knows calls by their keys would answer with the same task again: what
 * replaces one that has failed, is lost or was dropped is another call. */
struct operation_plan operations_plan(const struct recorded_operation *operations, size_t count,
                                      uint8_t first, struct provider_list *list)
{
    struct operation_plan plan = {.advice = OPERATION_ADVICE_GIVE_UP};
    for (uint8_t number = first; number < first + OPERATION_SUBMISSIONS_MAX; number++) {
        const struct recorded_operation *found = find(operations, count, number);
        if (found == NULL || is_over(found->state)) {
            bool waits = is_elsewhere(list, plan.provider);
            plan.advice = waits ? OPERATION_ADVICE_WAIT : OPERATION_ADVICE_SUBMIT;
            plan.number = number;
            plan.call = is_open(found) ? plan.call : 0;
            return plan;
        }
        bool has_task = found->task.size > 0 && found->state != OPERATION_STATE_UNKNOWN;
        plan.provider = found->provider;
        if (has_task) {
            bool waits = is_elsewhere(list, found->provider);
            plan.advice = waits ? OPERATION_ADVICE_WAIT : OPERATION_ADVICE_RESUME;
            plan.number = number;
            plan.task = found->task;
            plan.task_at_ms = found->at_ms;
            plan.price = found->price;
            return plan;
        }
        plan.unknown_at_ms = found->at_ms;
        plan.call = found->task.size > 0 ? 0 : found->call;
        plan.unknown_number = number;
        if (found->state == OPERATION_STATE_INTENT) {
            plan.mark_unknown = true;
            plan.mark_number = number;
            plan.mark_price = found->price;
        }
    }
    if (is_elsewhere(list, plan.provider)) {
        plan.advice = OPERATION_ADVICE_WAIT; /* it may be found, or repeated for nothing, there */
    }
    return plan;
}

enum call_purpose operations_purpose(uint8_t number)
{
    if (number >= OPERATION_CHAT) {
        return CALL_PURPOSE_CHAT;
    }
    return number >= OPERATION_VIDEO ? CALL_PURPOSE_VIDEO : CALL_PURPOSE_IMAGE;
}

int64_t operations_wait_ms(int64_t unknown_at_ms, int64_t repeat_after_ms, int64_t now_ms)
{
    assert(repeat_after_ms >= 0);
    if (unknown_at_ms >= now_ms) {
        return repeat_after_ms;
    }
    int64_t passed_ms = now_ms - unknown_at_ms;
    return passed_ms < repeat_after_ms ? repeat_after_ms - passed_ms : 0;
}
