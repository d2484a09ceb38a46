/* Refusals: their envelope, and what the broker's and the library's codes become. */
#include "gateway/http_error.h"

#include "tests/unit/test.h"

static void is_rendered_as(const struct refusal *refusal, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(http_error_render(refusal, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_fini(&out);
}

static void test_an_error_has_an_envelope(void **state)
{
    const struct http_error error = {418, "teapot", "Short and \"stout\"", 0};
    struct problems problems = {0};
    (void)state;
    struct refusal refusal = {.error = &error};
    is_rendered_as(&refusal,
                   "{\"success\":false,\"statusCode\":418,\"message\":\"Short and \\\"stout\\\"\","
                   "\"error\":{\"code\":\"teapot\",\"details\":[]}}");
    problems_add(&problems, "spout", "must be %d", 1);
    problems_add(&problems, "handle", "is required");
    refusal.problems = &problems;
    refusal.data = SLICE_LITERAL("{\"tea\":1}");
    is_rendered_as(&refusal,
                   "{\"success\":false,\"statusCode\":418,\"message\":\"Short and \\\"stout\\\"\","
                   "\"error\":{\"code\":\"teapot\",\"details\":["
                   "{\"field\":\"spout\",\"problem\":\"must be 1\"},"
                   "{\"field\":\"handle\",\"problem\":\"is required\"}]},\"data\":{\"tea\":1}}");
}

static void problem_is(const struct refusal *refusal, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(http_error_render_problem(refusal, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_fini(&out);
}

static void test_an_error_as_problem_details(void **state)
{
    struct problems problems = {0};
    struct refusal refusal = {
        .error = &HTTP_ERROR_VALIDATION,
        .problems = &problems,
        .path = SLICE_LITERAL("/api/x"),
        .request_id = SLICE_LITERAL("r1"),
    };
    (void)state;
    problems_add(&problems, "age", "must be 0 to %d", 9);
    problems_add(&problems, "name", "is required");
    problem_is(&refusal,
               "{\"type\":\"/docs#validation_failed\",\"title\":\"The request is not valid\","
               "\"status\":400,\"detail\":\"age must be 0 to 9; name is required\","
               "\"instance\":\"/api/x\",\"code\":\"validation_failed\",\"requestId\":\"r1\","
               "\"errors\":[{\"field\":\"age\",\"problem\":\"must be 0 to 9\"},"
               "{\"field\":\"name\",\"problem\":\"is required\"}]}");
    refusal.error = &HTTP_ERROR_RATE_LIMITED;
    refusal.problems = NULL;
    refusal.data = SLICE_LITERAL("[]");
    problem_is(&refusal,
               "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
               "\"violated-policies\":[\"submit\"],"
               "\"title\":\"Too many jobs submitted in a short time\",\"status\":429,"
               "\"detail\":\"Too many jobs submitted in a short time\",\"instance\":\"/api/x\","
               "\"code\":\"rate_limited\",\"requestId\":\"r1\",\"errors\":[],\"data\":[]}");
}

static void test_long_problems_are_cut(void **state)
{
    struct problems problems = {0};
    (void)state;
    problems_add(&problems, "x", "%0200d", 7);
    assert_int_equal(strlen(problems.items[0].text), PROBLEM_SIZE_MAX - 1);
}

static void test_every_reply_of_the_broker_means_a_status(void **state)
{
    static const int statuses[REPLY_CODE_COUNT] = {
        [REPLY_CODE_OK] = 404,
        [REPLY_CODE_NOT_FOUND] = 404,
        [REPLY_CODE_CHARACTER_NOT_FOUND] = 404,
        [REPLY_CODE_MEDIA_NOT_FOUND] = 404,
        [REPLY_CODE_SOURCE_UNSUITABLE] = 409,
        [REPLY_CODE_ALREADY_ENDED] = 409,
        [REPLY_CODE_KEY_REUSED] = 422,
        [REPLY_CODE_DISK_FULL] = 507,
        [REPLY_CODE_TOO_MANY_JOBS] = 503,
        [REPLY_CODE_INVALID] = 400,
        [REPLY_CODE_BUSY] = 503,
        [REPLY_CODE_CONFLICT] = 409,
        [REPLY_CODE_TOO_MANY_ENDPOINTS] = 409,
        [REPLY_CODE_NOT_RETRYABLE] = 409,
        [REPLY_CODE_EXPIRED] = 410,
        [REPLY_CODE_NOT_DELAYED] = 409,
        [REPLY_CODE_STARTED] = 409,
        [REPLY_CODE_NOT_ENDED] = 409,
        [REPLY_CODE_TOO_MANY_BULKS] = 429,
        [REPLY_CODE_OVER_BUDGET] = 402,
    };
    (void)state;
    for (int code = 0; code < REPLY_CODE_COUNT; code++) {
        assert_int_equal(http_error_of_reply(code)->status, statuses[code]);
    }
}

static void test_statuses_of_the_library_keep_their_number(void **state)
{
    static const int statuses[] = {400, 404, 413, 417};
    (void)state;
    for (size_t index = 0; index < sizeof(statuses) / sizeof(statuses[0]); index++) {
        assert_int_equal(http_error_of_status(statuses[index])->status, statuses[index]);
    }
    assert_int_equal(http_error_of_status(599)->status, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_error_has_an_envelope),
        cmocka_unit_test(test_an_error_as_problem_details),
        cmocka_unit_test(test_long_problems_are_cut),
        cmocka_unit_test(test_every_reply_of_the_broker_means_a_status),
        cmocka_unit_test(test_statuses_of_the_library_keep_their_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
