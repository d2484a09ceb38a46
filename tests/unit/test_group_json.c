/* Groups as clients see them, and the ids of their jobs. */
#include "tests/unit/test.h"

#include "gateway/group_ids.h"
#include "gateway/group_json.h"

static const struct id group = {{0xab, 0xc4, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x81, 0x23, 0x45,
                                 0x67, 0x89, 0xab, 0xcd, 0xef}};

static void its_status_is_what_its_jobs_come_to(void **state)
{
    static const struct {
        struct message_group_state group;
        const char *status;
    } cases[] = {
        {{.total = 2, .waiting = 2}, "pending"},
        {{.total = 2, .pending = 1, .waiting = 1}, "pending"},
        {{.total = 2, .waiting = 2, .started = true}, "active"},
        {{.total = 2, .active = 1, .completed = 1, .started = true}, "active"},
        {{.total = 2, .completed = 2, .started = true}, "completed"},
        {{.total = 3, .completed = 1, .failed = 1, .cancelled = 1, .started = true}, "partial"},
        {{.total = 2, .failed = 1, .cancelled = 1, .started = true}, "failed"},
        {{.total = 2, .cancelled = 2, .started = true}, "cancelled"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_string_equal(group_status_name(&cases[index].group), cases[index].status);
    }
}

static void it_is_written_with_its_counts(void **state)
{
    const struct message_group_state found = {.group = group,
                                              .total = 3,
                                              .progress = 40,
                                              .active = 2,
                                              .completed = 1,
                                              .started = true,
                                              .created_at = 1000};
    struct buffer out;
    (void)state;
    buffer_init(&out, 1024);
    assert_int_equal(group_json_envelope(&found, NULL, &out), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE_LITERAL("{\"success\":true,\"statusCode\":200,\"data\":{\"batchId\":"
                      "\"abc45678-9abc-4def-8123-456789abcdef\",\"status\":\"active\","
                      "\"progress\":40,\"total\":3,\"counts\":{\"pending\":0,\"waiting\":0,"
                      "\"active\":2,\"completed\":1,\"failed\":0,\"cancelled\":0},"
                      "\"createdAt\":\"1970-01-01T00:00:01.000Z\",\"completedAt\":null}}")));
    buffer_fini(&out);
    buffer_init(&out, 64);
    assert_int_equal(group_json_envelope(&found, NULL, &out), STATUS_TOO_LARGE);
    buffer_fini(&out);
}

static void operators_are_told_what_and_whose_it_is(void **state)
{
    const struct message_group_state found = {.group = group,
                                              .kind = GROUP_KIND_PIPELINE,
                                              .owner = SLICE_LITERAL("a\"b"),
                                              .total = 1,
                                              .waiting = 1};
    static const char begin[] = "{\"success\":true,\"statusCode\":200,\"data\":{\"groupId\":"
                                "\"abc45678-9abc-4def-8123-456789abcdef\",\"type\":\"pipeline\","
                                "\"owner\":\"a\\\"b\",\"status\":\"pending\",\"progress\":0,";
    struct buffer out;
    (void)state;
    buffer_init(&out, 1024);
    assert_int_equal(group_json_any(&found, &out), STATUS_OK);
    assert_memory_equal(out.data, begin, sizeof(begin) - 1);
    buffer_fini(&out);
    buffer_init(&out, 64);
    assert_int_equal(group_json_any(&found, &out), STATUS_TOO_LARGE);
    buffer_fini(&out);
}

static void its_ids_follow_from_its_own_and_differ(void **state)
{
    struct id ids[300];
    (void)state;
    for (uint32_t index = 0; index < 100; index++) {
        const struct group_ids found = group_ids(&group, index);
        const struct id job = group_job_id(&group, index);
        assert_true(id_equal(&found.job, &job));
        assert_int_equal(strlen(found.display_id), 8);
        ids[3 * index] = found.job;
        ids[3 * index + 1] = found.media;
        ids[3 * index + 2] = found.character;
    }
    for (int left = 0; left < 300; left++) {
        assert_int_equal(id_slot(&ids[left]), id_slot(&group));
        for (int right = 0; right < left; right++) {
            assert_false(id_equal(&ids[left], &ids[right]));
        }
    }
}

static void an_accepted_batch_lists_its_jobs_in_order(void **state)
{
    char text[ID_TEXT_SIZE];
    struct buffer out;
    (void)state;
    buffer_init(&out, 1024);
    assert_int_equal(group_json_accepted(&group, 2, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    const char *at = (const char *)out.data;
    for (uint32_t index = 0; index < 2; index++) {
        const struct id job = group_job_id(&group, index);
        id_format(&job, text);
        at = strstr(at, text);
        assert_non_null(at);
    }
    assert_non_null(
        strstr((const char *)out.data,
               "\"statusUrl\":\"/api/v1/batches/abc45678-9abc-4def-8123-456789abcdef\""));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_status_is_what_its_jobs_come_to),
        cmocka_unit_test(it_is_written_with_its_counts),
        cmocka_unit_test(operators_are_told_what_and_whose_it_is),
        cmocka_unit_test(its_ids_follow_from_its_own_and_differ),
        cmocka_unit_test(an_accepted_batch_lists_its_jobs_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
