#include "actors/chat_text.h"

#include <stdlib.h>
#include <time.h>
#include "tests/unit/test.h"

struct example {
    const char *text;
    const char *expected;
};

static void what_follows_thoughts_is_the_answer(void **state)
{
    static const struct example examples[] = {
        {"<think>hm {a}</think>yes", "yes"},
        {"\n <think>\n\n</think>\n\n yes ", "yes "},
        {"hm</think>yes", "yes"},
        {"</think>yes", "yes"},
        {"<think>a</think>b</think>c", "b</think>c"},
        {"<think>a</think>", ""},
        {"<think>cut", ""},
        {"<think>", ""},
        {"<think", "<think"},
        {"say <think>a</think>", "say <think>a</think>"},
        {" yes", " yes"},
        {" \n\t ", ""}, /* blanks alone say nothing */
        {"\u3000\u00a0 \u200b\ufeff", ""},
        {"<think>a</think>\u3000\n", ""},
        {"", ""},
        {"[THINK]hm {a}[/THINK]\nyes", "yes"},
        {"hm[/THINK]yes", "yes"},
        {"[THINK]cut", ""},
        {"say [THINK]a[/THINK]", "say [THINK]a[/THINK]"},
        {" <thinking>a</think> b</thinking> yes", "yes"},
        {"<seed:think>a</seed:think>yes", "yes"},
        {"<think>a</thinking>b</think>yes", "yes"},
        {"<|channel|>analysis<|message|>hm "
         "{a}<|end|><|start|>assistant<|channel|>final<|message|>yes",
         "yes"},
        {"<|start|>assistant<|channel|>analysis<|message|>a<|end|><|channel|>final "
         "<|constrain|>json<|message|>\n{}<|return|>",
         "{}"},
        {"<|channel|>final<|message|>yes<|end|>", "yes"},
        {"<|channel|>analysis<|message|>cut", ""},
        {"<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final", ""},
        {"say <|channel|>final<|message|>yes", "say <|channel|>final<|message|>yes"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(examples) / sizeof(examples[0]); index++) {
        struct slice rest = chat_text_without_thoughts(slice_from_string(examples[index].text));
        assert_true(slice_equal(rest, slice_from_string(examples[index].expected)));
    }
}

static void the_first_whole_object_is_found(void **state)
{
    static const struct example examples[] = {
        {"{\"a\":1}", "{\"a\":1}"},
        {"Of {such}, {\"a\":1} and {\"b\":2}", "{\"a\":1}"},
        {"{{\"a\":1}}", "{\"a\":1}"},
        {"{\"x\" {\"a\":1}", "{\"a\":1}"},
        {"{}", "{}"},
        {"{\"a\":{\"b\":1},\"c\":\"cut", NULL}, /* part of another is none */
        {"{\"a\":{\"b\":1},\"c\":[{\"d\":1}", NULL},
        {"{\"a\":{\"b\":1} oops {\"c\":2}", "{\"c\":2}"},
        {"{\"a\":99999999999999999999} {\"b\":1}", "{\"b\":1}"},
        {"{\"a\":\"\\ud800\"} {\"b\":1}", "{\"b\":1}"},
        {"{", NULL},
        {"none", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(examples) / sizeof(examples[0]); index++) {
        json_t *object = chat_text_object(slice_from_string(examples[index].text));
        char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
        assert_int_equal(text != NULL, examples[index].expected != NULL);
        if (text != NULL) {
            assert_string_equal(text, examples[index].expected);
        }
        free(text);
        json_decref(object);
    }
}

/* What would take minutes if each were read to the end, or from each of its letters. */
static void hostile_text_is_read_once(void **state)
{
    static const char *const parts[] = {"{", "{\"a\":", "{\"a\":[", "{\"", "{\"a\":1,", "{x"};
    enum {
        SIZE = 128 << 10,
        SECONDS_MAX = 2, /* of CPU, for each */
    };
    char *text = malloc(SIZE + 1);
    (void)state;
    for (size_t index = 0; index < sizeof(parts) / sizeof(parts[0]); index++) {
        size_t size = strlen(parts[index]);
        for (size_t at = 0; at < SIZE; at++) {
            text[at] = parts[index][at % size];
        }
        clock_t begin = clock();
        assert_null(chat_text_object(slice_make(text, SIZE)));
        assert_true(clock() - begin < SECONDS_MAX * CLOCKS_PER_SEC);
    }
    free(text);
}

static void whole_sentences_are_kept(void **state)
{
    static const struct example examples[] = {
        {"She turns. Then", "She turns."},
        {"She turns.\nThen", "She turns."},
        {"She turns. She waves! Then", "She turns. She waves!"},
        {"She turns.", "She turns."},
        {"\"She turns.\" Then", "\"She turns.\""},
        {"**She turns.** Then", "**She turns.**"},
        {"She turns 1.5 ste", ""},
        {"She turns", ""},
        {"\"\"\"", ""},
        {"She turns\u2026 Then", "She turns\u2026"},
        {"She turns\u2026then", ""}, /* a pause within one */
        {"\u201cShe turns.\u201d Then", "\u201cShe turns.\u201d"},
        {"\u2018She turns!\u2019 Then", "\u2018She turns!\u2019"},
        {"\u201cShe turns.\u201dThen", ""},
        {"她慢慢转身。然后她微", "她慢慢转身。"},
        {"她转身！真的？然后", "她转身！真的？"},
        {"「彼女は振り向く。」そして", "「彼女は振り向く。」"},
        {"『彼女は振り向く。』そして", "『彼女は振り向く。』"},
        {"她慢慢转身", ""},
        {"\x80\x82", ""}, /* a part of a letter is none */
        {".", "."},
        {"", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(examples) / sizeof(examples[0]); index++) {
        struct slice kept = chat_text_sentences(slice_from_string(examples[index].text));
        assert_true(slice_equal(kept, slice_from_string(examples[index].expected)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_thoughts_is_the_answer),
        cmocka_unit_test(the_first_whole_object_is_found),
        cmocka_unit_test(hostile_text_is_read_once),
        cmocka_unit_test(whole_sentences_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
