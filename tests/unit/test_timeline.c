/* A job's timeline: attempts as its events tell them, whichever way they end. */
#include "gateway/timeline.h"

#include <stdio.h>
#include "tests/unit/test.h"

#define MINUTE INT64_C(60000)

struct step {
    enum event_kind kind;
    uint32_t attempt;
    uint32_t attempts_made;
    const char *error_code;
};

/* A frame with one event a minute, and the reader that stands at the first. */
struct history {
    struct buffer bytes;
    struct frame_reader records;
    uint32_t count;
};

static void history_make(struct history *history, const struct step *steps, uint32_t count,
                         uint32_t first_version)
{
    struct frame_writer writer;
    buffer_init(&history->bytes, FRAME_SIZE_MAX);
    history->count = count;
    assert_int_equal(frame_begin(&writer, &history->bytes, 1), STATUS_OK);
    for (uint32_t index = 0; index < count; index++) {
        struct message message = {.type = MESSAGE_TYPE_EVENT};
        message.event.event = 100 + index;
        message.event.version = first_version + index;
        message.event.kind = (uint8_t)steps[index].kind;
        message.event.at = 1767225600000 + index * MINUTE;
        message.event.attempt = steps[index].attempt;
        message.event.attempts_made = steps[index].attempts_made;
        message.event.worker.bytes[0] = (uint8_t)steps[index].attempt;
        message.event.error_code = slice_from_string(steps[index].error_code);
        message.event.error_message = slice_from_string(steps[index].error_code);
        assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    }
    frame_end(&writer);
    assert_int_equal(frame_open(&history->records, buffer_slice(&history->bytes)), STATUS_OK);
}

/* Writes the timeline and gives it as a text, to be freed with out. */
static const char *timeline_of(const struct history *history, struct buffer *out)
{
    struct json_writer writer;
    buffer_init(out, 1 << 20);
    json_writer_init(&writer, out);
    assert_int_equal(timeline_write(&writer, history->records, history->count), STATUS_OK);
    assert_int_equal(buffer_append_byte(out, 0), STATUS_OK);
    return (const char *)out->data;
}

/* The outcomes of the attempts, in a row. */
static void outcomes_are(const struct step *steps, uint32_t count, const char *expected)
{
    struct history history;
    struct buffer out;
    char outcomes[256] = "";
    history_make(&history, steps, count, 1);
    const char *text = timeline_of(&history, &out);
    const char *end = strstr(text, "\"events\"");
    uint32_t number = 0;
    for (const char *at = strstr(text, "{\"number\""); at != NULL && at < end;
         at = strstr(at + 1, "{\"number\"")) {
        size_t size = strlen(outcomes);
        char outcome[32] = "";
        char start[32];
        number++;
        snprintf(start, sizeof(start), "{\"number\":%u,", number);
        assert_memory_equal(at, start, strlen(start));
        sscanf(strstr(at, "\"outcome\":") + 10, "%31[a-z_\"]", outcome);
        snprintf(outcomes + size, sizeof(outcomes) - size, "%s%s", size == 0 ? "" : " ", outcome);
    }
    assert_string_equal(outcomes, expected);
    buffer_fini(&out);
    buffer_fini(&history.bytes);
}

#define OUTCOMES_ARE(expected, ...)                                                  \
    do {                                                                             \
        static const struct step steps[] = {__VA_ARGS__};                            \
        outcomes_are(steps, (uint32_t)(sizeof(steps) / sizeof(steps[0])), expected); \
    } while (0)

static void test_each_way_that_an_attempt_ends_has_its_word(void **state)
{
    (void)state;
    OUTCOMES_ARE("", {EVENT_KIND_QUEUED, 1, 0, NULL});
    OUTCOMES_ARE("", {EVENT_KIND_QUEUED, 1, 0, NULL}, {EVENT_KIND_CANCELLED, 1, 0, NULL});
    OUTCOMES_ARE("null", {EVENT_KIND_ACTIVE, 1, 0, NULL}, {EVENT_KIND_PROGRESS, 1, 0, NULL},
                 {EVENT_KIND_PROVIDER, 1, 0, NULL}, {EVENT_KIND_CANCEL_REQUESTED, 1, 0, NULL});
    OUTCOMES_ARE("\"completed\"", {EVENT_KIND_ACTIVE, 1, 0, NULL},
                 {EVENT_KIND_COMPLETED, 1, 1, NULL});
    OUTCOMES_ARE("\"cancelled\"", {EVENT_KIND_ACTIVE, 1, 0, NULL},
                 {EVENT_KIND_CANCELLED, 1, 0, NULL});
    OUTCOMES_ARE("\"handed_back\" \"throttled\" \"failed\" \"lost\" \"failed\"",
                 {EVENT_KIND_ACTIVE, 1, 0, NULL}, {EVENT_KIND_WAITING, 1, 0, NULL},
                 {EVENT_KIND_ACTIVE, 1, 0, NULL}, {EVENT_KIND_RETRY_SCHEDULED, 1, 0, "throttle"},
                 {EVENT_KIND_ACTIVE, 1, 0, NULL}, {EVENT_KIND_RETRY_SCHEDULED, 2, 1, "broken"},
                 {EVENT_KIND_ACTIVE, 2, 1, NULL}, {EVENT_KIND_STALLED, 2, 1, "worker_lost"},
                 {EVENT_KIND_ACTIVE, 2, 1, NULL}, {EVENT_KIND_FAILED, 2, 2, "broken"});
    OUTCOMES_ARE("\"lost\"", {EVENT_KIND_ACTIVE, 1, 0, NULL}, {EVENT_KIND_FAILED, 1, 0, "stalled"});
    OUTCOMES_ARE("\"handed_back\" \"failed\" \"failed\"", {EVENT_KIND_ACTIVE, 3, 2, NULL},
                 {EVENT_KIND_WAITING, 3, 2, "provider_down"}, {EVENT_KIND_ACTIVE, 3, 2, NULL},
                 {EVENT_KIND_WAITING, 3, 2, "provider_error"}, {EVENT_KIND_ACTIVE, 3, 2, NULL},
                 {EVENT_KIND_FAILED, 3, 3, "provider_error"}); /* no memory for it */
    /* What its task is dropped for was told by the attempt before. */
    OUTCOMES_ARE(
        "\"failed\" \"handed_back\" \"cancelled\"", {EVENT_KIND_ACTIVE, 3, 2, NULL},
        {EVENT_KIND_WAITING, 3, 2, "provider_error"}, {EVENT_KIND_ACTIVE, 3, 2, "provider_error"},
        {EVENT_KIND_WAITING, 3, 2, "provider_error"}, {EVENT_KIND_ACTIVE, 3, 2, "provider_error"},
        {EVENT_KIND_FAILED, 3, 3, "provider_error"});
    OUTCOMES_ARE("\"failed\" \"failed\"", {EVENT_KIND_ACTIVE, 3, 2, NULL},
                 {EVENT_KIND_WAITING, 3, 2, "provider_error"},
                 {EVENT_KIND_ACTIVE, 3, 2, "provider_error"},
                 {EVENT_KIND_FAILED, 3, 3, "content_policy"});
    OUTCOMES_ARE("\"handed_back\" null", {EVENT_KIND_ACTIVE, 1, 0, NULL},
                 {EVENT_KIND_ACTIVE, 1, 0, NULL});
}

static void test_attempts_are_counted_on_after_an_explicit_retry(void **state)
{
    (void)state;
    OUTCOMES_ARE("\"failed\" \"completed\"", {EVENT_KIND_ACTIVE, 1, 0, NULL},
                 {EVENT_KIND_FAILED, 1, 1, "x"}, {EVENT_KIND_WAITING, 1, 0, NULL},
                 {EVENT_KIND_ACTIVE, 1, 0, NULL}, {EVENT_KIND_COMPLETED, 1, 1, NULL});
}

static void test_a_timeline_has_attempts_and_events(void **state)
{
    static const struct step steps[] = {{EVENT_KIND_ACTIVE, 1, 0, NULL},
                                        {EVENT_KIND_RETRY_SCHEDULED, 2, 1, "broken"}};
    struct history history;
    struct buffer out;
    (void)state;
    history_make(&history, steps, 2, 1);
    const char *text = timeline_of(&history, &out);
    assert_non_null(
        strstr(text, "{\"attempts\":[{\"number\":1,\"attempt\":1,"
                     "\"workerId\":\"01000000-0000-0000-0000-000000000000\","
                     "\"startedAt\":\"2026-01-01T00:00:00.000Z\","
                     "\"endedAt\":\"2026-01-01T00:01:00.000Z\",\"outcome\":\"failed\","
                     "\"error\":{\"code\":\"broken\",\"message\":\"broken\"}}],\"events\":["));
    assert_non_null(strstr(text, "{\"id\":100,\"event\":\"active\",\"jobId\":"));
    assert_non_null(strstr(text, "\"seq\":2,\"at\":\"2026-01-01T00:01:00.000Z\""));
    assert_non_null(strstr(text, "],\"complete\":true}"));
    buffer_fini(&out);
    buffer_fini(&history.bytes);
}

static void test_a_timeline_says_when_events_are_missing(void **state)
{
    static const struct step steps[] = {{EVENT_KIND_PROGRESS, 1, 0, NULL}};
    struct history history;
    struct buffer out;
    (void)state;
    history_make(&history, steps, 1, 7);
    assert_non_null(strstr(timeline_of(&history, &out), "],\"complete\":false}"));
    buffer_fini(&out);
    history.count = 0;
    assert_string_equal(timeline_of(&history, &out),
                        "{\"attempts\":[],\"events\":[],\"complete\":true}");
    buffer_fini(&out);
    buffer_fini(&history.bytes);
}

static void test_other_records_are_malformed(void **state)
{
    static const struct step steps[] = {{EVENT_KIND_QUEUED, 1, 0, NULL}};
    struct history history;
    struct json_writer writer;
    struct buffer out;
    (void)state;
    history_make(&history, steps, 1, 1);
    for (size_t size = 0; size < 100; size += 50) {
        buffer_init(&out, size);
        json_writer_init(&writer, &out);
        assert_int_equal(timeline_write(&writer, history.records, 1), STATUS_TOO_LARGE);
        buffer_fini(&out);
    }
    buffer_init(&out, 4096);
    json_writer_init(&writer, &out);
    assert_int_equal(timeline_write(&writer, history.records, 2), STATUS_MALFORMED);
    buffer_fini(&out);
    buffer_fini(&history.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_way_that_an_attempt_ends_has_its_word),
        cmocka_unit_test(test_attempts_are_counted_on_after_an_explicit_retry),
        cmocka_unit_test(test_a_timeline_has_attempts_and_events),
        cmocka_unit_test(test_a_timeline_says_when_events_are_missing),
        cmocka_unit_test(test_other_records_are_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
