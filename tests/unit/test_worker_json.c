/* The broker's answer to GET_WORKERS as clients see it. */
#include "tests/unit/test.h"

#include "gateway/worker_json.h"

static const struct id worker = {{0xab, 0xc4, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x81, 0x23, 0x45,
                                  0x67, 0x89, 0xab, 0xcd, 0xef}};
static struct buffer frame;
static struct buffer json;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&frame, 4096);
    buffer_init(&json, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    buffer_fini(&json);
    return 0;
}

/* The records written out, of which the answer said that there are count. */
static enum status write_all(const struct message *records, uint32_t size, uint32_t count)
{
    struct frame_writer frame_writer;
    struct frame_reader reader;
    struct json_writer writer;
    buffer_clear(&frame);
    buffer_clear(&json);
    assert_int_equal(frame_begin(&frame_writer, &frame, 0), STATUS_OK);
    for (uint32_t index = 0; index < size; index++) {
        assert_int_equal(frame_write(&frame_writer, &records[index]), STATUS_OK);
    }
    frame_end(&frame_writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    json_writer_init(&writer, &json);
    return worker_json_all(&writer, reader, count);
}

static struct message worker_with(uint32_t jobs)
{
    return (struct message){
        .type = MESSAGE_TYPE_WORKER,
        .worker = {.worker = worker, .kind = JOB_KIND_IMAGE, .slots = 5, .count = jobs}};
}

static const struct message job = {
    .type = MESSAGE_TYPE_WORKER_JOB,
    .worker_job = {.job = worker, .progress = 40, .attempt = 2, .started_at = 1000}};

static void no_worker_is_an_empty_list(void **state)
{
    (void)state;
    assert_int_equal(write_all(NULL, 0, 0), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&json), SLICE_LITERAL("{\"workers\":[]}")));
}

/* What it has not told of itself is null, not zero or empty. */
static void a_worker_is_told_with_its_jobs(void **state)
{
    const struct message records[] = {worker_with(1), job};
    (void)state;
    assert_int_equal(write_all(records, 2, 2), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&json),
        SLICE_LITERAL("{\"workers\":[{\"workerId\":\"abc45678-9abc-4def-8123-456789abcdef\","
                      "\"queue\":\"image\",\"host\":null,\"pid\":null,\"version\":null,"
                      "\"connectedAt\":null,\"lastSeenAt\":null,\"lost\":false,\"draining\":false,"
                      "\"stopping\":false,\"slots\":5,\"slotsBusy\":0,\"jobs\":[{\"jobId\":"
                      "\"abc45678-9abc-4def-8123-456789abcdef\",\"step\":null,\"progress\":40,"
                      "\"attempt\":2,\"startedAt\":\"1970-01-01T00:00:01.000Z\"}]}]}")));
}

static void an_answer_that_is_not_what_it_says_is_refused(void **state)
{
    const struct message other = {.type = MESSAGE_TYPE_PING};
    const struct {
        struct message records[2];
        uint32_t size;
        uint32_t count;
    } cases[] = {
        {{worker_with(0)}, 0, 1},        /* fewer than it said */
        {{worker_with(1)}, 1, 1},        /* a worker with more jobs than the answer has records */
        {{worker_with(1)}, 1, 2},        /* or than the frame has */
        {{worker_with(1), other}, 2, 2}, /* something else in the place of a job */
        {{job}, 1, 1},                   /* or of a worker */
        {{worker_with(WORKER_JOBS_MAX), job}, 2, 2},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(write_all(cases[index].records, cases[index].size, cases[index].count),
                         STATUS_MALFORMED);
    }
}

static void what_does_not_fit_is_told(void **state)
{
    const struct message records[] = {worker_with(1), job};
    (void)state;
    buffer_fini(&json);
    buffer_init(&json, 200);
    assert_int_equal(write_all(records, 2, 2), STATUS_TOO_LARGE);
}

static void orders_are_told(void **state)
{
    static const struct {
        enum worker_orders orders;
        const char *told;
    } cases[] = {
        {WORKER_ORDERS_WORK, "\"draining\":false,\"stopping\":false}"},
        {WORKER_ORDERS_DRAIN, "\"draining\":true,\"stopping\":false}"},
        {WORKER_ORDERS_STOP, "\"draining\":true,\"stopping\":true}"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct json_writer writer;
        buffer_clear(&json);
        json_writer_init(&writer, &json);
        worker_json_orders(&writer, &worker, cases[index].orders);
        assert_int_equal(json_writer_status(&writer), STATUS_OK);
        struct slice told = slice_from_string(cases[index].told);
        assert_true(json.size > told.size);
        assert_memory_equal(json.data + json.size - told.size, told.data, told.size);
    }
}

#define WORKER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORKER_TEST(no_worker_is_an_empty_list),
        WORKER_TEST(a_worker_is_told_with_its_jobs),
        WORKER_TEST(an_answer_that_is_not_what_it_says_is_refused),
        WORKER_TEST(what_does_not_fit_is_told),
        WORKER_TEST(orders_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
