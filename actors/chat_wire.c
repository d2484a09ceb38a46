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

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && (word == NULL || strcmp(word, *words) != 0)) {
        words++;
    }
    return *words != NULL;
}

static const char *finish_of(json_t *choice)
{
    return json_string_value(json_object_get(choice, "finish_reason"));
}

/* Whatever else an answer ends for, it may be half of one: at its limit, whose names are many, or
 * with an error. */
static bool is_cut(json_t *choice)
{
    static const char *const whole[] = {
        "stop", "tool_calls", "function_call", "eos", "eos_token", "stop_sequence", NULL};
    json_t *finish = json_object_get(choice, "finish_reason");
    return finish != NULL && !json_is_null(finish) && !is_one_of(finish_of(choice), whole);
}

/* OpenRouter tells of an error beside what was written until then, in the choice or beside it. What
 * was written is paid for: it is asked for again as often as the job has attempts. */
static bool choice_has_failed(json_t *root, json_t *choice, const char *secret,
                              struct provider_failure *out)
{
    static const char *const failed[] = {"error", NULL};
    json_t *content = json_object_get(json_object_get(choice, "message"), "content");
    bool is_within = json_is_object(json_object_get(choice, "error")) &&
                     provider_error_is_within(choice, secret, out);
    if (!is_within &&
        !(is_one_of(finish_of(choice), failed) && provider_error_is_within(root, secret, out))) {
        return false;
    }
    if (json_string_length(content) > 0 || json_array_size(content) > 0) {
        out->is_charged = true;
        out->is_unknown = false;
        out->kind = out->kind == FAIL_KIND_THROTTLED ? FAIL_KIND_RETRY : out->kind;
    }
    return true;
}

/* What stands in a message; fini what was written. */
struct content {
    struct buffer written;
    const char *refusal; /* NULL: none */
    enum status status;
};

static void append_part(json_t *part, struct content *out)
{
    static const char *const texts[] = {"text", "output_text", NULL};
    static const char *const refusals[] = {"refusal", NULL};
    const char *type = json_string_value(json_object_get(part, "type"));
    json_t *text = json_object_get(part, "text");
    if (is_one_of(type, texts) && out->status == STATUS_OK) {
        out->status =
            buffer_append(&out->written, json_string_value(text), json_string_length(text));
    } else if (is_one_of(type, refusals) && (out->refusal == NULL || out->refusal[0] == '\0')) {
        out->refusal = json_string_value(json_object_get(part, "refusal"));
    }
}

/* A text, or a list of parts, of which those of text are it, and none are thoughts. Returns false
 * for what is neither. */
static bool append_content(json_t *content, struct content *out)
{
    size_t index;
    json_t *part;
    if (json_is_string(content)) {
        out->status =
            buffer_append(&out->written, json_string_value(content), json_string_length(content));
    }
    json_array_foreach(content, index, part)
    {
        if (!json_is_object(part)) {
            return false;
        }
        append_part(part, out);
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

/* What the model wrote, in all its size. One that is too long is not looked into: its objects are
 * as many as its letters. */
static bool take_text(struct slice text, bool was_cut, bool wants_json, struct buffer *text_out,
                      struct provider_failure *failure_out)
{
    if (text.size == 0) {
        return unusable("the chat model answered nothing", failure_out);
    }
    if (text.size > CHAT_TEXT_SIZE_MAX) {
        return unusable("the chat model's answer is too long", failure_out);
    }
    if (was_cut) {
        text = whole_of(text, wants_json);
    }
    if (text.size == 0) {
        return unusable("the chat model's answer was cut off", failure_out);
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
    struct content content = {
        .refusal = json_string_value(json_object_get(message, "refusal")),
    };
    bool read = false;
    buffer_init(&content.written, PROVIDER_ANSWER_SIZE_MAX);
    if (!json_is_object(message) ||
        !append_content(json_object_get(message, "content"), &content)) {
        provider_error_of_nonsense("the chat model's answer is no text", failure_out);
    } else if (content.status != STATUS_OK) {
        unusable("the chat model's answer is too long", failure_out);
    } else {
        struct slice text = chat_text_without_thoughts(buffer_slice(&content.written));
        bool refuses = text.size == 0 && content.refusal != NULL && content.refusal[0] != '\0';
        read = refuses ? refused(content.refusal, secret, failure_out)
                       : take_text(text, is_cut(choice), wants_json, text_out, failure_out);
    }
    buffer_fini(&content.written);
    return read;
}

static bool read_choice(json_t *root, json_t *choice, bool wants_json, const char *secret,
                        struct buffer *text_out, struct provider_failure *failure_out)
{
    static const char *const filtered[] = {"content_filter", NULL};
    if (choice_has_failed(root, choice, secret, failure_out)) {
        return false;
    }
    if (is_one_of(finish_of(choice), filtered)) {
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
        read = read_choice(root, choice, wants_json, secret, text_out, failure_out);
    } else if (!provider_error_is_told(body, secret, failure_out)) {
        provider_error_of_nonsense("the chat model's answer has no choices", failure_out);
    }
    json_decref(root);
    return read;
}
