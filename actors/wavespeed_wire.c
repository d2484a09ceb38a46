#include "actors/wavespeed_wire.h"

#include <jansson.h>
#include "base/json_writer.h"

static bool nonsense(const char *what, struct provider_failure *failure_out)
{
    provider_error_of_nonsense(what, failure_out);
    return false;
}

static bool copy_text(json_t *value, char *out, size_t size_max)
{
    const char *text = json_string_value(value);
    size_t size = text == NULL ? 0 : strlen(text);
    if (size == 0 || size > size_max) {
        return false;
    }
    memcpy(out, text, size + 1);
    return true;
}

static json_t *load(struct slice body)
{
    return json_loadb((const char *)body.data, body.size, 0, NULL);
}

/* The answer does not hold what was asked for: the provider's own reason, or that. */
static bool refuse(json_t *root, struct slice body, const char *secret, const char *what,
                   struct provider_failure *failure_out)
{
    int64_t code = json_integer_value(json_object_get(root, "code"));
    if (code == 0 || code / 100 == 2) {
        return nonsense(what, failure_out);
    }
    provider_error_of_code(code, body, secret, failure_out);
    return false;
}

bool wavespeed_wire_uploaded(struct slice body, const char *secret, char *url_out,
                             struct provider_failure *failure_out)
{
    json_t *root = load(body);
    json_t *data = json_object_get(root, "data");
    bool read = copy_text(json_object_get(data, "download_url"), url_out, HTTP_URL_SIZE_MAX) ||
                copy_text(json_object_get(data, "url"), url_out, HTTP_URL_SIZE_MAX) ||
                refuse(root, body, secret, "the upload's answer holds no address", failure_out);
    json_decref(root);
    return read;
}

enum status wavespeed_wire_video_order(const struct video_order *order, struct buffer *out)
{
    bool is_480p = strcmp(order->resolution, "480p") == 0;
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "image", slice_from_string(order->image_url));
    json_member_text(&writer, "prompt", order->prompt);
    json_member_text(&writer, "size",
                     is_480p ? SLICE_LITERAL("832*480") : SLICE_LITERAL("1280*720"));
    json_member_integer(&writer, "duration", order->duration);
    json_member_integer(&writer, "seed", order->seed);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

enum status wavespeed_wire_image_order(const struct image_order *order, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "prompt", order->prompt);
    json_member_text(&writer, "size", SLICE_LITERAL("1024*1024"));
    json_member_integer(&writer, "seed", order->seed);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

bool wavespeed_wire_is_task(struct slice text)
{
    static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.";
    bool is_plain = text.size > 0 && text.size <= TASK_SIZE_MAX && text.data[0] != '.';
    for (size_t index = 0; index < text.size && is_plain; index++) {
        is_plain = memchr(plain, text.data[index], sizeof(plain) - 1) != NULL;
    }
    return is_plain;
}

/* What is no task id is not left there, either. */
static bool copy_task(json_t *value, char *task_out)
{
    bool is_read = copy_text(value, task_out, TASK_SIZE_MAX) &&
                   wavespeed_wire_is_task(slice_from_string(task_out));
    if (!is_read) {
        task_out[0] = '\0';
    }
    return is_read;
}

bool wavespeed_wire_submitted(struct slice body, const char *secret, char *task_out,
                              struct provider_failure *failure_out)
{
    json_t *root = load(body);
    json_t *id = json_object_get(json_object_get(root, "data"), "id");
    bool read = copy_task(id, task_out) ||
                refuse(root, body, secret, "the submission's answer holds no task id", failure_out);
    json_decref(root);
    return read;
}

/* Below it, slash and all: "https://api.example" is no beginning of "https://api.example@other". */
static bool is_below(const char *url, const char *base)
{
    size_t size = strlen(base);
    return strncmp(url, base, size) == 0 && url[size] == '/';
}

bool wavespeed_wire_poll_address(struct slice body, const char *base, char *url_out)
{
    json_t *root = load(body);
    json_t *urls = json_object_get(json_object_get(root, "data"), "urls");
    bool read = copy_text(json_object_get(urls, "get"), url_out, HTTP_URL_SIZE_MAX) &&
                is_below(url_out, base);
    json_decref(root);
    return read;
}

static bool is_order(json_t *item, uint32_t seed)
{
    json_t *own = json_object_get(json_object_get(item, "input"), "seed");
    const char *status = json_string_value(json_object_get(item, "status"));
    bool has_failed = status != NULL && strcmp(status, "failed") == 0;
    return json_is_integer(own) && json_integer_value(own) == (json_int_t)seed && !has_failed;
}

/* An order that is there under an id that cannot be asked for is not one that is not there. */
enum wavespeed_found wavespeed_wire_found(struct slice body, uint32_t seed, char *task_out,
                                          size_t *count_out)
{
    json_t *root = load(body);
    json_t *items = json_object_get(json_object_get(root, "data"), "items");
    enum wavespeed_found found =
        json_is_array(items) ? WAVESPEED_FOUND_NOT_THERE : WAVESPEED_FOUND_UNREADABLE;
    task_out[0] = '\0';
    bool has_untold = false;
    *count_out = json_array_size(items);
    for (size_t index = 0; index < *count_out && found == WAVESPEED_FOUND_NOT_THERE; index++) {
        json_t *item = json_array_get(items, index);
        has_untold = has_untold || !json_is_object(json_object_get(item, "input"));
        if (is_order(item, seed)) {
            bool is_read = copy_task(json_object_get(item, "id"), task_out);
            found = is_read ? WAVESPEED_FOUND_THERE : WAVESPEED_FOUND_UNREADABLE;
        }
    }
    json_decref(root);
    return found == WAVESPEED_FOUND_NOT_THERE && has_untold ? WAVESPEED_FOUND_UNTOLD : found;
}

static void explain_failure(json_t *root, json_t *data, const char *secret,
                            struct provider_failure *out)
{
    json_t *code = json_object_get(data, "code");
    if (code == NULL) {
        code = json_object_get(root, "code");
    }
    const char *words = json_string_value(json_object_get(data, "error"));
    provider_error_of_task(json_integer_value(code), slice_from_string(words), secret, out);
}

/* Reads a finished task: what it made, and what its provider thinks of that. */
static bool read_result(json_t *data, enum wavespeed_status *status_out, char *url_out,
                        struct provider_failure *failure_out)
{
    bool has_result =
        copy_text(json_array_get(json_object_get(data, "outputs"), 0), url_out, HTTP_URL_SIZE_MAX);
    *status_out = WAVESPEED_STATUS_COMPLETED;
    if (json_is_true(json_array_get(json_object_get(data, "has_nsfw_contents"), 0))) {
        *status_out = WAVESPEED_STATUS_NSFW;
        provider_error_of_nsfw(failure_out);
        return true;
    }
    return has_result || nonsense("the finished task holds no result", failure_out);
}

static bool is_of_running(const char *word)
{
    return strcmp(word, "created") == 0 || strcmp(word, "pending") == 0 ||
           strcmp(word, "processing") == 0;
}

bool wavespeed_wire_polled(struct slice body, const char *secret, enum wavespeed_status *status_out,
                           char *url_out, struct provider_failure *failure_out)
{
    json_t *root = load(body);
    json_t *data = json_object_get(root, "data");
    const char *word = json_string_value(json_object_get(data, "status"));
    bool read = word != NULL;
    url_out[0] = '\0';
    json_int_t code = json_integer_value(json_object_get(root, "code"));
    if (word == NULL && (code == 404 || code == 410)) {
        *status_out = WAVESPEED_STATUS_GONE;
        read = true;
    } else if (word == NULL) {
        refuse(root, body, secret, "the task's answer holds no status", failure_out);
    } else if (strcmp(word, "failed") == 0) {
        *status_out = WAVESPEED_STATUS_FAILED;
        explain_failure(root, data, secret, failure_out);
    } else if (strcmp(word, "completed") == 0) {
        read = read_result(data, status_out, url_out, failure_out);
    } else {
        *status_out = is_of_running(word) ? WAVESPEED_STATUS_RUNNING : WAVESPEED_STATUS_OTHER;
    }
    json_decref(root);
    return read;
}

/* What a number in an answer of 2xx says: one of HTTP's, or one of theirs above 999. */
static enum wavespeed_drop drop_of(json_int_t code)
{
    bool is_gone = code == 404 || code == 410;
    bool may_pass = code == 408 || code == 429 || (code >= 500 && code <= 599) || code >= 5000;
    return is_gone ? WAVESPEED_DROP_GONE : may_pass ? WAVESPEED_DROP_AGAIN : WAVESPEED_DROP_REFUSED;
}

enum wavespeed_drop wavespeed_wire_dropped(struct slice body)
{
    enum wavespeed_drop drop = WAVESPEED_DROP_REFUSED;
    json_t *root = load(body);
    json_t *code = json_object_get(root, "code");
    json_t *count = json_object_get(json_object_get(root, "data"), "deleted_count");
    if (body.size > 0 && !json_is_object(root)) {
        drop = WAVESPEED_DROP_AGAIN; /* of a gateway between, or a page to log in at */
    } else if (json_is_integer(code) && json_integer_value(code) / 100 != 2) {
        drop = drop_of(json_integer_value(code));
    } else if (json_is_integer(count)) {
        drop = json_integer_value(count) > 0 ? WAVESPEED_DROP_DONE : WAVESPEED_DROP_NONE;
    } else if (body.size == 0 || (json_is_integer(code) && count == NULL)) {
        drop = WAVESPEED_DROP_DONE;
    }
    json_decref(root);
    return drop;
}
