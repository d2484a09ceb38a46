/* Parts and weights of headers that are lists (RFC 9110, 5.6 and 12.4.2). */
#include "tests/unit/test.h"

#include "base/header_list.h"

static void test_a_part_ends_at_the_next_end_that_is_not_quoted(void **state)
{
    struct slice text = SLICE_LITERAL(" a ;b=\"c;\\\"d\" ; e");
    (void)state;
    assert_true(header_token_is(header_part_take(&text, ';'), "A"));
    assert_true(slice_equal(header_part_take(&text, ';'), SLICE_LITERAL("b=\"c;\\\"d\"")));
    assert_true(header_token_is(header_part_take(&text, ';'), "e"));
    assert_int_equal(text.size, 0);
}

static void test_weights_are_read_in_thousandths(void **state)
{
    static const struct {
        const char *parameters;
        int weight;
    } cases[] = {
        {"", 1000},     {"q=1", 1000},    {"q=0.5", 500},
        {"q=0.001", 1}, {"q=0", 0},       {"version=1.0.0;q=0.25", 250},
        {"Q=0.1", 100}, {"q=1.5", -1},    {"q=2", -1},
        {"q=x", -1},    {"q=0.1234", -1}, {"q=0,5", -1},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(header_weight(slice_from_string(cases[index].parameters)),
                         cases[index].weight);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_part_ends_at_the_next_end_that_is_not_quoted),
        cmocka_unit_test(test_weights_are_read_in_thousandths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
