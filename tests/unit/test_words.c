/* What was meant by a word that nobody knows. */

#include "base/words.h"

#include <string.h>
#include "tests/unit/test.h"

static const char *const COMMANDS[] = {"up",    "tail",    "top",    "cancel",
                                       "retry", "restart", "--json", NULL};

static void a_word_is_like_one_that_it_nearly_is(void **state)
{
    static const struct {
        const char *word, *like;
    } rows[] = {
        {"tial", "tail"},
        {"cancle", "cancel"},
        {"canel", "cancel"},
        {"rety", "retry"},
        {"rest", "restart"},
        {"restrat", "restart"},
        {"--jsno", "--json"},
        {"--j", "--json"},
        {"cancelll", "cancel"},
        {"xyz", NULL},
        {"u", "up"},
        {"", NULL},
        {"tailandmoreofwhatnobodyhaseverwritten", NULL},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        const char *like = words_like(COMMANDS, rows[row].word);
        if (rows[row].like == NULL) {
            assert_null(like);
        } else {
            assert_non_null(like);
            assert_string_equal(like, rows[row].like);
        }
    }
}

static void words_are_found_and_listed(void **state)
{
    static const char *const one[] = {"image", NULL};
    static const char *const none[] = {NULL};
    char text[WORDS_SIZE_MAX];
    (void)state;
    assert_true(words_has(COMMANDS, "top"));
    assert_false(words_has(COMMANDS, "to"));
    assert_string_equal(words_write(COMMANDS, text),
                        "up, tail, top, cancel, retry, restart or --json");
    assert_string_equal(words_write(one, text), "image");
    assert_string_equal(words_write(none, text), "");
}

static void a_list_that_is_too_long_is_cut(void **state)
{
    static const char *words[202];
    char text[WORDS_SIZE_MAX];
    (void)state;
    for (size_t index = 0; index < 200; index++) {
        words[index] = "character";
    }
    assert_int_equal(strlen(words_write(words, text)), WORDS_SIZE_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_like_one_that_it_nearly_is),
        cmocka_unit_test(words_are_found_and_listed),
        cmocka_unit_test(a_list_that_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
