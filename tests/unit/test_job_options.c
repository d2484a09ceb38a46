/* The options of a job's body. */

#include "gateway/job_options.h"

#include <stdio.h>

#include "tests/unit/test.h"

enum {
    NOW = 1000000000, /* 1970-01-12T13:46:40Z */
};

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
    job_options_check_times(out, NOW, &problems);
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

static void a_dedupe_key_becomes_fields_of_the_message(void **state)
{
    static char longest[400];
    static const char *const wrong[][2] = {
        {"\"d\"", "options.dedupe"},
        {"{\"key\":\"d\",\"colour\":1}", "options.dedupe"},
        {"{}", "options.dedupe.key"},
        {"{\"key\":\"\"}", "options.dedupe.key"},
        {"{\"key\":\"\u00e4\"}", "options.dedupe.key"},
        {"{\"key\":7}", "options.dedupe.key"},
        {"{\"key\":\"d\",\"ttlSeconds\":0}", "options.dedupe.ttlSeconds"},
        {"{\"key\":\"d\",\"ttlSeconds\":604801}", "options.dedupe.ttlSeconds"},
        {"{\"key\":\"d\",\"ttlSeconds\":1.5}", "options.dedupe.ttlSeconds"},
    };
    struct job_options options;
    struct message_submit message = {0};
    char text[512];
    (void)state;
    assert_string_equal(read("{\"options\":{\"dedupe\":null}}", &options, &message), "");
    assert_int_equal(message.dedupe_key.size, 0);
    assert_string_equal(read("{\"options\":{\"dedupe\":{\"key\":\"d 1\",\"ttlSeconds\":604800}}}",
                             &options, &message),
                        "");
    assert_int_equal(message.dedupe_key.size, 3);
    assert_int_equal(message.dedupe_ttl_ms, DEDUPE_TTL_MAX_MS);
    for (size_t index = 0; index < sizeof(wrong) / sizeof(wrong[0]); index++) {
        snprintf(text, sizeof(text), "{\"options\":{\"dedupe\":%s}}", wrong[index][0]);
        assert_string_equal(read(text, &options, &message), wrong[index][1]);
    }
    for (size_t size = KEY_SIZE_MAX; size <= KEY_SIZE_MAX + 1; size++) {
        memset(longest, 'k', size);
        snprintf(text, sizeof(text), "{\"options\":{\"dedupe\":{\"key\":\"%s\"}}}", longest);
        assert_string_equal(read(text, &options, &message),
                            size == KEY_SIZE_MAX ? "" : "options.dedupe.key");
    }
}

static void times_and_priority_become_fields_of_the_message(void **state)
{
    struct job_options options;
    struct message_submit message = {0};
    (void)state;
    assert_string_equal(
        read(
            "{\"options\":{\"runAt\":\"1970-01-12T13:46:41Z\",\"startBy\":\"1970-01-12T13:46:42Z\","
            "\"deadline\":\"1970-01-19T13:46:41+00:00\",\"priority\":1,\"tags\":null}}",
            &options, &message),
        "");
    assert_int_equal(message.run_at, NOW + 1000);
    assert_int_equal(message.start_by, NOW + 2000);
    assert_int_equal(message.deadline, NOW + 1000 + DEADLINE_MAX_MS);
    assert_int_equal(message.priority, 1);
    /* A start that is past means now. */
    assert_string_equal(
        read("{\"options\":{\"runAt\":\"1970-01-01T00:00:01Z\"}}", &options, &message), "");
    assert_int_equal(message.run_at, 1000);
}

static void the_first_moment_of_all_is_a_time_as_any_other(void **state)
{
    struct job_options options;
    struct message_submit message = {0};
    (void)state;
    assert_string_equal(
        read("{\"options\":{\"deadline\":\"1970-01-01T00:00:00Z\"}}", &options, &message),
        "options.deadline");
    assert_string_equal(
        read("{\"options\":{\"startBy\":\"1970-01-01T00:00:00Z\"}}", &options, &message),
        "options.startBy");
    assert_string_equal(
        read("{\"options\":{\"runAt\":\"1970-01-01T00:00:00Z\"}}", &options, &message), "");
}

static void labels_are(const char *text, const char *expected)
{
    struct body *body = NULL;
    char error[BODY_ERROR_SIZE];
    struct buffer labels;
    buffer_init(&labels, LABELS_SIZE_MAX);
    assert_int_equal(body_parse(slice_from_string(text), &body, error), STATUS_OK);
    assert_int_equal(job_options_labels(body, &labels), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&labels), slice_from_string(expected)));
    buffer_fini(&labels);
    body_destroy(&body);
}

static void tags_and_metadata_become_one_object(void **state)
{
    (void)state;
    labels_are("{\"name\":\"Ada\"}", "");
    labels_are("{\"options\":{\"priority\":1}}", "");
    labels_are("{\"options\":{\"tags\":[\"a\",\"\\\"b\"]}}",
               "{\"tags\":[\"a\",\"\\\"b\"],\"metadata\":{}}");
    labels_are("{\"options\":{\"metadata\":{\"a\": [1, {\"b\": null}]}}}",
               "{\"tags\":[],\"metadata\":{\"a\":[1,{\"b\":null}]}}");
}

/* A body with as many tags as are let through, and a text of this size in its metadata. */
static void write_large(size_t size, struct buffer *out)
{
    buffer_append_format(out, "{\"options\":{\"tags\":[");
    for (int tag = 0; tag < TAGS_MAX; tag++) {
        buffer_append_format(out, "%s\"", tag == 0 ? "" : ",");
        for (int index = 0; index < TAG_CHARACTERS_MAX; index++) {
            buffer_append_format(out, "\xf0\x9f\x8e\xad");
        }
        buffer_append_byte(out, '"');
    }
    buffer_append_format(out, "],\"metadata\":{\"a\":\"");
    while (size-- > 0) {
        buffer_append_byte(out, 'x');
    }
    buffer_append_format(out, "\"}}}");
    buffer_append_byte(out, 0);
}

/* The most that is let through has room in the message. */
static void the_largest_labels_fit(void **state)
{
    enum {
        TEXT_SIZE = METADATA_SIZE_MAX - 8 /* bytes beside the frame of the metadata */
    };
    struct job_options options;
    struct message_submit message = {0};
    struct body *body = NULL;
    char error[BODY_ERROR_SIZE];
    struct buffer text;
    struct buffer labels;
    (void)state;
    buffer_init(&text, BODY_SIZE_MAX);
    buffer_init(&labels, LABELS_SIZE_MAX);
    write_large(TEXT_SIZE, &text);
    assert_string_equal(read((const char *)text.data, &options, &message), "");
    assert_int_equal(body_parse(slice_make(text.data, text.size - 1), &body, error), STATUS_OK);
    assert_int_equal(job_options_labels(body, &labels), STATUS_OK);
    body_destroy(&body);
    buffer_clear(&text);
    write_large(TEXT_SIZE + 1, &text);
    assert_string_equal(read((const char *)text.data, &options, &message), "options.metadata");
    buffer_fini(&labels);
    buffer_fini(&text);
}

static void what_is_wrong_is_named_with_its_way(void **state)
{
    static const struct {
        const char *body;
        const char *field;
    } cases[] = {
        {"{\"options\":[]}", "options"},
        {"{\"options\":{\"runat\":null}}", "options"},
        {"{\"options\":{\"runAt\":\"tomorrow\"}}", "options.runAt"},
        {"{\"options\":{\"runAt\":17}}", "options.runAt"},
        {"{\"options\":{\"runAt\":\"1970-01-20T00:00:00Z\"}}", "options.runAt"},
        {"{\"options\":{\"startBy\":\"1970-01-12T13:46:40Z\"}}", "options.startBy"},
        {"{\"options\":{\"startBy\":\"1970-01-13T00:00:00Z\",\"runAt\":\"1970-01-13T01:00:00Z\"}}",
         "options.startBy"},
        {"{\"options\":{\"deadline\":\"1970-01-12T13:46:39Z\"}}", "options.deadline"},
        {"{\"options\":{\"deadline\":\"1970-01-20T00:00:00Z\"}}", "options.deadline"},
        {"{\"options\":{\"priority\":0}}", "options.priority"},
        {"{\"options\":{\"priority\":256}}", "options.priority"},
        {"{\"options\":{\"priority\":\"1\"}}", "options.priority"},
        {"{\"options\":{\"tags\":\"a\"}}", "options.tags"},
        {"{\"options\":{\"tags\":[1]}}", "options.tags"},
        {"{\"options\":{\"tags\":[\"\"]}}", "options.tags"},
        {"{\"options\":{\"tags\":[\"a\\n\"]}}", "options.tags"},
        {"{\"options\":{\"tags\":["
         "\"123456789012345678901234567890123456789012345678901234567890ab\\u00e4cd\"]}}",
         "options.tags"},
        {"{\"options\":{\"metadata\":[]}}", "options.metadata"},
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
        cmocka_unit_test(a_dedupe_key_becomes_fields_of_the_message),
        cmocka_unit_test(times_and_priority_become_fields_of_the_message),
        cmocka_unit_test(the_first_moment_of_all_is_a_time_as_any_other),
        cmocka_unit_test(tags_and_metadata_become_one_object),
        cmocka_unit_test(the_largest_labels_fit),
        cmocka_unit_test(what_is_wrong_is_named_with_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
