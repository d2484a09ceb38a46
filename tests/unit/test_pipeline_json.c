/* Pipelines as clients see them. */
#include "tests/unit/test.h"

#include "gateway/pipeline_json.h"
#include "proto/codec.h"

static const struct id group = {{0xab, 0xc4, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x81, 0x23, 0x45,
                                 0x67, 0x89, 0xab, 0xcd, 0xef}};

static void add_job(struct buffer *records, enum job_kind kind, enum job_state job_state,
                    bool has_parent)
{
    struct message message = {.type = MESSAGE_TYPE_JOB_STATE};
    message.job_state = (struct message_job_state){.job = group,
                                                   .kind = (uint8_t)kind,
                                                   .state = (uint8_t)job_state,
                                                   .character = {{1}},
                                                   .media = {{2}},
                                                   .url = SLICE_LITERAL("/assets/x.png")};
    if (has_parent) {
        message.job_state.parent = group;
    }
    assert_int_equal(record_write(records, &message), STATUS_OK);
}

/* Whether the text stands in what was written. */
static bool has(struct buffer *out, const char *text)
{
    return memmem(out->data, out->size, text, strlen(text)) != NULL;
}

static void it_tells_its_jobs_and_what_they_have_made(void **state)
{
    const struct message_group_state found = {
        .group = group, .total = 3, .completed = 2, .pending = 1, .started = true, .count = 3};
    struct buffer records;
    struct buffer out;
    (void)state;
    buffer_init(&records, 4096);
    buffer_init(&out, 8192);
    add_job(&records, JOB_KIND_CHARACTER, JOB_STATE_COMPLETED, false);
    add_job(&records, JOB_KIND_IMAGE, JOB_STATE_COMPLETED, true);
    add_job(&records, JOB_KIND_VIDEO, JOB_STATE_PENDING, true);
    assert_int_equal(pipeline_json_envelope(&found, buffer_slice(&records), NULL, &out), STATUS_OK);
    assert_true(has(&out, "\"pipelineId\":\"abc45678-9abc-4def-8123-456789abcdef\""));
    assert_true(has(&out, "\"waitReason\":\"dependency\""));
    assert_true(has(&out, "\"result\":{\"characterId\":\"01000000-0000-0000-0000-000000000000\","
                          "\"images\":[{\"mediaId\":\"02000000-0000-0000-0000-000000000000\","
                          "\"url\":\"/assets/x.png\"}],\"videos\":[]}"));
    buffer_fini(&out);
    buffer_fini(&records);
}

static void what_is_not_there_yet_has_no_id(void **state)
{
    const struct message_group_state found = {.group = group, .total = 1, .waiting = 1, .count = 1};
    struct buffer records;
    struct buffer out;
    (void)state;
    buffer_init(&records, 4096);
    buffer_init(&out, 8192);
    add_job(&records, JOB_KIND_CHARACTER, JOB_STATE_WAITING, false);
    assert_int_equal(pipeline_json_envelope(&found, buffer_slice(&records), NULL, &out), STATUS_OK);
    assert_true(has(&out, "\"result\":{\"characterId\":null,\"images\":[],\"videos\":[]}"));
    buffer_fini(&out);
    buffer_init(&out, 8192);
    assert_int_equal(pipeline_json_envelope(&found, SLICE_EMPTY, NULL, &out), STATUS_MALFORMED);
    buffer_fini(&out);
    buffer_fini(&records);
}

static void an_accepted_one_tells_all_ids(void **state)
{
    const struct pipeline pipeline = {.makes_character = true, .image_count = 2, .video_count = 1};
    struct buffer out;
    (void)state;
    buffer_init(&out, 8192);
    assert_int_equal(pipeline_json_accepted(&group, &pipeline, &out), STATUS_OK);
    assert_true(
        has(&out, "\"statusUrl\":\"/api/v1/pipelines/abc45678-9abc-4def-8123-456789abcdef\""));
    assert_true(has(&out, "\"sourceMediaId\":"));
    buffer_fini(&out);
    buffer_init(&out, 64);
    assert_int_equal(pipeline_json_accepted(&group, &pipeline, &out), STATUS_TOO_LARGE);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_its_jobs_and_what_they_have_made),
        cmocka_unit_test(what_is_not_there_yet_has_no_id),
        cmocka_unit_test(an_accepted_one_tells_all_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
