#include <stdio.h>

#include "actors/studio/openai.h"
#include "actors/studio/personality.h"
#include "base/json_writer.h"

enum {
    CONVERSATION_SIZE_MAX = 1024 * 1024,
    BYTES_A_TOKEN = 4,        /* what English takes, near enough for a bill */
    MESSAGE_TOKENS = 4,       /* what a message's wrapping takes */
    PROMPT_NANODOLLARS = 150, /* a token */
    ANSWER_NANODOLLARS = 600,
};

/* What a chat request asks. */
struct chat {
    struct chat_request request;
    struct buffer conversation;
    struct slice model;
    int64_t message_count;
    int64_t token_count_max; /* 0: no limit */
    int64_t choice_count;
    bool stream;
    const char *problem; /* why it is refused, or NULL */
    const char *param;
};

static void refuse(struct chat *chat, const char *param, const char *problem)
{
    if (chat->problem == NULL) {
        chat->problem = problem;
        chat->param = param;
    }
}

static void add_text(struct chat *chat, struct slice text)
{
    if (buffer_append_slice(&chat->conversation, text) != STATUS_OK ||
        buffer_append_byte(&chat->conversation, '\n') != STATUS_OK) {
        refuse(chat, "messages", "The messages are too long.");
    }
}

/* A message's content is a string, or a list of parts of which the texts count. */
static void read_message(struct chat *chat, const json_t *message)
{
    const json_t *content = json_object_get(message, "content");
    struct slice role = json_input_text(message, "role");
    size_t start = chat->conversation.size;
    if (role.size == 0) {
        refuse(chat, "messages", "Each message needs a role.");
    }
    if (json_is_string(content)) {
        add_text(chat, json_input_text(message, "content"));
    } else if (json_is_array(content)) {
        size_t index;
        json_t *part;
        json_array_foreach(content, index, part)
        {
            add_text(chat, json_input_text(part, "text"));
        }
    } else if (!slice_equal(role, SLICE_LITERAL("assistant"))) {
        refuse(chat, "messages", "Each message needs a content.");
    }
    if (slice_equal(role, SLICE_LITERAL("user")) && chat->problem == NULL) {
        /* As an offset in size until the buffer stands still. */
        chat->request.question = slice_make(NULL, start);
    }
    chat->message_count++;
}

static int64_t read_integer(struct chat *chat, const json_t *body, const char *member, int64_t min,
                            int64_t max, int64_t otherwise)
{
    const json_t *value = json_object_get(body, member);
    if (value == NULL || json_is_null(value)) {
        return otherwise;
    }
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max) {
        refuse(chat, member, "The value is out of range.");
        return otherwise;
    }
    return json_integer_value(value);
}

static void read_format(struct chat *chat, const json_t *body)
{
    const json_t *format = json_object_get(body, "response_format");
    struct slice type = json_input_text(format, "type");
    if (slice_equal(type, SLICE_LITERAL("json_schema"))) {
        chat->request.schema = json_object_get(json_object_get(format, "json_schema"), "schema");
        chat->request.as_json = true;
    } else if (slice_equal(type, SLICE_LITERAL("json_object"))) {
        chat->request.as_json = true;
    } else if (format != NULL && !json_is_null(format) &&
               !slice_equal(type, SLICE_LITERAL("text"))) {
        refuse(chat, "response_format", "Unknown response_format.type.");
    }
}

static void chat_read(struct chat *chat, const json_t *body)
{
    const json_t *messages = json_object_get(body, "messages");
    buffer_init(&chat->conversation, CONVERSATION_SIZE_MAX);
    chat->model = json_input_text(body, "model");
    if (chat->model.size == 0) {
        refuse(chat, "model", "you must provide a model parameter");
    }
    if (json_array_size(messages) == 0 || json_array_size(messages) > OPENAI_MESSAGE_COUNT_MAX) {
        refuse(chat, "messages", "messages must be a list of 1 to 512 messages.");
    }
    for (size_t index = 0; chat->problem == NULL && index < json_array_size(messages); index++) {
        read_message(chat, json_array_get(messages, index));
    }
    read_format(chat, body);
    int64_t limit = read_integer(chat, body, "max_tokens", 1, 1 << 20, 0);
    chat->token_count_max = read_integer(chat, body, "max_completion_tokens", 1, 1 << 20, limit);
    chat->choice_count = read_integer(chat, body, "n", 1, OPENAI_CHOICE_COUNT_MAX, 1);
    chat->stream = json_is_true(json_object_get(body, "stream"));
    chat->request.conversation = buffer_slice(&chat->conversation);
    size_t start = chat->request.question.size;
    chat->request.question = slice_make(chat->request.conversation.data + start,
                                        chat->request.conversation.size - start);
    int64_t seed = read_integer(chat, body, "seed", INT64_MIN, INT64_MAX, 0);
    chat->request.seed = seed != 0 ? (uint64_t)seed : dice_hash(chat->request.conversation);
}

static int64_t tokens_of(size_t size)
{
    return ((int64_t)size + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN;
}

/* One choice's text, cut to the client's limit. */
static const char *make_choice(const struct chat *chat, int64_t choice, struct buffer *text)
{
    struct chat_request request = chat->request;
    request.seed += (uint64_t)choice * 7919;
    if (chat_answer(&request, text) != STATUS_OK) {
        return NULL;
    }
    if (chat->token_count_max > 0 && tokens_of(text->size) > chat->token_count_max) {
        text->size = (size_t)chat->token_count_max * BYTES_A_TOKEN;
        while (text->size > 0 && (text->data[text->size] & 0xc0) == 0x80) {
            text->size--; /* not in the middle of a character */
        }
        return "length";
    }
    return "stop";
}

static void write_message(struct json_writer *writer, const char *member, struct slice text,
                          bool refused)
{
    json_name(writer, member);
    json_object_begin(writer);
    json_member_text(writer, "role", SLICE_LITERAL("assistant"));
    if (refused) {
        json_member_null(writer, "content");
        json_member_text(writer, "refusal", SLICE_LITERAL("I can't help with that request."));
    } else {
        json_member_text(writer, "content", text);
        json_member_null(writer, "refusal");
    }
    json_object_end(writer);
}

static void write_head(struct json_writer *writer, const struct chat *chat, const char *id,
                       int64_t now_ms, const char *object)
{
    json_member_text(writer, "id", slice_from_string(id));
    json_member_text(writer, "object", slice_from_string(object));
    json_member_integer(writer, "created", now_ms / 1000);
    json_member_text(writer, "model", chat->model);
    json_member_text(writer, "system_fingerprint", SLICE_LITERAL("fp_troupe_studio"));
}

static void write_usage(struct json_writer *writer, int64_t prompt_tokens, int64_t answer_tokens)
{
    json_name(writer, "usage");
    json_object_begin(writer);
    json_member_integer(writer, "prompt_tokens", prompt_tokens);
    json_member_integer(writer, "completion_tokens", answer_tokens);
    json_member_integer(writer, "total_tokens", prompt_tokens + answer_tokens);
    json_object_end(writer);
}

static int64_t prompt_tokens_of(const struct chat *chat)
{
    return tokens_of(chat->conversation.size) + MESSAGE_TOKENS * chat->message_count;
}

/* The whole completion as one object. Returns the tokens that its choices took. */
static int64_t write_completion(struct json_writer *writer, const struct chat *chat, const char *id,
                                int64_t now_ms, bool refused)
{
    int64_t tokens = 0;
    json_object_begin(writer);
    write_head(writer, chat, id, now_ms, "chat.completion");
    json_name(writer, "choices");
    json_array_begin(writer);
    for (int64_t choice = 0; choice < chat->choice_count; choice++) {
        struct buffer text;
        buffer_init(&text, PERSONALITY_ANSWER_SIZE_MAX);
        const char *reason = make_choice(chat, choice, &text);
        tokens += tokens_of(text.size);
        json_object_begin(writer);
        json_member_integer(writer, "index", choice);
        write_message(writer, "message", buffer_slice(&text), refused);
        json_member_null(writer, "logprobs");
        json_member_text_or_null(writer, "finish_reason",
                                 slice_from_string(refused ? "content_filter" : reason));
        json_object_end(writer);
        buffer_fini(&text);
    }
    json_array_end(writer);
    write_usage(writer, prompt_tokens_of(chat), tokens);
    json_object_end(writer);
    return tokens;
}

static void write_piece(struct buffer *out, const struct chat *chat, const char *id, int64_t now_ms,
                        struct slice text, const char *reason)
{
    struct json_writer writer;
    buffer_append_slice(out, SLICE_LITERAL("data: "));
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    write_head(&writer, chat, id, now_ms, "chat.completion.chunk");
    json_name(&writer, "choices");
    json_array_begin(&writer);
    json_object_begin(&writer);
    json_member_integer(&writer, "index", 0);
    json_name(&writer, "delta");
    json_object_begin(&writer);
    if (reason == NULL) {
        json_member_text(&writer, "content", text);
    }
    json_object_end(&writer);
    json_member_text_or_null(&writer, "finish_reason", slice_from_string(reason));
    json_object_end(&writer);
    json_array_end(&writer);
    json_object_end(&writer);
    buffer_append_slice(out, SLICE_LITERAL("\n\n"));
}

/* The completion as server-sent events, a word or so each. */
static int64_t write_stream(struct buffer *out, const struct chat *chat, const char *id,
                            int64_t now_ms)
{
    struct buffer text;
    buffer_init(&text, PERSONALITY_ANSWER_SIZE_MAX);
    const char *reason = make_choice(chat, 0, &text);
    size_t start = 0;
    for (size_t at = 1; at <= text.size; at++) {
        if (at == text.size || (text.data[at] == ' ' && at - start >= 12)) {
            write_piece(out, chat, id, now_ms, slice_make(text.data + start, at - start), NULL);
            start = at;
        }
    }
    write_piece(out, chat, id, now_ms, SLICE_EMPTY, reason == NULL ? "stop" : reason);
    buffer_append_slice(out, SLICE_LITERAL("data: [DONE]\n\n"));
    int64_t tokens = tokens_of(text.size);
    buffer_fini(&text);
    return tokens;
}

static void charge(struct exchange *exchange, const struct chat *chat, const char *id,
                   int64_t tokens)
{
    struct studio *studio = exchange_studio(exchange);
    int64_t nanodollars = prompt_tokens_of(chat) * PROMPT_NANODOLLARS + tokens * ANSWER_NANODOLLARS;
    struct ledger_entry entry = {
        .at_ms = clock_now_ms(&studio->clock),
        .step = STEP_CHAT,
        .price_microusd = (nanodollars + 999) / 1000,
        .prompt_hash = dice_hash(chat->request.conversation),
    };
    snprintf(entry.id, sizeof entry.id, "%s", id);
    snprintf(entry.model, sizeof entry.model, "%.*s", SLICE_PRINT(chat->model));
    exchange_idempotency_key(exchange, entry.idempotency_key);
    exchange_trace(exchange, entry.trace);
    ledger_add(&studio->ledger, &entry);
    if (exchange_fault(exchange)->kind == FAULT_DUPLICATE) {
        ledger_add(&studio->ledger, &entry);
    }
}

static void answer_chat(struct exchange *exchange, const struct chat *chat)
{
    char id[MEDIA_ID_SIZE];
    char name[MEDIA_ID_SIZE + 10];
    struct answer *answer = exchange_answer(exchange);
    int64_t now_ms = clock_now_ms(&exchange_studio(exchange)->clock);
    bool refused = exchange_fault(exchange)->kind == FAULT_REFUSAL;
    studio_id_make(id);
    snprintf(name, sizeof name, "chatcmpl-%s", id);
    int64_t tokens;
    enum status status = STATUS_OK;
    if (chat->stream && !refused) {
        answer->media_type = "text/event-stream";
        tokens = write_stream(&answer->body, chat, name, now_ms);
    } else {
        struct json_writer writer;
        json_writer_init(&writer, &answer->body);
        tokens = write_completion(&writer, chat, name, now_ms, refused);
        status = json_writer_status(&writer);
    }
    if (status != STATUS_OK) {
        exchange_fail(exchange, 500, NULL, "The answer does not fit in memory.");
        return;
    }
    charge(exchange, chat, name, tokens);
}

void openai_chat(struct exchange *exchange)
{
    struct chat chat = {0};
    json_t *body = NULL;
    if (json_input_parse(exchange_body(exchange), &body) != STATUS_OK || !json_is_object(body)) {
        exchange_fail(exchange, 400, NULL, "We could not parse the JSON body of your request.");
    } else {
        chat_read(&chat, body);
        if (chat.problem != NULL) {
            exchange_fail_member(exchange, chat.param, chat.problem);
        } else if (exchange_fault_before(exchange, chat.request.conversation)) {
            exchange = NULL;
        } else {
            answer_chat(exchange, &chat);
        }
    }
    json_decref(body);
    buffer_fini(&chat.conversation);
    if (exchange != NULL) {
        exchange_finish(exchange);
    }
}
