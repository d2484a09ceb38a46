#include "proto/backup_json.h"

#include "tests/unit/test.h"

static void a_backup_is_told_with_its_state(void **state)
{
    static const struct {
        struct message_backup record;
        const char *text;
    } cases[] = {
        {{.name = SLICE_LITERAL("a"), .created_at = 1000},
         "{\"name\":\"a\",\"state\":\"running\",\"createdAt\":\"1970-01-01T00:00:01.000Z\","
         "\"completedAt\":null,\"bytes\":0,\"keys\":0,\"jobs\":0,\"liveJobs\":0,\"eventLast\":0,"
         "\"version\":null,\"error\":null}"},
        {{.name = SLICE_LITERAL("b"),
          .created_at = 1000,
          .completed_at = 2000,
          .size = 1,
          .keys = 2,
          .jobs = 3,
          .live = 4,
          .event_last = 5,
          .version = SLICE_LITERAL("1.2")},
         "{\"name\":\"b\",\"state\":\"completed\",\"createdAt\":\"1970-01-01T00:00:01.000Z\","
         "\"completedAt\":\"1970-01-01T00:00:02.000Z\",\"bytes\":1,\"keys\":2,\"jobs\":3,"
         "\"liveJobs\":4,\"eventLast\":5,\"version\":\"1.2\",\"error\":null}"},
        {{.name = SLICE_LITERAL("c"), .created_at = 1000, .error = SLICE_LITERAL("full")},
         "{\"name\":\"c\",\"state\":\"failed\",\"createdAt\":\"1970-01-01T00:00:01.000Z\","
         "\"completedAt\":null,\"bytes\":0,\"keys\":0,\"jobs\":0,\"liveJobs\":0,\"eventLast\":0,"
         "\"version\":null,\"error\":\"full\"}"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct buffer text;
        struct json_writer writer;
        buffer_init(&text, 4096);
        json_writer_init(&writer, &text);
        backup_json_write(&writer, &cases[index].record);
        assert_int_equal(json_writer_status(&writer), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&text), slice_from_string(cases[index].text)));
        buffer_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_is_told_with_its_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
