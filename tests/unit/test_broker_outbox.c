/* What goes to one peer: it leaves whole and in order, in frames that a peer takes, or it is
 * refused and what was there before is as it was. */
#include "broker/outbox.h"

#include <stdlib.h>
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    SESSION = 9,
    FRAMES_MAX = 256,
};

/* ---- the peer: it checks each frame and counts what is in it ---- */

struct peer {
    uint64_t next;               /* the credit that the next HEARTBEAT must tell */
    uint32_t frames[FRAMES_MAX]; /* records in each */
    size_t frame_count;
    size_t failing; /* this frame is not taken; 0 for none */
};

static enum status take_frame(void *context, struct slice frame)
{
    struct peer *peer = context;
    struct frame_reader reader;
    struct message message;
    if (peer->frame_count + 1 == peer->failing) {
        return STATUS_FULL;
    }
    assert_true(frame.size <= FRAME_SIZE_MAX);
    assert_int_equal(frame_open(&reader, frame), STATUS_OK);
    assert_int_equal(reader.session, SESSION);
    assert_true(peer->frame_count < FRAMES_MAX);
    peer->frames[peer->frame_count++] = reader.left;
    while (frame_next(&reader, &message) == STATUS_OK) {
        if (message.type == MESSAGE_TYPE_HEARTBEAT) {
            assert_int_equal(message.heartbeat.credit, peer->next++);
        } else if (message.type == MESSAGE_TYPE_EVENTS) {
            /* What it announces stands behind it in the same frame. */
            assert_true(reader.left >= message.events.count);
        }
    }
    return STATUS_OK;
}

static enum status send_to(struct peer *peer, const struct outbox *first,
                           const struct outbox *second)
{
    const struct outbox *const outboxes[] = {first, second};
    struct buffer frame;
    buffer_init(&frame, 2 * FRAME_SIZE_MAX);
    enum status status =
        outbox_send(outboxes, second == NULL ? 1 : 2, SESSION, &frame, take_frame, peer);
    buffer_fini(&frame);
    return status;
}

/* ---- records ---- */

static struct message beat(uint64_t number)
{
    return (struct message){.type = MESSAGE_TYPE_HEARTBEAT, .heartbeat = {.credit = number}};
}

static void add_beats(struct outbox *outbox, uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number < to; number++) {
        struct message message = beat(number);
        assert_int_equal(outbox_add(outbox, &message), STATUS_OK);
    }
}

static uint8_t document[DOCUMENT_SIZE_MAX];

/* A record that is nearly as large as a record can be. */
static struct message large(void)
{
    struct message message = {.type = MESSAGE_TYPE_DOCUMENT};
    memset(document, 'd', sizeof document);
    message.document.document = slice_make(document, sizeof document);
    return message;
}

/* Encoded records of the given size at least. */
static void make_records(struct buffer *out, size_t size, uint32_t *count)
{
    struct message message = large();
    buffer_init(out, 4 * FRAME_SIZE_MAX);
    for (*count = 0; out->size < size; (*count)++) {
        assert_int_equal(record_write(out, &message), STATUS_OK);
    }
}

/* ---- tests ---- */

static void what_is_small_leaves_in_one_frame_in_its_order(void **state)
{
    struct outbox outbox;
    struct peer peer = {0};
    (void)state;
    outbox_init(&outbox);
    assert_true(outbox_is_empty(&outbox));
    add_beats(&outbox, 0, 100);
    assert_false(outbox_is_empty(&outbox));
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    assert_int_equal(peer.frame_count, 1);
    assert_int_equal(peer.next, 100);
    outbox_fini(&outbox);
}

static void nothing_is_no_frame(void **state)
{
    struct outbox outbox;
    struct peer peer = {0};
    (void)state;
    outbox_init(&outbox);
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    add_beats(&outbox, 0, 1);
    outbox_clear(&outbox);
    assert_true(outbox_is_empty(&outbox));
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    assert_int_equal(peer.frame_count, 0);
    outbox_fini(&outbox);
    outbox_fini(&outbox);
}

static void a_frame_has_no_more_records_than_a_peer_takes(void **state)
{
    struct outbox outbox;
    struct peer peer = {0};
    (void)state;
    outbox_init(&outbox);
    add_beats(&outbox, 0, 2 * FRAME_RECORDS_MAX + 1);
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    assert_int_equal(peer.frame_count, 3);
    assert_int_equal(peer.frames[0], FRAME_RECORDS_MAX);
    assert_int_equal(peer.frames[2], 1);
    assert_int_equal(peer.next, 2 * FRAME_RECORDS_MAX + 1);
    outbox_fini(&outbox);
}

static void several_outboxes_share_a_frame(void **state)
{
    struct outbox first;
    struct outbox second;
    struct peer peer = {0};
    (void)state;
    outbox_init(&first);
    outbox_init(&second);
    add_beats(&first, 0, 10);
    add_beats(&second, 10, 20);
    assert_int_equal(send_to(&peer, &first, &second), STATUS_OK);
    assert_int_equal(peer.frame_count, 1);
    assert_int_equal(peer.next, 20);
    outbox_fini(&first);
    outbox_fini(&second);
}

static void a_group_is_never_divided(void **state)
{
    struct outbox outbox;
    struct buffer records;
    struct peer peer = {0};
    uint32_t count;
    (void)state;
    outbox_init(&outbox);
    make_records(&records, FRAME_SIZE_TARGET / 2, &count);
    const struct message head = {.type = MESSAGE_TYPE_EVENTS, .events = {.count = count}};
    add_beats(&outbox, 0, 1);
    for (int group = 0; group < 5; group++) {
        assert_int_equal(outbox_add_group(&outbox, &head, buffer_slice(&records), count),
                         STATUS_OK);
    }
    add_beats(&outbox, 1, 2);
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    assert_true(peer.frame_count >= 3);
    assert_int_equal(peer.next, 2);
    buffer_fini(&records);
    outbox_fini(&outbox);
}

static void a_whole_frame_is_added_with_all_its_records(void **state)
{
    struct outbox outbox;
    struct buffer frame;
    struct frame_writer writer;
    struct peer peer = {0};
    (void)state;
    outbox_init(&outbox);
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, 12345), STATUS_OK);
    for (uint64_t number = 1; number <= 3; number++) {
        struct message message = beat(number);
        assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    }
    frame_end(&writer);
    add_beats(&outbox, 0, 1);
    assert_int_equal(outbox_add_frame(&outbox, buffer_slice(&frame)), STATUS_OK);
    add_beats(&outbox, 4, 5);
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    assert_int_equal(peer.frame_count, 1);
    assert_int_equal(peer.next, 5);
    buffer_fini(&frame);
    outbox_fini(&outbox);
}

static void what_fits_into_no_frame_is_refused_and_leaves_the_rest(void **state)
{
    struct outbox outbox;
    struct buffer records;
    struct peer peer = {0};
    uint32_t count;
    (void)state;
    outbox_init(&outbox);
    make_records(&records, FRAME_SIZE_MAX, &count);
    add_beats(&outbox, 0, 3);
    assert_int_equal(outbox_add_group(&outbox, NULL, buffer_slice(&records), count),
                     STATUS_TOO_LARGE);
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    assert_int_equal(peer.frame_count, 1);
    assert_int_equal(peer.next, 3);
    buffer_fini(&records);
    outbox_fini(&outbox);
}

static void an_outbox_holds_so_many_bytes(void **state)
{
    struct outbox outbox;
    struct peer peer = {0};
    const struct message message = large();
    enum status status = STATUS_OK;
    (void)state;
    outbox_init(&outbox);
    while (status == STATUS_OK) {
        status = outbox_add(&outbox, &message);
    }
    assert_int_equal(status, STATUS_TOO_LARGE);
    assert_in_range(outbox.records.size, OUTBOX_SIZE_MAX / 2, OUTBOX_SIZE_MAX);
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    outbox_clear(&outbox);
    assert_int_equal(outbox.records.capacity, 0); /* a peer that was behind once keeps nothing */
    outbox_fini(&outbox);
}

/* Groups of so many records that no two of them share a frame. */
static void an_outbox_holds_so_many_frames(void **state)
{
    struct outbox outbox;
    const struct slice records = SLICE_LITERAL("as good as any: nobody looks");
    (void)state;
    outbox_init(&outbox);
    for (int part = 0; part < OUTBOX_PARTS_MAX; part++) {
        assert_int_equal(outbox_add_group(&outbox, NULL, records, FRAME_RECORDS_MAX - 1),
                         STATUS_OK);
    }
    size_t size = outbox.records.size;
    assert_int_equal(outbox_add_group(&outbox, NULL, records, FRAME_RECORDS_MAX - 1),
                     STATUS_TOO_LARGE);
    assert_int_equal(outbox.records.size, size);
    add_beats(&outbox, 0, 1); /* the last part has room for one more */
    assert_int_equal(outbox.part_count, OUTBOX_PARTS_MAX);
    outbox_fini(&outbox);
}

static void without_memory_a_record_is_refused_whole(void **state)
{
    struct outbox outbox;
    struct peer peer = {0};
    const struct message message = beat(0);
    (void)state;
    outbox_init(&outbox);
    memory_fail_at(1);
    assert_int_equal(outbox_add(&outbox, &message), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_true(outbox_is_empty(&outbox));
    assert_int_equal(outbox_add(&outbox, &message), STATUS_OK);
    memory_fail_at(1); /* the frame */
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_OK);
    assert_int_equal(peer.next, 1);
    outbox_fini(&outbox);
}

/* The frame of every part can find no memory, and every frame can be one that is not taken. */
static void sending_stops_at_the_first_frame_that_fails(void **state)
{
    struct outbox outbox;
    struct peer whole = {0};
    (void)state;
    outbox_init(&outbox);
    add_beats(&outbox, 0, 3 * FRAME_RECORDS_MAX);
    memory_fail_never();
    assert_int_equal(send_to(&whole, &outbox, NULL), STATUS_OK);
    size_t allocations = memory_asked();
    assert_int_equal(whole.frame_count, 3);
    for (size_t nth = 1; nth <= whole.frame_count; nth++) {
        struct peer peer = {.failing = nth};
        assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_FULL);
        assert_int_equal(peer.frame_count, nth - 1);
    }
    for (size_t nth = 1; nth <= allocations; nth++) {
        struct peer peer = {0};
        memory_fail_at(nth);
        assert_int_equal(send_to(&peer, &outbox, NULL), STATUS_NO_MEMORY);
        memory_fail_never();
        assert_true(peer.frame_count < whole.frame_count);
    }
    outbox_fini(&outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_small_leaves_in_one_frame_in_its_order),
        cmocka_unit_test(nothing_is_no_frame),
        cmocka_unit_test(a_frame_has_no_more_records_than_a_peer_takes),
        cmocka_unit_test(several_outboxes_share_a_frame),
        cmocka_unit_test(a_group_is_never_divided),
        cmocka_unit_test(a_whole_frame_is_added_with_all_its_records),
        cmocka_unit_test(what_fits_into_no_frame_is_refused_and_leaves_the_rest),
        cmocka_unit_test(an_outbox_holds_so_many_bytes),
        cmocka_unit_test(an_outbox_holds_so_many_frames),
        cmocka_unit_test(without_memory_a_record_is_refused_whole),
        cmocka_unit_test(sending_stops_at_the_first_frame_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
