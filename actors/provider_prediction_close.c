#include "actors/providers.h"

#include <stdio.h>
#include <stdlib.h>
#include "actors/limits.h"

/* The end of an attempt: what becomes of the task that the provider may be at work on. */

enum {
    RECORD_MS = 1000, /* left of CLOSE_MS, to record what came of it */
    LOOK_MS = 1000,   /* to look whether it is made; the rest is for having it dropped ... */
    LOOK_SHARE = 3,   /* ... but for a third of it: to look whether it was */
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

/* Whether what was asked for may have been done, though no answer says so: it was sent, and not
 * turned away. */
static bool is_unclear(const struct http_response *response)
{
    switch (response->outcome) {
    case HTTP_OUTCOME_ANSWERED:
        return response->status != 425 && response->status != 429 && response->status != 503 &&
               response->status != 529;
    case HTTP_OUTCOME_BROKEN:
    case HTTP_OUTCOME_TIMEOUT:
    case HTTP_OUTCOME_TOO_LARGE:
        return true;
    case HTTP_OUTCOME_NOT_MADE:
    case HTTP_OUTCOME_NOT_SENT:
    case HTTP_OUTCOME_REFUSED:
    case HTTP_OUTCOME_FORBIDDEN:
        return false;
    }
    return false;
}

/* A task that was made and not seen to be is paid for, whatever its provider asks for those that it
 * has dropped. */
static enum charge charge_of_dropped(const struct prediction_call *call)
{
    enum charge charge = call->paid.endpoint->cancelled_charge;
    return charge == CHARGE_NO && !call->was_running ? CHARGE_UNKNOWN : charge;
}

/* What its provider does not know any more has been dropped by a request whose answer was lost, if
 * it was seen to run before that; otherwise nobody can say. */
static void close_as_gone(struct task *task, struct prediction_call *call)
{
    bool is_dropped = call->drop_is_unclear && call->was_running;
    paid_close_as(
        task, &call->paid, is_dropped ? OPERATION_STATE_CANCELLED : OPERATION_STATE_ABANDONED,
        is_dropped ? charge_of_dropped(call) : CHARGE_UNKNOWN, slice_from_string(call->task));
}

static void look_after_cancel(struct task *task, struct prediction_call *call);

static void take_cancellation(struct task *task, void *context,
                              const struct http_response *response)
{
    struct prediction_call *call = context;
    enum wavespeed_drop drop = drop_of(response);
    call->drop_is_unclear |= drop == WAVESPEED_DROP_AGAIN && is_unclear(response);
    switch (drop) {
    case WAVESPEED_DROP_DONE:
        paid_close_as(task, &call->paid, OPERATION_STATE_CANCELLED, charge_of_dropped(call),
                      slice_from_string(call->task));
        break;
    case WAVESPEED_DROP_GONE:
        close_as_gone(task, call);
        break;
    case WAVESPEED_DROP_AGAIN:
        if (!asks_again(task, call)) {
            look_after_cancel(task, call);
        }
        break;
    case WAVESPEED_DROP_NONE:
        look_after_cancel(task, call);
        break;
    case WAVESPEED_DROP_REFUSED: /* perhaps what is gone */
        if (call->drop_is_unclear) {
            look_after_cancel(task, call);
        } else {
            leave_task(task, call);
        }
        break;
    }
}

static void ask_to_cancel(struct task *task, void *context)
{
    struct prediction_call *call = context;
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    char url[HTTP_URL_SIZE_MAX + 1];
    char body[TASK_SIZE_MAX + 32];
    int64_t left_ms = task_left_ms(task) - RECORD_MS;
    if (left_ms <= 0) { /* the machine stood still, or the broker was away */
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
        .timeout_ms = left_ms - left_ms / LOOK_SHARE,
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
        .once = true,
    };
    task_request(task, &request, take_cancellation, call);
}

static void keep_result(struct task *task, struct prediction_call *call)
{
    paid_close_as(task, &call->paid, OPERATION_STATE_FINISHED, CHARGE_YES,
                  slice_from_string(call->task));
}

/* What a look tells; OTHER when that is nothing. failure_out: of FAILED. */
static enum wavespeed_status status_of(const struct prediction_call *call,
                                       const struct http_response *response,
                                       struct provider_failure *failure_out)
{
    char url[HTTP_URL_SIZE_MAX + 1];
    enum wavespeed_status status = WAVESPEED_STATUS_OTHER;
    if (prediction_is_gone(response)) {
        return WAVESPEED_STATUS_GONE;
    }
    bool is_read =
        http_is_success(response) &&
        wavespeed_wire_polled(response->body, call->paid.endpoint->key, &status, url, failure_out);
    return is_read ? status : WAVESPEED_STATUS_OTHER;
}

/* What is made is kept, and what has failed is not paid for. */
static bool close_as_seen(struct task *task, struct prediction_call *call,
                          enum wavespeed_status status, const struct provider_failure *failure)
{
    bool is_made = status == WAVESPEED_STATUS_COMPLETED || status == WAVESPEED_STATUS_NSFW;
    bool is_refused = status == WAVESPEED_STATUS_FAILED && !failure->is_unknown;
    if (is_made) {
        keep_result(task, call);
    } else if (is_refused) {
        paid_close_as(task, &call->paid, OPERATION_STATE_REFUSED, CHARGE_NO,
                      slice_from_string(call->task));
    }
    return is_made || is_refused;
}

static void take_last_look(struct task *task, void *context, const struct http_response *response)
{
    struct prediction_call *call = context;
    struct provider_failure failure = {0};
    enum wavespeed_status status = status_of(call, response, &failure);
    if (status == WAVESPEED_STATUS_GONE) {
        close_as_gone(task, call);
    } else if (!close_as_seen(task, call, status, &failure)) {
        leave_task(task, call);
    }
}

/* The answer does not say whether it was dropped, or was lost. */
static void look_after_cancel(struct task *task, struct prediction_call *call)
{
    int64_t left_ms = task_left_ms(task) - RECORD_MS;
    if (left_ms <= 0) {
        leave_task(task, call);
    } else {
        prediction_ask(task, call, left_ms < LOOK_MS ? left_ms : LOOK_MS, take_last_look);
    }
}

/* A look that tells nothing changes nothing but what is known of the price: the task is to be
 * dropped. One that it tells not to be known is, too: it may be wrong, and is looked at again. */
static void take_look(struct task *task, void *context, const struct http_response *response)
{
    struct prediction_call *call = context;
    struct provider_failure failure = {0};
    enum wavespeed_status status = status_of(call, response, &failure);
    if (status == WAVESPEED_STATUS_GONE) { /* the next one asks at the API's own address */
        free(call->poll_url);
        call->poll_url = NULL;
    }
    if (!close_as_seen(task, call, status, &failure)) {
        call->was_running = status == WAVESPEED_STATUS_RUNNING;
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
