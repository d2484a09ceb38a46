/* Request heads, whole, in part and broken. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include "base/metrics_head.h"

static void test_heads_are_read_or_refused(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        const char *path;
        const char *accept;
    } cases[] = {
        {"GET /metrics HTTP/1.1\r\nHost: a\r\nAccept:  x;q=1 \r\n\r\n", STATUS_OK, "/metrics",
         "x;q=1"},
        {"GET /metrics?a=b HTTP/1.0\r\n\r\n", STATUS_OK, "/metrics", ""},
        {"GET /metrics HTTP/1.1\r\nACCEPT: y\r\n\r\nbody", STATUS_OK, "/metrics", "y"},
        {"", STATUS_AGAIN, "", ""},
        {"GET /metrics HTTP/1.1\r\n", STATUS_AGAIN, "", ""},
        {"\r\n\r\n", STATUS_MALFORMED, "", ""},
        {"GET\r\n\r\n", STATUS_MALFORMED, "", ""},
        {"GET metrics HTTP/1.1\r\n\r\n", STATUS_MALFORMED, "", ""},
        {"GET /metrics HTTP/2\r\n\r\n", STATUS_MALFORMED, "", ""},
        {"GET /metrics\r\n\r\n", STATUS_MALFORMED, "", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct metrics_head head;
        assert_int_equal(metrics_head_read(slice_from_string(cases[index].text), &head),
                         cases[index].status);
        if (cases[index].status == STATUS_OK) {
            assert_true(slice_equal(head.method, SLICE_LITERAL("GET")));
            assert_true(slice_equal(head.path, slice_from_string(cases[index].path)));
            assert_true(slice_equal(head.accept, slice_from_string(cases[index].accept)));
        }
    }
}

static void test_a_head_without_an_end_is_too_large_at_last(void **state)
{
    struct metrics_head head;
    uint8_t *bytes = calloc(1, METRICS_HEAD_SIZE_MAX);
    (void)state;
    memset(bytes, 'a', METRICS_HEAD_SIZE_MAX);
    assert_int_equal(metrics_head_read(slice_make(bytes, METRICS_HEAD_SIZE_MAX - 1), &head),
                     STATUS_AGAIN);
    assert_int_equal(metrics_head_read(slice_make(bytes, METRICS_HEAD_SIZE_MAX), &head),
                     STATUS_TOO_LARGE);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads_are_read_or_refused),
        cmocka_unit_test(test_a_head_without_an_end_is_too_large_at_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
