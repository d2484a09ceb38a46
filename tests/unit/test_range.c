/* Range headers against a representation of a given size (RFC 9110, 14). */
#include "tests/unit/test.h"

#include "gateway/range.h"

static void test_ranges_are_read_as_the_standard_says(void **state)
{
    static const struct {
        const char *header;
        uint64_t size;
        enum range_result result;
        uint64_t first;
        uint64_t last;
    } cases[] = {
        {"", 100, RANGE_WHOLE, 0, 0},
        {"bytes=0-0", 100, RANGE_PART, 0, 0},
        {"bytes=10-19", 100, RANGE_PART, 10, 19},
        {"bytes=10-", 100, RANGE_PART, 10, 99},
        {"bytes=90-1000", 100, RANGE_PART, 90, 99},
        {"bytes=-1", 100, RANGE_PART, 99, 99},
        {"bytes=-100", 100, RANGE_PART, 0, 99},
        {"bytes=-500", 100, RANGE_PART, 0, 99},
        {"bytes=0-99999999999999999999999999", 100, RANGE_PART, 0, 99},
        {"bytes=100-", 100, RANGE_OUTSIDE, 0, 0},
        {"bytes=100-200", 100, RANGE_OUTSIDE, 0, 0},
        {"bytes=99999999999999999999999999-", 100, RANGE_OUTSIDE, 0, 0},
        {"bytes=-0", 100, RANGE_OUTSIDE, 0, 0},
        {"bytes=0-", 0, RANGE_OUTSIDE, 0, 0},
        {"bytes=-5", 0, RANGE_OUTSIDE, 0, 0},
        {"bytes=5-4", 100, RANGE_WHOLE, 0, 0},
        {"bytes=0-1,5-6", 100, RANGE_WHOLE, 0, 0},
        {"bytes=-", 100, RANGE_WHOLE, 0, 0},
        {"bytes=", 100, RANGE_WHOLE, 0, 0},
        {"bytes=a-b", 100, RANGE_WHOLE, 0, 0},
        {"bytes=1-2x", 100, RANGE_WHOLE, 0, 0},
        {"bytes = 1-2", 100, RANGE_WHOLE, 0, 0},
        {"items=0-1", 100, RANGE_WHOLE, 0, 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        uint64_t first = 0;
        uint64_t last = 0;
        assert_int_equal(
            range_parse(slice_from_string(cases[index].header), cases[index].size, &first, &last),
            cases[index].result);
        if (cases[index].result == RANGE_PART) {
            assert_int_equal(first, cases[index].first);
            assert_int_equal(last, cases[index].last);
        }
    }
}

static void test_a_header_asks_for_one_range_or_not(void **state)
{
    (void)state;
    assert_true(range_is_one(SLICE_LITERAL("bytes=0-0")));
    assert_true(range_is_one(SLICE_LITERAL("bytes=7-")));
    assert_true(range_is_one(SLICE_LITERAL("bytes=-7")));
    assert_false(range_is_one(SLICE_LITERAL("bytes=0-1,5-6")));
    assert_false(range_is_one(SLICE_EMPTY));
}

static void test_a_content_range_is_read_when_it_makes_sense(void **state)
{
    static const char *const bad[] = {
        "",
        "bytes",
        "bytes ",
        "bytes 1-2",
        "bytes 1-2/",
        "bytes 1-2/*",
        "bytes 2-1/5",
        "bytes 1-5/5",
        "bytes -2/5",
        "bytes */5",
        "items 1-2/5",
        "bytes 1-2/5 ",
        "bytes=1-2/5",
        "bytes 1 2/5",
        "bytes 1-2/18446744073709551616",
    };
    uint64_t first = 0;
    uint64_t last = 0;
    uint64_t size = 0;
    (void)state;
    assert_true(range_parse_content(SLICE_LITERAL("bytes 1-4/5"), &first, &last, &size));
    assert_int_equal(first, 1);
    assert_int_equal(last, 4);
    assert_int_equal(size, 5);
    for (size_t index = 0; index < sizeof(bad) / sizeof(bad[0]); index++) {
        assert_false(range_parse_content(slice_from_string(bad[index]), &first, &last, &size));
    }
}

static void test_a_size_is_a_number_and_nothing_else(void **state)
{
    uint64_t size = 0;
    (void)state;
    assert_true(range_parse_size(SLICE_LITERAL("1024"), &size));
    assert_int_equal(size, 1024);
    assert_false(range_parse_size(SLICE_LITERAL(""), &size));
    assert_false(range_parse_size(SLICE_LITERAL("-1"), &size));
    assert_false(range_parse_size(SLICE_LITERAL("1 "), &size));
    assert_false(range_parse_size(SLICE_LITERAL("99999999999999999999"), &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_are_read_as_the_standard_says),
        cmocka_unit_test(test_a_header_asks_for_one_range_or_not),
        cmocka_unit_test(test_a_content_range_is_read_when_it_makes_sense),
        cmocka_unit_test(test_a_size_is_a_number_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
