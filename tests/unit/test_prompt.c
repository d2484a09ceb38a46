#include "actors/prompt.h"

#include "tests/unit/test.h"

static const struct id character = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2a, 0, 0, 0x80}};
static const struct id media = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0x80}};
static const struct portrait_ids ids = {&character, &media};

static void assert_portrait(const char *text, const char *pose, const char *expected)
{
    struct buffer out;
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    buffer_init(&out, PROMPT_SIZE_MAX);
    assert_int_equal(prompt_portrait(document, slice_from_string(pose), &ids, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_fini(&out);
    json_decref(document);
}

static void a_portrait_says_what_the_character_says(void **state)
{
    (void)state;
    assert_portrait("{\"name\":\"Mira\"}", "", "Portrait of Mira. seed: 42, variation: 7");
    assert_portrait(
        "{\"name\":\"Mira\",\"age\":27,\"gender\":\"female\",\"style\":\"ink\","
        "\"appearance\":{\"eyes\":\"green\",\"hairColor\":\"silver\",\"hairLength\":"
        "\"long\",\"outfit\":[\"blue coat\",\"red scarf\"],\"mood\":\"happy\","
        "\"skin\":\"dark\",\"background\":\"sea\"},\"traits\":[\"calm\",\"brave\"],"
        "\"description\":\"A keeper\\nof bees.\"}",
        "waving one hand",
        "Portrait of Mira. hair: silver long, eyes: green, skin: dark, clothing: blue "
        "coat red scarf, mood: happy, pose: waving one hand, style: ink, age: 27, "
        "gender: female, seed: 42, variation: 7, background: sea, traits: calm brave, description: "
        "A keeper of bees.");
}

static void a_mood_is_found_where_one_was_given(void **state)
{
    static const struct {
        const char *character;
        const char *prompt;
    } cases[] = {
        {"{\"name\":\"A\",\"personality\":{\"mood\":\"sad\"},\"aiPersonality\":{\"mood\":\"gay\"}}",
         "Portrait of A. mood: sad, seed: 42, variation: 7"},
        {"{\"name\":\"A\",\"aiPersonality\":{\"mood\":\"gay\"},\"traits\":[\"shy\"]}",
         "Portrait of A. mood: gay, seed: 42, variation: 7, traits: shy"},
        {"{\"name\":\"A\",\"traits\":[\"shy\"]}",
         "Portrait of A. mood: shy, seed: 42, variation: 7, traits: shy"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_portrait(cases[index].character, "", cases[index].prompt);
    }
}

static void strange_shapes_are_left_out(void **state)
{
    (void)state;
    assert_portrait("{\"name\":5,\"appearance\":[1],\"age\":null,\"style\":{\"a\":{\"b\":\"c\"}}}",
                    "", "Portrait of 5. seed: 42, variation: 7");
    assert_portrait("{\"name\":true,\"appearance\":{\"hair\":null,\"pose\":\"sitting\"}}", "",
                    "Portrait of a character. pose: sitting, seed: 42, variation: 7");
}

static void a_prompt_stays_within_its_limit_whatever_the_document_holds(void **state)
{
    struct buffer out;
    json_t *document = json_object();
    json_t *appearance = json_object();
    char text[2000];
    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int index = 0; index < 200; index++) {
        char name[16];
        snprintf(name, sizeof(name), "look%d", index);
        json_object_set_new(appearance, name, json_string(text));
    }
    json_object_set_new(document, "name", json_string(text));
    json_object_set_new(document, "description", json_string(text));
    json_object_set_new(document, "appearance", appearance);
    buffer_init(&out, 100000);
    assert_int_equal(prompt_portrait(document, SLICE_EMPTY, &ids, &out), STATUS_OK);
    assert_true(out.size <= PROMPT_SIZE_MAX);
    assert_true(out.size > PROMPT_SIZE_MAX / 2);
    buffer_fini(&out);
    json_decref(document);
}

static void a_chat_answer_becomes_an_object(void **state)
{
    static const struct {
        const char *answer;
        const char *expected;
    } cases[] = {
        {"{\"summary\":\"calm\"}", "{\"summary\":\"calm\"}"},
        {"Here you are:\n```json\n{\"summary\":\"calm\"}\n```", "{\"summary\":\"calm\"}"},
        {"She is calm.", "{\"summary\":\"She is calm.\"}"},
        {"{}", "{\"summary\":\"{}\"}"},
        {"{broken", "{\"summary\":\"{broken\"}"},
        {"Of {a JSON object}: {\"summary\":\"calm\"}", "{\"summary\":\"calm\"}"},
        {"{{\"summary\":\"calm\"}", "{\"summary\":\"calm\"}"},
        {"{\"a\":{\"b\":1},\"c\":\"cut",
         "{\"summary\":\"{\\\"a\\\":{\\\"b\\\":1},\\\"c\\\":\\\"cut\"}"},
        {"", "{\"summary\":\"\"}"},
        {"{\"a\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}", "{\"a\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}"},
        {"{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}",
         "{\"summary\":\"{\\\"a\\\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}\"}"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        json_t *personality = personality_read(slice_from_string(cases[index].answer));
        char *text = json_dumps(personality, JSON_COMPACT);
        assert_string_equal(text, cases[index].expected);
        free(text);
        json_decref(personality);
    }
}

static void chat_questions_hold_the_character(void **state)
{
    struct buffer out;
    json_t *document = json_loads("{\"name\":\"Mira\",\"backstory\":\"Born at sea.\"}", 0, NULL);
    (void)state;
    buffer_init(&out, PROMPT_SIZE_MAX);
    assert_int_equal(prompt_personality(document, &out), STATUS_OK);
    assert_true(
        slice_equal(buffer_slice(&out),
                    SLICE_LITERAL("Write the personality of Mira. backstory: Born at sea.")));
    buffer_clear(&out);
    assert_int_equal(prompt_motion(document, SLICE_LITERAL("waving"), 5, &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out),
                            SLICE_LITERAL("Write the motion prompt for a video portrait of Mira. "
                                          "duration: 5 seconds, pose: waving")));
    buffer_fini(&out);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_portrait_says_what_the_character_says),
        cmocka_unit_test(a_mood_is_found_where_one_was_given),
        cmocka_unit_test(strange_shapes_are_left_out),
        cmocka_unit_test(a_prompt_stays_within_its_limit_whatever_the_document_holds),
        cmocka_unit_test(a_chat_answer_becomes_an_object),
        cmocka_unit_test(chat_questions_hold_the_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
