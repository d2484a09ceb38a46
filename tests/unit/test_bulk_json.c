#include "gateway/bulk_json.h"

#include <stdio.h>
#include <string.h>
#include "tests/unit/test.h"

static struct body *body;
static struct buffer jobs;

static size_t read_text(const char *text, struct message_start_bulk *out, struct problems *problems)
{
    char error[BODY_ERROR_SIZE];
    *problems = (struct problems){0};
    *out = (struct message_start_bulk){0};
    body_destroy(&body);
    buffer_clear(&jobs);
    assert_int_equal(body_parse(slice_from_string(text), &body, error), STATUS_OK);
    bulk_json_read(body, &jobs, out, problems);
    return problems->count;
}

static int begin(void **state)
{
    (void)state;
    buffer_init(&jobs, BULK_JOBS_SIZE_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    body_destroy(&body);
    buffer_fini(&jobs);
    return 0;
}

static void a_filter_is_read(void **state)
{
    struct message_start_bulk start;
    struct problems problems;
    (void)state;
    assert_int_equal(
        read_text("{\"action\":\"retry\",\"where\":{\"status\":\"failed\",\"owner\":\"ada\","
                  "\"errorGroup\":\"00000000-0000-4000-8000-000000000003\","
                  "\"groupId\":\"00000000-0000-4000-8000-000000000004\"}}",
                  &start, &problems),
        0);
    assert_int_equal(start.error_group.bytes[ID_SIZE - 1], 3);
    assert_int_equal(start.group.bytes[ID_SIZE - 1], 4);
    assert_int_equal(start.action, JOB_ACTION_RETRY);
    assert_int_equal(start.states, 1 << JOB_STATE_FAILED);
    assert_int_equal(start.kinds, 7);
    assert_true(slice_equal(start.owner, SLICE_LITERAL("ada")));
    assert_int_equal(start.jobs.size, 0);
    assert_true(slice_equal(start.where,
                            SLICE_LITERAL("{\"status\":\"failed\",\"owner\":\"ada\",\"errorGroup\":"
                                          "\"00000000-0000-4000-8000-000000000003\",\"groupId\":"
                                          "\"00000000-0000-4000-8000-000000000004\"}")));
}

static void a_filter_that_is_too_long_is_not_remembered(void **state)
{
    struct message_start_bulk start;
    struct problems problems;
    char text[BULK_WHERE_SIZE_MAX + 256];
    (void)state;
    /* Blanks around members are none of it. */
    for (int more = 0; more < 2; more++) {
        int size = BULK_WHERE_SIZE_MAX - (int)strlen("{\"q\":\"\"}") + more;
        snprintf(text, sizeof text, "{\"action\":\"cancel\", \"where\": {\"q\": \"%0*d\"}}", size,
                 0);
        read_text(text, &start, &problems);
        assert_int_equal(start.where.size, more == 0 ? BULK_WHERE_SIZE_MAX : 0);
    }
}

static void ids_are_read(void **state)
{
    struct message_start_bulk start;
    struct problems problems;
    (void)state;
    assert_int_equal(read_text("{\"action\":\"priority\",\"priority\":7,\"jobIds\":["
                               "\"00000000-0000-4000-8000-000000000001\","
                               "\"00000000-0000-4000-8000-000000000002\"]}",
                               &start, &problems),
                     0);
    assert_int_equal(start.priority, 7);
    assert_int_equal(start.jobs.size, 2 * ID_SIZE);
    assert_int_equal(start.jobs.data[2 * ID_SIZE - 1], 2);
    assert_int_equal(start.where.size, 0);
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *text;
        const char *field;
    } rows[] = {
        {"{}", "action"},
        {"{\"action\":\"fly\",\"where\":{}}", "action"},
        {"{\"action\":\"retry\"}", "where"},
        {"{\"action\":\"retry\",\"where\":{},\"jobIds\":[\"7\"]}", "where"},
        {"{\"action\":\"retry\",\"jobIds\":[]}", "jobIds"},
        {"{\"action\":\"retry\",\"jobIds\":[\"7\"]}", "jobIds"},
        {"{\"action\":\"retry\",\"where\":{\"status\":\"odd\"}}", "status"},
        {"{\"action\":\"retry\",\"where\":{\"odd\":1}}", "odd"},
        {"{\"action\":\"priority\",\"where\":{}}", "priority"},
        {"{\"action\":\"priority\",\"priority\":256,\"where\":{}}", "priority"},
        {"{\"action\":\"cancel\",\"priority\":1,\"where\":{}}", "priority"},
        {"{\"action\":\"cancel\",\"where\":{},\"odd\":1}", "odd"},
    };
    struct message_start_bulk start;
    struct problems problems;
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        assert_int_not_equal(read_text(rows[row].text, &start, &problems), 0);
        assert_string_equal(problems.items[0].field, rows[row].field);
    }
}

static void progress_is_the_part_of_the_way(void **state)
{
    static const struct {
        uint64_t first, place;
        uint32_t percent;
    } rows[] = {{0, 0, 0},     {10, 10, 0},  {10, 5, 50},
                {1000, 1, 99}, {10, 0, 100}, {INT64_MAX, INT64_MAX / 4, 75}};
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        const struct message_bulk bulk = {.first = rows[row].first, .place = rows[row].place};
        assert_int_equal(bulk_json_progress(&bulk), rows[row].percent);
    }
}

static void a_bulk_is_written(void **state)
{
    struct buffer out;
    struct json_writer writer;
    const struct message_bulk bulk = {.bulk = {{[ID_SIZE - 1] = 1}},
                                      .action = JOB_ACTION_CANCEL,
                                      .state = BULK_STATE_COMPLETED,
                                      .user = SLICE_LITERAL("boss"),
                                      .first = 3,
                                      .total = 3,
                                      .matched = 5,
                                      .done = 2,
                                      .refused = 3,
                                      .ended = 2,
                                      .scanned = 5,
                                      .not_delayed = 1};
    (void)state;
    buffer_init(&out, 1000);
    json_writer_init(&writer, &out);
    bulk_json_write(&writer, &bulk);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE_LITERAL("{\"operationId\":\"00000000-0000-0000-0000-000000000001\","
                      "\"action\":\"cancel\",\"priority\":null,\"where\":null,\"state\":"
                      "\"completed\","
                      "\"progress\":100,\"total\":3,\"matched\":5,\"done\":2,"
                      "\"alreadyEnded\":2,\"refused\":1,\"reasons\":{\"not_delayed\":1},"
                      "\"scanned\":5,\"startedAt\":"
                      "null,\"completedAt\":null,\"by\":\"boss\"}")));
    struct message_bulk searched = bulk;
    searched.where = SLICE_LITERAL("{\"owner\":\"ada\"}");
    buffer_clear(&out);
    json_writer_init(&writer, &out);
    bulk_json_write(&writer, &searched);
    assert_non_null(memmem(out.data, out.size, "\"where\":{\"owner\":\"ada\"},", 24));
    searched.where = SLICE_LITERAL("{\"owner\":");
    buffer_clear(&out);
    json_writer_init(&writer, &out);
    bulk_json_write(&writer, &searched);
    assert_non_null(memmem(out.data, out.size, "\"where\":null,", 13));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_is_read),
        cmocka_unit_test(a_filter_that_is_too_long_is_not_remembered),
        cmocka_unit_test(ids_are_read),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(progress_is_the_part_of_the_way),
        cmocka_unit_test(a_bulk_is_written),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
