#include "actors/chat_wire.h"

#include <jansson.h>
#include "actors/chat_text.h"
#include "actors/limits.h"
#include "base/json_writer.h"

static void write_message(struct json_writer *writer, const char *role, struct slice content)
{
    json_object_begin(writer);
    json_member_text(writer, "role", slice_from_string(role));
    json_member_text(writer, "content", content);
    json_object_end(writer);
}

enum status chat_wire_request(const char *model, const struct chat_prompt *prompt,
                              struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "model", slice_from_string(model));
    json_name(&writer, "messages");
    json_array_begin(&writer);
    write_message(&writer, "system", slice_from_string(prompt->system));
    write_message(&writer, "user", prompt->user);
    json_array_end(&writer);
    if (prompt->wants_json) {
        json_name(&writer, "response_format");
        json_object_begin(&writer);
        json_member_text(&writer, "type", SLICE_LITERAL("json_object"));
        json_object_end(&writer);
    }
    json_member_boolean(&writer, "stream", false);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

/* In an answer of the model, which is paid for as any other. */
static bool refused(const char *words, const char *secret, struct provider_failure *out)
{
    provider_error_of_task(1200, slice_from_string(words), secret, out);
    out->is_charged = true;
    return false;
}

/* An answer of the model that nothing can be made of: it is the prompt's, and any other may get a
 * better one. */
static bool unusable(const char *words, struct provider_failure *out)
{
    provider_error_of_nonsense(words, out);
    out->code = "chat_unusable";
    out->is_unknown = false;
    out->is_charged = true;
    return false;
}

/* OpenRouter tells of an error beside what was written until then. */
static bool choice_has_failed(json_t *choice, const char *secret, struct provider_failure *out)
{
    char *text = json_is_object(json_object_get(choice, "error")) ? json_dumps(choice, 0) : NULL;
    bool has_failed = text != NULL && provider_error_is_told(slice_from_string(text), secret, out);
    free(text);
    return has_failed;
}

/* A text, or a list of parts, of which those of type "text" are it, and none are thoughts. Returns
 * false for what is neither. Nothing is appended of none. */
static bool append_content(json_t *content, struct buffer *out, enum status *status_out)
{
    size_t index;
    json_t *part;
    *status_out = STATUS_OK;
    if (json_is_string(content)) {
        *status_out = buffer_append(out, json_string_value(content), json_string_length(content));
    }
    json_array_foreach(content, index, part)
    {
        const char *type = json_string_value(json_object_get(part, "type"));
        json_t *text = json_object_get(part, "text");
        if (!json_is_object(part)) {
            return false;
        }
        if (type != NULL && strcmp(type, "text") == 0 && *status_out == STATUS_OK) {
            *status_out = buffer_append(out, json_string_value(text), json_string_length(text));
        }
    }
    return content == NULL || json_is_null(content) || json_is_string(content) ||
           json_is_array(content);
}

/* Of an answer that ended where no more was allowed: what may be used; nothing when none may. */
static struct slice whole_of(struct slice text, bool wants_json)
{
    if (!wants_json) {
        return chat_text_sentences(text);
    }
    json_t *object = chat_text_object(text);
    bool is_whole = object != NULL;
    json_decref(object);
    return is_whole ? text : SLICE_EMPTY;
}

/* What the model wrote, in all its size. */
static bool take_text(struct slice written, bool is_cut, bool wants_json, struct buffer *text_out,
                      struct provider_failure *failure_out)
{
    struct slice text = chat_text_without_thoughts(written);
    if (text.size == 0) {
        return unusable("the chat model answered nothing", failure_out);
    }
    if (is_cut) {
        text = whole_of(text, wants_json);
    }
    if (text.size == 0) {
        return unusable("the chat model's answer was cut off at its limit", failure_out);
    }
    if (buffer_append_slice(text_out, text) != STATUS_OK) {
        return unusable("the chat model's answer is too long", failure_out);
    }
    return true;
}

static bool read_message(json_t *choice, bool wants_json, const char *secret,
                         struct buffer *text_out, struct provider_failure *failure_out)
{
    json_t *message = json_object_get(choice, "message");
    const char *finish = json_string_value(json_object_get(choice, "finish_reason"));
    const char *refusal = json_string_value(json_object_get(message, "refusal"));
    struct buffer written;
    enum status status;
    bool read = false;
    buffer_init(&written, PROVIDER_ANSWER_SIZE_MAX);
    if (!json_is_object(message) ||
        !append_content(json_object_get(message, "content"), &written, &status)) {
        provider_error_of_nonsense("the chat model's answer is no text", failure_out);
    } else if (status != STATUS_OK) {
        unusable("the chat model's answer is too long", failure_out);
    } else if (written.size == 0 && refusal != NULL && refusal[0] != '\0') {
        refused(refusal, secret, failure_out);
    } else {
        bool is_cut = finish != NULL && strcmp(finish, "length") == 0;
        read = take_text(buffer_slice(&written), is_cut, wants_json, text_out, failure_out);
    }
    buffer_fini(&written);
    return read;
}

static bool read_choice(json_t *choice, bool wants_json, const char *secret,
                        struct buffer *text_out, struct provider_failure *failure_out)
{
    const char *finish = json_string_value(json_object_get(choice, "finish_reason"));
    if (choice_has_failed(choice, secret, failure_out)) {
        return false;
    }
    if (finish != NULL && strcmp(finish, "content_filter") == 0) {
        return refused("the chat model's content filter stopped the answer", NULL, failure_out);
    }
    return read_message(choice, wants_json, secret, text_out, failure_out);
}

bool chat_wire_answer(struct slice body, bool wants_json, const char *secret,
                      struct buffer *text_out, struct provider_failure *failure_out)
{
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *choice = json_array_get(json_object_get(root, "choices"), 0);
    bool read = false;
    if (choice != NULL) {
        read = read_choice(choice, wants_json, secret, text_out, failure_out);
    } else if (!provider_error_is_told(body, secret, failure_out)) {
        provider_error_of_nonsense("the chat model's answer has no choices", failure_out);
    }
    json_decref(root);
    return read;
}
