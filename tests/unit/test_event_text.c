/* Events as text: what each kind adds, and that data is always one line. */
#include "gateway/event_text.h"

#include <stdio.h>
#include <string.h>
#include "tests/unit/test.h"

#define ID_TEXT "00000000-0000-0000-0000-000000000001"
#define COMMON                                                                  \
    "{\"jobId\":\"" ID_TEXT "\",\"seq\":3,\"at\":\"2026-01-01T00:00:00.000Z\"," \
    "\"type\":\"image\",\"status\":\"active\",\"progress\":40,\"step\":\"s\","  \
    "\"attempt\":1"

static struct message_event event_make(enum event_kind kind)
{
    struct message_event event = {
        .event = 17,
        .version = 3,
        .kind = (uint8_t)kind,
        .at = 1767225600000,
        .job_kind = JOB_KIND_IMAGE,
        .state = JOB_STATE_ACTIVE,
        .progress = 40,
        .step = SLICE_LITERAL("s"),
        .attempt = 1,
        .attempts_made = 2,
        .started_at = 1767225600000,
        .completed_at = 1767225600000,
        .next_attempt_at = 1767225600000,
        .error_code = SLICE_LITERAL("code"),
        .error_message = SLICE_LITERAL("line 1\nline 2"),
        .url = SLICE_LITERAL("/assets/x"),
        .provider = SLICE_LITERAL("studio"),
        .task = SLICE_LITERAL("t-1"),
        .operation_state = OPERATION_STATE_SUBMITTED,
        .retries = 1,
    };
    event.job.bytes[ID_SIZE - 1] = 1;
    return event;
}

static void test_each_kind_adds_its_own(void **state)
{
#define TIME  "\"2026-01-01T00:00:00.000Z\""
#define ERROR "\"error\":{\"code\":\"code\",\"message\":\"line 1\\nline 2\"}"
    static const char *const added[EVENT_KIND_COUNT] = {
        [EVENT_KIND_QUEUED] = "",
        [EVENT_KIND_WAITING] = ",\"retries\":1",
        [EVENT_KIND_ACTIVE] = ",\"workerId\":null,\"startedAt\":" TIME,
        [EVENT_KIND_PROGRESS] = "",
        [EVENT_KIND_RETRY_SCHEDULED] = ",\"nextAttemptAt\":" TIME "," ERROR,
        [EVENT_KIND_STALLED] = "," ERROR,
        [EVENT_KIND_CANCEL_REQUESTED] = ",\"cancelRequested\":true",
        [EVENT_KIND_PROVIDER] = ",\"provider\":\"studio\",\"task\":\"t-1\",\"operation\":"
                                "\"submitted\",\"charged\":\"unknown\",\"repeats\":false",
        [EVENT_KIND_COMPLETED] = ",\"url\":\"/assets/x\",\"attemptsMade\":2,\"completedAt\":" TIME,
        [EVENT_KIND_FAILED] = ",\"failedReason\":\"line 1\\nline 2\",\"attemptsMade\":2,"
                              "\"completedAt\":" TIME "," ERROR,
        [EVENT_KIND_CANCELLED] = ",\"completedAt\":" TIME,
    };
    (void)state;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        struct message_event event = event_make(kind);
        char expected[1024];
        struct buffer out;
        buffer_init(&out, 4096);
        snprintf(expected, sizeof(expected), "id: 17\nevent: %s\ndata: " COMMON "%s}\n\n",
                 event_kind_name(kind), added[kind]);
        assert_int_equal(event_text_write(&event, &out), STATUS_OK);
        assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
        assert_string_equal((const char *)out.data, expected);
        buffer_fini(&out);
    }
}

static void test_a_call_is_told_with_a_price_that_is_known_only(void **state)
{
    (void)state;
    for (uint32_t price = 0; price <= 40000; price += 40000) {
        struct message_event event = event_make(EVENT_KIND_PROGRESS);
        struct buffer out;
        buffer_init(&out, 4096);
        event.purpose = CALL_PURPOSE_UPLOAD;
        event.took_ms = 1234;
        event.price = price;
        assert_int_equal(event_text_write(&event, &out), STATUS_OK);
        assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
        assert_string_equal((const char *)out.data,
                            price == 0
                                ? "id: 17\nevent: progress\ndata: " COMMON
                                  ",\"call\":{\"provider\":\"studio\",\"purpose\":\"upload\","
                                  "\"durationMs\":1234}}\n\n"
                                : "id: 17\nevent: progress\ndata: " COMMON
                                  ",\"call\":{\"provider\":\"studio\",\"purpose\":\"upload\","
                                  "\"durationMs\":1234,\"priceUsd\":0.04}}\n\n");
        buffer_fini(&out);
    }
}

static void test_without_room_nothing_is_written(void **state)
{
    struct message_event event = event_make(EVENT_KIND_FAILED);
    (void)state;
    for (size_t size = 0; size < 300; size++) {
        struct buffer out;
        buffer_init(&out, size + 4);
        assert_int_equal(buffer_append(&out, "kept", 4), STATUS_OK);
        assert_int_equal(event_text_write(&event, &out), STATUS_TOO_LARGE);
        assert_int_equal(out.size, 4);
        buffer_fini(&out);
    }
}

static void test_a_reset_moves_the_cursor(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 256);
    assert_int_equal(event_text_reset(9, &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out),
                            SLICE_LITERAL("id: 9\nevent: reset\ndata: {\"through\":9}\n\n")));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_adds_its_own),
        cmocka_unit_test(test_a_call_is_told_with_a_price_that_is_known_only),
        cmocka_unit_test(test_without_room_nothing_is_written),
        cmocka_unit_test(test_a_reset_moves_the_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
