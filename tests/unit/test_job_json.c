/* Jobs as JSON: the shapes of spec/queue-api.md, state by state. */
#include "tests/unit/test.h"

#include "gateway/job_json.h"

#define ID(byte)                                                                                \
    {                                                                                           \
        {                                                                                       \
            byte, byte, byte, byte, byte, byte, 0x40, byte, 0x80, byte, byte, byte, byte, byte, \
                byte, byte                                                                      \
        }                                                                                       \
    }
#define ID_1 "01010101-0101-4001-8001-010101010101"
#define ID_2 "02020202-0202-4002-8002-020202020202"
#define ID_3 "03030303-0303-4003-8003-030303030303"
#define ID_4 "04040404-0404-4004-8004-040404040404"
#define PLAIN                                                                          \
    ",\"priority\":128,\"runAt\":null,\"startBy\":null,\"deadline\":null,\"tags\":[]," \
    "\"metadata\":{}"
#define REST                                                                   \
    "\"attempt\":0,\"step\":null,\"workerId\":null,\"cancelRequested\":false," \
    "\"nextAttemptAt\":null,\"lastError\":null,\"retries\":0" PLAIN
#define ASKED                                                                             \
    ",\"priority\":7,\"runAt\":\"2026-01-01T00:00:01.000Z\","                             \
    "\"startBy\":\"2026-01-01T00:00:02.000Z\",\"deadline\":\"2026-01-01T00:00:03.000Z\"," \
    "\"tags\":[\"a\"],\"metadata\":{\"b\":1}"
#define WAIT_UNKNOWN ",\"waitReason\":null,\"queuePosition\":null,\"etaSeconds\":null"

static struct message_job_state job_make(enum job_kind kind, enum job_state state)
{
    return (struct message_job_state){
        .job = ID(1),
        .character = ID(2),
        .media = ID(3),
        .kind = (uint8_t)kind,
        .state = (uint8_t)state,
        .version = 7,
        .created_at = 1767225600123,
        .priority = 128,
        .character_name = SLICE_LITERAL("Ada \"A\""),
        .display_id = SLICE_LITERAL("ABCDEFGH"),
    };
}

static void job_is_written_with(const struct message_job_state *job, const struct job_wait *wait,
                                const char *expected)
{
    struct buffer out;
    struct json_writer writer;
    buffer_init(&out, 65536);
    json_writer_init(&writer, &out);
    job_json_write(&writer, job, wait);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_fini(&out);
}

static void job_is_written_as(const struct message_job_state *job, const char *expected)
{
    job_is_written_with(job, NULL, expected);
}

static void test_a_new_character_job_has_no_result(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_CHARACTER, JOB_STATE_PENDING);
    (void)state;
    job_is_written_as(&job, "{\"jobId\":\"" ID_1 "\",\"status\":\"pending\",\"progress\":0,"
                            "\"result\":null,\"failedReason\":null,\"attemptsMade\":0,"
                            "\"createdAt\":\"2026-01-01T00:00:00.123Z\",\"startedAt\":null,"
                            "\"completedAt\":null," REST WAIT_UNKNOWN "}");
}

static void test_a_job_that_waits_tells_what_for(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_CHARACTER, JOB_STATE_WAITING);
    const struct job_wait queued = {WAIT_REASON_RATE_LIMITED, 12, 3};
    const struct job_wait alone = {WAIT_REASON_NO_WORKER, 1, 0};
    (void)state;
#define WAITING                                                      \
    "{\"jobId\":\"" ID_1 "\",\"status\":\"waiting\",\"progress\":0," \
    "\"result\":null,\"failedReason\":null,\"attemptsMade\":0,"      \
    "\"createdAt\":\"2026-01-01T00:00:00.123Z\",\"startedAt\":null,\"completedAt\":null," REST
    job_is_written_with(&job, &queued,
                        WAITING ",\"waitReason\":\"rate_limited\","
                                "\"queuePosition\":12,\"etaSeconds\":3}");
    job_is_written_with(&job, &alone,
                        WAITING ",\"waitReason\":\"no_worker\","
                                "\"queuePosition\":1,\"etaSeconds\":null}");
#undef WAITING
}

static void test_a_completed_character_job_names_its_character(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_CHARACTER, JOB_STATE_COMPLETED);
    (void)state;
    job.progress = 100;
    job.attempts_made = 1;
    job.started_at = 1767225601000;
    job.completed_at = 1767225602000;
    job_is_written_as(&job, "{\"jobId\":\"" ID_1 "\",\"status\":\"completed\",\"progress\":100,"
                            "\"result\":{\"characterId\":\"" ID_2 "\",\"error\":null},"
                            "\"failedReason\":null,\"attemptsMade\":1,"
                            "\"createdAt\":\"2026-01-01T00:00:00.123Z\","
                            "\"startedAt\":\"2026-01-01T00:00:01.000Z\","
                            "\"completedAt\":\"2026-01-01T00:00:02.000Z\"," REST "}");
}

static void test_an_ended_job_tells_until_when_it_is_kept(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_CHARACTER, JOB_STATE_CANCELLED);
    (void)state;
    job.expires_at = 1767225603000;
    job_is_written_as(&job,
                      "{\"jobId\":\"" ID_1 "\",\"status\":\"cancelled\",\"progress\":0,"
                      "\"result\":null,\"failedReason\":null,\"attemptsMade\":0,"
                      "\"createdAt\":\"2026-01-01T00:00:00.123Z\",\"startedAt\":null,"
                      "\"completedAt\":null," REST ",\"expiresAt\":\"2026-01-01T00:00:03.000Z\"}");
}

static void test_a_completed_media_job_has_its_url_and_character(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_VIDEO, JOB_STATE_COMPLETED);
    (void)state;
    job.url = SLICE_LITERAL("/assets/x.mp4");
    job_is_written_as(&job, "{\"jobId\":\"" ID_1 "\",\"type\":\"video\",\"status\":\"completed\","
                            "\"progress\":0,\"result\":{\"mediaId\":\"" ID_3 "\","
                            "\"url\":\"/assets/x.mp4\",\"error\":null},"
                            "\"character\":{\"name\":\"Ada \\\"A\\\"\",\"displayId\":\"ABCDEFGH\"},"
                            "\"failedReason\":null,\"attemptsMade\":0,"
                            "\"createdAt\":\"2026-01-01T00:00:00.123Z\",\"startedAt\":null,"
                            "\"completedAt\":null," REST "}");
}

static void test_a_failed_job_has_its_reason_and_no_ids(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_IMAGE, JOB_STATE_FAILED);
    (void)state;
    job.error_code = SLICE_LITERAL("content_policy");
    job.error_message = SLICE_LITERAL("refused");
    job.attempt = 3;
    job.attempts_made = 3;
    job_is_written_as(
        &job,
        "{\"jobId\":\"" ID_1 "\",\"type\":\"image\",\"status\":\"failed\",\"progress\":0,"
        "\"result\":{\"mediaId\":null,\"url\":null,\"error\":\"refused\"},"
        "\"character\":{\"name\":\"Ada \\\"A\\\"\",\"displayId\":\"ABCDEFGH\"},"
        "\"failedReason\":\"refused\",\"attemptsMade\":3,"
        "\"createdAt\":\"2026-01-01T00:00:00.123Z\",\"startedAt\":null,\"completedAt\":null,"
        "\"attempt\":3,\"step\":null,\"workerId\":null,\"cancelRequested\":false,"
        "\"nextAttemptAt\":null,"
        "\"lastError\":{\"code\":\"content_policy\",\"message\":\"refused\"},\"retries\":0" PLAIN
        "}");
}

static void test_a_job_between_attempts_has_an_error_but_no_reason(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_CHARACTER, JOB_STATE_WAITING);
    (void)state;
    job.error_code = SLICE_LITERAL("timeout");
    job.error_message = SLICE_LITERAL("too slow");
    job.next_attempt_at = 1767225602000;
    job.step = SLICE_LITERAL("image_generated");
    job.worker = (struct id)ID(4);
    job.cancel_requested = true;
    job.retries = 2;
    job.priority = 7;
    job.run_at = 1767225601000;
    job.start_by = 1767225602000;
    job.deadline = 1767225603000;
    job.labels = SLICE_LITERAL("{\"tags\":[\"a\"],\"metadata\":{\"b\":1}}");
    job.attempt = 1;
    job.attempts_made = 1;
    job_is_written_as(
        &job, "{\"jobId\":\"" ID_1 "\",\"status\":\"waiting\",\"progress\":0,\"result\":null,"
              "\"failedReason\":null,\"attemptsMade\":1,"
              "\"createdAt\":\"2026-01-01T00:00:00.123Z\",\"startedAt\":null,\"completedAt\":null,"
              "\"attempt\":1,\"step\":\"image_generated\",\"workerId\":\"" ID_4 "\","
              "\"cancelRequested\":true,\"nextAttemptAt\":\"2026-01-01T00:00:02.000Z\","
              "\"lastError\":{\"code\":\"timeout\",\"message\":\"too slow\"},\"retries\":2" ASKED
                  WAIT_UNKNOWN "}");
}

static void test_a_cancelled_job_has_no_result(void **state)
{
    struct message_job_state job = job_make(JOB_KIND_CHARACTER, JOB_STATE_CANCELLED);
    (void)state;
    job_is_written_as(&job, "{\"jobId\":\"" ID_1 "\",\"status\":\"cancelled\",\"progress\":0,"
                            "\"result\":null,\"failedReason\":null,\"attemptsMade\":0,"
                            "\"createdAt\":\"2026-01-01T00:00:00.123Z\",\"startedAt\":null,"
                            "\"completedAt\":null," REST "}");
}

static void test_accepted_jobs_are_told_where_to_look(void **state)
{
    static const struct {
        enum job_kind kind;
        const char *expected;
    } cases[] = {
        {JOB_KIND_CHARACTER,
         "{\"success\":true,\"statusCode\":202,"
         "\"message\":\"Character creation job queued successfully\",\"data\":{\"jobId\":\"" ID_1
         "\",\"status\":\"pending\",\"statusUrl\":\"/api/v1/character-jobs/" ID_1 "\"}}"},
        {JOB_KIND_IMAGE,
         "{\"success\":true,\"statusCode\":202,"
         "\"message\":\"Image generation job queued successfully\",\"data\":{\"jobId\":\"" ID_1
         "\",\"status\":\"pending\",\"statusUrl\":\"/api/v1/media-jobs/" ID_1 "\"}}"},
        {JOB_KIND_VIDEO,
         "{\"success\":true,\"statusCode\":202,"
         "\"message\":\"Video generation job queued successfully\",\"data\":{\"jobId\":\"" ID_1
         "\",\"status\":\"pending\",\"statusUrl\":\"/api/v1/media-jobs/" ID_1 "\"}}"},
    };
    const struct message_reply reply = {.job = ID(1), .state = JOB_STATE_WAITING};
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct buffer out;
        buffer_init(&out, 4096);
        assert_int_equal(job_json_accepted(cases[index].kind, &reply, &out), STATUS_OK);
        assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
        assert_string_equal((const char *)out.data, cases[index].expected);
        buffer_fini(&out);
    }
}

static void test_a_deduplicated_answer_tells_how_the_job_is(void **state)
{
    const struct message_reply reply = {
        .job = ID(1), .state = JOB_STATE_ACTIVE, .deduplicated = true};
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    assert_int_equal(job_json_accepted(JOB_KIND_IMAGE, &reply, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_non_null(strstr((const char *)out.data,
                           "\"status\":\"active\",\"statusUrl\":\"/api/v1/media-jobs/" ID_1
                           "\",\"deduplicated\":true}}"));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_character_job_has_no_result),
        cmocka_unit_test(test_a_job_that_waits_tells_what_for),
        cmocka_unit_test(test_a_completed_character_job_names_its_character),
        cmocka_unit_test(test_an_ended_job_tells_until_when_it_is_kept),
        cmocka_unit_test(test_a_completed_media_job_has_its_url_and_character),
        cmocka_unit_test(test_a_failed_job_has_its_reason_and_no_ids),
        cmocka_unit_test(test_a_job_between_attempts_has_an_error_but_no_reason),
        cmocka_unit_test(test_a_cancelled_job_has_no_result),
        cmocka_unit_test(test_accepted_jobs_are_told_where_to_look),
        cmocka_unit_test(test_a_deduplicated_answer_tells_how_the_job_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
