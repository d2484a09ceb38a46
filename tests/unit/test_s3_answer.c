/* A store's XML, and what its errors mean. */

#include "s3/answer.h"

#include "tests/unit/test.h"

static void elements_are_found_one_after_the_other(void **state)
{
    struct slice rest =
        SLICE_LITERAL("<?xml version=\"1.0\"?><L xmlns=\"x\"><Contents><Key>a</Key></Contents>"
                      "<Contents><Key>b</Key></Contents><Contents></L>");
    struct slice inside;
    (void)state;
    assert_true(s3_xml_next(&rest, "Contents", &inside));
    assert_true(slice_equal(inside, SLICE_LITERAL("<Key>a</Key>")));
    assert_true(s3_xml_next(&rest, "Contents", &inside));
    assert_true(slice_equal(inside, SLICE_LITERAL("<Key>b</Key>")));
    assert_false(s3_xml_next(&rest, "Contents", &inside)); /* it is not closed */
    rest = SLICE_EMPTY;
    assert_false(s3_xml_next(&rest, "Contents", &inside));
}

static void entities_go_both_ways(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 64);
    assert_int_equal(s3_xml_text(SLICE_LITERAL("<ETag>&quot;a&amp;b&#34;</ETag>"), "ETag", &out),
                     STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("\"a&b\"")));
    buffer_clear(&out);
    assert_int_equal(s3_xml_escape(SLICE_LITERAL("\"a&<b>\""), &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("&quot;a&amp;&lt;b&gt;&quot;")));
    buffer_clear(&out);
    assert_int_equal(s3_xml_text(SLICE_LITERAL("<ETag>&nbsp;</ETag>"), "ETag", &out),
                     STATUS_MALFORMED);
    assert_int_equal(s3_xml_text(SLICE_LITERAL("<Etag>a</Etag>"), "ETag", &out), STATUS_NOT_FOUND);
    buffer_fini(&out);
    buffer_init(&out, 2);
    assert_int_equal(s3_xml_text(SLICE_LITERAL("<A>abc</A>"), "A", &out), STATUS_TOO_LARGE);
    assert_int_equal(s3_xml_escape(SLICE_LITERAL("&"), &out), STATUS_TOO_LARGE);
    buffer_fini(&out);
}

#define ERROR(code) \
    "<?xml version=\"1.0\"?><Error><Code>" code "</Code><Message>M</Message></Error>"

static void errors_are_put_into_kinds_and_words(void **state)
{
    static const struct {
        long status;
        const char *body;
        enum s3_failure_kind kind;
        const char *code;
        const char *words; /* in the message */
    } cases[] = {
        {200, "", S3_FAILURE_NONE, "", ""},
        {204, "", S3_FAILURE_NONE, "", ""},
        {200, ERROR("InternalError"), S3_FAILURE_TRANSIENT, "InternalError",
         "200 InternalError: M"},
        {503, ERROR("SlowDown"), S3_FAILURE_TRANSIENT, "SlowDown", "503 SlowDown: M"},
        {503, "", S3_FAILURE_TRANSIENT, "http_503", "503"},
        {429, "", S3_FAILURE_TRANSIENT, "http_429", "429"},
        {400, ERROR("XAmzContentSHA256Mismatch"), S3_FAILURE_TRANSIENT, "XAmzContentSHA256Mismatch",
         "M"},
        {404, ERROR("NoSuchKey"), S3_FAILURE_MISSING, "NoSuchKey", "M"},
        {404, ERROR("NoSuchUpload"), S3_FAILURE_MISSING, "NoSuchUpload", "M"},
        {404, "", S3_FAILURE_MISSING, "http_404", "404"},
        {404, ERROR("NoSuchBucket"), S3_FAILURE_REFUSED, "NoSuchBucket", "there is no such bucket"},
        {403, ERROR("RequestTimeTooSkewed"), S3_FAILURE_REFUSED, "RequestTimeTooSkewed",
         "this machine's clock"},
        {403, ERROR("SignatureDoesNotMatch"), S3_FAILURE_REFUSED, "SignatureDoesNotMatch",
         "secret"},
        {403, ERROR("a&#10;\n"), S3_FAILURE_REFUSED, "a&#10;?", "403"},
        {301, "", S3_FAILURE_REFUSED, "http_301", "301"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct s3_failure failure;
        s3_failure_of_answer(cases[index].status, slice_from_string(cases[index].body), &failure);
        assert_int_equal(failure.kind, cases[index].kind);
        assert_string_equal(failure.code, cases[index].code);
        assert_non_null(strstr(failure.message, cases[index].words));
    }
}

static void long_errors_are_cut(void **state)
{
    struct s3_failure failure;
    struct buffer body;
    (void)state;
    buffer_init(&body, 4096);
    assert_int_equal(
        buffer_append_format(&body, "<Error><Code>%0500d</Code><Message>%01000d</Message></Error>",
                             0, 0),
        STATUS_OK);
    s3_failure_of_answer(400, buffer_slice(&body), &failure);
    assert_int_equal(strlen(failure.code), S3_CODE_SIZE_MAX);
    assert_true(strlen(failure.message) <= S3_MESSAGE_SIZE_MAX);
    buffer_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_found_one_after_the_other),
        cmocka_unit_test(entities_go_both_ways),
        cmocka_unit_test(errors_are_put_into_kinds_and_words),
        cmocka_unit_test(long_errors_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
