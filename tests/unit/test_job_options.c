/* The options of a job's body. */

#include "gateway/job_options.h"

#include <stdio.h>

#include "tests/unit/test.h"

/* Reads the options of a body; returns the field of the first problem, "" for none. */
static const char *read(const char *text, struct job_options *out, struct message_submit *message)
{
    static char field[PROBLEM_FIELD_SIZE];
    static char url[64];
    struct problems problems = {0};
    struct body *body = NULL;
    char error[BODY_ERROR_SIZE];
    assert_int_equal(body_parse(slice_from_string(text), &body, error), STATUS_OK);
    job_options_read(body, false, out, &problems);
    job_options_set(out, message);
    snprintf(field, sizeof(field), "%s", problems.count == 0 ? "" : problems.items[0].field);
    snprintf(url, sizeof(url), "%.*s", SLICE_PRINT(out->webhook_url));
    out->webhook_url = slice_from_string(url);
    body_destroy(&body);
    return field;
}

static void a_job_has_none_unless_it_says_so(void **state)
{
    struct job_options options;
    struct message_submit message = {0};
    (void)state;
    assert_string_equal(read("{\"name\":\"Ada\"}", &options, &message), "");
    assert_int_equal(options.webhook_url.size, 0);
    assert_string_equal(read("{\"options\":{}}", &options, &message), "");
    assert_int_equal(message.webhook_events, 0);
    assert_int_equal(message.webhook_url.size, 0);
}

static void a_webhook_becomes_fields_of_the_message(void **state)
{
    struct job_options options;
    struct message_submit message = {0};
    (void)state;
    assert_string_equal(
        read("{\"options\":{\"webhook\":{\"url\":\"https://a.test/\",\"events\":[\"failed\"],"
             "\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}}}",
             &options, &message),
        "");
    assert_int_equal(message.webhook_events, 1 << EVENT_KIND_FAILED);
    assert_int_equal(message.webhook_secret.size, 24);
    assert_int_equal(message.webhook_secret.data[0], 0x31);
    assert_string_equal((const char *)options.webhook_url.data, "https://a.test/");
    assert_string_equal(
        read("{\"options\":{\"webhook\":{\"url\":\"https://a.test/\"}}}", &options, &message), "");
    assert_int_equal(message.webhook_events, WEBHOOK_EVENTS_USUAL);
    assert_int_equal(message.webhook_secret.size, 0);
}

static void what_is_wrong_is_named_with_its_way(void **state)
{
    static const struct {
        const char *body;
        const char *field;
    } cases[] = {
        {"{\"options\":[]}", "options"},
        {"{\"options\":{\"webhook\":\"https://a.test/\"}}", "options.webhook"},
        {"{\"options\":{\"webhook\":{}}}", "options.webhook.url"},
        {"{\"options\":{\"webhook\":{\"url\":\"http://a.test/\"}}}", "options.webhook.url"},
        {"{\"options\":{\"webhook\":{\"url\":\"https://a.test/\",\"events\":[\"progress\"]}}}",
         "options.webhook.events"},
        {"{\"options\":{\"webhook\":{\"url\":\"https://a.test/\",\"secret\":\"word\"}}}",
         "options.webhook.secret"},
        {"{\"options\":{\"webhook\":{\"url\":\"https://a.test/\",\"secret\":null}}}",
         "options.webhook.secret"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct job_options options;
        struct message_submit message = {0};
        assert_string_equal(read(cases[index].body, &options, &message), cases[index].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_has_none_unless_it_says_so),
        cmocka_unit_test(a_webhook_becomes_fields_of_the_message),
        cmocka_unit_test(what_is_wrong_is_named_with_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
