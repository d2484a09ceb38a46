/* Queues as a gateway takes them from the broker, and as its clients see them. */
#include "tests/unit/test.h"

#include "gateway/overview.h"
#include "gateway/queue_json.h"

static const struct message_queue busy = {
    .kind = JOB_KIND_IMAGE,
    .paused = true,
    .pending = 1,
    .waiting = 2,
    .active = 3,
    .completed = 4,
    .failed = 5,
    .cancelled = 6,
    .workers = 1,
    .workers_draining = 1,
    .slots = 5,
    .slots_busy = 3,
    .rate = 5,
    .rate_used = 2,
    .oldest_waiting_at = 1000,
    .minute_started = 7,
    .minute_completed = 8,
    .minute_failed = 9,
};

static void a_queue_is_written_with_all_that_is_known(void **state)
{
    struct buffer out;
    struct json_writer writer;
    struct message_queue queue = busy;
    (void)state;
    buffer_init(&out, 1024);
    json_writer_init(&writer, &out);
    queue_json_write(&writer, &queue);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE_LITERAL(
            "{\"queue\":\"image\",\"paused\":true,\"counts\":{\"pending\":1,\"waiting\":2,"
            "\"active\":3,\"completed\":4,\"failed\":5,\"cancelled\":6},\"workers\":1,"
            "\"workersDraining\":1,\"slots\":5,\"slotsBusy\":3,\"limit\":{\"max\":5,"
            "\"durationMs\":1000,\"used\":2},\"oldestWaitingAt\":\"1970-01-01T00:00:01.000Z\","
            "\"perMinute\":{\"started\":7,\"completed\":8,\"failed\":9},\"waitReason\":null}")));
    buffer_clear(&out);
    json_writer_init(&writer, &out);
    queue.rate = 0;
    queue.oldest_waiting_at = 0;
    queue.wait_reason = WAIT_REASON_PROVIDER_DOWN;
    queue_json_write(&writer, &queue);
    assert_non_null(memmem(out.data, out.size, "\"limit\":null,\"oldestWaitingAt\":null", 35));
    assert_non_null(memmem(out.data, out.size, "\"waitReason\":\"provider_down\"", 28));
    buffer_fini(&out);
}

static void all_are_written_by_kind(void **state)
{
    struct overview overview = {0};
    struct buffer out;
    struct json_writer writer;
    (void)state;
    buffer_init(&out, 4096);
    json_writer_init(&writer, &out);
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        overview.queues[kind].kind = kind;
    }
    queue_json_all(&writer, &overview);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_memory_equal(out.data, "{\"queues\":[{\"queue\":\"character\"", 31);
    assert_non_null(memmem(out.data, out.size, "{\"queue\":\"webhook\"", 18));
    assert_non_null(memmem(out.data, out.size, "],\"diskLow\":false,\"disk\":null}", 30));
    buffer_fini(&out);
}

static void a_disk_that_is_low_is_written_after_the_queues(void **state)
{
    const struct overview overview = {.disk_low = true, .disk_free = 7, .disk_floor = 9};
    static const char end[] = "],\"diskLow\":true,\"disk\":{\"freeBytes\":7,\"floorBytes\":9}}";
    struct buffer out;
    struct json_writer writer;
    (void)state;
    buffer_init(&out, 4096);
    json_writer_init(&writer, &out);
    queue_json_all(&writer, &overview);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_memory_equal(out.data + out.size - strlen(end), end, strlen(end));
    buffer_fini(&out);
}

/* ---- what the broker tells ---- */

/* Frames an answer of so many queues; one of them may be of another kind or no queue at all. */
static enum status take(struct overview *overview, uint32_t told, uint32_t there, uint32_t odd,
                        enum message_type type)
{
    struct buffer bytes;
    struct frame_writer writer;
    struct message page = {
        .type = MESSAGE_TYPE_ADMIN_PAGE,
        .admin_page = {.count = told, .disk_low = true, .disk_free = 7, .disk_floor = 9},
    };
    struct answer answer = {.message = &page};
    buffer_init(&bytes, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &bytes, 0), STATUS_OK);
    for (uint32_t kind = 0; kind < there; kind++) {
        struct message message = {.type = kind == odd ? type : MESSAGE_TYPE_QUEUE};
        if (message.type == MESSAGE_TYPE_QUEUE) {
            message.queue = busy;
            message.queue.kind = (uint8_t)(kind == odd ? 0 : kind);
        }
        assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    }
    frame_end(&writer);
    assert_int_equal(frame_open(&answer.records, buffer_slice(&bytes)), STATUS_OK);
    enum status status = overview_take(overview, &answer, 5000);
    buffer_fini(&bytes);
    return status;
}

static void what_is_told_is_known_for_a_second(void **state)
{
    struct overview overview = {0};
    (void)state;
    assert_false(overview_is_fresh(&overview, 10));
    assert_int_equal(take(&overview, 4, 4, 99, MESSAGE_TYPE_QUEUE), STATUS_OK);
    assert_int_equal(overview.queues[2].waiting, 2);
    assert_true(overview.disk_low);
    assert_int_equal(overview.disk_free, 7);
    assert_int_equal(overview.disk_floor, 9);
    assert_true(overview_is_fresh(&overview, 5000));
    assert_true(overview_is_fresh(&overview, 5000 + OVERVIEW_FRESH_MS - 1));
    assert_false(overview_is_fresh(&overview, 5000 + OVERVIEW_FRESH_MS));
}

static void an_answer_that_is_not_whole_changes_nothing(void **state)
{
    struct overview overview = {0};
    (void)state;
    assert_int_equal(take(&overview, 3, 3, 99, MESSAGE_TYPE_QUEUE), STATUS_MALFORMED);
    assert_int_equal(take(&overview, 4, 3, 99, MESSAGE_TYPE_QUEUE), STATUS_MALFORMED);
    assert_int_equal(take(&overview, 4, 4, 3, MESSAGE_TYPE_QUEUE), STATUS_MALFORMED);
    assert_int_equal(take(&overview, 4, 4, 1, MESSAGE_TYPE_PING), STATUS_MALFORMED);
    assert_int_equal(overview.at_ms, 0);
    assert_false(overview.disk_low);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_is_written_with_all_that_is_known),
        cmocka_unit_test(all_are_written_by_kind),
        cmocka_unit_test(a_disk_that_is_low_is_written_after_the_queues),
        cmocka_unit_test(what_is_told_is_known_for_a_second),
        cmocka_unit_test(an_answer_that_is_not_whole_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
