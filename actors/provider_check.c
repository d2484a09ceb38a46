#include "actors/provider_check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "actors/provider_error.h"
#include "actors/text.h"

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

/* No list, but an error in an answer that HTTP calls a success: WaveSpeed's by its code, also
 * without words, or another's. What is no error says that this is not what was asked for. */
static void judge_no_models(const struct provider_endpoint *endpoint, json_t *root,
                            struct slice body, struct provider_check *out)
{
    json_t *told = json_object_get(root, "code");
    json_int_t code = json_integer_value(told);
    struct provider_failure failure = {.message = ""};
    bool is_error = provider_error_is_told(body, endpoint->key, &failure);
    if (!is_error && json_is_integer(told) && code / 100 != 2) {
        provider_error_of_code(code, body, endpoint->key, &failure);
        is_error = true;
    }
    if (!is_error || strcmp(failure.code, "provider_answer") == 0) {
        say(out, true, not_this_api, "", failure.message);
    } else if (failure.is_everybodys || !say_fault(endpoint, &failure, out)) {
        say(out, true, "it refuses", "", failure.message);
    }
}

/* The list of models: Together's is the whole answer. NULL where there is none. */
static json_t *models_of(json_t *root)
{
    json_t *models = json_is_array(root) ? root : json_object_get(root, "data");
    return json_is_array(models) ? models : NULL;
}

static const char *const name_members[] = {"id", "model_id", "name"};

enum {
    NAME_MEMBERS = sizeof(name_members) / sizeof(name_members[0]),
};

static bool offers(json_t *models, const char *model)
{
    bool is_offered = false;
    for (size_t index = 0; index < json_array_size(models); index++) {
        for (size_t member = 0; member < NAME_MEMBERS; member++) {
            json_t *name = json_object_get(json_array_get(models, index), name_members[member]);
            is_offered = is_offered || is_model(json_string_value(name), model);
        }
    }
    return is_offered;
}

/* What a model of the list would be asked for by; NULL when it has no name. */
static const char *name_of(json_t *model)
{
    const char *name = NULL;
    for (size_t member = 0; member < NAME_MEMBERS && name == NULL; member++) {
        name = json_string_value(json_object_get(model, name_members[member]));
    }
    return name == NULL || name[0] == '\0' ? NULL : name;
}

static size_t shared_size(const char *name, const char *model)
{
    size_t size = 0;
    while (name[size] != '\0' && name[size] == model[size]) {
        size++;
    }
    return size;
}

/* Those that begin most like what was asked for, it may be misspelt, or else the first. Returns how
 * many there are. */
static size_t choose_names(json_t *models, const char *model, const char *names[CHECK_NAMES_MAX])
{
    size_t count = 0;
    for (size_t index = 0; index < json_array_size(models); index++) {
        const char *name = name_of(json_array_get(models, index));
        size_t place = count < CHECK_NAMES_MAX ? count : CHECK_NAMES_MAX;
        while (name != NULL && place > 0 &&
               shared_size(name, model) > shared_size(names[place - 1], model)) {
            if (place < CHECK_NAMES_MAX) {
                names[place] = names[place - 1];
            }
            place--;
        }
        if (name != NULL && place < CHECK_NAMES_MAX) {
            names[place] = name;
        }
        count += name != NULL;
    }
    return count;
}

static void say_not_offered(json_t *models, const struct provider_endpoint *endpoint,
                            struct provider_check *out)
{
    const char *names[CHECK_NAMES_MAX];
    size_t count = choose_names(models, endpoint->model, names);
    say(out, true, "it does not offer the model ", endpoint->model, "");
    for (size_t index = 0; index < count && index < CHECK_NAMES_MAX; index++) {
        char name[CHECK_NAME_SIZE_MAX + 1];
        text_tell(slice_from_string(names[index]), endpoint->key, name, sizeof(name));
        provider_check_add(out, index == 0 ? ", but " : ", ");
        provider_check_add(out, name);
    }
    if (count > CHECK_NAMES_MAX) {
        char more[32];
        snprintf(more, sizeof(more), " and %zu more", count - CHECK_NAMES_MAX);
        provider_check_add(out, more);
    }
}

static void judge_models(const struct provider_endpoint *endpoint, struct slice body,
                         struct provider_check *out)
{
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *models = models_of(root);
    if (models == NULL) {
        judge_no_models(endpoint, root, body, out);
    } else if (offers(models, endpoint->model)) {
        say(out, false, "it offers ", endpoint->model, "");
    } else {
        say_not_offered(models, endpoint, out);
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
    if (models_of(root) != NULL) { /* or an error, told within a 200 */
        provider_check_warn(check, "; it tells anybody its models: the key was not checked");
    }
    json_decref(root);
}

void provider_check_add(struct provider_check *check, const char *words)
{
    size_t size = strlen(check->text);
    snprintf(check->text + size, sizeof(check->text) - size, "%s", words);
}

void provider_check_location(struct provider_check *check, struct slice location, const char *key)
{
    char place[ERROR_TEXT_SIZE_MAX + 1];
    text_tell_address(location, key, place, sizeof(place));
    if (place[0] != '\0') {
        provider_check_add(check, " (");
        provider_check_add(check, place);
        provider_check_add(check, ")");
    }
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
        out->is_warned = true;
    } else if (is_long) {
        say(out, true, not_this_api, "", "");
    } else if (response->status == 200) {
        judge_models(endpoint, response->body, out);
    } else {
        judge_refusal(endpoint, response, out);
    }
    add_clock(response->date_ms, now_ms, out);
}
