/* The queue of one event stream: order, coalescing, limits, what is held. */
#include "tests/unit/test.h"

#include <string.h>
#include "gateway/limits.h"
#include "gateway/stream_queue.h"

static enum status push(struct stream_queue *queue, uint64_t number, uint8_t job,
                        enum event_kind kind, const char *text)
{
    struct message_event event = {.event = number, .kind = (uint8_t)kind};
    event.job.bytes[0] = job;
    return stream_queue_push(queue, &event, slice_from_string(text));
}

static void queue_has(struct stream_queue *queue, const char *expected)
{
    struct buffer out;
    stream_queue_take(queue, &out);
    assert_true(slice_equal(buffer_slice(&out), slice_from_string(expected)));
    assert_true(stream_queue_is_empty(queue));
    buffer_fini(&out);
}

static void test_events_come_out_in_order(void **state)
{
    struct stream_queue queue = {0};
    (void)state;
    assert_true(stream_queue_is_empty(&queue));
    assert_int_equal(push(&queue, 1, 1, EVENT_KIND_QUEUED, "a"), STATUS_OK);
    assert_int_equal(stream_queue_push_text(&queue, SLICE_LITERAL(":")), STATUS_OK);
    assert_int_equal(push(&queue, 2, 1, EVENT_KIND_ACTIVE, "b"), STATUS_OK);
    queue_has(&queue, "a:b");
    queue_has(&queue, "");
    stream_queue_fini(&queue);
}

static void test_progress_that_was_overtaken_is_coalesced(void **state)
{
    struct stream_queue queue = {0};
    (void)state;
    push(&queue, 1, 1, EVENT_KIND_ACTIVE, "[active]");
    push(&queue, 2, 1, EVENT_KIND_PROGRESS, "[10]");
    push(&queue, 3, 2, EVENT_KIND_PROGRESS, "[other 10]");
    push(&queue, 4, 1, EVENT_KIND_PROGRESS, "[20]");
    push(&queue, 5, 1, EVENT_KIND_PROGRESS, "[30]");
    push(&queue, 6, 2, EVENT_KIND_PROGRESS, "[other 20]");
    assert_true(stream_queue_coalesce(&queue));
    queue_has(&queue, "[active][30][other 20]");
    stream_queue_fini(&queue);
}

static void test_no_state_change_is_ever_coalesced(void **state)
{
    struct stream_queue queue = {0};
    (void)state;
    push(&queue, 1, 1, EVENT_KIND_PROGRESS, "[10]");
    push(&queue, 2, 1, EVENT_KIND_RETRY_SCHEDULED, "[retry]");
    push(&queue, 3, 1, EVENT_KIND_PROGRESS, "[20]");
    push(&queue, 4, 1, EVENT_KIND_COMPLETED, "[completed]");
    assert_true(stream_queue_coalesce(&queue));
    queue_has(&queue, "[10][retry][20][completed]");
    stream_queue_fini(&queue);
}

static void test_coalescing_says_when_it_does_not_help(void **state)
{
    struct stream_queue queue = {0};
    (void)state;
    for (uint64_t number = 1; number <= STREAM_QUEUE_ITEMS_MAX / 2 + 1; number++) {
        push(&queue, number, 1, EVENT_KIND_ACTIVE, "x");
    }
    assert_false(stream_queue_coalesce(&queue));
    stream_queue_fini(&queue);
}

static void test_count_and_bytes_are_bounded(void **state)
{
    static char text[STREAM_EVENT_SIZE_MAX + 1];
    struct stream_queue queue = {0};
    (void)state;
    for (uint64_t number = 1; number <= STREAM_QUEUE_ITEMS_MAX; number++) {
        assert_int_equal(push(&queue, number, 1, EVENT_KIND_ACTIVE, "x"), STATUS_OK);
    }
    assert_int_equal(push(&queue, 1000, 1, EVENT_KIND_ACTIVE, "x"), STATUS_FULL);
    stream_queue_fini(&queue);
    memset(text, 'x', STREAM_EVENT_SIZE_MAX);
    for (size_t size = 0; size + STREAM_EVENT_SIZE_MAX <= STREAM_QUEUE_SIZE_MAX;
         size += STREAM_EVENT_SIZE_MAX) {
        assert_int_equal(push(&queue, size + 1, 1, EVENT_KIND_ACTIVE, text), STATUS_OK);
    }
    assert_int_equal(push(&queue, 999999, 1, EVENT_KIND_ACTIVE, text), STATUS_FULL);
    stream_queue_fini(&queue);
}

static void test_held_events_follow_history_without_repetition(void **state)
{
    struct stream_queue held = {0};
    struct stream_queue queue = {0};
    uint64_t last = 3;
    (void)state;
    push(&queue, 3, 1, EVENT_KIND_PROGRESS, "[3]");
    push(&held, 2, 1, EVENT_KIND_PROGRESS, "[2]");
    push(&held, 3, 2, EVENT_KIND_ACTIVE, "[3 again]");
    push(&held, 4, 1, EVENT_KIND_PROGRESS, "[4]");
    push(&held, 5, 1, EVENT_KIND_COMPLETED, "[5]");
    assert_int_equal(stream_queue_move(&held, &queue, 3, &last), STATUS_OK);
    assert_int_equal(last, 5);
    assert_true(stream_queue_is_empty(&held));
    queue_has(&queue, "[3][4][5]");
    stream_queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_come_out_in_order),
        cmocka_unit_test(test_progress_that_was_overtaken_is_coalesced),
        cmocka_unit_test(test_no_state_change_is_ever_coalesced),
        cmocka_unit_test(test_coalescing_says_when_it_does_not_help),
        cmocka_unit_test(test_count_and_bytes_are_bounded),
        cmocka_unit_test(test_held_events_follow_history_without_repetition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
