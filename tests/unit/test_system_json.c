/* What the broker and a gateway tell of themselves, as clients see it. */
#include "tests/unit/test.h"

#include "gateway/system_json.h"

static struct buffer frame;
static struct buffer json;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&frame, 8192);
    buffer_init(&json, 8192);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    buffer_fini(&json);
    return 0;
}

/* Writes the answer of a broker and the records behind it. */
static enum status write(const struct message_system *system, const struct message *records,
                         uint32_t size)
{
    const struct system_gateway gateway = {
        .instance = {{1}},
        .version = SLICE_LITERAL("1.2.0+abc"),
        .started_at = 1000,
        .connections = 3,
        .connections_max = 100,
        .streams = 2,
        .dashboards = 1,
        .now = 5000,
    };
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
    enum status status = system_json_write(&writer, &gateway, system, reader);
    return status == STATUS_OK ? json_writer_status(&writer) : status;
}

static void expect_part(const char *text)
{
    if (memmem(json.data, json.size, text, strlen(text)) == NULL) {
        fail_msg("no %s in %.*s", text, (int)json.size, (const char *)json.data);
    }
}

static const struct message PROGRAMS[] = {
    {.type = MESSAGE_TYPE_PROGRAM,
     .program = {.program = {{7}},
                 .kind = JOB_KIND_IMAGE,
                 .host = SLICE_LITERAL("h2"),
                 .pid = 9,
                 .version = SLICE_LITERAL("1.1.0"),
                 .connected_at = 2000}},
    {.type = MESSAGE_TYPE_PROGRAM,
     .program = {.program = {{8}}, .gateway = true, .version = SLICE_LITERAL("1.2.0+abc")}},
    {.type = MESSAGE_TYPE_PROGRAM, .program = {.program = {{9}}, .kind = JOB_KIND_WEBHOOK}},
};

static void each_part_is_told(void **state)
{
    (void)state;
    const struct message_system system = {
        .version = SLICE_LITERAL("1.2.0+abc"),
        .count = 3,
        .host = SLICE_LITERAL("h1"),
        .pid = 4,
        .started_at = 2000,
        .gateways = 1,
        .actors = 2,
        .differing = 1,
        .commits = 10,
        .commit_operations = 70,
        .commit_bytes = 900,
        .commit_us_half = 250,
        .commit_us_most = 4000,
        .disk_free = 1 << 20,
        .disk_floor = 1 << 29,
        .disk_low = true,
        .backup = SLICE_LITERAL("monday"),
        .backup_at = 1000,
        .keys = 5,
        .stopped = 1,
    };
    assert_int_equal(write(&system, PROGRAMS, 3), STATUS_OK);
    expect_part("{\"broker\":{\"version\":\"1.2.0\",\"commit\":\"abc\",\"host\":\"h1\",\"pid\":4,"
                "\"startedAt\":\"1970-01-01T00:00:02.000Z\",\"uptimeMs\":3000,\"refused\":0}");
    expect_part("\"disk\":{\"freeBytes\":1048576,\"floorBytes\":536870912,\"low\":true}");
    expect_part("\"backup\":{\"name\":\"monday\",\"completedAt\":\"1970-01-01T00:00:01.000Z\","
                "\"running\":false}");
    expect_part("\"commits\":{\"count\":10,\"operations\":70,\"bytes\":900,"
                "\"timeUs\":{\"p50\":250,\"p99\":4000}}");
    expect_part("\"store\":{\"keys\":5,\"tableBytes\":0");
    expect_part("\"writesStopped\":true");
    expect_part("\"version\":\"1.2.0\",\"commit\":\"abc\",\"startedAt\":"
                "\"1970-01-01T00:00:01.000Z\",\"uptimeMs\":4000,\"connections\":3,"
                "\"connectionsMax\":100,\"streams\":2,\"dashboards\":1}");
    expect_part("\"totals\":{\"gateways\":1,\"actors\":2,\"differing\":1}");
}

static void a_program_of_another_version_is_marked(void **state)
{
    (void)state;
    const struct message_system system = {.version = SLICE_LITERAL("1.2.0+abc"), .count = 3};
    assert_int_equal(write(&system, PROGRAMS, 3), STATUS_OK);
    expect_part("\"role\":\"image\",\"host\":\"h2\",\"pid\":9,\"version\":\"1.1.0\","
                "\"commit\":null,\"differs\":true,\"connectedAt\":\"1970-01-01T00:00:02.000Z\"}");
    expect_part("\"role\":\"gateway\",\"host\":null,\"pid\":null,\"version\":\"1.2.0\","
                "\"commit\":\"abc\",\"differs\":false,\"connectedAt\":null}");
    /* What says no version is no other one. */
    expect_part("\"role\":\"webhook\",\"host\":null,\"pid\":null,\"version\":null,"
                "\"commit\":null,\"differs\":false,");
}

static void what_is_not_known_is_null(void **state)
{
    (void)state;
    const struct message_system system = {.started_at = 9000};
    assert_int_equal(write(&system, NULL, 0), STATUS_OK);
    expect_part("{\"broker\":{\"version\":null,\"commit\":null,\"host\":null,\"pid\":null,");
    expect_part("\"uptimeMs\":0,"); /* its clock may be before ours */
    expect_part("\"freeBytes\":null");
    expect_part("\"backup\":{\"name\":null,\"completedAt\":null,\"running\":false}");
    expect_part("\"programs\":[]}");
}

static void other_records_are_malformed(void **state)
{
    (void)state;
    const struct message ping = {.type = MESSAGE_TYPE_PING};
    const struct message_system system = {.count = 1};
    assert_int_equal(write(&system, &ping, 1), STATUS_MALFORMED);
    assert_int_equal(write(&system, NULL, 0), STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_part_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_program_of_another_version_is_marked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_null, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_records_are_malformed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
