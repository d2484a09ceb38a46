/* What a receiver is sent of an event, and the headers that go with it. */

#include "actors/webhook_body.h"

#include "tests/unit/test.h"

static struct id id_of(uint8_t byte)
{
    uint8_t random[ID_SIZE];
    memset(random, byte, sizeof(random));
    return id_make(0x111, random);
}

static struct message_event event_of(enum event_kind kind, enum job_kind job_kind)
{
    return (struct message_event){
        .event = 7,
        .job = id_of(1),
        .version = 5,
        .kind = (uint8_t)kind,
        .at = 1767225600000,
        .job_kind = (uint8_t)job_kind,
        .state = JOB_STATE_COMPLETED,
        .progress = 100,
        .step = SLICE_LITERAL("completed"),
        .attempt = 1,
        .attempts_made = 1,
        .completed_at = 1767225600000,
        .url = SLICE_LITERAL("/assets/a/b.png"),
    };
}

static void a_completed_image_names_what_it_made(void **state)
{
    struct buffer out;
    const struct message_event event = event_of(EVENT_KIND_COMPLETED, JOB_KIND_IMAGE);
    const struct message_job job = {.job = id_of(2), .character = id_of(3), .media = id_of(4)};
    (void)state;
    buffer_init(&out, WEBHOOK_BODY_SIZE_MAX);
    assert_int_equal(webhook_body_write(&job, &event, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal(
        (const char *)out.data,
        "{\"type\":\"job.completed\",\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"data\":{"
        "\"jobId\":\"11110101-0101-4101-8101-010101010101\",\"seq\":5,\"event\":7,"
        "\"type\":\"image\",\"status\":\"completed\",\"progress\":100,\"step\":\"completed\","
        "\"attempt\":1,\"attemptsMade\":1,\"cancelRequested\":false,"
        "\"characterId\":\"11130303-0303-4303-8303-030303030303\","
        "\"mediaId\":\"11140404-0404-4404-8404-040404040404\",\"url\":\"/assets/a/b.png\","
        "\"failedReason\":null,\"error\":null,\"startedAt\":null,"
        "\"completedAt\":\"2026-01-01T00:00:00.000Z\",\"nextAttemptAt\":null}}");
    buffer_fini(&out);
}

static void a_failed_character_names_no_document(void **state)
{
    struct buffer out;
    struct message_event event = event_of(EVENT_KIND_FAILED, JOB_KIND_CHARACTER);
    const struct message_job job = {.job = id_of(2), .character = id_of(3), .media = id_of(4)};
    (void)state;
    event.state = JOB_STATE_FAILED;
    event.url = SLICE_EMPTY;
    event.error_code = SLICE_LITERAL("content_policy");
    event.error_message = SLICE_LITERAL("not \"allowed\"");
    buffer_init(&out, WEBHOOK_BODY_SIZE_MAX);
    assert_int_equal(webhook_body_write(&job, &event, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_non_null(strstr((const char *)out.data, "\"type\":\"job.failed\""));
    assert_non_null(strstr((const char *)out.data, "\"characterId\":null"));
    assert_null(strstr((const char *)out.data, "mediaId"));
    assert_non_null(strstr((const char *)out.data, "\"failedReason\":\"not \\\"allowed\\\"\""));
    assert_non_null(strstr((const char *)out.data, "\"code\":\"content_policy\""));
    buffer_fini(&out);
}

static void the_greatest_event_fits(void **state)
{
    static uint8_t text[ERROR_TEXT_SIZE_MAX];
    struct buffer out;
    struct message_event event = event_of(EVENT_KIND_FAILED, JOB_KIND_VIDEO);
    const struct message_job job = {.job = id_of(2), .character = id_of(3), .media = id_of(4)};
    (void)state;
    memset(text, 1, sizeof(text)); /* six bytes each, escaped */
    event.error_code = slice_make(text, ERROR_CODE_SIZE_MAX);
    event.error_message = slice_make(text, ERROR_TEXT_SIZE_MAX);
    event.url = slice_make(text, URL_SIZE_MAX);
    buffer_init(&out, WEBHOOK_BODY_SIZE_MAX);
    assert_int_equal(webhook_body_write(&job, &event, &out), STATUS_OK);
    buffer_fini(&out);
}

static void headers_have_id_time_and_signatures(void **state)
{
    static const uint8_t secret[WEBHOOK_SECRET_SIZE_MIN] = {1};
    const char *lines[WEBHOOK_HEADERS];
    size_t count = 0;
    struct buffer out;
    struct message_job job = {.job = id_of(2)};
    (void)state;
    buffer_init(&out, 512);
    assert_int_equal(
        webhook_headers_write(&job, SLICE_LITERAL("{}"), 1767225600999, &out, lines, &count),
        STATUS_OK);
    assert_int_equal(count, 2);
    assert_string_equal(lines[0], "webhook-id: 11120202-0202-4202-8202-020202020202");
    assert_string_equal(lines[1], "webhook-timestamp: 1767225600");
    buffer_clear(&out);
    job.webhook_secret = slice_make(secret, sizeof(secret));
    job.webhook_secret_old = job.webhook_secret;
    assert_int_equal(
        webhook_headers_write(&job, SLICE_LITERAL("{}"), 1767225600999, &out, lines, &count),
        STATUS_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(lines[2], "webhook-signature: v1,", 22);
    assert_int_equal(strlen(lines[2]), 19 + 47 + 1 + 47);
    assert_memory_equal(lines[2] + 19 + 47, " v1,", 4);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_completed_image_names_what_it_made),
        cmocka_unit_test(a_failed_character_names_no_document),
        cmocka_unit_test(the_greatest_event_fits),
        cmocka_unit_test(headers_have_id_time_and_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
