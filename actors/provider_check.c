#include "actors/provider_check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "actors/provider_error.h"

static const char not_this_api[] = "it answers, but not as this API does: is the address right?";

static void say(struct provider_check *out, bool is_wrong, const char *what, const char *of,
                const char *more)
{
    out->is_wrong = is_wrong;
    out->is_warned = false; /* of the one before */
    snprintf(out->text, sizeof(out->text), "%s%s%s%s%s", what, of, more[0] == '\0' ? "" : " (",
             more, more[0] == '\0' ? "" : ")");
}

/* Ollama adds a tag to what is asked for without one. */
static bool is_model(const char *offered, const char *model)
{
    size_t size = strlen(model);
    return offered != NULL && strncmp(offered, model, size) == 0 &&
           (offered[size] == '\0' || strcmp(offered + size, ":latest") == 0);
}

const char *provider_check_path(enum provider_api api)
{
    return api == PROVIDER_API_WAVESPEED ? "/api/v3/models" : "/v1/models";
}

/* Says what is wrong with all calls of an account; returns whether it is that. */
static bool say_fault(const struct provider_endpoint *endpoint,
                      const struct provider_failure *failure, struct provider_check *out)
{
    bool has_key = endpoint->key != NULL && endpoint->key[0] != '\0';
    switch (provider_error_fault(failure)) {
    case PROVIDER_FAULT_CREDENTIALS:
        say(out, true, has_key ? "it does not accept the key" : "it wants a key, and none is set",
            "", failure->message);
        return true;
    case PROVIDER_FAULT_QUOTA:
        say(out, true, "the account has used up what it may", "", failure->message);
        return true;
    case PROVIDER_FAULT_THROTTLED:
        say(out, true, "the account is called too often just now", "", failure->message);
        return true;
    case PROVIDER_FAULT_DOWN:
        say(out, true, "it does not work just now", "", failure->message);
        return true;
    case PROVIDER_FAULT_NONE:
        break;
    }
    return false;
}

/* No list, where WaveSpeed tells an error in an answer that HTTP calls a success. */
static void judge_no_models(const struct provider_endpoint *endpoint, json_t *root,
                            struct slice body, struct provider_check *out)
{
    json_t *told = json_object_get(root, "code");
    json_int_t code = json_integer_value(told);
    struct provider_failure failure;
    if (!json_is_integer(told) || (code >= 200 && code < 300)) {
        say(out, true, not_this_api, "", "");
        return;
    }
    provider_error_of_code(code, body, endpoint->key, &failure);
    if (failure.is_everybodys || !say_fault(endpoint, &failure, out)) {
        say(out, true, "it refuses", "", failure.message);
    }
}

static void judge_models(const struct provider_endpoint *endpoint, struct slice body,
                         struct provider_check *out)
{
    static const char *const members[] = {"id", "model_id", "name"};
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *models = json_object_get(root, "data");
    bool is_offered = false;
    for (size_t index = 0; index < json_array_size(models); index++) {
        for (size_t member = 0; member < sizeof(members) / sizeof(members[0]); member++) {
            json_t *offered = json_object_get(json_array_get(models, index), members[member]);
            is_offered = is_offered || is_model(json_string_value(offered), endpoint->model);
        }
    }
    if (!json_is_array(models)) {
        judge_no_models(endpoint, root, body, out);
    } else if (is_offered) {
        say(out, false, "it offers ", endpoint->model, "");
    } else {
        say(out, true, "it does not offer the model ", endpoint->model, "");
    }
    json_decref(root);
}

static void judge_refusal(const struct provider_endpoint *endpoint,
                          const struct http_response *response, struct provider_check *out)
{
    struct provider_failure failure;
    provider_error_of_response(response, endpoint->key, &failure);
    if (response->status == 404 || response->status == 405) {
        say(out, false,
            "it answers, and does not tell its models, if its address is right: not "
            "checked are key and model ",
            endpoint->model, "");
        out->is_warned = true;
    } else if (response->status >= 300 && response->status < 400) {
        say(out, true, "it sends elsewhere, where no call would go: is the address right?", "", "");
    } else if (response->status < 400 || failure.is_everybodys ||
               !say_fault(endpoint, &failure, out)) {
        say(out, true, "it refuses", "", failure.message);
    }
}

static void add_clock(int64_t date_ms, int64_t now_ms, struct provider_check *out)
{
    int64_t ahead_ms = now_ms - date_ms;
    if (date_ms == 0 || llabs(ahead_ms) <= CHECK_CLOCK_MS_MAX) {
        return;
    }
    size_t size = strlen(out->text);
    snprintf(out->text + size, sizeof(out->text) - size,
             "; this machine's clock is %lld s %s its clock", (long long)(llabs(ahead_ms) / 1000),
             ahead_ms > 0 ? "ahead of" : "behind");
    out->is_wrong = true;
}

void provider_check_open(const struct http_response *response, struct provider_check *check)
{
    bool is_answer = response->outcome == HTTP_OUTCOME_ANSWERED && response->status == 200;
    json_t *root = is_answer
                       ? json_loadb((const char *)response->body.data, response->body.size, 0, NULL)
                       : NULL;
    if (json_is_array(json_object_get(root, "data"))) { /* or an error, told within a 200 */
        provider_check_warn(check, "; it tells anybody its models: the key was not checked");
    }
    json_decref(root);
}

void provider_check_add(struct provider_check *check, const char *words)
{
    size_t size = strlen(check->text);
    snprintf(check->text + size, sizeof(check->text) - size, "%s", words);
}

void provider_check_list(const struct http_response *response, struct provider_check *check)
{
    bool is_answer = response->outcome == HTTP_OUTCOME_ANSWERED && response->status == 200;
    json_t *root = is_answer
                       ? json_loadb((const char *)response->body.data, response->body.size, 0, NULL)
                       : NULL;
    json_t *items = json_object_get(json_object_get(root, "data"), "items");
    json_t *first = json_array_get(items, 0);
    if (!json_is_array(items)) {
        provider_check_add(check, "; lookUp: it does not tell its list of predictions");
        check->is_wrong = true;
    } else if (first == NULL) {
        provider_check_add(check, "; lookUp: not checked, its list of predictions is empty");
    } else if (!json_is_object(json_object_get(first, "input"))) {
        provider_check_add(check, "; lookUp: its list of predictions does not tell what was asked "
                                  "for (input), so that no order can be found there");
        check->is_wrong = true;
    }
    json_decref(root);
}

void provider_check_warn(struct provider_check *check, const char *words)
{
    check->is_warned = true;
    provider_check_add(check, words);
}

const char *provider_check_verdict(const struct provider_check *check)
{
    return check->is_wrong ? "wrong" : check->is_warned ? "warning" : "ok";
}

void provider_check_judge(const struct provider_endpoint *endpoint,
                          const struct http_response *response, int64_t now_ms,
                          struct provider_check *out)
{
    bool is_long = response->outcome == HTTP_OUTCOME_TOO_LARGE;
    if (response->outcome != HTTP_OUTCOME_ANSWERED && !is_long) {
        say(out, true, "it cannot be reached", "", response->error);
        return;
    }
    if (is_long && response->status == 200) {
        say(out, false, "it answers with a list too long to look through: not checked is ",
            endpoint->model, "");
    } else if (is_long) {
        say(out, true, not_this_api, "", "");
    } else if (response->status == 200) {
        judge_models(endpoint, response->body, out);
    } else {
        judge_refusal(endpoint, response, out);
    }
    add_clock(response->date_ms, now_ms, out);
}
