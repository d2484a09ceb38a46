/* Lookups of names under way: bounded, those that are left included, for a while. */
#include "base/name_lookups.h"

#include "tests/unit/test.h"

static void begin_all(struct name_lookups *lookups, int64_t now_ms)
{
    for (int index = 0; index < NAME_LOOKUPS_MAX; index++) {
        assert_true(name_lookups_begin(lookups, now_ms));
    }
    assert_false(name_lookups_begin(lookups, now_ms));
}

static void test_one_that_ends_makes_room(void **state)
{
    (void)state;
    struct name_lookups lookups = {0};
    begin_all(&lookups, 1000);
    name_lookups_end(&lookups);
    assert_true(name_lookups_begin(&lookups, 1000));
    assert_false(name_lookups_begin(&lookups, 1000));
}

static void test_one_that_is_left_counts_for_a_while(void **state)
{
    (void)state;
    struct name_lookups lookups = {0};
    begin_all(&lookups, 1000);
    name_lookups_leave(&lookups, 2000);
    assert_false(name_lookups_begin(&lookups, 2000 + NAME_LOOKUP_LEFT_MS - 1));
    assert_true(name_lookups_begin(&lookups, 2000 + NAME_LOOKUP_LEFT_MS));
}

static void test_all_may_be_left_again_and_again(void **state)
{
    (void)state;
    struct name_lookups lookups = {0};
    int64_t now_ms = 0;
    for (int round = 0; round < 3; round++) {
        begin_all(&lookups, now_ms);
        for (int index = 0; index < NAME_LOOKUPS_MAX - round; index++) {
            name_lookups_leave(&lookups, now_ms);
        }
        for (int index = 0; index < round; index++) {
            name_lookups_end(&lookups);
            assert_true(name_lookups_begin(&lookups, now_ms));
            name_lookups_leave(&lookups, now_ms);
        }
        assert_false(name_lookups_begin(&lookups, now_ms));
        now_ms += NAME_LOOKUP_LEFT_MS;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_that_ends_makes_room),
        cmocka_unit_test(test_one_that_is_left_counts_for_a_while),
        cmocka_unit_test(test_all_may_be_left_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
