#include "actors/studio/personality.h"

#include "actors/studio/json_input.h"
#include "tests/unit/test.h"

static void answer(const char *text, uint64_t seed, bool as_json, const json_t *schema,
                   struct buffer *out)
{
    struct chat_request request = {
        .conversation = slice_from_string(text),
        .question = slice_from_string(text),
        .seed = seed,
        .as_json = as_json,
        .schema = schema,
    };
    buffer_init(out, PERSONALITY_ANSWER_SIZE_MAX);
    assert_int_equal(chat_answer(&request, out), STATUS_OK);
}

static bool contains(const struct buffer *text, const char *word)
{
    return memmem(text->data, text->size, word, strlen(word)) != NULL;
}

static void finds_the_topic(void **state)
{
    (void)state;
    assert_int_equal(chat_topic_of(SLICE_LITERAL("Write the personality of Mira")),
                     CHAT_PERSONALITY);
    assert_int_equal(chat_topic_of(SLICE_LITERAL("Write the motion prompt for a video")),
                     CHAT_MOTION);
    assert_int_equal(
        chat_topic_of(SLICE_LITERAL("Personality with emotion and motivation, a prompt")),
        CHAT_PERSONALITY);
    assert_int_equal(chat_topic_of(SLICE_LITERAL("What is 2 + 2?")), CHAT_OTHER);
}

static void finds_the_name(void **state)
{
    static const char *const cases[][2] = {
        {"Name: Mira Vale, age: 3", "Mira Vale"},
        {"{\"name\":\"Tom \\\"T\\\"\"}", "Tom"},
        {"a girl named Ann.", "Ann"},
        {"Write the personality of Zo\xc3\xab., age: 5", "Zo\xc3\xab"},
        {"nameless", "the character"},
        {"", "the character"},
        {"name:", "the character"},
    };
    char name[PERSONALITY_NAME_SIZE];
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        chat_name_of(slice_from_string(cases[index][0]), name);
        assert_string_equal(name, cases[index][1]);
    }
}

static void a_personality_is_an_object_about_the_character(void **state)
{
    struct buffer text;
    json_t *object;
    (void)state;
    answer("Write the personality of Mira. traits: brave, witty", 7, true, NULL, &text);
    assert_int_equal(json_input_parse(buffer_slice(&text), &object), STATUS_OK);
    assert_true(json_string_length(json_object_get(object, "summary")) > 40);
    assert_true(contains(&text, "Mira"));
    assert_string_equal(json_string_value(json_array_get(json_object_get(object, "traits"), 0)),
                        "brave");
    assert_int_equal(json_array_size(json_object_get(object, "traits")), 5);
    assert_true(json_is_string(json_object_get(object, "mood")));
    json_decref(object);
    buffer_fini(&text);
}

static void answers_repeat_with_the_seed_and_vary_without(void **state)
{
    struct buffer first;
    struct buffer second;
    struct buffer other;
    (void)state;
    answer("personality of Mira", 7, true, NULL, &first);
    answer("personality of Mira", 7, true, NULL, &second);
    answer("personality of Mira", 8, true, NULL, &other);
    assert_true(slice_equal(buffer_slice(&first), buffer_slice(&second)));
    assert_false(slice_equal(buffer_slice(&first), buffer_slice(&other)));
    buffer_fini(&first);
    buffer_fini(&second);
    buffer_fini(&other);
}

static void a_motion_prompt_is_one_paragraph(void **state)
{
    struct buffer text;
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        answer("Write the motion prompt for a video portrait of Tom.", seed, false, NULL, &text);
        assert_in_range(text.size, 120, 600);
        assert_true(contains(&text, "Tom"));
        assert_false(contains(&text, "\n"));
        assert_false(contains(&text, "%"));
        buffer_fini(&text);
    }
}

static void anything_else_gets_a_short_answer(void **state)
{
    struct buffer text;
    (void)state;
    answer("How do I boil an egg?", 1, false, NULL, &text);
    assert_in_range(text.size, 20, 400);
    buffer_fini(&text);
}

static void a_schema_is_followed(void **state)
{
    static const char schema_text[] =
        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"traits\":{\"type\":"
        "\"array\",\"minItems\":4,"
        "\"items\":{\"type\":\"string\"}},\"level\":{\"type\":\"integer\",\"minimum\":3,"
        "\"maximum\":5},\"kind\":{\"enum\":[\"a\",\"b\"]},"
        "\"good\":{\"type\":\"boolean\"},\"inner\":{\"type\":\"object\",\"properties\":{\"fear\":{"
        "\"type\":\"string\"}}}}}";
    json_t *schema;
    json_t *object;
    struct buffer text;
    (void)state;
    assert_int_equal(json_input_parse(slice_from_string(schema_text), &schema), STATUS_OK);
    answer("personality of Mira.", 3, true, schema, &text);
    assert_int_equal(json_input_parse(buffer_slice(&text), &object), STATUS_OK);
    assert_string_equal(json_string_value(json_object_get(object, "name")), "Mira");
    assert_int_equal(json_array_size(json_object_get(object, "traits")), 4);
    assert_in_range(json_integer_value(json_object_get(object, "level")), 3, 5);
    assert_int_equal(json_string_length(json_object_get(object, "kind")), 1);
    assert_true(json_is_boolean(json_object_get(object, "good")));
    assert_true(json_string_length(json_object_get(json_object_get(object, "inner"), "fear")) > 5);
    json_decref(object);
    json_decref(schema);
    buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_topic),
        cmocka_unit_test(finds_the_name),
        cmocka_unit_test(a_personality_is_an_object_about_the_character),
        cmocka_unit_test(answers_repeat_with_the_seed_and_vary_without),
        cmocka_unit_test(a_motion_prompt_is_one_paragraph),
        cmocka_unit_test(anything_else_gets_a_short_answer),
        cmocka_unit_test(a_schema_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
