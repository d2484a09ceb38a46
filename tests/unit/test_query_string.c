/* Query strings: decoding, repetition, refusal. */
#include "tests/unit/test.h"

#include "gateway/query_string.h"

static void test_values_are_decoded(void **state)
{
    static const struct {
        const char *text;
        const char *value;
    } cases[] = {
        {"a=1", "1"},     {"x=0&a=1&y=2", "1"},
        {"a=b+c", "b c"}, {"a=b%20c%2F%2f", "b c//"},
        {"&&a=1&", "1"},  {"a", ""},
        {"a=", ""},       {"a==", "="},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct query_string query;
        struct slice value = SLICE_EMPTY;
        assert_int_equal(query_string_parse(slice_from_string(cases[index].text), &query),
                         STATUS_OK);
        assert_int_equal(query_string_find(&query, "a", &value), 1);
        assert_true(slice_equal(value, slice_from_string(cases[index].value)));
    }
}

static void test_repeated_names_are_counted_and_the_first_wins(void **state)
{
    struct query_string query;
    struct slice value;
    (void)state;
    assert_int_equal(query_string_parse(slice_from_string("a=1&b=2&a=3"), &query), STATUS_OK);
    assert_int_equal(query_string_find(&query, "a", &value), 2);
    assert_true(slice_equal(value, SLICE_LITERAL("1")));
    assert_int_equal(query_string_find(&query, "c", &value), 0);
}

static void test_bad_escapes_are_malformed(void **state)
{
    static const char *const texts[] = {"a=%", "a=%2", "a=%zz", "a=%2z", "a=%z2"};
    struct query_string query;
    (void)state;
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        assert_int_equal(query_string_parse(slice_from_string(texts[index]), &query),
                         STATUS_MALFORMED);
    }
}

static void test_values_that_are_not_utf8_are_malformed(void **state)
{
    static const char *const texts[] = {
        "a=%ff", "a=\xff", "a=%c3%28", "a=x%e2%82", "a=%ed%a0%80", "a=%f4%90%80%80", "b=1&a=%c0%80",
    };
    struct query_string query;
    struct slice value = SLICE_EMPTY;
    (void)state;
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        assert_int_equal(query_string_parse(slice_from_string(texts[index]), &query),
                         STATUS_MALFORMED);
    }
    assert_int_equal(query_string_parse(SLICE_LITERAL("a=%c3%a9\xc3\xa9"), &query), STATUS_OK);
    assert_int_equal(query_string_find(&query, "a", &value), 1);
    assert_true(slice_equal(value, SLICE_LITERAL("\xc3\xa9\xc3\xa9")));
}

static void test_limits_are_refused(void **state)
{
    char text[1024];
    struct query_string query;
    (void)state;
    memset(text, 'x', sizeof(text));
    text[1] = '=';
    assert_int_equal(query_string_parse(slice_make(text, 2 + QUERY_VALUE_SIZE_MAX), &query),
                     STATUS_OK);
    assert_int_equal(query_string_parse(slice_make(text, 3 + QUERY_VALUE_SIZE_MAX), &query),
                     STATUS_TOO_LARGE);
    for (size_t index = 0; index < sizeof(text); index++) {
        text[index] = "a&"[index % 2];
    }
    assert_int_equal(query_string_parse(slice_make(text, 2 * QUERY_PAIRS_MAX), &query), STATUS_OK);
    assert_int_equal(query_string_parse(slice_make(text, 2 * QUERY_PAIRS_MAX + 1), &query),
                     STATUS_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_decoded),
        cmocka_unit_test(test_repeated_names_are_counted_and_the_first_wins),
        cmocka_unit_test(test_bad_escapes_are_malformed),
        cmocka_unit_test(test_values_that_are_not_utf8_are_malformed),
        cmocka_unit_test(test_limits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
