/* The command that asks for a job again. */
#include "cli/repeat.h"

#include "tests/unit/test.h"

#define HEAD                                                      \
    "curl -X POST \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n" \
    "  -H \"Content-Type: application/json\" \\\n"

static enum status repeat(const char *job, size_t size_max, struct buffer *out)
{
    struct document *document = NULL;
    assert_int_equal(document_parse(slice_from_string(job), &document), STATUS_OK);
    buffer_init(out, size_max);
    enum status status = repeat_write(document, "http://h:1", out);
    document_destroy(&document);
    return status;
}

static void expect(const char *job, const char *wanted)
{
    struct buffer out;
    assert_int_equal(repeat(job, 4096, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal((const char *)out.data, wanted);
    buffer_fini(&out);
}

static void expect_none(const char *job, enum status wanted)
{
    struct buffer out;
    assert_int_equal(repeat(job, 4096, &out), wanted);
    assert_int_equal(out.size, 0);
    buffer_fini(&out);
}

static void each_queue_has_its_path(void **state)
{
    (void)state;
    expect("{\"data\":{\"queue\":\"character\",\"input\":{\"name\":\"Mira\"}}}",
           HEAD "  -d '{\"name\":\"Mira\"}' \\\n  'http://h:1/api/v1/characters/queue'");
    expect("{\"data\":{\"queue\":\"image\",\"characterId\":\"c\",\"input\":{\"poseId\":null,"
           "\"characterId\":\"c\"}}}",
           HEAD "  -d '{\"poseId\":null}' \\\n"
                "  'http://h:1/api/v1/characters/c/generate-image/queue'");
    expect(
        "{\"data\":{\"queue\":\"video\",\"characterId\":\"c\",\"sourceMediaId\":\"m\",\"input\":{"
        "\"duration\":5}}}",
        HEAD "  -d '{\"duration\":5}' \\\n"
             "  'http://h:1/api/v1/characters/c/media/m/generate-video/queue'");
}

static void options_and_quotes_are_kept(void **state)
{
    (void)state;
    expect("{\"data\":{\"queue\":\"character\",\"priority\":7,\"tags\":[\"a'b\"],\"metadata\":{},"
           "\"input\":{\"name\":\"O'Hara\"}}}",
           HEAD
           "  -d '{\"name\":\"O'\\''Hara\",\"options\":{\"priority\":7,\"tags\":[\"a'\\''b\"]}}' "
           "\\\n  'http://h:1/api/v1/characters/queue'");
}

static void what_a_server_says_is_one_word_of_the_shell(void **state)
{
    (void)state;
    expect("{\"data\":{\"queue\":\"image\",\"characterId\":\"c'$(id)\",\"input\":{}}}",
           HEAD "  -d '{}' \\\n"
                "  'http://h:1/api/v1/characters/c'\\''$(id)/generate-image/queue'");
}

static void nothing_is_made_up(void **state)
{
    (void)state;
    expect_none("{\"data\":{\"status\":\"failed\"}}", STATUS_DENIED);
    expect_none("{\"data\":{\"queue\":\"webhook\",\"input\":{}}}", STATUS_NOT_FOUND);
    expect_none("{\"data\":{\"queue\":\"image\",\"input\":{}}}", STATUS_NOT_FOUND);
    expect_none("{\"data\":{\"queue\":\"character\"}}", STATUS_NOT_FOUND);
}

static void an_output_that_is_full_is_told(void **state)
{
    struct buffer out;
    (void)state;
    static const char job[] = "{\"data\":{\"queue\":\"character\",\"input\":{\"name\":\"Mira\"}}}";
    assert_int_equal(repeat(job, 4096, &out), STATUS_OK);
    size_t whole = out.size;
    buffer_fini(&out);
    for (size_t size = 0; size < whole; size++) {
        assert_int_equal(repeat(job, size, &out), STATUS_TOO_LARGE);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_queue_has_its_path),
        cmocka_unit_test(options_and_quotes_are_kept),
        cmocka_unit_test(what_a_server_says_is_one_word_of_the_shell),
        cmocka_unit_test(nothing_is_made_up),
        cmocka_unit_test(an_output_that_is_full_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
