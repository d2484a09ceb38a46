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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_options_from_anywhere_and_leaves_the_words),
        cmocka_unit_test(refuses_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
