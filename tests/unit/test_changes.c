#include "broker/core/changes.h"

#include <stdlib.h>

#include "tests/unit/test.h"

static const struct slice one = {(const uint8_t *)"one", 3};
static const struct slice two = {(const uint8_t *)"two", 3};

static int setup(void **state)
{
    struct changes *changes = malloc(sizeof(*changes));
    assert_non_null(changes);
    changes_init(changes);
    *state = changes;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void knows_of_no_change_at_first(void **state)
{
    assert_false(changes_since(*state, CHANGE_JOB, one, SLICE_EMPTY, 0));
}

static void tells_whether_a_look_was_before_the_change(void **state)
{
    changes_note(*state, CHANGE_KEY, one, two, 7);
    assert_true(changes_since(*state, CHANGE_KEY, one, two, 6));
    assert_false(changes_since(*state, CHANGE_KEY, one, two, 7));
    changes_note(*state, CHANGE_KEY, one, two, 9);
    assert_true(changes_since(*state, CHANGE_KEY, one, two, 8));
    assert_false(changes_since(*state, CHANGE_KEY, one, two, 9));
}

static void keeps_facts_of_different_kinds_and_keys_apart(void **state)
{
    changes_note(*state, CHANGE_KEY, one, two, 7);
    assert_false(changes_since(*state, CHANGE_KEY, two, one, 0));
    assert_false(changes_since(*state, CHANGE_KEY, one, one, 0));
    assert_false(changes_since(*state, CHANGE_DOCUMENT, one, two, 0));
    assert_false(changes_since(*state, CHANGE_JOB, one, two, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(knows_of_no_change_at_first, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_whether_a_look_was_before_the_change, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(keeps_facts_of_different_kinds_and_keys_apart, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
