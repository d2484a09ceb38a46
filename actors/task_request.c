#include <assert.h>
#include "actors/runtime.h"
#include "actors/task.h"
#include "proto/traceparent.h"

/* A task's requests, and what is counted of them. */

static void count_call(struct task *task, enum call_outcome outcome)
{
    struct runtime *runtime = task->runtime;
    if (task->provider != NULL) {
        call_meter_count(&runtime->meters.calls, task->provider, task->purpose, outcome,
                         loop_now_ms(runtime->loop) - task->requested_at_ms);
    }
}

static void on_response(void *context, const struct http_response *response)
{
    struct task *task = context;
    task->transfer = NULL;
    count_call(task, call_outcome_of(response));
    task->on_response(task, task->response_context, response);
}

/* The request as part of the trace that the job belongs to. Addresses that a provider names
 * (downloads) are told nothing. A broker's word is not enough to put text into a header. */
static struct http_request traced(const struct task *task, const struct http_request *request)
{
    struct http_request copy = *request;
    if (!request->follow && traceparent_is_valid(task->job.trace)) {
        copy.trace = task->job.trace;
    }
    return copy;
}

void task_request(struct task *task, const struct http_request *request,
                  task_response_function *callback, void *context)
{
    const struct http_request copy = traced(task, request);
    assert(task->transfer == NULL);
    task->on_response = callback;
    task->response_context = context;
    task->provider = request->provider;
    task->purpose = request->purpose;
    task->requested_at_ms = loop_now_ms(task->runtime->loop);
    enum status status = http_start(task->runtime->http, &copy, on_response, task, &task->transfer);
    if (status != STATUS_OK) {
        const struct http_response nothing = {
            .outcome = HTTP_OUTCOME_NOT_MADE,
            .retry_after_ms = -1,
            .error = status_name(status),
        };
        on_response(task, &nothing);
    }
}

void task_request_abort(struct task *task)
{
    if (task->transfer != NULL) {
        count_call(task, CALL_OUTCOME_ABORTED);
    }
    http_cancel(&task->transfer);
}

void task_resume(struct task *task)
{
    if (task->transfer != NULL) {
        http_resume(task->transfer);
    }
}
