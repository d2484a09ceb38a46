#include "broker/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>
#include "tests/unit/test.h"

/* A real endpoint on a socket in a directory of its own, and DEALERs that connect to it. */

enum {
    WAIT_MS = 10000,
    DEALERS_MAX = 4,
};

static char directory[32];
static char address[64];
static void *context;
static struct endpoint *endpoint;
static void *dealers[DEALERS_MAX];

/* What the hooks were told. */
static struct {
    int records, garbage, lost;
    uint64_t peer; /* of the last call */
    uint64_t session;
    enum status status;
    uint16_t type;
    bool put_when_lost; /* a loss is answered by a record to another peer */
    uint64_t other;
} seen;

static void put_ping(uint64_t peer, uint64_t session)
{
    const struct message ping = {.type = MESSAGE_TYPE_PING, .ping = {.at = 1}};
    endpoint_put(endpoint, peer, session, &ping);
}

static void on_record(void *unused, uint64_t peer, uint64_t session, enum status status,
                      const struct message *message)
{
    (void)unused;
    seen.records++;
    seen.peer = peer;
    seen.session = session;
    seen.status = status;
    seen.type = (uint16_t)message->type;
}

static void on_garbage(void *unused, uint64_t peer, enum status status)
{
    (void)unused;
    seen.garbage++;
    seen.peer = peer;
    seen.status = status;
}

static void on_lost(void *unused, uint64_t peer)
{
    (void)unused;
    seen.lost++;
    seen.peer = peer;
    if (seen.put_when_lost) {
        put_ping(seen.other, 0);
    }
}

static const struct endpoint_hooks hooks = {on_record, on_garbage, on_lost, NULL};

static int set_up(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    snprintf(directory, sizeof directory, "/tmp/troupe-end-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(address, sizeof address, "ipc://%s/socket", directory);
    context = zmq_ctx_new();
    assert_int_equal(endpoint_new(context, address, hooks, &endpoint), STATUS_OK);
    return 0;
}

static void hang_up(int index)
{
    if (dealers[index] != NULL) {
        zmq_close(dealers[index]);
        dealers[index] = NULL;
    }
}

static int tear_down(void **state)
{
    (void)state;
    for (int index = 0; index < DEALERS_MAX; index++) {
        hang_up(index);
    }
    endpoint_destroy(&endpoint);
    endpoint_destroy(&endpoint);
    zmq_ctx_term(context);
    rmdir(directory);
    return 0;
}

static void *connect_dealer(int index)
{
    const int zero = 0;
    const int wait_ms = WAIT_MS;
    dealers[index] = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(dealers[index], ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt(dealers[index], ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    assert_int_equal(zmq_connect(dealers[index], address), 0);
    return dealers[index];
}

/* Waits for a frame and takes everything of it. */
static void take_frame(void)
{
    zmq_pollitem_t item = {.socket = endpoint_socket(endpoint), .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, WAIT_MS), 1);
    do {
        assert_true(endpoint_receive(endpoint));
    } while (endpoint_has_more(endpoint));
}

static void send_bytes(int index, const void *bytes, size_t size)
{
    assert_int_equal(zmq_send(dealers[index], bytes, size, 0), (int)size);
}

/* Sends a frame of `count` heartbeats. */
static void send_heartbeats(int index, uint64_t session, int count)
{
    struct buffer frame;
    struct frame_writer writer;
    const struct message heartbeat = {.type = MESSAGE_TYPE_HEARTBEAT, .heartbeat = {.credit = 5}};
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, session), STATUS_OK);
    for (int record = 0; record < count; record++) {
        assert_int_equal(frame_write(&writer, &heartbeat), STATUS_OK);
    }
    frame_end(&writer);
    send_bytes(index, frame.data, frame.size);
    buffer_fini(&frame);
}

/* Lets a dealer become known; returns its number. */
static uint64_t introduce(int index)
{
    connect_dealer(index);
    send_heartbeats(index, 0, 1);
    take_frame();
    return seen.peer;
}

/* Receives a frame. Returns how many records it has. */
static int receive_frame(int index, uint64_t *session)
{
    zmq_msg_t body;
    struct frame_reader reader;
    struct message message;
    int count = 0;
    zmq_msg_init(&body);
    assert_true(zmq_msg_recv(&body, dealers[index], 0) > 0);
    assert_int_equal(frame_open(&reader, slice_make(zmq_msg_data(&body), zmq_msg_size(&body))),
                     STATUS_OK);
    *session = reader.session;
    while (frame_next(&reader, &message) == STATUS_OK) {
        count++;
    }
    zmq_msg_close(&body);
    return count;
}

static void expect_frame(int index, uint64_t session, int count)
{
    uint64_t got;
    assert_int_equal(receive_frame(index, &got), count);
    assert_int_equal(got, session);
}

static void expect_nothing(int index)
{
    char byte;
    assert_int_equal(zmq_recv(dealers[index], &byte, 1, ZMQ_DONTWAIT), -1);
}

/* Sends to a peer that hung up until that is noticed. */
static void wait_until_lost(uint64_t peer)
{
    const int lost = seen.lost;
    for (int tries = 0; tries < WAIT_MS && seen.lost == lost; tries++) {
        put_ping(peer, 0);
        endpoint_flush(endpoint);
        zmq_poll(NULL, 0, 1);
    }
    assert_int_equal(seen.lost, lost + 1);
}

/* ---- opening ---- */

static void an_address_that_is_none_is_invalid(void **state)
{
    struct endpoint *other = endpoint;
    (void)state;
    assert_int_equal(endpoint_new(context, "nonsense", hooks, &other), STATUS_INVALID);
    assert_null(other);
}

static void a_directory_that_is_missing_is_an_error(void **state)
{
    struct endpoint *other;
    (void)state;
    assert_int_equal(endpoint_new(context, "ipc:///nonexistent/socket", hooks, &other), STATUS_IO);
}

static void a_taken_port_is_busy(void **state)
{
    struct endpoint *first;
    struct endpoint *second;
    char bound[64];
    size_t size = sizeof bound;
    (void)state;
    assert_int_equal(endpoint_new(context, "tcp://127.0.0.1:*", hooks, &first), STATUS_OK);
    assert_int_equal(zmq_getsockopt(endpoint_socket(first), ZMQ_LAST_ENDPOINT, bound, &size), 0);
    assert_int_equal(endpoint_new(context, bound, hooks, &second), STATUS_BUSY);
    endpoint_destroy(&first);
}

/* ---- receiving ---- */

static void nothing_comes_from_an_idle_socket(void **state)
{
    (void)state;
    assert_false(endpoint_receive(endpoint));
    assert_false(endpoint_has_more(endpoint));
}

static void records_come_one_by_one_with_their_session(void **state)
{
    zmq_pollitem_t item = {.socket = endpoint_socket(endpoint), .events = ZMQ_POLLIN};
    (void)state;
    connect_dealer(0);
    send_heartbeats(0, 7, 3);
    assert_int_equal(zmq_poll(&item, 1, WAIT_MS), 1);
    for (int count = 1; count <= 3; count++) {
        assert_true(endpoint_receive(endpoint));
        assert_int_equal(seen.records, count);
        assert_int_equal(seen.session, 7);
        assert_int_equal(seen.status, STATUS_OK);
        assert_int_equal(seen.type, MESSAGE_TYPE_HEARTBEAT);
        assert_true(endpoint_has_more(endpoint));
    }
    assert_true(endpoint_receive(endpoint)); /* the end of the frame */
    assert_false(endpoint_has_more(endpoint));
}

static void a_connection_keeps_its_number_and_shares_it_with_none(void **state)
{
    (void)state;
    uint64_t first = introduce(0);
    uint64_t second = introduce(1);
    assert_true(first != second);
    send_heartbeats(0, 0, 1);
    take_frame();
    assert_int_equal(seen.peer, first);
}

static void what_is_no_frame_is_told_as_garbage(void **state)
{
    static const char *const bodies[] = {"", "x", "\x93\x01\x00", "\x93\x63\x00\x90"};
    static const size_t sizes[] = {0, 1, 3, 4};
    (void)state;
    connect_dealer(0);
    for (int index = 0; index < 4; index++) {
        send_bytes(0, bodies[index], sizes[index]);
        take_frame();
        assert_int_equal(seen.garbage, index + 1);
        assert_true(seen.status == STATUS_MALFORMED || seen.status == STATUS_UNSUPPORTED);
    }
    assert_int_equal(seen.records, 0);
}

static void a_message_of_several_parts_is_garbage(void **state)
{
    (void)state;
    connect_dealer(0);
    zmq_send(dealers[0], "one", 3, ZMQ_SNDMORE);
    zmq_send(dealers[0], "two", 3, 0);
    take_frame();
    assert_int_equal(seen.garbage, 1);
    send_heartbeats(0, 0, 1); /* the next message is read from its start */
    take_frame();
    assert_int_equal(seen.records, 1);
}

static void an_empty_frame_is_still_something_that_came(void **state)
{
    (void)state;
    connect_dealer(0);
    send_heartbeats(0, 0, 0);
    take_frame();
    assert_int_equal(seen.records + seen.garbage, 0);
    assert_false(endpoint_receive(endpoint));
}

static void a_routing_id_that_is_too_long_gets_no_place(void **state)
{
    char name[33];
    (void)state;
    memset(name, 'n', sizeof name);
    dealers[0] = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(dealers[0], ZMQ_ROUTING_ID, name, sizeof name);
    assert_int_equal(zmq_connect(dealers[0], address), 0);
    zmq_send(dealers[0], "x", 1, 0);
    take_frame();
    assert_int_equal(seen.records + seen.garbage, 0);
    endpoint_sweep(endpoint); /* says so in the log */
}

/* ---- sending ---- */

static void nothing_leaves_before_the_flush(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    put_ping(peer, 3);
    expect_nothing(0);
    endpoint_flush(endpoint);
    expect_frame(0, 3, 1);
}

static void records_of_a_turn_share_a_frame(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    put_ping(peer, 3);
    put_ping(peer, 3);
    put_ping(peer, 3);
    endpoint_flush(endpoint);
    expect_frame(0, 3, 3);
}

static void another_session_begins_another_frame(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    put_ping(peer, 3);
    put_ping(peer, 4);
    endpoint_flush(endpoint);
    expect_frame(0, 3, 1);
    expect_frame(0, 4, 1);
}

static void a_frame_holds_no_more_records_than_it_may(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    for (int count = 0; count < FRAME_RECORDS_MAX + 1; count++) {
        put_ping(peer, 3);
    }
    endpoint_flush(endpoint);
    expect_frame(0, 3, FRAME_RECORDS_MAX);
    expect_frame(0, 3, 1);
}

static void encoded_records_stay_together(void **state)
{
    struct buffer records;
    const struct message ping = {.type = MESSAGE_TYPE_PING};
    (void)state;
    uint64_t peer = introduce(0);
    buffer_init(&records, FRAME_SIZE_MAX);
    for (int count = 0; count < FRAME_RECORDS_MAX; count++) {
        assert_int_equal(record_write(&records, &ping), STATUS_OK);
    }
    put_ping(peer, 3);
    endpoint_records(endpoint, peer, 3, buffer_slice(&records), FRAME_RECORDS_MAX);
    endpoint_flush(endpoint);
    expect_frame(0, 3, 1);
    expect_frame(0, 3, FRAME_RECORDS_MAX);
    buffer_fini(&records);
}

static void everybody_gets_what_is_for_all(void **state)
{
    const struct message ping = {.type = MESSAGE_TYPE_PING};
    (void)state;
    introduce(0);
    introduce(1);
    endpoint_put_all(endpoint, &ping);
    endpoint_flush(endpoint);
    expect_frame(0, 0, 1);
    expect_frame(1, 0, 1);
}

static void a_number_that_is_nobody_gets_nothing(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    put_ping(0, 0);
    put_ping(peer + PEERS_MAX, 0);
    assert_null(endpoint_writer(endpoint, peer + 1, 0));
    endpoint_records(endpoint, peer + 1, 0, SLICE_EMPTY, 0);
    endpoint_written(endpoint, peer + 1, STATUS_IO);
    endpoint_flush(endpoint);
    expect_nothing(0);
}

/* ---- losing ---- */

static void a_peer_that_hung_up_is_lost_once(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    hang_up(0);
    wait_until_lost(peer);
    assert_int_equal(seen.peer, peer);
    put_ping(peer, 0);
    endpoint_flush(endpoint);
    assert_int_equal(seen.lost, 1);
}

static void a_record_that_cannot_be_written_loses_the_peer(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    assert_non_null(endpoint_writer(endpoint, peer, 0));
    endpoint_written(endpoint, peer, STATUS_TOO_LARGE);
    assert_null(endpoint_writer(endpoint, peer, 0));
    assert_int_equal(seen.lost, 0);
    endpoint_flush(endpoint);
    assert_int_equal(seen.lost, 1);
}

static void too_many_frames_in_a_turn_lose_the_peer(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    for (uint64_t session = 1; session <= PEER_FRAMES_MAX + 1; session++) {
        put_ping(peer, session);
    }
    endpoint_flush(endpoint);
    assert_int_equal(seen.lost, 1);
}

static void a_peer_that_does_not_read_is_lost(void **state)
{
    (void)state;
    uint64_t peer = introduce(0);
    for (int turn = 0; turn < 100 * PEER_FRAMES_QUEUED_MAX && seen.lost == 0; turn++) {
        put_ping(peer, 1);
        endpoint_flush(endpoint);
    }
    assert_int_equal(seen.lost, 1);
}

static void what_a_loss_puts_waits_for_the_next_flush(void **state)
{
    (void)state;
    uint64_t lost = introduce(0);
    seen.other = introduce(1);
    seen.put_when_lost = true;
    endpoint_writer(endpoint, lost, 0);
    endpoint_written(endpoint, lost, STATUS_NO_MEMORY);
    put_ping(seen.other, 5);
    endpoint_flush(endpoint);
    expect_frame(1, 5, 1);
    expect_nothing(1);
    endpoint_flush(endpoint);
    expect_frame(1, 0, 1);
}

static void the_rest_of_a_lost_peers_frame_is_dropped(void **state)
{
    zmq_pollitem_t item = {.socket = endpoint_socket(endpoint), .events = ZMQ_POLLIN};
    (void)state;
    connect_dealer(0);
    send_heartbeats(0, 0, 3);
    assert_int_equal(zmq_poll(&item, 1, WAIT_MS), 1);
    assert_true(endpoint_receive(endpoint));
    endpoint_writer(endpoint, seen.peer, 0);
    endpoint_written(endpoint, seen.peer, STATUS_IO);
    endpoint_flush(endpoint);
    assert_true(endpoint_receive(endpoint));
    assert_false(endpoint_has_more(endpoint));
    assert_int_equal(seen.records, 1);
}

static void a_sweep_forgets_the_silent_only(void **state)
{
    (void)state;
    uint64_t silent = introduce(0);
    uint64_t talker = introduce(1);
    uint64_t listener = introduce(2);
    endpoint_sweep(endpoint);
    endpoint_flush(endpoint);
    assert_int_equal(seen.lost, 0); /* all of them said something before */
    send_heartbeats(1, 0, 1);
    take_frame();
    assert_int_equal(seen.peer, talker);
    put_ping(listener, 0);
    endpoint_flush(endpoint);
    endpoint_sweep(endpoint);
    endpoint_flush(endpoint);
    assert_int_equal(seen.lost, 1);
    assert_int_equal(seen.peer, silent);
}

static void one_that_was_swept_comes_back_under_another_number(void **state)
{
    (void)state;
    uint64_t before = introduce(0);
    endpoint_sweep(endpoint);
    endpoint_sweep(endpoint);
    endpoint_flush(endpoint);
    send_heartbeats(0, 0, 1);
    take_frame();
    assert_true(seen.peer != before);
    put_ping(seen.peer, 0);
    endpoint_flush(endpoint);
    expect_frame(0, 0, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_address_that_is_none_is_invalid),
        TEST(a_directory_that_is_missing_is_an_error),
        TEST(a_taken_port_is_busy),
        TEST(nothing_comes_from_an_idle_socket),
        TEST(records_come_one_by_one_with_their_session),
        TEST(a_connection_keeps_its_number_and_shares_it_with_none),
        TEST(what_is_no_frame_is_told_as_garbage),
        TEST(a_message_of_several_parts_is_garbage),
        TEST(an_empty_frame_is_still_something_that_came),
        TEST(a_routing_id_that_is_too_long_gets_no_place),
        TEST(nothing_leaves_before_the_flush),
        TEST(records_of_a_turn_share_a_frame),
        TEST(another_session_begins_another_frame),
        TEST(a_frame_holds_no_more_records_than_it_may),
        TEST(encoded_records_stay_together),
        TEST(everybody_gets_what_is_for_all),
        TEST(a_number_that_is_nobody_gets_nothing),
        TEST(a_peer_that_hung_up_is_lost_once),
        TEST(a_record_that_cannot_be_written_loses_the_peer),
        TEST(too_many_frames_in_a_turn_lose_the_peer),
        TEST(a_peer_that_does_not_read_is_lost),
        TEST(what_a_loss_puts_waits_for_the_next_flush),
        TEST(the_rest_of_a_lost_peers_frame_is_dropped),
        TEST(a_sweep_forgets_the_silent_only),
        TEST(one_that_was_swept_comes_back_under_another_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
