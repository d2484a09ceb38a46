#include "cli/command.h"

#include <string.h>
#include "tests/unit/test.h"

static void takes_options_from_anywhere_and_leaves_the_words(void **state)
{
    const char *port = NULL, *data = NULL;
    bool json = false;
    const struct option_rule rules[] = {
        {"--port", &port, NULL}, {"--data", &data, NULL}, {"--json", NULL, &json}};
    static const char *const given[] = {"a",           "--port", "80", "-",
                                        "--data=/x=y", "--json", "--", "--b"};
    char *words[8];
    (void)state;
    memcpy(words, given, sizeof words);
    assert_int_equal(options_take(8, words, rules, 3), 3);
    assert_string_equal(words[0], "a");
    assert_string_equal(words[1], "-");
    assert_string_equal(words[2], "--b");
    assert_string_equal(port, "80");
    assert_string_equal(data, "/x=y");
    assert_true(json);
}

static void refuses_what_it_does_not_know(void **state)
{
    const char *port = NULL;
    bool json = false;
    const struct option_rule rules[] = {{"--port", &port, NULL}, {"--json", NULL, &json}};
    static const char *const bad[][2] = {
        {"--other", "1"}, {"x", "--port"}, {"x", "--json=1"}, {"--por", "1"}, {"--portx", "1"},
    };
    (void)state;
    for (size_t row = 0; row < sizeof bad / sizeof bad[0]; row++) {
        char *words[2];
        memcpy(words, bad[row], sizeof words);
        assert_int_equal(options_take(2, words, rules, 2), -1);
    }
}

static void help_is_asked_for_before_the_end_of_options(void **state)
{
    static const struct {
        const char *words[3];
        bool is_asked;
    } rows[] = {
        {{"a", "--help", "b"}, true},   {{"-h", "--", "b"}, true},       {{"a", "b", "-h"}, true},
        {{"--", "--help", "b"}, false}, {{"help", "-help", "h"}, false},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        char *words[3];
        memcpy(words, rows[row].words, sizeof words);
        assert_int_equal(options_ask_help(3, words), rows[row].is_asked);
    }
}

static void numbers_are_whole_and_in_their_range(void **state)
{
    static const char *const bad[] = {"",   "x",   "1x", "-1",
                                      "11", "1.5", " 1", "99999999999999999999"};
    int64_t number = 0;
    (void)state;
    assert_true(options_number("--port", "10", 0, 10, &number));
    assert_int_equal(number, 10);
    for (size_t row = 0; row < sizeof bad / sizeof bad[0]; row++) {
        assert_false(options_number("--port", bad[row], 0, 10, &number));
        assert_int_equal(number, 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_options_from_anywhere_and_leaves_the_words),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(help_is_asked_for_before_the_end_of_options),
        cmocka_unit_test(numbers_are_whole_and_in_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
