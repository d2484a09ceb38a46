#include "actors/providers_file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "actors/limits.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "base/money.h"
#include "base/secret.h"
#include "base/settings.h"

enum {
    VARIABLE_SIZE_MAX = 128, /* bytes of a variable's name that are told */
    PROBLEM_SIZE = PROVIDER_SIZE_MAX + VARIABLE_SIZE_MAX + 64,
};

/* ---- addresses ---- */

/* What is wrong with a base address; NULL when nothing is. */
static const char *url_problem(const char *url)
{
    bool is_http = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    size_t size = strlen(url);
    if (!is_http || size > PROVIDER_URL_SIZE_MAX || url[size - 1] == '/') {
        return "is no base address (http or https, no slash at its end)";
    }
    if (strpbrk(url, "?#") != NULL) {
        return "is no base address: it has a query or a fragment (? or #), and paths are added to "
               "it";
    }
    const char *host = strstr(url, "://") + 3;
    bool has_user = memchr(host, '@', strcspn(host, "/")) != NULL;
    return has_user ? "has a user or a password in its address: use a key" : NULL;
}

bool provider_url_is_valid(const char *name, const char *url)
{
    const char *problem = url_problem(url);
    if (problem != NULL) {
        log_error("bad setting", "name=%s problem=\"%s\"", name, problem);
    }
    return problem == NULL;
}

size_t provider_url_base(const char *url, enum provider_api api)
{
    const char *part = api == PROVIDER_API_WAVESPEED ? "/api/v3" : "/v1";
    size_t host = (size_t)(strstr(url, "://") + 3 - url);
    size_t size = strlen(url);
    size_t part_size = strlen(part);
    bool has_part = size > host + part_size && strcmp(url + size - part_size, part) == 0;
    return has_part ? size - part_size : size;
}

/* ---- entries ---- */

struct reading {
    const char *path;
    struct providers_file *file;
    const char *use;
    size_t index; /* of the entry in its list, from 0 */
};

static enum status wrong(const struct reading *reading, const char *member, const char *problem)
{
    log_error("providers file is wrong", "path=%s use=%s entry=%zu member=%s problem=\"%s\"",
              reading->path, reading->use, reading->index, member, problem);
    return STATUS_INVALID;
}

static bool is_name(const char *text)
{
    size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return size > 0 && size <= PROVIDER_SIZE_MAX && text[size] == '\0';
}

/* Reads a text of printable ASCII; *out stays NULL without it. */
static enum status read_text(const struct reading *reading, json_t *entry, const char *member,
                             bool is_required, const char **out)
{
    json_t *value = json_object_get(entry, member);
    const char *text = json_string_value(value);
    if (value == NULL) {
        return is_required ? wrong(reading, member, "is missing") : STATUS_OK;
    }
    if (text == NULL || text[0] == '\0' || strlen(text) > PROVIDER_URL_SIZE_MAX) {
        return wrong(reading, member, "must be a text of 1 to 1024 bytes");
    }
    for (const char *byte = text; *byte != '\0'; byte++) {
        if (*byte <= ' ' || *byte > '~') {
            return wrong(reading, member, "must be of printable ASCII without blanks");
        }
    }
    *out = text;
    return STATUS_OK;
}

static enum status read_name(const struct reading *reading, json_t *entry, const char *member,
                             bool is_required, const char **out)
{
    enum status status = read_text(reading, entry, member, is_required, out);
    if (status == STATUS_OK && *out != NULL && !is_name(*out)) {
        return wrong(reading, member, "must be 1 to 63 letters, digits, dots, dashes, underscores");
    }
    return status;
}

static enum status read_limit(const struct reading *reading, json_t *limits, const char *member,
                              uint32_t *out)
{
    json_t *value = json_object_get(limits, member);
    json_int_t number = json_integer_value(value);
    if (value != NULL && (!json_is_integer(value) || number < 1 || number > 1000000)) {
        return wrong(reading, member, "must be 1 to 1000000");
    }
    *out = (uint32_t)number;
    return STATUS_OK;
}

static enum status read_seconds(const struct reading *reading, json_t *entry, const char *member,
                                int64_t max, const char *problem, int64_t *ms_out)
{
    json_t *value = json_object_get(entry, member);
    json_int_t number = json_integer_value(value);
    if (value != NULL && (!json_is_integer(value) || number < 1 || number > max)) {
        return wrong(reading, member, problem);
    }
    *ms_out = (int64_t)number * 1000;
    return STATUS_OK;
}

static enum status read_times(const struct reading *reading, json_t *entry,
                              struct provider_endpoint *out)
{
    enum status status = read_seconds(reading, entry, "timeoutSeconds", PROVIDER_TIMEOUT_S_MAX,
                                      "must be 1 to 280", &out->timeout_ms);
    return status == STATUS_OK ? read_seconds(reading, entry, "pollSeconds", PROVIDER_POLL_S_MAX,
                                              "must be 1 to 60", &out->poll_ms)
                               : status;
}

static enum status read_price(const struct reading *reading, json_t *entry, uint32_t *out)
{
    uint64_t price = 0;
    json_t *value = json_object_get(entry, "price");
    if (value != NULL &&
        (!json_is_number(value) || !money_of_number(json_number_value(value), PRICE_MAX, &price))) {
        return wrong(reading, "price", "must be 0 to 100 (US dollars), with at most six places");
    }
    *out = (uint32_t)price;
    return STATUS_OK;
}

static enum status check_members(const struct reading *reading, json_t *object,
                                 const char *const *known, size_t count)
{
    const char *member;
    json_t *value;
    json_object_foreach(object, member, value)
    {
        bool is_known = false;
        for (size_t index = 0; index < count; index++) {
            is_known = is_known || strcmp(member, known[index]) == 0;
        }
        if (strcmp(member, "key") == 0) {
            return wrong(reading, "key", "keys do not stand here: use keyFile or keyEnv");
        }
        if (!is_known) {
            return wrong(reading, member, "is unknown");
        }
    }
    return STATUS_OK;
}

static enum status read_limits(const struct reading *reading, json_t *entry,
                               struct provider_endpoint *out)
{
    static const char *const known[] = {"perSecond", "perMinute", "perDay"};
    json_t *limits = json_object_get(entry, "limits");
    if (limits == NULL) {
        return STATUS_OK;
    }
    if (strcmp(reading->use, "chat") == 0 && out->price == 0) {
        return wrong(reading, "limits",
                     "is for chat with a price only: other chats are not counted");
    }
    if (!json_is_object(limits)) {
        return wrong(reading, "limits", "must be an object");
    }
    enum status status = check_members(reading, limits, known, 3);
    uint32_t *const values[] = {&out->limit_second, &out->limit_minute, &out->limit_day};
    for (size_t index = 0; index < 3 && status == STATUS_OK; index++) {
        status = read_limit(reading, limits, known[index], values[index]);
    }
    return status;
}

static enum provider_use use_of(const struct reading *reading)
{
    return strcmp(reading->use, "chat") == 0    ? PROVIDER_USE_CHAT
           : strcmp(reading->use, "image") == 0 ? PROVIDER_USE_IMAGE
                                                : PROVIDER_USE_VIDEO;
}

static enum status read_api(const struct reading *reading, json_t *entry,
                            struct provider_endpoint *out)
{
    const char *name = NULL;
    out->api = provider_api_usual(use_of(reading));
    enum status status = read_name(reading, entry, "api", false, &name);
    if (status == STATUS_OK && name != NULL &&
        !provider_api_find(name, use_of(reading), &out->api)) {
        return wrong(reading, "api", "must be openai (chat, image) or wavespeed (image, video)");
    }
    return status;
}

static enum status read_choice(const struct reading *reading, json_t *entry, const char *member,
                               bool is_possible, const char *problem, bool *out)
{
    json_t *value = json_object_get(entry, member);
    if (value != NULL && !json_is_boolean(value)) {
        return wrong(reading, member, "must be true or false");
    }
    *out = json_is_true(value);
    return *out && !is_possible ? wrong(reading, member, problem) : STATUS_OK;
}

/* Nobody knows it unless the file says so. */
static enum status read_cancelled(const struct reading *reading, json_t *entry,
                                  struct provider_endpoint *out)
{
    bool is_charged = false;
    out->cancelled_charge = CHARGE_UNKNOWN;
    if (json_object_get(entry, "chargesCancelled") == NULL) {
        return STATUS_OK;
    }
    if (out->api != PROVIDER_API_WAVESPEED) {
        return wrong(reading, "chargesCancelled",
                     "is for the API of WaveSpeed only: the other drops nothing");
    }
    enum status status = read_choice(reading, entry, "chargesCancelled", true, "", &is_charged);
    out->cancelled_charge = is_charged ? CHARGE_YES : CHARGE_NO;
    return status;
}

static enum status read_choices(const struct reading *reading, json_t *entry,
                                struct provider_endpoint *out)
{
    bool is_ordered = out->api == PROVIDER_API_WAVESPEED;
    enum status status =
        read_choice(reading, entry, "lookUp", is_ordered,
                    "is for the API of WaveSpeed only: the other has no list", &out->looks_up);
    return status == STATUS_OK
               ? read_choice(reading, entry, "allowNsfw", is_ordered,
                             "is for the API of WaveSpeed only: the other marks nothing",
                             &out->allows_nsfw)
               : status;
}

static enum status read_idempotency(const struct reading *reading, json_t *entry,
                                    struct provider_endpoint *out)
{
    enum status status =
        read_name(reading, entry, "idempotencyHeader", false, &out->idempotency_header);
    if (status == STATUS_OK && out->idempotency_header != NULL &&
        strcmp(reading->use, "chat") == 0) {
        return wrong(reading, "idempotencyHeader", "is for image and video only: no chat sends it");
    }
    return status;
}

static enum status read_key(const struct reading *reading, json_t *entry,
                            struct provider_endpoint *out)
{
    const char *path = NULL;
    const char *variable = NULL;
    char **key = &reading->file->keys[reading->file->key_count];
    enum status status = read_text(reading, entry, "keyFile", false, &path);
    status = status == STATUS_OK ? read_text(reading, entry, "keyEnv", false, &variable) : status;
    if (status != STATUS_OK) {
        return status;
    }
    if (path != NULL && variable != NULL) {
        return wrong(reading, "keyEnv", "stands beside keyFile: one of them");
    }
    const char *text = variable == NULL ? NULL : settings_text(variable, NULL);
    if (variable != NULL && text == NULL) {
        char problem[PROBLEM_SIZE];
        snprintf(problem, sizeof(problem), "of %s names %.*s, a variable that is not set",
                 out->name, VARIABLE_SIZE_MAX, variable);
        return wrong(reading, "keyEnv", problem);
    }
    status = secret_read(path != NULL ? path : out->name, path, text, key);
    reading->file->key_count += status == STATUS_OK;
    out->key = *key;
    return status;
}

/* Within the document, which the lists point into. */
static enum status cut_url(const struct reading *reading, json_t *entry,
                           struct provider_endpoint *out)
{
    const char *problem = url_problem(out->url);
    if (problem != NULL) {
        return wrong(reading, "url", problem);
    }
    json_t *base = json_stringn(out->url, provider_url_base(out->url, out->api));
    if (json_object_set_new(entry, "url", base) != 0) {
        return wrong(reading, "url", "finds no memory");
    }
    out->url = json_string_value(base);
    return STATUS_OK;
}

static enum status read_entry(const struct reading *reading, json_t *entry,
                              struct provider_endpoint *out)
{
    static const char *const known[] = {"name",
                                        "url",
                                        "api",
                                        "model",
                                        "keyFile",
                                        "keyEnv",
                                        "account",
                                        "limits",
                                        "price",
                                        "timeoutSeconds",
                                        "pollSeconds",
                                        "lookUp",
                                        "allowNsfw",
                                        "idempotencyHeader",
                                        "chargesCancelled"};
    *out = (struct provider_endpoint){0};
    if (!json_is_object(entry)) {
        return wrong(reading, "-", "must be an object");
    }
    enum status status = check_members(reading, entry, known, sizeof(known) / sizeof(known[0]));
    status = status == STATUS_OK ? read_name(reading, entry, "name", true, &out->name) : status;
    status = status == STATUS_OK ? read_text(reading, entry, "url", true, &out->url) : status;
    status = status == STATUS_OK ? read_text(reading, entry, "model", true, &out->model) : status;
    status = status == STATUS_OK ? read_api(reading, entry, out) : status;
    status =
        status == STATUS_OK ? read_name(reading, entry, "account", false, &out->account) : status;
    status = status == STATUS_OK ? read_idempotency(reading, entry, out) : status;
    status = status == STATUS_OK ? read_price(reading, entry, &out->price) : status;
    status = status == STATUS_OK ? read_limits(reading, entry, out) : status;
    status = status == STATUS_OK ? read_times(reading, entry, out) : status;
    status = status == STATUS_OK ? read_choices(reading, entry, out) : status;
    status = status == STATUS_OK ? read_cancelled(reading, entry, out) : status;
    status = status == STATUS_OK ? cut_url(reading, entry, out) : status;
    return status == STATUS_OK ? read_key(reading, entry, out) : status;
}

static enum status read_list(struct reading *reading, json_t *array, struct provider_list *out)
{
    if (!json_is_array(array) || json_array_size(array) > PROVIDER_LIST_MAX) {
        return wrong(reading, "-", "must be an array of 8 at most");
    }
    for (reading->index = 0; reading->index < json_array_size(array); reading->index++) {
        struct provider_endpoint *endpoint = &out->items[out->count];
        enum status status = read_entry(reading, json_array_get(array, reading->index), endpoint);
        if (status != STATUS_OK) {
            return status;
        }
        if (provider_list_find(out, slice_from_string(endpoint->name)) != NULL) {
            return wrong(reading, "name", "stands there already");
        }
        out->count++;
    }
    return STATUS_OK;
}

enum status providers_file_read(const char *path, struct provider_list lists[PROVIDER_USE_COUNT],
                                struct providers_file *out)
{
    static const char *const uses[PROVIDER_USE_COUNT] = {
        [PROVIDER_USE_CHAT] = "chat",
        [PROVIDER_USE_IMAGE] = "image",
        [PROVIDER_USE_VIDEO] = "video",
    };
    struct reading reading = {.path = path, .file = out, .use = "-"};
    struct buffer content;
    json_error_t error;
    buffer_init(&content, PROVIDERS_FILE_SIZE_MAX);
    *out = (struct providers_file){0};
    enum status status = file_read(path, &content);
    if (status != STATUS_OK) {
        log_error("providers file cannot be read",
                  "name=TROUPE_PROVIDERS_FILE value=\"%s\" problem=\"%s\"", path,
                  status_text(status));
        buffer_fini(&content);
        return STATUS_INVALID;
    }
    out->root =
        json_loadb((const char *)content.data, content.size, JSON_REJECT_DUPLICATES, &error);
    buffer_fini(&content);
    if (!json_is_object(out->root)) {
        log_error("providers file is no JSON object", "path=%s line=%d problem=\"%s\"", path,
                  out->root == NULL ? error.line : 1, out->root == NULL ? error.text : "no object");
        return STATUS_INVALID;
    }
    status = check_members(&reading, out->root, uses, PROVIDER_USE_COUNT);
    for (int use = 0; use < PROVIDER_USE_COUNT && status == STATUS_OK; use++) {
        json_t *array = json_object_get(out->root, uses[use]);
        reading.use = uses[use];
        lists[use].count = 0;
        status = array == NULL ? STATUS_OK : read_list(&reading, array, &lists[use]);
    }
    return status;
}

void providers_file_fini(struct providers_file *file)
{
    for (size_t index = 0; index < file->key_count; index++) {
        secret_forget(&file->keys[index]);
    }
    json_decref(file->root);
    file->root = NULL;
}
