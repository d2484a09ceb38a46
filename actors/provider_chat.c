#include "actors/providers.h"

#include <stdio.h>

static const char null_sentence[] = "The figure breathes and turns slowly while the camera rests.";
static const char null_object[] =
    "{\"summary\":\"A character of few words, made for measuring queues.\",\"traits\":[\"calm\","
    "\"quick\",\"reliable\"],\"mood\":\"calm\",\"voice\":\"Speaks in short sentences.\"}";

static void answer_null(struct task *task, void *context)
{
    struct chat_call *call = context;
    call->done(task, slice_from_string(call->wants_json ? null_object : null_sentence));
}

/* Nothing is on record of a call without a price. */
static void fail(struct task *task, struct chat_call *call, const struct provider_failure *failure)
{
    if (call->paid.price > 0) {
        paid_fail(task, &call->paid, failure);
    } else {
        provider_fail(task, failure);
    }
}

static void take_answer(struct task *task, void *context, const struct http_response *response)
{
    struct chat_call *call = context;
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    struct provider_failure failure;
    if (!http_is_success(response)) {
        provider_error_of_response(response, endpoint->key, &failure);
        failure.is_unknown &= call->paid.price > 0; /* otherwise it is just asked for again */
        provider_called(task, &call->paid, &failure);
        fail(task, call, &failure);
        return;
    }
    struct buffer text;
    buffer_init(&text, CHAT_TEXT_SIZE_MAX);
    if (chat_wire_answer(response->body, call->wants_json, endpoint->key, &text, &failure)) {
        provider_called(task, &call->paid, NULL);
        call->paid.stage = PAID_STAGE_OVER;
        paid_succeeded(task, &call->paid, SLICE_EMPTY);
        call->done(task, buffer_slice(&text));
    } else {
        failure.is_unknown &= call->paid.price > 0;
        failure.is_charged &= call->paid.price > 0;
        provider_called(task, &call->paid, &failure);
        fail(task, call, &failure);
    }
    buffer_fini(&text);
}

static void ask(struct task *task, void *context)
{
    struct chat_call *call = context;
    const struct provider_endpoint *endpoint = call->paid.endpoint;
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/v1/chat/completions", endpoint->url);
    struct http_request request = {
        .url = url,
        .bearer = endpoint->key,
        .json = buffer_slice(&call->body),
        .provider = endpoint->name,
        .purpose = "chat",
        .timeout_ms = provider_timeout_ms(endpoint, CHAT_TIMEOUT_MS),
        .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
        .once = true, /* most are paid for, though not all have a price here */
    };
    task_request(task, &request, take_answer, call);
    buffer_fini(&call->body);
}

void provider_chat(struct task *task, struct chat_call *call, const struct chat_prompt *prompt,
                   chat_function *done)
{
    paid_choose(task, &call->paid, OPERATION_CHAT, PROVIDER_USE_CHAT);
    call->done = done;
    call->wants_json = prompt->wants_json;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_CHAT, answer_null, call);
        return;
    }
    buffer_init(&call->body, PROVIDER_ANSWER_SIZE_MAX);
    if (chat_wire_request(call->paid.endpoint->model, prompt, &call->body) != STATUS_OK) {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_LITERAL("no memory for a request"), 0);
    } else {
        paid_order(task, &call->paid, ask);
    }
}

bool chat_call_is_open(const struct chat_call *call)
{
    return call->paid.stage != PAID_STAGE_NONE && call->paid.stage != PAID_STAGE_OVER;
}

void chat_call_fini(struct chat_call *call)
{
    buffer_fini(&call->body);
}
