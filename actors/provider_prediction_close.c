#include "actors/providers.h"

#include <stdio.h>
#include "actors/limits.h"

/* The end of an attempt: what becomes of the task that the provider may be at work on. */

enum {
    RECORD_MS = 1000, /* left of CLOSE_MS, to record what came of it */
    LOOK_MS = 1000,   /* to look whether it is made: the rest is for having it dropped */
};

/* The task may run on: the next attempt, or who tries the job again, polls it rather than pay
 * twice. The broker may not have been there to record it. */
static void leave_task(struct task *task, struct prediction_call *call)
{
    if (call->is_recorded) {
        task_closed(task);
    } else {
        paid_close_as(task, &call->paid, OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN,
                      slice_from_string(call->task));
    }
}

static void ask_to_cancel(struct task *task, void *context);

/* A provider that does not work just now, or too slowly, may do so a moment later; time is left to
 * record what came of it. */
static bool asks_again(struct task *task, struct prediction_call *call)
{
    int64_t pause_ms = call->cancel_pause_ms;
    if (task_left_ms(task) <= pause_ms + 2 * RECORD_MS) {
        return false;
    }
    call->cancel_pause_ms *= 2;
    task_after(task, pause_ms, ask_to_cancel, call);
    return true;
}

static enum wavespeed_drop drop_of(const struct http_response *response)
{
    if (http_is_success(response)) {
        return wavespeed_wire_dropped(response->body);
    }
    return prediction_is_gone(response) ? WAVESPEED_DROP_GONE
           : http_may_pass(response)    ? WAVESPEED_DROP_AGAIN
                                        : WAVESPEED_DROP_REFUSED;
}

/* A task that was made and not seen to be is paid for, whatever its provider asks for those that it
 * has dropped. */
static enum charge charge_of_dropped(const struct prediction_call *call)
{
    enum charge charge = call->paid.endpoint->cancelled_charge;
    return charge == CHARGE_NO && !call->was_running ? CHARGE_UNKNOWN : charge;
}

static void take_cancellation(struct task *task, void *context,
                              const struct http_response *response)
{
    struct prediction_call *call = context;
    enum wavespeed_drop drop = drop_of(response);
    bool is_dropped = drop == WAVESPEED_DROP_DONE;
    if (drop == WAVESPEED_DROP_AGAIN && asks_again(task, call)) {
        return;
    }
    if (!is_dropped && drop != WAVESPEED_DROP_GONE) {
        leave_task(task, call);
        return;
    }
    paid_close_as(
        task, &call->paid, is_dropped ? OPERATION_STATE_CANCELLED : OPERATION_STATE_ABANDONED,
        is_dropped ? charge_of_dropped(call) : CHARGE_UNKNOWN, slice_from_string(call->task));
}

static void ask_to_cancel(struct task *task, void *context)
{
    struct prediction_call *call = context;
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    char url[HTTP_URL_SIZE_MAX + 1];
    char body[TASK_SIZE_MAX + 32];
    if (task_left_ms(task) <= RECORD_MS) { /* the machine stood still, or the broker was away */
        leave_task(task, call);
        return;
    }
    snprintf(url, sizeof(url), "%s/api/v3/predictions/delete", endpoint->url);
    int size = snprintf(body, sizeof(body), "{\"ids\":[\"%s\"]}", call->task);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .json = slice_make(body, (size_t)size),
        .provider = endpoint->name,
        .purpose = "cancel",
        .timeout_ms = task_left_ms(task) - RECORD_MS,
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
    };
    task_request(task, &request, take_cancellation, call);
}

static void keep_result(struct task *task, struct prediction_call *call)
{
    paid_close_as(task, &call->paid, OPERATION_STATE_FINISHED, CHARGE_YES,
                  slice_from_string(call->task));
}

/* A look that tells nothing changes nothing but what is known of the price: the task is to be
 * dropped. */
static void take_look(struct task *task, void *context, const struct http_response *response)
{
    struct prediction_call *call = context;
    struct provider_failure failure = {0};
    char url[HTTP_URL_SIZE_MAX + 1];
    enum wavespeed_status status = WAVESPEED_STATUS_RUNNING;
    bool is_read =
        http_is_success(response) &&
        wavespeed_wire_polled(response->body, call->paid.endpoint->key, &status, url, &failure);
    if (is_read && (status == WAVESPEED_STATUS_COMPLETED || status == WAVESPEED_STATUS_NSFW)) {
        keep_result(task, call);
    } else if (is_read && status == WAVESPEED_STATUS_FAILED && !failure.is_unknown) {
        paid_close_as(task, &call->paid, OPERATION_STATE_REFUSED, CHARGE_NO,
                      slice_from_string(call->task));
    } else {
        call->was_running = is_read && status == WAVESPEED_STATUS_RUNNING;
        ask_to_cancel(task, call);
    }
}

/* What was made since the last poll is paid for: dropped, it would be made and paid for again by
 * who tries the job again. */
static void look_before_cancel(struct task *task, struct prediction_call *call)
{
    if (task_left_ms(task) <= LOOK_MS + 2 * RECORD_MS) {
        ask_to_cancel(task, call);
    } else {
        prediction_ask(task, call, LOOK_MS, take_look);
    }
}

/* An attempt that ends before it comes to the order may have one on record. */
static void find_task(struct task *task, struct prediction_call *call,
                      const struct prediction_kind *kind)
{
    struct operation_plan plan = prediction_plan(task, call, kind);
    if (call->paid.stage == PAID_STAGE_NONE && plan.advice == OPERATION_ADVICE_RESUME &&
        prediction_take_task(call, plan.task)) {
        call->paid.stage = PAID_STAGE_TAKEN;
        call->paid.number = plan.number;
        call->paid.price = plan.price;
    }
}

void prediction_close(struct task *task, struct prediction_call *call,
                      const struct prediction_kind *kind, const struct ending *ending)
{
    find_task(task, call, kind);
    bool is_later =
        task_job(task)->attempt > 1; /* the first may have been handed on, and goes on */
    bool is_outlived = ending->is_timeout && call->is_resumed && is_later;
    if (call->task[0] == '\0' || call->paid.gone.size > 0) {
        paid_close(task, &call->paid, ending);
    } else if (task_providers(task)->is_null || (!ending->is_final && !is_outlived)) {
        leave_task(task, call);
    } else if (call->is_finished) {
        keep_result(task, call);
    } else {
        call->cancel_pause_ms = CANCEL_PAUSE_MS;
        look_before_cancel(task, call);
    }
}
