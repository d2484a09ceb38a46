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

static void fail(struct task *task, const struct provider_failure *failure)
{
    task_fail(task, failure->kind, failure->code, slice_from_string(failure->message),
              failure->retry_after_ms);
}

static void take_answer(struct task *task, void *context, const struct http_response *response)
{
    struct chat_call *call = context;
    struct provider_failure failure;
    if (response->outcome != HTTP_OUTCOME_ANSWERED || response->status != 200) {
        provider_error_of_response(response, task_providers(task)->chat.key, &failure);
        fail(task, &failure);
        return;
    }
    struct buffer text;
    buffer_init(&text, CHAT_TEXT_SIZE_MAX);
    if (chat_wire_answer(response->body, &text, &failure)) {
        call->done(task, buffer_slice(&text));
    } else {
        fail(task, &failure);
    }
    buffer_fini(&text);
}

void provider_chat(struct task *task, struct chat_call *call, const struct chat_prompt *prompt,
                   chat_function *done)
{
    const struct provider_endpoint *endpoint = &task_providers(task)->chat;
    call->done = done;
    call->wants_json = prompt->wants_json;
    if (task_providers(task)->is_null) {
        provider_null_wait(task, NULL_CALL_CHAT, answer_null, call);
        return;
    }
    struct buffer body;
    buffer_init(&body, PROVIDER_ANSWER_SIZE_MAX);
    char url[HTTP_URL_SIZE_MAX + 1];
    snprintf(url, sizeof(url), "%s/v1/chat/completions", endpoint->url);
    if (chat_wire_request(endpoint->model, prompt, &body) == STATUS_OK) {
        struct http_request request = {
            .url = url,
            .bearer = endpoint->key,
            .json = buffer_slice(&body),
            .timeout_ms = CHAT_TIMEOUT_MS,
            .answer_size_max = PROVIDER_ANSWER_SIZE_MAX,
        };
        task_request(task, &request, take_answer, call);
    } else {
        task_fail(task, FAIL_KIND_RETRY, "no_memory", SLICE_LITERAL("no memory for a request"), 0);
    }
    buffer_fini(&body);
}
