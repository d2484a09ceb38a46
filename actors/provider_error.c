#include "actors/provider_error.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "actors/limits.h"
#include "actors/text.h"

struct rule {
    long first; /* of HTTP's statuses */
    long last;
    enum fail_kind kind;
    bool is_unknown;
    const char *code;
};

/* The first rule that fits. Where none does (502, 504, 520 to 524 of gateways between) nobody says
 * whether the provider took the request. */
static const struct rule rules[] = {
    {200, 299, FAIL_KIND_RETRY, true, "provider_answer"},
    {300, 399, FAIL_KIND_PERMANENT, false, "provider_redirect"},
    {401, 401, FAIL_KIND_PERMANENT, false, "provider_credentials"},
    {402, 402, FAIL_KIND_PERMANENT, false, "provider_quota"},
    {403, 403, FAIL_KIND_PERMANENT, false, "provider_credentials"},
    {408, 408, FAIL_KIND_RETRY, true, "provider_timeout"},
    {409, 409, FAIL_KIND_RETRY, true, "provider_conflict"}, /* an earlier copy is under way */
    {425, 425, FAIL_KIND_RETRY, false, "provider_error"},
    {429, 429, FAIL_KIND_THROTTLED, false, "provider_throttled"},
    {451, 451, FAIL_KIND_PERMANENT, false, "content_policy"},
    {400, 499, FAIL_KIND_PERMANENT, false, "provider_refused"},
    {500, 501, FAIL_KIND_RETRY, false, "provider_error"},
    {503, 503, FAIL_KIND_RETRY, false, "provider_error"},
    {529, 529, FAIL_KIND_RETRY, false, "provider_error"},
};

/* Words in error.code or error.type that decide more than the status does. */
static const struct {
    const char *word;
    enum fail_kind kind;
    const char *code;
} words[] = {
    {"content_policy_violation", FAIL_KIND_PERMANENT, "content_policy"},
    {"content_filter", FAIL_KIND_PERMANENT, "content_policy"},
    {"moderation_blocked", FAIL_KIND_PERMANENT, "content_policy"},
    {"insufficient_quota", FAIL_KIND_PERMANENT, "provider_quota"},
    {"credit_balance_exhausted", FAIL_KIND_PERMANENT, "provider_quota"},
    {"billing_hard_limit_reached", FAIL_KIND_PERMANENT, "provider_quota"},
};

static const struct {
    int64_t number;
    enum fail_kind kind;
    const char *code;
} task_codes[] = {
    {1200, FAIL_KIND_PERMANENT, "content_policy"},
    {1400, FAIL_KIND_PERMANENT, "provider_refused"},
    {1401, FAIL_KIND_PERMANENT, "provider_refused"},
    {1402, FAIL_KIND_RETRY, "provider_media"}, /* the next attempt uploads again */
    {1403, FAIL_KIND_RETRY, "provider_task"},
    {1405, FAIL_KIND_RETRY, "provider_task"},
};

/* What those numbers say in place of an order: the service itself has failed. */
static const struct {
    int64_t number;
    bool is_unknown;
    const char *code;
} service_codes[] = {
    {5000, false, "provider_error"},
    {5003, false, "provider_error"},
    {5004, true, "provider_timeout"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void set_message(struct provider_failure *out, struct slice text, const char *secret)
{
    text_tell(text, secret, out->message, sizeof(out->message));
}

static void of_outcome(const struct http_response *response, const char *secret,
                       struct provider_failure *out)
{
    out->kind = FAIL_KIND_RETRY;
    out->is_unknown = true;
    switch (response->outcome) {
    case HTTP_OUTCOME_ANSWERED:
        break;
    case HTTP_OUTCOME_NOT_MADE:
        out->is_unknown = false;
        out->code = "request_not_possible";
        break;
    case HTTP_OUTCOME_NOT_SENT:
    case HTTP_OUTCOME_FORBIDDEN:
        out->is_unknown = false;
        out->code = "provider_unreachable";
        break;
    case HTTP_OUTCOME_BROKEN:
        out->code = "provider_broken";
        break;
    case HTTP_OUTCOME_TIMEOUT:
        out->code = "provider_timeout";
        break;
    case HTTP_OUTCOME_TOO_LARGE:
        out->kind = FAIL_KIND_PERMANENT;
        out->code = "provider_answer_too_large";
        break;
    case HTTP_OUTCOME_REFUSED:
        out->code = "asset_store";
        break;
    }
    set_message(out, slice_from_string(response->error), secret);
}

static void apply_words(const char *text, struct provider_failure *out)
{
    if (text != NULL && strcmp(text, "model_not_found") == 0) {
        out->is_everybodys = true;
    }
    for (size_t index = 0; text != NULL && index < COUNT(words); index++) {
        if (strcmp(text, words[index].word) == 0) {
            out->kind = words[index].kind;
            out->is_unknown = false;
            out->code = words[index].code;
        }
    }
}

static bool apply_task_code(int64_t code, struct provider_failure *out)
{
    for (size_t index = 0; index < COUNT(task_codes); index++) {
        if (task_codes[index].number == code) {
            out->kind = task_codes[index].kind;
            out->is_unknown = false;
            out->code = task_codes[index].code;
            return true;
        }
    }
    return false;
}

/* A number of WaveSpeed's says more than the status does; others have HTTP's there. */
static void apply_number(json_t *code, struct provider_failure *out)
{
    int64_t number = json_integer_value(code);
    if (apply_task_code(number, out)) {
        return;
    }
    for (size_t index = 0; index < COUNT(service_codes); index++) {
        if (service_codes[index].number == number) {
            out->kind = FAIL_KIND_RETRY;
            out->is_unknown = service_codes[index].is_unknown;
            out->code = service_codes[index].code;
        }
    }
}

/* FastAPI's: {"detail":"words"}, {"detail":[{"msg":"words"}]}. */
static const char *detail_of(json_t *root)
{
    json_t *detail = json_object_get(root, "detail");
    json_t *first = json_object_get(json_array_get(detail, 0), "msg");
    return json_string_value(first != NULL ? first : detail);
}

/* What has the code of an error, and its message unless the error is a text: the error, or else
 * what it stands in. */
static json_t *holder_of(json_t *root)
{
    json_t *error = json_object_get(root, "error");
    return json_object_size(error) > 0 ? error : root;
}

/* Its number or word: of the error, or beside it. */
static json_t *code_of(json_t *root)
{
    json_t *code = json_object_get(holder_of(root), "code");
    return code != NULL && !json_is_null(code) ? code : json_object_get(root, "code");
}

/* The known shapes: {"error":{"message","type","code"}}, {"error":{"message"},"code"},
 * {"error":"words","code"}, {"message","code"}; and details. */
static void apply_body(struct slice body, const char *secret, struct provider_failure *out)
{
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *error = json_object_get(root, "error");
    json_t *holder = holder_of(root);
    const char *message = json_string_value(json_object_get(holder, "message"));
    if (message == NULL) {
        message = json_string_value(error);
    }
    if (message == NULL) {
        message = detail_of(root);
    }
    if (message != NULL) {
        set_message(out, slice_from_string(message), secret);
    }
    apply_words(json_string_value(json_object_get(holder, "type")), out);
    apply_words(json_string_value(code_of(root)), out);
    apply_number(code_of(root), out);
    if (json_is_array(json_object_get(json_object_get(holder, "metadata"), "reasons"))) {
        apply_words("moderation_blocked", out); /* OpenRouter's 403: the prompt was flagged */
    }
    json_decref(root);
}

static bool is_told_to_wait(const struct http_response *response)
{
    bool is_overloaded = response->status == 503 || response->status == 529;
    return response->outcome == HTTP_OUTCOME_ANSWERED &&
           (response->status == 429 || (is_overloaded && response->retry_after_ms > 0));
}

/* That it takes nothing now, and when it will: the order is as good as not made. */
static bool is_busy(const struct http_response *response, const struct provider_failure *failure)
{
    return is_told_to_wait(response) && !failure->is_unknown &&
           strcmp(failure->code, "provider_error") == 0;
}

void provider_error_of_response(const struct http_response *response, const char *secret,
                                struct provider_failure *out)
{
    *out = (struct provider_failure){
        .kind = FAIL_KIND_RETRY,
        .is_unknown = true,
        .code = "provider_error",
    };
    if (response->outcome != HTTP_OUTCOME_ANSWERED) {
        of_outcome(response, secret, out);
        return;
    }
    snprintf(out->message, sizeof(out->message), "the provider answered HTTP %ld",
             response->status);
    for (size_t index = 0; index < COUNT(rules); index++) {
        const struct rule *rule = &rules[index];
        if (response->status >= rule->first && response->status <= rule->last) {
            out->kind = rule->kind;
            out->is_unknown = rule->is_unknown;
            out->code = rule->code;
            break;
        }
    }
    out->is_everybodys = response->status == 404 || response->status == 405;
    apply_body(response->body, secret, out);
    out->kind = is_busy(response, out) ? FAIL_KIND_THROTTLED : out->kind;
    if (response->retry_after_ms >= 0) {
        out->retry_after_ms = response->retry_after_ms;
    } else if (out->kind == FAIL_KIND_THROTTLED) {
        out->retry_after_ms = THROTTLED_MS_DEFAULT;
    }
}

void provider_error_of_code(int64_t code, struct slice body, const char *secret,
                            struct provider_failure *out)
{
    const struct http_response response = {
        .outcome = HTTP_OUTCOME_ANSWERED,
        .status = code >= 300 && code <= 599 ? (long)code : 200,
        .body = body,
        .retry_after_ms = -1,
    };
    provider_error_of_response(&response, secret, out);
}

/* Some write HTTP's statuses as text. */
static int64_t status_of(json_t *code)
{
    const char *text = json_string_value(code);
    bool is_status = text != NULL && strlen(text) == 3 && strspn(text, "0123456789") == 3;
    return is_status ? (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0')
                     : json_integer_value(code);
}

/* {"message","code"} without an "error" around them: told as one, or with the number of one. */
static bool is_flat_error(json_t *root)
{
    const char *object = json_string_value(json_object_get(root, "object"));
    bool is_named = object != NULL && strcmp(object, "error") == 0;
    return json_string_length(json_object_get(root, "message")) > 0 &&
           (is_named || status_of(json_object_get(root, "code")) >= 300);
}

bool provider_error_is_told(struct slice body, const char *secret, struct provider_failure *out)
{
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *error = json_object_get(root, "error");
    bool is_within = json_object_size(error) > 0 || json_string_length(error) > 0;
    bool is_told = is_within || is_flat_error(root);
    if (is_told) {
        provider_error_of_code(status_of(code_of(root)), body, secret, out);
    }
    json_decref(root);
    return is_told;
}

bool provider_error_is_within(json_t *part, const char *secret, struct provider_failure *out)
{
    char *text = json_object_get(part, "error") != NULL ? json_dumps(part, 0) : NULL;
    bool is_told = text != NULL && provider_error_is_told(slice_from_string(text), secret, out);
    free(text);
    return is_told;
}

void provider_error_of_nsfw(struct provider_failure *out)
{
    *out = (struct provider_failure){
        .kind = FAIL_KIND_PERMANENT,
        .is_charged = true,
        .code = "content_policy",
    };
    set_message(out, SLICE_LITERAL("the provider marks what it made as not safe for work"), NULL);
}

void provider_error_of_download(const struct http_response *response, struct provider_failure *out)
{
    provider_error_of_response(response, NULL, out);
    out->is_unknown = true;
    out->is_charged = true;
    if (response->outcome != HTTP_OUTCOME_TOO_LARGE) {
        out->kind = is_told_to_wait(response) ? FAIL_KIND_THROTTLED : FAIL_KIND_RETRY;
        out->code = "result_unavailable";
    }
}

void provider_error_of_task(int64_t code, struct slice message, const char *secret,
                            struct provider_failure *out)
{
    *out = (struct provider_failure){.kind = FAIL_KIND_RETRY, .code = "provider_task"};
    apply_task_code(code, out);
    if (message.size == 0) {
        message = SLICE_LITERAL("the provider's task failed");
    }
    set_message(out, message, secret);
}

enum provider_fault provider_error_fault(const struct provider_failure *failure)
{
    static const struct {
        const char *code;
        enum provider_fault fault;
    } faults[] = {
        {"provider_unreachable", PROVIDER_FAULT_DOWN},
        {"provider_broken", PROVIDER_FAULT_DOWN},
        {"provider_timeout", PROVIDER_FAULT_DOWN},
        {"provider_error", PROVIDER_FAULT_DOWN},
        {"provider_redirect", PROVIDER_FAULT_DOWN},
        {"provider_answer", PROVIDER_FAULT_DOWN},
        {"provider_throttled", PROVIDER_FAULT_THROTTLED},
        {"provider_credentials", PROVIDER_FAULT_CREDENTIALS},
        {"provider_quota", PROVIDER_FAULT_QUOTA},
    };
    for (size_t index = 0; index < COUNT(faults); index++) {
        if (strcmp(failure->code, faults[index].code) == 0) {
            return faults[index].fault;
        }
    }
    bool is_refused = strcmp(failure->code, "provider_refused") == 0;
    return is_refused && failure->is_everybodys ? PROVIDER_FAULT_DOWN : PROVIDER_FAULT_NONE;
}

void provider_error_of_nonsense(const char *what, struct provider_failure *out)
{
    *out = (struct provider_failure){
        .kind = FAIL_KIND_RETRY,
        .is_unknown = true,
        .code = "provider_answer",
    };
    set_message(out, slice_from_string(what), NULL);
}
