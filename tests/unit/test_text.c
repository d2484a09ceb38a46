#include "proto/text.h"

#include "tests/unit/test.h"

struct text_case {
    struct slice text;
    size_t valid_size; /* of the front that is UTF-8 */
};

static const struct text_case CASES[] = {
    {SLICE_LITERAL(""), 0},
    {SLICE_LITERAL("plain"), 5},
    {SLICE_LITERAL("a\0b"), 3},
    {SLICE_LITERAL("sixteen letters!"), 16},
    {SLICE_LITERAL("\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xad"), 9},
    {SLICE_LITERAL("seven..\xc3\xa4.after"), 15},
    {SLICE_LITERAL("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"), 10},
    {SLICE_LITERAL("\x80"), 0},               /* a continuation alone */
    {SLICE_LITERAL("ab\xff"), 2},             /* never used */
    {SLICE_LITERAL("ab\xc3"), 2},             /* cut */
    {SLICE_LITERAL("ab\xe2\x82"), 2},         /* cut */
    {SLICE_LITERAL("ab\xf0\x9f\x8e"), 2},     /* cut */
    {SLICE_LITERAL("ab\xc3z"), 2},            /* no continuation */
    {SLICE_LITERAL("ab\xe2\x82z"), 2},        /* no second continuation */
    {SLICE_LITERAL("ab\xc0\x80"), 2},         /* longer than needed */
    {SLICE_LITERAL("ab\xc1\xbf"), 2},         /* longer than needed */
    {SLICE_LITERAL("ab\xe0\x9f\xbf"), 2},     /* longer than needed */
    {SLICE_LITERAL("ab\xf0\x8f\xbf\xbf"), 2}, /* longer than needed */
    {SLICE_LITERAL("ab\xed\xa0\x80"), 2},     /* a surrogate */
    {SLICE_LITERAL("ab\xf4\x90\x80\x80"), 2}, /* above U+10FFFF */
    {SLICE_LITERAL("ab\xf5\x80\x80\x80"), 2}, /* above U+10FFFF */
    {SLICE_LITERAL("0123456789abcdef\xff"), 16},
};

static void text_is_told_from_other_bytes(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof(CASES) / sizeof(CASES[0]); index++) {
        struct slice text = CASES[index].text;
        assert_int_equal(text_is_valid(text), CASES[index].valid_size == text.size);
        assert_int_equal(text_clip(text, 1000).size, CASES[index].valid_size);
    }
    assert_true(text_is_valid(SLICE_EMPTY));
}

static void text_is_cut_between_characters(void **state)
{
    static const size_t sizes[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    struct slice text = SLICE_LITERAL("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xad");
    (void)state;
    for (size_t limit = 0; limit < sizeof(sizes) / sizeof(sizes[0]); limit++) {
        assert_int_equal(text_clip(text, limit).size, sizes[limit]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_told_from_other_bytes),
        cmocka_unit_test(text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
