/* What an actor says in a turn: it leaves in order in as few frames as it fits in, or the session
 * ends. Method: the linker sends link_send through the test, which checks and counts. */
#include "actors/outbox.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static uint64_t next; /* the credit that the next HEARTBEAT must tell */
static uint32_t frames;
static uint64_t session; /* of the last frame */
static enum status send_status;

enum status __wrap_link_send(struct link *link, struct slice frame);

enum status __wrap_link_send(struct link *link, struct slice frame)
{
    struct frame_reader reader;
    struct message message;
    (void)link;
    if (send_status != STATUS_OK) {
        return send_status;
    }
    frames++;
    assert_int_equal(frame_open(&reader, frame), STATUS_OK);
    session = reader.session;
    while (frame_next(&reader, &message) == STATUS_OK) {
        if (message.type == MESSAGE_TYPE_HEARTBEAT) {
            assert_int_equal(message.heartbeat.credit, next++);
        }
    }
    return STATUS_OK;
}

static struct outbox outbox;

static int set_up(void **state)
{
    (void)state;
    memory_fail_never();
    next = 0;
    frames = 0;
    send_status = STATUS_OK;
    outbox_init(&outbox, NULL);
    outbox_restart(&outbox, 7);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    outbox_fini(&outbox);
    outbox_fini(&outbox);
    return 0;
}

static void write_beat(uint64_t number)
{
    const struct message message = {.type = MESSAGE_TYPE_HEARTBEAT,
                                    .heartbeat = {.credit = number}};
    outbox_write(&outbox, &message);
}

static void what_is_written_leaves_in_one_frame_at_the_turns_end(void **state)
{
    (void)state;
    assert_false(outbox_flush(&outbox));
    for (uint64_t number = 0; number < 100; number++) {
        write_beat(number);
    }
    assert_int_equal(frames, 0);
    assert_true(outbox_flush(&outbox));
    assert_false(outbox_flush(&outbox));
    assert_int_equal(frames, 1);
    assert_int_equal(next, 100);
    assert_int_equal(session, 7);
}

static void a_frame_that_is_full_leaves_before_the_turns_end(void **state)
{
    static uint8_t document[DOCUMENT_SIZE_MAX];
    struct message message = {.type = MESSAGE_TYPE_DONE};
    (void)state;
    for (uint64_t number = 0; number <= FRAME_RECORDS_MAX; number++) {
        write_beat(number);
    }
    assert_int_equal(frames, 1); /* by its records */
    assert_int_equal(next, FRAME_RECORDS_MAX);
    message.done.document = slice_make(document, sizeof document);
    for (size_t size = 0; size < FRAME_SIZE_TARGET; size += sizeof document) {
        outbox_write(&outbox, &message);
    }
    assert_int_equal(frames, 2); /* by its bytes */
    assert_int_equal(next, FRAME_RECORDS_MAX + 1);
    assert_false(outbox_flush(&outbox));
    assert_false(outbox.failed);
}

static void a_restart_drops_what_belongs_to_the_session_before(void **state)
{
    (void)state;
    write_beat(99);
    outbox_restart(&outbox, 8);
    write_beat(0);
    assert_true(outbox_flush(&outbox));
    assert_int_equal(next, 1);
    assert_int_equal(session, 8);
}

static void after_a_frame_that_could_not_leave_nothing_does(void **state)
{
    static const enum status failures[] = {STATUS_AGAIN, STATUS_IO};
    (void)state;
    for (size_t index = 0; index < 2; index++) {
        write_beat(99);
        send_status = failures[index];
        assert_false(outbox_flush(&outbox));
        assert_true(outbox.failed);
        send_status = STATUS_OK;
        write_beat(99);
        assert_false(outbox_flush(&outbox));
        assert_int_equal(frames, index);
        outbox_restart(&outbox, 8);
        write_beat(index);
        assert_true(outbox_flush(&outbox));
    }
}

/* The record that does not fit any more is written after the frame before it has failed to leave:
 * both are lost, and the session tells it. */
static void a_full_frame_that_cannot_leave_is_told(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < FRAME_RECORDS_MAX; number++) {
        write_beat(number);
    }
    send_status = STATUS_AGAIN;
    write_beat(99);
    assert_true(outbox.failed);
    send_status = STATUS_OK;
    for (uint64_t number = 0; number <= FRAME_RECORDS_MAX; number++) {
        write_beat(99); /* nothing gathers in one that has failed */
    }
    assert_false(outbox_flush(&outbox));
    assert_int_equal(frames, 0);
}

static void without_memory_the_session_fails(void **state)
{
    (void)state;
    memory_fail_at(1);
    write_beat(99);
    memory_fail_never();
    assert_true(outbox.failed);
    assert_false(outbox_flush(&outbox));
    outbox_restart(&outbox, 8);
    write_beat(0);
    memory_fail_always();
    for (uint64_t number = 1; number < FRAME_RECORDS_MAX; number++) {
        write_beat(number);
    }
    memory_fail_never();
    assert_true(outbox.failed);
    assert_false(outbox_flush(&outbox));
    assert_int_equal(frames, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_leaves_in_one_frame_at_the_turns_end),
        TEST(a_frame_that_is_full_leaves_before_the_turns_end),
        TEST(a_restart_drops_what_belongs_to_the_session_before),
        TEST(after_a_frame_that_could_not_leave_nothing_does),
        TEST(a_full_frame_that_cannot_leave_is_told),
        TEST(without_memory_the_session_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
