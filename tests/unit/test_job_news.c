/* What the dashboard is told of jobs that change. */
#include "tests/unit/test.h"

#include "gateway/job_news.h"

static struct message_event event_of(uint8_t number, enum job_state state, uint8_t progress)
{
    return (struct message_event){.job = {{number}},
                                  .job_kind = JOB_KIND_IMAGE,
                                  .state = (uint8_t)state,
                                  .progress = progress,
                                  .step = SLICE_LITERAL("image_generated")};
}

static void a_job_is_told_once_as_it_is_now(void **state)
{
    static struct job_news news;
    struct buffer out;
    struct json_writer writer;
    (void)state;
    struct message_event event = event_of(1, JOB_STATE_ACTIVE, 20);
    job_news_note(&news, &event);
    event = event_of(2, JOB_STATE_WAITING, 0);
    event.step = SLICE_EMPTY;
    job_news_note(&news, &event);
    event = event_of(1, JOB_STATE_ACTIVE, 60);
    job_news_note(&news, &event);
    assert_int_equal(news.count, 2);
    buffer_init(&out, 1024);
    json_writer_init(&writer, &out);
    job_news_write(&news, &writer);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE_LITERAL(
            "{\"jobs\":[{\"jobId\":\"01000000-0000-0000-0000-000000000000\","
            "\"queue\":\"image\",\"status\":\"active\",\"progress\":60,"
            "\"step\":\"image_generated\"},"
            "{\"jobId\":\"02000000-0000-0000-0000-000000000000\","
            "\"queue\":\"image\",\"status\":\"waiting\",\"progress\":0,\"step\":null}]}")));
    buffer_fini(&out);
}

static void what_is_too_much_is_left_out_and_fits(void **state)
{
    static struct job_news news;
    static const char longest[STEP_SIZE_MAX + 1] =
        "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"";
    struct buffer out;
    struct json_writer writer;
    (void)state;
    for (uint32_t number = 1; number <= JOB_NEWS_MAX + 50; number++) {
        struct message_event event = event_of((uint8_t)number, JOB_STATE_CANCELLED, 100);
        event.job_kind = JOB_KIND_CHARACTER;
        event.step = slice_make(longest, STEP_SIZE_MAX);
        job_news_note(&news, &event);
    }
    assert_int_equal(news.count, JOB_NEWS_MAX);
    struct message_event event = event_of(7, JOB_STATE_COMPLETED, 100);
    job_news_note(&news, &event);
    assert_int_equal(news.items[6].state, JOB_STATE_COMPLETED);
    buffer_init(&out, WATCH_EVENT_SIZE_MAX - 64);
    json_writer_init(&writer, &out);
    job_news_write(&news, &writer);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_is_told_once_as_it_is_now),
        cmocka_unit_test(what_is_too_much_is_left_out_and_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
