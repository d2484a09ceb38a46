#include "base/json_writer.h"

#include <stdio.h>
#include "base/id.h"
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

struct fixture {
    struct buffer buffer;
    struct json_writer writer;
};

static void start(struct fixture *fixture, size_t size_max)
{
    buffer_init(&fixture->buffer, size_max);
    json_writer_init(&fixture->writer, &fixture->buffer);
}

static void expect(struct fixture *fixture, struct slice json)
{
    assert_int_equal(json_writer_status(&fixture->writer), STATUS_OK);
    if (!slice_equal(buffer_slice(&fixture->buffer), json)) {
        print_error("written: %.*s\n", SLICE_PRINT(buffer_slice(&fixture->buffer)));
    }
    assert_true(slice_equal(buffer_slice(&fixture->buffer), json));
    buffer_fini(&fixture->buffer);
}

static void write_example(struct json_writer *writer)
{
    json_object_begin(writer);
    json_member_text(writer, "text", SLICE_LITERAL("a\"b"));
    json_member_integer(writer, "integer", -5);
    json_name(writer, "array");
    json_array_begin(writer);
    json_put_boolean(writer, true);
    json_array_begin(writer);
    json_array_end(writer);
    json_object_begin(writer);
    json_object_end(writer);
    json_put_null(writer);
    json_put_raw(writer, SLICE_LITERAL("{\"raw\":1}"));
    json_put_text(writer, SLICE_LITERAL(""));
    json_array_end(writer);
    json_member_boolean(writer, "no", false);
    json_member_null(writer, "null");
    json_object_end(writer);
}

static void commas_stand_only_between_members_and_elements(void **state)
{
    struct fixture fixture;
    (void)state;
    start(&fixture, 1000);
    write_example(&fixture.writer);
    expect(&fixture, SLICE_LITERAL("{\"text\":\"a\\\"b\",\"integer\":-5,\"array\":[true,[],{},"
                                   "null,{\"raw\":1},\"\"],\"no\":false,\"null\":null}"));
}

static void writes_every_integer(void **state)
{
    struct fixture fixture;
    (void)state;
    start(&fixture, 1000);
    json_array_begin(&fixture.writer);
    json_put_integer(&fixture.writer, 0);
    json_put_integer(&fixture.writer, 9);
    json_put_integer(&fixture.writer, -10);
    json_put_integer(&fixture.writer, INT64_MAX);
    json_put_integer(&fixture.writer, INT64_MIN);
    json_array_end(&fixture.writer);
    expect(&fixture, SLICE_LITERAL("[0,9,-10,9223372036854775807,-9223372036854775808]"));
}

static void expect_text(struct slice text, struct slice json)
{
    struct fixture fixture;
    start(&fixture, 1000);
    json_put_text(&fixture.writer, text);
    expect(&fixture, json);
}

static void escapes_what_must_be_escaped(void **state)
{
    (void)state;
    expect_text(SLICE_EMPTY, SLICE_LITERAL("\"\""));
    expect_text(SLICE_LITERAL("a/b\x7f"), SLICE_LITERAL("\"a/b\x7f\""));
    expect_text(SLICE_LITERAL("\"\\\b\f\n\r\t"), SLICE_LITERAL("\"\\\"\\\\\\b\\f\\n\\r\\t\""));
    expect_text(SLICE_LITERAL("\0"
                              "a\x01\x1f"),
                SLICE_LITERAL("\"\\u0000a\\u0001\\u001f\""));
}

static void keeps_utf_8_as_it_is(void **state)
{
    static const char *const texts[] = {
        "\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
        "\xed\x9f\xbf",     "\xee\x80\x80",     "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xe2\x82\xac and more",
    };
    (void)state;
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        char quoted[32];
        snprintf(quoted, sizeof quoted, "\"%s\"", texts[index]);
        expect_text(slice_from_string(texts[index]), slice_from_string(quoted));
    }
}

/* One U+FFFD for each byte that begins no character (RFC 3629, 3 and 4). */
static void replaces_what_is_not_utf_8(void **state)
{
    static const struct {
        const char *text;
        const char *shown; /* ? stands for U+FFFD */
    } cases[] = {
        {"\x80", "?"},
        {"a\xff"
         "b",
         "a?b"},
        {"\xc0\x80", "??"},
        {"\xc1\xbf", "??"},
        {"\xc3", "?"},
        {"\xc3(", "?("},
        {"\xe0\x80\x80", "???"},
        {"\xe0\x9f\xbf", "???"},
        {"\xed\xa0\x80", "???"},
        {"\xe2\x82", "??"},
        {"\xf0\x80\x80\x80", "????"},
        {"\xf0\x9f\x92", "???"},
        {"\xf4\x90\x80\x80", "????"},
        {"\xf5\x80\x80\x80", "????"},
        {"\xf8\x88\x80\x80\x80", "?????"},
        {"\xe2\"", "?\\\""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct buffer json;
        buffer_init(&json, 100);
        assert_int_equal(buffer_append_byte(&json, '"'), STATUS_OK);
        for (const char *byte = cases[index].shown; *byte != '\0'; byte++) {
            struct slice part = *byte == '?' ? SLICE_LITERAL("\xef\xbf\xbd") : slice_make(byte, 1);
            assert_int_equal(buffer_append_slice(&json, part), STATUS_OK);
        }
        assert_int_equal(buffer_append_byte(&json, '"'), STATUS_OK);
        expect_text(slice_from_string(cases[index].text), buffer_slice(&json));
        buffer_fini(&json);
    }
}

static void what_is_not_there_is_null(void **state)
{
    struct fixture fixture;
    struct id zero = {{0}};
    struct id one = {{0x12, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80}};
    (void)state;
    start(&fixture, 1000);
    json_object_begin(&fixture.writer);
    json_member_id(&fixture.writer, "a", &zero);
    json_member_id(&fixture.writer, "b", &one);
    json_member_time(&fixture.writer, "c", 0);
    json_member_time(&fixture.writer, "d", 1);
    json_member_text_or_null(&fixture.writer, "e", SLICE_EMPTY);
    json_member_text_or_null(&fixture.writer, "f", SLICE_LITERAL("x"));
    json_object_end(&fixture.writer);
    expect(&fixture,
           SLICE_LITERAL("{\"a\":null,\"b\":\"12300000-0000-4000-8000-000000000000\",\"c\":null,"
                         "\"d\":\"1970-01-01T00:00:00.001Z\",\"e\":null,\"f\":\"x\"}"));
}

static void the_first_failure_sticks(void **state)
{
    (void)state;
    struct fixture whole;
    start(&whole, 1000);
    write_example(&whole.writer);
    size_t size = whole.buffer.size;
    buffer_fini(&whole.buffer);
    for (size_t limit = 0; limit < size; limit++) {
        struct fixture fixture;
        start(&fixture, limit);
        write_example(&fixture.writer);
        assert_int_equal(json_writer_status(&fixture.writer), STATUS_TOO_LARGE);
        assert_true(fixture.buffer.size <= limit);
        buffer_fini(&fixture.buffer);
    }
    struct fixture fixture;
    start(&fixture, 1000);
    memory_fail_at(1);
    write_example(&fixture.writer);
    memory_fail_never();
    assert_int_equal(json_writer_status(&fixture.writer), STATUS_NO_MEMORY);
    assert_int_equal(fixture.buffer.size, 0);
    buffer_fini(&fixture.buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_only_between_members_and_elements),
        cmocka_unit_test(writes_every_integer),
        cmocka_unit_test(escapes_what_must_be_escaped),
        cmocka_unit_test(keeps_utf_8_as_it_is),
        cmocka_unit_test(replaces_what_is_not_utf_8),
        cmocka_unit_test(what_is_not_there_is_null),
        cmocka_unit_test(the_first_failure_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
