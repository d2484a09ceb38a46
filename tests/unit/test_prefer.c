/* Prefer headers, from RFC 7240 and as clients get them wrong. */
#include "gateway/prefer.h"

#include "tests/unit/test.h"

static void test_wait_is_found(void **state)
{
    static const struct {
        const char *header;
        uint32_t wait_s;
    } cases[] = {
        {"wait=10", 10},
        {"wait=0", 0},
        {"WAIT = 7", 7},
        {"wait=\"15\"", 15},
        {"respond-async, wait=30", 30},
        {"respond-async,wait=30,handling=lenient", 30},
        {"priority=5; a=b, wait=9; x=\"1,2\"", 9},
        {"foo=\"a, wait=3\", wait=4", 4},
        {"foo=\"a\\\", wait=3\", wait=5", 5},
        {"wait=abc, wait=6", 6},
        {"wait=6, wait=8", 6},
        {"wait=60", 60},
        {"wait=61", 60},
        {"wait=99999999999999999999", 60},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        uint32_t wait_s = 99;
        assert_true(prefer_wait(slice_from_string(cases[index].header), &wait_s));
        assert_int_equal(wait_s, cases[index].wait_s);
    }
}

static void test_what_is_no_wait_is_passed_over(void **state)
{
    static const char *const headers[] = {
        "",       ",",        "wait",         "wait=",        "wait=-1",   "wait=1.5",
        "wait=x", "wait=\"",  "wait=\"\"",    "waiting=3",    "x; wait=3", "foo=\"wait=3",
        "=3",     "wait=1 2", "wait=\"1\" 2", "\"wait\"=3\\", "foo=\"\\",  "wait==3",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(headers) / sizeof(headers[0]); index++) {
        uint32_t wait_s = 99;
        assert_false(prefer_wait(slice_from_string(headers[index]), &wait_s));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_is_found),
        cmocka_unit_test(test_what_is_no_wait_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
