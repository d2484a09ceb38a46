/* What is written to chat models and read from them. */

#include "actors/chat_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include "actors/limits.h"
#include "tests/unit/test.h"

static void assert_request(struct buffer *body, const char *expected)
{
    assert_true(slice_equal(buffer_slice(body), slice_from_string(expected)));
    buffer_fini(body);
}

static void a_chat_request_names_model_and_messages(void **state)
{
    struct buffer body;
    struct chat_prompt prompt = {
        .system = "be", .user = SLICE_LITERAL("say \"hi\""), .wants_json = true};
    (void)state;
    buffer_init(&body, 10000);
    assert_int_equal(chat_wire_request("m", &prompt, &body), STATUS_OK);
    assert_request(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be\"},"
                          "{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\"}],"
                          "\"response_format\":{\"type\":\"json_object\"},\"stream\":false}");
}

static const struct {
    const char *body;
    const char *text; /* NULL: refused with code */
    const char *code;
} answers[] = {
    {"{\"choices\":[{\"message\":{\"content\":\"hello\"},\"finish_reason\":\"stop\"}]}", "hello",
     NULL},
    {"{\"choices\":[{\"message\":{\"content\":\"part\"},\"finish_reason\":\"length\"}]}", NULL,
     "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"content_filter\"}]}", NULL,
     "content_policy"},
    {"{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I will not\"}}]}", NULL,
     "content_policy"},
    {"{\"choices\":[{\"message\":{\"content\":null}}]}", NULL, "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"length\"}]}", NULL,
     "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":\"more than the hundred bytes that this test has "
     "for it, of which each one is paid for, and none is of use\"}}]}",
     NULL, "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":"
     "\"text\",\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":\"hel\"},{\"type\":\"text\","
     "\"text\":\"lo\"}]}}]}",
     "hello", NULL},
    {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"thinking\",\"text\":\"hm\"}]}}]}", NULL,
     "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":5}]}}]}", NULL,
     "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":[]}}]}", NULL, "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":[],\"refusal\":\"no\"}}]}", NULL, "content_policy"},
    {"{\"choices\":[{\"message\":{\"content\":\" \\n \"}}]}", NULL, "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":\" \\n\",\"refusal\":\"no\"}}]}", NULL,
     "content_policy"},
    {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\" \"},{\"type\":"
     "\"text\",\"text\":\"\\n\"}]}}]}",
     NULL, "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"output_text\",\"text\":\"hello\"}]}}"
     "]}",
     "hello", NULL},
    {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"refusal\",\"refusal\":\"no\"}]}}]}",
     NULL, "content_policy"},
    {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"refusal\",\"refusal\":\"\"}]}}]}", NULL,
     "chat_unusable"},
    {"{\"choices\":[{\"message\":{\"refusal\":\"\",\"content\":[{\"type\":\"refusal\","
     "\"refusal\":"
     "\"no\"}]}}]}",
     NULL, "content_policy"},
    {"{\"choices\":[{\"message\":{\"content\":[\"hello\"]}}]}", NULL, "provider_answer"},
    {"{\"choices\":[{\"message\":{\"content\":{}}}]}", NULL, "provider_answer"},
    {"{\"choices\":[{\"text\":\"hello\"}]}", NULL, "provider_answer"},
    {"{\"choices\":[]}", NULL, "provider_answer"},
    {"{}", NULL, "provider_answer"},
    {"[]", NULL, "provider_answer"},
    {"not json", NULL, "provider_answer"},
    {"", NULL, "provider_answer"},
};

static void chat_answers_are_read_or_explained(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof(answers) / sizeof(answers[0]); index++) {
        struct buffer text;
        struct provider_failure failure;
        buffer_init(&text, 100);
        bool read =
            chat_wire_answer(slice_from_string(answers[index].body), false, NULL, &text, &failure);
        assert_int_equal(read, answers[index].text != NULL);
        if (read) {
            assert_true(slice_equal(buffer_slice(&text), slice_from_string(answers[index].text)));
        } else {
            assert_string_equal(failure.code, answers[index].code);
            /* Nonsense alone is the provider's; an answer of no use is paid for. */
            bool is_nonsense = strcmp(failure.code, "provider_answer") == 0;
            assert_int_equal(failure.is_charged, !is_nonsense);
            assert_int_equal(provider_error_fault(&failure),
                             is_nonsense ? PROVIDER_FAULT_DOWN : PROVIDER_FAULT_NONE);
            assert_false(failure.is_charged && failure.is_unknown);
        }
        buffer_fini(&text);
    }
}

/* Tells whether the answer is read, the text then being out. */
static bool read(const char *body, bool wants_json, char *out, size_t size,
                 struct provider_failure *failure)
{
    struct buffer text;
    buffer_init(&text, 1000);
    bool is_read =
        chat_wire_answer(slice_from_string(body), wants_json, "key-of-ours", &text, failure);
    snprintf(out, size, "%.*s", SLICE_PRINT(buffer_slice(&text)));
    buffer_fini(&text);
    return is_read;
}

/* HTTP says 200, and the answer, or its one choice, is an error. */
static void an_error_within_a_200_is_told_in_its_own_words(void **state)
{
    static const struct {
        const char *code;
        enum fail_kind kind;
        bool is_unknown;
        const char *told;
    } cases[] = {
        {"400", FAIL_KIND_PERMANENT, false, "provider_refused"},
        {"401", FAIL_KIND_PERMANENT, false, "provider_credentials"},
        {"429", FAIL_KIND_THROTTLED, false, "provider_throttled"},
        {"\"429\"", FAIL_KIND_THROTTLED, false, "provider_throttled"},
        {"502", FAIL_KIND_RETRY, true, "provider_error"},
        {"503", FAIL_KIND_RETRY, false, "provider_error"},
        {"\"content_policy_violation\"", FAIL_KIND_PERMANENT, false, "content_policy"},
        {"\"insufficient_quota\"", FAIL_KIND_PERMANENT, false, "provider_quota"},
        {"\"4.3\"", FAIL_KIND_RETRY, true, "provider_answer"},
        {"\"a word\"", FAIL_KIND_RETRY, true, "provider_answer"},
        {"null", FAIL_KIND_RETRY, true, "provider_answer"},
        {"-1", FAIL_KIND_RETRY, true, "provider_answer"},
        {"200", FAIL_KIND_RETRY, true, "provider_answer"},
    };
    static const struct {
        const char *before;
        const char *after;
    } shapes[] = {
        {"{\"error\":", "}"},
        {"{\"choices\":[],\"error\":", "}"},
        {"{\"choices\":[{\"finish_reason\":\"error\",\"message\":{\"content\":\"\"},\"error\":",
         "}]}"},
        {"{\"choices\":[{\"finish_reason\":\"error\"}],\"error\":", "}"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        for (size_t shape = 0; shape < sizeof(shapes) / sizeof(shapes[0]); shape++) {
            char body[256];
            char text[16];
            struct provider_failure failure;
            snprintf(body, sizeof(body), "%s{\"message\":\"no, key-of-ours\",\"code\":%s}%s",
                     shapes[shape].before, cases[index].code, shapes[shape].after);
            assert_false(read(body, false, text, sizeof(text), &failure));
            assert_int_equal(failure.kind, cases[index].kind);
            assert_int_equal(failure.is_unknown, cases[index].is_unknown);
            assert_false(failure.is_charged);
            assert_string_equal(failure.code, cases[index].told);
            assert_string_equal(failure.message, "no, ***********");
        }
    }
}

/* A 429 that is paid for each time must not be asked for again as often as it likes. */
static void an_error_beside_what_was_written_is_paid_for(void **state)
{
    static const struct {
        const char *code;
        enum fail_kind kind;
        const char *told;
    } cases[] = {
        {"400", FAIL_KIND_PERMANENT, "provider_refused"},
        {"429", FAIL_KIND_RETRY, "provider_throttled"},
        {"502", FAIL_KIND_RETRY, "provider_error"},
        {"\"a word\"", FAIL_KIND_RETRY, "provider_answer"},
        {"\"content_filter\"", FAIL_KIND_PERMANENT, "content_policy"},
    };
    static const struct {
        const char *before;
        const char *after;
    } shapes[] = {
        {"{\"choices\":[{\"finish_reason\":\"error\",\"message\":{\"content\":\"half\"},\"error\":",
         "}]}"},
        {"{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"half\"},\"error\":",
         "}]}"},
        {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"half\"}]},"
         "\"error\":",
         "}]}"},
        {"{\"choices\":[{\"finish_reason\":\"error\",\"message\":{\"content\":\"half\"}}],"
         "\"error\":",
         "}"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        for (size_t shape = 0; shape < sizeof(shapes) / sizeof(shapes[0]); shape++) {
            char body[256];
            char text[16];
            struct provider_failure failure;
            snprintf(body, sizeof(body), "%s{\"message\":\"no\",\"code\":%s}%s",
                     shapes[shape].before, cases[index].code, shapes[shape].after);
            assert_false(read(body, false, text, sizeof(text), &failure));
            assert_int_equal(failure.kind, cases[index].kind);
            assert_true(failure.is_charged);
            assert_false(failure.is_unknown);
            assert_string_equal(failure.code, cases[index].told);
        }
    }
}

static void an_error_that_is_none_does_not_hide_an_answer(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":null,\"choices\":[{\"message\":{\"content\":\"hello\"}}]}",
        "{\"choices\":[{\"error\":null,\"message\":{\"content\":\"hello\"}}]}",
        "{\"choices\":[{\"error\":{},\"message\":{\"content\":\"hello\"}}]}",
        "{\"error\":{\"code\":400},\"choices\":[{\"message\":{\"content\":\"hello\"}}]}",
    };
    char text[16];
    struct provider_failure failure;
    (void)state;
    for (size_t index = 0; index < sizeof(bodies) / sizeof(bodies[0]); index++) {
        assert_true(read(bodies[index], false, text, sizeof(text), &failure));
        assert_string_equal(text, "hello");
    }
    assert_false(read("{\"error\":\"\"}", false, text, sizeof(text), &failure));
    assert_string_equal(failure.message, "the chat model's answer has no choices");
    assert_false(read("{\"error\":\"its words\"}", false, text, sizeof(text), &failure));
    assert_string_equal(failure.message, "its words");
    assert_true(failure.is_unknown);
}

static void what_a_chat_model_says_of_a_key_does_not_pass(void **state)
{
    static const char refusal[] =
        "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"no, key-of-ours\"}}]}";
    char text[16];
    struct provider_failure failure;
    (void)state;
    assert_false(read(refusal, false, text, sizeof(text), &failure));
    assert_string_equal(failure.message, "no, ***********");
}

static void thoughts_are_no_answer(void **state)
{
    static const struct {
        const char *content;
        const char *text; /* NULL: of no use */
    } cases[] = {
        {"<think>The user wants {a}.</think>\\n\\nShe turns.", "She turns."},
        {" \\n<think>\\n\\n</think>She turns.", "She turns."},
        {"They want it short.\\n</think>\\nShe turns.", "She turns."},
        {"<think>only this</think> ", NULL},
        {"<think>cut in the middle", NULL},
        {"She says <think>.", "She says <think>."},
        {"She says <think>a</think>.", "She says <think>a</think>."},
        {"<thinker> she is.", "<thinker> she is."},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char body[256];
        char text[64];
        struct provider_failure failure;
        snprintf(body, sizeof(body), "{\"choices\":[{\"message\":{\"content\":\"%s\"}}]}",
                 cases[index].content);
        assert_int_equal(read(body, false, text, sizeof(text), &failure),
                         cases[index].text != NULL);
        assert_string_equal(cases[index].text == NULL ? failure.code : text,
                            cases[index].text == NULL ? "chat_unusable" : cases[index].text);
    }
}

static void of_an_answer_that_was_cut_what_is_whole_is_taken(void **state)
{
    static const struct {
        const char *content;
        bool wants_json;
        const char *text; /* NULL: of no use */
    } cases[] = {
        {"{'summary':'half of a sent", true, NULL},
        {"{'summary':'x','more':{'a':1},'mood':'ha", true, NULL},
        {"She is calm. She", true, NULL},
        {"{'summary':'x'} and this is", true, "{'summary':'x'} and this is"},
        {"She turns ", false, NULL},
        {"She turns 1.5 ste", false, NULL},
        {"She turns. Then she wa", false, "She turns."},
        {"She turns! Why? Then she wa", false, "She turns! Why?"},
        {"'She turns.' Then she wa", false, "'She turns.'"},
        {"She turns.", false, "She turns."},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char body[256];
        char text[64];
        struct provider_failure failure;
        size_t size = (size_t)snprintf(body, sizeof(body), "%s",
                                       "{\"choices\":[{\"finish_reason\":\"length\",\"message\":"
                                       "{\"content\":\"");
        for (const char *at = cases[index].content; *at != '\0'; at++) {
            size += (size_t)snprintf(body + size, sizeof(body) - size, "%s%c",
                                     *at == '\'' ? "\\" : "", *at == '\'' ? '"' : *at);
        }
        snprintf(body + size, sizeof(body) - size, "\"}}]}");
        bool is_read = read(body, cases[index].wants_json, text, sizeof(text), &failure);
        assert_int_equal(is_read, cases[index].text != NULL);
        for (char *at = text; *at != '\0'; at++) {
            *at = *at == '"' ? '\'' : *at;
        }
        assert_string_equal(is_read ? text : failure.code,
                            is_read ? cases[index].text : "chat_unusable");
    }
}

static void what_ends_for_another_reason_than_its_end_was_cut(void **state)
{
    static const struct {
        const char *finish;
        bool is_cut;
    } cases[] = {
        {"null", false},
        {"\"stop\"", false},
        {"\"tool_calls\"", false},
        {"\"function_call\"", false},
        {"\"eos\"", false},
        {"\"eos_token\"", false},
        {"\"stop_sequence\"", false},
        {"\"length\"", true},
        {"\"error\"", true},
        {"\"model_length\"", true},
        {"\"max_tokens\"", true},
        {"\"MAX_TOKENS\"", true},
        {"\"\"", true},
        {"5", true},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char body[256];
        char text[64];
        struct provider_failure failure;
        snprintf(body, sizeof(body),
                 "{\"choices\":[{\"finish_reason\":%s,\"message\":{\"content\":\"half of wha\"}}]}",
                 cases[index].finish);
        assert_int_equal(read(body, false, text, sizeof(text), &failure), !cases[index].is_cut);
        assert_string_equal(cases[index].is_cut ? failure.code : text,
                            cases[index].is_cut ? "chat_unusable" : "half of wha");
    }
}

/* The actors' only loop reads it. */
static void no_object_is_looked_for_in_what_is_too_long(void **state)
{
    static const char head[] =
        "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":\"";
    static const char tail[] = "{}\"}}]}";
    char text[64];
    struct provider_failure failure;
    char *body = malloc(sizeof(head) + CHAT_TEXT_SIZE_MAX + sizeof(tail));
    (void)state;
    assert_non_null(body);
    memcpy(body, head, sizeof(head));
    memset(body + strlen(head), 'x', CHAT_TEXT_SIZE_MAX);
    memcpy(body + strlen(head) + CHAT_TEXT_SIZE_MAX, tail, sizeof(tail));
    assert_false(read(body, true, text, sizeof(text), &failure));
    assert_string_equal(failure.message, "the chat model's answer is too long");
    body[strlen(head) + CHAT_TEXT_SIZE_MAX] =
        'x'; /* it would be told to be cut, were it looked for */
    assert_false(read(body, true, text, sizeof(text), &failure));
    assert_string_equal(failure.message, "the chat model's answer is too long");
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chat_request_names_model_and_messages),
        cmocka_unit_test(chat_answers_are_read_or_explained),
        cmocka_unit_test(an_error_within_a_200_is_told_in_its_own_words),
        cmocka_unit_test(an_error_beside_what_was_written_is_paid_for),
        cmocka_unit_test(an_error_that_is_none_does_not_hide_an_answer),
        cmocka_unit_test(what_a_chat_model_says_of_a_key_does_not_pass),
        cmocka_unit_test(thoughts_are_no_answer),
        cmocka_unit_test(of_an_answer_that_was_cut_what_is_whole_is_taken),
        cmocka_unit_test(what_ends_for_another_reason_than_its_end_was_cut),
        cmocka_unit_test(no_object_is_looked_for_in_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
