/* traceparent headers, from the examples of W3C Trace Context and as they go wrong. */
#include "proto/traceparent.h"

#include "tests/unit/test.h"

#define TRACE_ID  "0af7651916cd43dd8448eb211c80319c"
#define PARENT_ID "b7ad6b7169203331"

static const char GOOD[] = "00-" TRACE_ID "-" PARENT_ID "-01";

static void test_a_traceparent_is_read(void **state)
{
    static const char *const headers[] = {
        GOOD,
        "cc-" TRACE_ID "-" PARENT_ID "-01",
        "cc-" TRACE_ID "-" PARENT_ID "-01-what-the-future-holds",
        "01-" TRACE_ID "-" PARENT_ID "-01-",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(headers) / sizeof(headers[0]); index++) {
        char out[TRACEPARENT_SIZE];
        assert_true(traceparent_read(slice_from_string(headers[index]), out));
        assert_memory_equal(out, GOOD, TRACEPARENT_SIZE);
        assert_true(traceparent_is_valid(slice_make(out, TRACEPARENT_SIZE)));
    }
}

static void test_what_is_no_traceparent_is_not_read(void **state)
{
    static const char *const headers[] = {
        "",
        "00",
        "00-" TRACE_ID "-" PARENT_ID,
        "00-" TRACE_ID "-" PARENT_ID "-0",
        "00-" TRACE_ID "-" PARENT_ID "-011",
        "00-" TRACE_ID "-" PARENT_ID "-01-more",
        "cc-" TRACE_ID "-" PARENT_ID "-01.more",
        "ff-" TRACE_ID "-" PARENT_ID "-01",
        "0g-" TRACE_ID "-" PARENT_ID "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" PARENT_ID "-01",
        "00-" TRACE_ID "-B7AD6B7169203331-01",
        "00-00000000000000000000000000000000-" PARENT_ID "-01",
        "00-" TRACE_ID "-0000000000000000-01",
        "00_" TRACE_ID "-" PARENT_ID "-01",
        "00-" TRACE_ID "_" PARENT_ID "-01",
        "00-" TRACE_ID "-" PARENT_ID "_01",
        "00-" TRACE_ID "-" PARENT_ID "-zz",
        " 00-" TRACE_ID "-" PARENT_ID "-01",
        "00-" TRACE_ID "-" PARENT_ID "\r\n1",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(headers) / sizeof(headers[0]); index++) {
        char out[TRACEPARENT_SIZE];
        assert_false(traceparent_read(slice_from_string(headers[index]), out));
        assert_false(traceparent_is_valid(slice_from_string(headers[index])));
    }
}

static void test_only_version_00_is_sent_on(void **state)
{
    (void)state;
    assert_true(traceparent_is_valid(slice_from_string(GOOD)));
    assert_false(traceparent_is_valid(slice_from_string("cc-" TRACE_ID "-" PARENT_ID "-01")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_traceparent_is_read),
        cmocka_unit_test(test_what_is_no_traceparent_is_not_read),
        cmocka_unit_test(test_only_version_00_is_sent_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
