/* What happened in a queue, as a picture and as rows. */
#include "cli/history_view.h"

#include <stdio.h>
#include "tests/unit/test.h"

enum {
    TEXT_SIZE = 1 << 20,
};

/* An answer of so many steps of which each second one has a number of each count. */
static struct document *answer_of(size_t count, int64_t step_ms, int64_t number)
{
    struct buffer text;
    struct document *document = NULL;
    buffer_init(&text, TEXT_SIZE);
    buffer_append_format(&text, "{\"data\":{\"stepMs\":%lld,\"points\":[", (long long)step_ms);
    for (size_t index = 0; index < count; index++) {
        int64_t each = index % 2 == 0 ? number : 0;
        buffer_append_format(
            &text,
            "%s{\"at\":\"2026-01-%02zuT03:04:00.000Z\",\"started\":%lld,\"completed\":%lld,"
            "\"failed\":%lld,\"cancelled\":0,\"waitMs\":{\"p50\":%s,\"p95\":%s},"
            "\"runMs\":{\"p50\":null,\"p95\":null}}",
            index == 0 ? "" : ",", index % 31 + 1, (long long)each, (long long)each,
            (long long)each / 3, each > 0 ? "850" : "null", each > 0 ? "90000" : "null");
    }
    buffer_append_format(&text, "]}}");
    assert_int_equal(document_parse(buffer_slice(&text), &document), STATUS_OK);
    buffer_fini(&text);
    return document;
}

static char *drawn(const struct document *document, int columns, bool colours)
{
    static char text[TEXT_SIZE];
    const struct history_look look = {columns, colours};
    struct buffer out;
    buffer_init(&out, TEXT_SIZE);
    assert_int_equal(history_draw(document, "image", &look, &out), STATUS_OK);
    snprintf(text, sizeof text, "%.*s", SLICE_PRINT(buffer_slice(&out)));
    buffer_fini(&out);
    return text;
}

static void a_picture_has_bars_sums_and_times(void **state)
{
    struct document *document = answer_of(6, 60000, 300);
    (void)state;
    assert_string_equal(drawn(document, 80, false),
                        "image: each bar 1 min, 25.0% of what ended failed\n"
                        "started    █ █ █   900, most 300\n"
                        "completed  █ █ █   900, most 300\n"
                        "failed     █ █ █   300, most 100\n"
                        "cancelled          0\n"
                        "wait p50   ▁ ▁ ▁   most 850 ms\n"
                        "wait p95   █ █ █   most 1.5 min\n"
                        "run p50            -\n"
                        "run p95            -\n"
                        "           1 Jan 03:04 6 Jan 03:04 UTC\n");
    assert_non_null(strstr(drawn(document, 80, true), "failed     \033[31m█ █ █ \033[0m  300"));
    assert_true(history_has_any(document));
    document_destroy(&document);
}

static int widest_line(const char *text)
{
    int widest = 0;
    int width = 0;
    for (; *text != '\0'; text++) {
        width = *text == '\n' ? 0 : width + (((unsigned char)*text & 0xc0) != 0x80);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void it_fits_by_having_several_steps_in_a_bar(void **state)
{
    static const struct {
        size_t count;
        int64_t step_ms;
        int columns;
        const char *head;
    } table[] = {
        {60, 60000, 140, "each bar 1 min"},   {60, 60000, 60, "each bar 3 min"},
        {96, 900000, 140, "each bar 15 min"}, {96, 900000, 80, "each bar 45 min"},
        {96, 900000, 60, "each bar 1 h"},     {120, 21600000, 140, "each bar 12 h"},
        {120, 21600000, 60, "each bar 30 h"},
    };
    (void)state;
    for (size_t row = 0; row < sizeof table / sizeof table[0]; row++) {
        struct document *document = answer_of(table[row].count, table[row].step_ms, 1234567);
        const char *text = drawn(document, table[row].columns, false);
        if (strstr(text, table[row].head) == NULL) {
            fail_msg("no \"%s\" in \"%s\"", table[row].head, text);
        }
        assert_in_range(widest_line(text), 40, table[row].columns);
        document_destroy(&document);
    }
}

/* Whatever the numbers are: they are told whole, so that a terminal needs room for the longest. */
static void no_line_is_wider_than_its_terminal(void **state)
{
    static const struct {
        size_t count;
        int64_t step_ms;
    } kinds[] = {{1, 60000}, {3, 60000}, {60, 60000}, {96, 900000}, {120, 21600000}};
    (void)state;
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        for (int64_t number = 1; number < INT64_C(1000000000000); number = 31 * number + 3) {
            struct document *document = answer_of(kinds[kind].count, kinds[kind].step_ms, number);
            for (int columns = 60; columns <= 100; columns += 2) {
                int widest = widest_line(drawn(document, columns, false));
                assert_in_range(widest, 1, columns);
            }
            document_destroy(&document);
        }
    }
}

static void a_sum_is_whole_however_narrow_it_is(void **state)
{
    struct document *document = answer_of(60, 60000, 1234567);
    (void)state;
    assert_non_null(strstr(drawn(document, 10, false), "37037010, most"));
    document_destroy(&document);
}

static void where_nothing_happened_there_is_nothing(void **state)
{
    struct document *document = answer_of(60, 60000, 0);
    (void)state;
    assert_false(history_has_any(document));
    document_destroy(&document);
    document = answer_of(0, 60000, 0);
    assert_false(history_has_any(document));
    assert_string_equal(drawn(document, 80, false), "");
    document_destroy(&document);
    assert_int_equal(document_parse(SLICE_LITERAL("{}"), &document), STATUS_OK);
    assert_false(history_has_any(document));
    document_destroy(&document);
}

static void times_that_are_none_are_not_drawn(void **state)
{
    static const char *const times[] = {"", "\033]0;x\007 long enough", "2026-99-01T00:00:00.000Z",
                                        "2026-01-02T\033[2J00.000Z"};
    (void)state;
    for (size_t index = 0; index < sizeof times / sizeof times[0]; index++) {
        char json[512];
        char escaped[256];
        size_t size = 0;
        for (const char *at = times[index]; *at != '\0'; at++) {
            size += (size_t)snprintf(escaped + size, sizeof escaped - size, "\\u%04x", *at);
        }
        snprintf(json, sizeof json, "{\"data\":{\"points\":[{\"at\":\"%.*s\",\"started\":1}]}}",
                 (int)size, escaped);
        struct document *document = NULL;
        assert_int_equal(document_parse(slice_from_string(json), &document), STATUS_OK);
        assert_null(strchr(drawn(document, 80, false), '\033'));
        document_destroy(&document);
    }
}

static void a_table_has_a_row_for_each_step(void **state)
{
    struct document *document = answer_of(2, 60000, 300);
    struct table table;
    struct buffer out;
    (void)state;
    table_init(&table, history_names);
    history_put(document, "image", &table);
    buffer_init(&out, TEXT_SIZE);
    assert_int_equal(table_draw(&table, 0, false, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    const char *text = strchr((const char *)out.data, '\n') + 1;
    char words[256];
    size_t size = 0;
    for (; *text != '\0'; text++) { /* what stands between the words is the table's affair */
        bool is_space = *text == ' ' && size > 0 && words[size - 1] == ' ';
        words[size] = *text;
        size += !is_space;
    }
    words[size] = '\0';
    assert_string_equal(words, "image 2026-01-01T03:04:00.000Z 300 300 100 0 850 90000 - -\n"
                               "image 2026-01-02T03:04:00.000Z 0 0 0 0 - - - -\n");
    buffer_fini(&out);
    table_fini(&table);
    document_destroy(&document);
}

static void an_output_that_is_full_is_told(void **state)
{
    struct document *document = answer_of(6, 60000, 300);
    const struct history_look look = {80, true};
    struct buffer out;
    (void)state;
    const size_t whole = strlen(drawn(document, look.columns, look.colours));
    for (size_t size = 0; size < whole; size++) {
        buffer_init(&out, size);
        assert_int_equal(history_draw(document, "image", &look, &out), STATUS_TOO_LARGE);
        buffer_fini(&out);
    }
    document_destroy(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_has_bars_sums_and_times),
        cmocka_unit_test(it_fits_by_having_several_steps_in_a_bar),
        cmocka_unit_test(no_line_is_wider_than_its_terminal),
        cmocka_unit_test(a_sum_is_whole_however_narrow_it_is),
        cmocka_unit_test(where_nothing_happened_there_is_nothing),
        cmocka_unit_test(times_that_are_none_are_not_drawn),
        cmocka_unit_test(a_table_has_a_row_for_each_step),
        cmocka_unit_test(an_output_that_is_full_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
