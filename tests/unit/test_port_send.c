/* One side of the broker between sockets that the test plays: what is sent, and what becomes of a
 * peer that does not take it. */
#include "tests/unit/port_stand.h"

static struct buffer frame; /* scratch space of sends */

static int set_up(void **state)
{
    buffer_init(&frame, 2 * FRAME_SIZE_MAX);
    return port_set_up(state);
}

static int tear_down(void **state)
{
    buffer_fini(&frame);
    return port_tear_down(state);
}

/* ---- out ---- */

static struct peer *peer_named(const char *who)
{
    struct peer *peer = NULL;
    assert_int_equal(peers_take(&port.peers, slice_from_string(who), 0, &peer), STATUS_OK);
    peer->session = 3;
    return peer;
}

static void what_was_put_leaves_once_under_the_peers_session(void **state)
{
    struct peer *a = peer_named("a");
    struct peer *b = peer_named("b");
    const struct message message = beat(1);
    uint64_t session = 0;
    (void)state;
    port_put(&port, a, &message);
    port_put(&port, b, &message);
    port_put(&port, a, &message);
    assert_int_equal(network_sent_count(), 0);
    port_send(&port, &frame, 77);
    assert_int_equal(network_sent_count(), 2);
    assert_int_equal(network_count("a", MESSAGE_TYPE_HEARTBEAT, NULL, &session), 2);
    assert_int_equal(session, 3);
    assert_int_equal(a->sent_at, 77);
    port_send(&port, &frame, 78);
    assert_int_equal(network_sent_count(), 2);
    assert_int_equal(a->sent_at, 77);
}

static void a_frame_is_put_with_its_records(void **state)
{
    struct peer *peer = peer_named("a");
    struct frame_writer writer;
    struct buffer other;
    (void)state;
    buffer_init(&other, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &other, 0), STATUS_OK);
    const struct message message = beat(1);
    assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    frame_end(&writer);
    port_put_frame(&port, peer, buffer_slice(&other));
    port_send(&port, &frame, 1);
    assert_int_equal(network_count("a", MESSAGE_TYPE_HEARTBEAT, NULL, NULL), 1);
    peer->lost = true;
    port_put_frame(&port, peer, buffer_slice(&other));
    assert_true(outbox_is_empty(&peer->outbox));
    buffer_fini(&other);
}

static void what_all_get_stands_before_what_one_gets(void **state)
{
    struct peer *peer = peer_named("a");
    struct outbox first;
    struct message last;
    const struct message events = {.type = MESSAGE_TYPE_EVENTS};
    const struct message beats = beat(2);
    (void)state;
    outbox_init(&first);
    assert_int_equal(outbox_add(&first, &events), STATUS_OK);
    port_put(&port, peer, &beats);
    port_send_peer(&port, peer, &first, &frame, 1);
    assert_int_equal(network_sent_count(), 1);
    struct frame_reader reader;
    assert_int_equal(frame_open(&reader, buffer_slice(&network_sent(0)->frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &last), STATUS_OK);
    assert_int_equal(last.type, MESSAGE_TYPE_EVENTS);
    assert_int_equal(frame_next(&reader, &last), STATUS_OK);
    assert_int_equal(last.heartbeat.credit, 2);
    assert_int_equal(reader.left, 0);
    outbox_fini(&first);
}

static void a_peer_that_cannot_be_sent_to_is_lost_and_the_others_are_not(void **state)
{
    static const enum status failures[] = {STATUS_CLOSED, STATUS_FULL};
    struct peer *peers[3] = {peer_named("a"), peer_named("b"), peer_named("c")};
    const struct message message = beat(1);
    (void)state;
    for (size_t nth = 1; nth <= 3; nth++) {
        network_forget_sent();
        for (size_t index = 0; index < 3; index++) {
            port_put(&port, peers[index], &message);
        }
        network_fail_send(nth, failures[nth % 2]);
        port_send(&port, &frame, 1);
        assert_int_equal(network_sent_count(), 2);
        assert_int_equal(peers[nth - 1]->closed, failures[nth % 2] == STATUS_CLOSED);
        assert_int_equal(peers[nth - 1]->lost, failures[nth % 2] == STATUS_FULL);
        port_put(&port, peers[nth - 1], &message);
        port_send(&port, &frame, 1);
        port_send_peer(&port, peers[nth - 1], NULL, &frame, 1);
        assert_int_equal(network_sent_count(), 2);
        expect_nothing();
        assert_true(peers[nth - 1]->lost);
        assert_int_equal(port.lost_count, 1);
        assert_int_equal(port.closed_count, 0);
        peers[nth - 1]->lost = false;
        port.lost_count = 0;
    }
}

/* A BYE, above all. */
static void what_a_peer_has_said_before_its_connection_ended_is_taken(void **state)
{
    struct peer *peer = peer_named("a");
    const struct message message = beat(1);
    (void)state;
    uint64_t number = peer->number;
    say_beats("a", 3, 1, 2);
    say_beats("a", 3, 3, 1);
    say_beats("b", 4, 4, 1);
    port_put(&port, peer, &message);
    network_fail_send(1, STATUS_CLOSED);
    port_send(&port, &frame, 1);
    for (uint64_t told = 1; told <= 3; told++) {
        expect_beat(told);
        assert_int_equal(port.peer->number, number);
    }
    expect_beat(4);
    assert_false(peer->lost);
    expect_nothing();
    assert_true(peer->lost);
    assert_int_equal(port.lost_count, 1);
    port_lose(&port, peer, "a test");
    assert_int_equal(port.lost_count, 1);
}

/* It reads nothing that is for the one before it. */
static void who_comes_under_the_routing_id_of_a_closed_peer_is_another(void **state)
{
    struct peer *peer = peer_named("a");
    const struct message message = beat(1);
    (void)state;
    uint64_t number = peer->number;
    say_beats("a", 3, 1, 1);
    say_beats("a", 0, 2, 1);
    port_put(&port, peer, &message);
    network_fail_send(1, STATUS_CLOSED);
    port_send(&port, &frame, 1);
    expect_beat(1);
    expect_nothing();
    assert_true(peer->lost && port.held);
    peers_remove(&port.peers, peer);
    expect_beat(2);
    assert_int_not_equal(port.peer->number, number);
    expect_nothing();
}

static void a_peer_that_cannot_be_refused_is_lost(void **state)
{
    (void)state;
    say_beats("a", 3, 1, 2);
    expect_beat(1);
    network_fail_send(1, STATUS_CLOSED);
    port_refuse(&port, ERROR_CODE_UNKNOWN, "later");
    assert_int_equal(port.lost_count, 0);
    expect_beat(2);
    expect_nothing();
    assert_int_equal(port.lost_count, 1);
    assert_int_equal(network_sent_count(), 0);
}

static void a_peer_with_too_much_to_be_sent_is_lost(void **state)
{
    static uint8_t bytes[DOCUMENT_SIZE_MAX];
    struct peer *peer = peer_named("a");
    struct message message = {.type = MESSAGE_TYPE_DOCUMENT};
    (void)state;
    message.document.document = slice_make(bytes, sizeof bytes);
    for (int count = 0; count <= OUTBOX_SIZE_MAX / DOCUMENT_SIZE_MAX; count++) {
        port_put(&port, peer, &message);
    }
    assert_true(peer->lost);
    assert_true(outbox_is_empty(&peer->outbox));
    port_send(&port, &frame, 1);
    assert_int_equal(network_sent_count(), 0);
}

/* ---- memory ---- */

static void without_memory_a_peer_is_lost_or_told(void **state)
{
    struct peer *peer = peer_named("a");
    const struct message message = beat(1);
    (void)state;
    memory_fail_at(1);
    port_put(&port, peer, &message);
    memory_fail_never();
    assert_true(peer->lost);
    peer = peer_named("b");
    port_put(&port, peer, &message);
    memory_fail_at(1);
    port_send(&port, &frame, 1);
    memory_fail_never();
    assert_true(peer->lost);
    say_beats("c", 3, 1, 1);
    expect_beat(1);
    memory_fail_at(1);
    port_refuse(&port, ERROR_CODE_SESSION, "why");
    memory_fail_never();
    assert_true(port.peer->lost);
    say_beats("d", 3, 1, 1);
    memory_fail_at(1);
    expect_refusal();
    memory_fail_never();
    assert_int_equal(error_to("d", NULL), ERROR_CODE_LIMIT);
}

static void a_port_that_cannot_be_opened_is_closed_like_any_other(void **state)
{
    static struct port other;
    char *detail;
    (void)state;
    for (size_t nth = 1; nth <= 3; nth++) { /* the peers' tables, the endpoint */
        memory_fail_at(nth);
        assert_int_equal(port_open(&other, NULL, "ipc://a", &detail), STATUS_NO_MEMORY);
        memory_fail_never();
        port_close(&other);
    }
    network_refuse(STATUS_BUSY);
    assert_int_equal(port_open(&other, NULL, "ipc://a", &detail), STATUS_BUSY);
    port_close(&other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_leaves_once_under_the_peers_session),
        TEST(a_frame_is_put_with_its_records),
        TEST(what_all_get_stands_before_what_one_gets),
        TEST(a_peer_that_cannot_be_sent_to_is_lost_and_the_others_are_not),
        TEST(what_a_peer_has_said_before_its_connection_ended_is_taken),
        TEST(who_comes_under_the_routing_id_of_a_closed_peer_is_another),
        TEST(a_peer_that_cannot_be_refused_is_lost),
        TEST(a_peer_with_too_much_to_be_sent_is_lost),
        TEST(without_memory_a_peer_is_lost_or_told),
        TEST(a_port_that_cannot_be_opened_is_closed_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
