/* A long text over a few lines of a terminal. */
#include "cli/wrap.h"

#include "tests/unit/test.h"

static void assert_wrapped(const char *text, int indent, int columns, int lines, const char *wanted)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(wrap_draw(text, indent, columns, lines, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal((const char *)out.data, wanted);
    buffer_fini(&out);
}

static void what_fits_is_as_it_is(void **state)
{
    (void)state;
    assert_wrapped("", 2, 10, 3, "");
    assert_wrapped("12345678", 2, 10, 3, "12345678");
    assert_wrapped("äöüßäöüß", 2, 10, 1, "äöüßäöüß");
    assert_wrapped("王小明王", 2, 10, 1, "王小明王");
    assert_wrapped("王小明王小", 2, 10, 2, "王小明王\n  小");
    assert_wrapped("with trailing ", 0, 14, 1, "with trailing ");
}

static void lines_end_behind_words_and_are_indented(void **state)
{
    (void)state;
    assert_wrapped("one two three four", 2, 10, 4, "one two\n  three\n  four");
    assert_wrapped("a eight two", 0, 7, 4, "a eight\ntwo");
    assert_wrapped("{\"a\":1,\"b\":22,\"c\":3}", 1, 10, 4, "{\"a\":1,\n \"b\":22,\n \"c\":3}");
    assert_wrapped("123456789012345", 2, 10, 4, "12345678\n  9012345");
    assert_wrapped("a 34567890123", 2, 10, 4, "a 345678\n  90123");
    assert_wrapped("one        two", 2, 10, 4, "one\n  two");
}

static void an_address_stays_in_one_piece(void **state)
{
    (void)state;
    assert_wrapped("http://host/a/long/path", 2, 10, 4, "http://host/a/long/path");
    assert_wrapped("at http://host/a/long/path now", 2, 10, 4,
                   "at\n  http://host/a/long/path\n  now");
    assert_wrapped("at http://ho/a now", 2, 16, 4, "at http://ho/a\n  now");
    assert_wrapped("{\"url\":\"http://host/a\",\"b\":1}", 2, 10, 4,
                   "{\"url\":\"http://host/a\",\n  \"b\":1}");
    assert_wrapped("/assets/characters/1.png", 2, 10, 4, "/assets/characters/1.png");
    assert_wrapped("not /found in here", 2, 10, 4, "not /fou\n  nd in\n  here");
    assert_wrapped("see http://host/a/long/path", 2, 10, 1, "see …");
}

static void what_is_too_long_for_all_lines_is_cut(void **state)
{
    (void)state;
    assert_wrapped("123456789", 2, 10, 1, "1234567…");
    assert_wrapped("ääääääääää", 2, 10, 1, "äääääää…");
    assert_wrapped("one two three four five", 2, 10, 2, "one two\n  three f…");
    assert_wrapped("123", 2, 3, 1, "…");
}

static void without_a_width_nothing_is_divided(void **state)
{
    (void)state;
    assert_wrapped("one two three four five", 13, 0, 2, "one two three four five");
    assert_wrapped("one two", 13, 13, 1, "one two");
}

static void an_output_that_is_full_is_told(void **state)
{
    struct buffer out;
    (void)state;
    for (size_t size = 0; size < 18; size++) {
        buffer_init(&out, size);
        assert_int_equal(wrap_draw("one two three four", 2, 10, 3, &out), STATUS_TOO_LARGE);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_as_it_is),
        cmocka_unit_test(lines_end_behind_words_and_are_indented),
        cmocka_unit_test(an_address_stays_in_one_piece),
        cmocka_unit_test(what_is_too_long_for_all_lines_is_cut),
        cmocka_unit_test(without_a_width_nothing_is_divided),
        cmocka_unit_test(an_output_that_is_full_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
