/* Requests with an Idempotency-Key: what is said of one that comes again. */
#include "actors/studio/repeats.h"

#include <stdio.h>
#include "tests/unit/test.h"

static struct repeats repeats;

static int set_up(void **state)
{
    (void)state;
    repeats = (struct repeats){0};
    return 0;
}

static enum repeat take(const char *key, uint64_t words)
{
    struct repeat_entry *entry = NULL;
    enum repeat repeat = repeats_take(&repeats, key, words, &entry);
    assert_int_equal(entry == NULL, key[0] == '\0');
    return repeat;
}

static void a_request_comes_again_with_its_key(void **state)
{
    (void)state;
    assert_int_equal(take("a", 7), REPEAT_FIRST);
    assert_int_equal(take("a", 7), REPEAT_UNDER_WAY);
    assert_int_equal(take("a", 8), REPEAT_OTHER_WORDS);
    repeats_done(&repeats, "a");
    assert_int_equal(take("a", 7), REPEAT_SAME);
    assert_int_equal(take("a", 8), REPEAT_OTHER_WORDS);
    assert_int_equal(take("b", 7), REPEAT_FIRST);
}

static void without_a_key_all_are_first(void **state)
{
    (void)state;
    assert_int_equal(take("", 7), REPEAT_FIRST);
    assert_int_equal(take("", 7), REPEAT_FIRST);
    repeats_done(&repeats, "");
    assert_int_equal(take("", 7), REPEAT_FIRST);
}

static void what_came_to_nothing_is_asked_for_anew(void **state)
{
    (void)state;
    assert_int_equal(take("a", 7), REPEAT_FIRST);
    repeats_forget(&repeats, "a");
    repeats_forget(&repeats, "nobody");
    repeats_done(&repeats, "nobody");
    assert_int_equal(take("a", 8), REPEAT_FIRST);
}

static void the_oldest_key_leaves_when_there_are_too_many(void **state)
{
    char key[LEDGER_TEXT_SIZE];
    (void)state;
    for (int number = 0; number <= REPEATS_MAX; number++) {
        snprintf(key, sizeof key, "key-%d", number);
        assert_int_equal(take(key, 1), REPEAT_FIRST);
    }
    assert_int_equal(take("key-1", 1), REPEAT_UNDER_WAY);
    assert_int_equal(take("key-0", 1), REPEAT_FIRST);
    assert_int_equal(take("key-1", 1), REPEAT_FIRST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_request_comes_again_with_its_key, set_up),
        cmocka_unit_test_setup(without_a_key_all_are_first, set_up),
        cmocka_unit_test_setup(what_came_to_nothing_is_asked_for_anew, set_up),
        cmocka_unit_test_setup(the_oldest_key_leaves_when_there_are_too_many, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
