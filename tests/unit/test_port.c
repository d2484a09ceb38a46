/* One side of the broker between sockets that the test plays: what is taken, what is refused, and
 * what that costs. */
#include <stdio.h>
#include "tests/unit/port_stand.h"

/* ---- in ---- */

static void records_come_in_their_order_with_who_said_them(void **state)
{
    (void)state;
    say_beats("a", 3, 1, 2);
    say_beats("b", 4, 3, 1);
    expect_beat(1);
    uint64_t number = port.peer->number;
    assert_int_equal(port.reader.session, 3);
    assert_true(slice_equal(peer_routing(port.peer), SLICE_LITERAL("a")));
    assert_int_equal(port.peer->heard_at, 5);
    expect_beat(2);
    assert_int_equal(port.peer->number, number);
    expect_beat(3);
    assert_int_not_equal(port.peer->number, number);
    expect_nothing();
    say_beats("a", 3, 4, 1);
    struct message message;
    assert_int_equal(port_next(&port, 9, &message), STATUS_OK);
    assert_int_equal(port.peer->number, number);
    assert_int_equal(port.peer->heard_at, 9);
    assert_int_equal(network_sent_count(), 0);
}

static void the_bytes_of_a_record_can_be_kept(void **state)
{
    struct message message;
    (void)state;
    say_beats("a", 0, 7, 2);
    expect_beat(7);
    expect_beat(8);
    struct slice bytes = port.record;
    assert_int_equal(record_read(&bytes, &message), STATUS_OK);
    assert_int_equal(message.heartbeat.credit, 8);
    assert_int_equal(bytes.size, 0);
}

/* Each is answered at once, and who said it is forgotten. */
static void what_is_no_frame_is_refused_and_costs_the_peer_what_it_had(void **state)
{
    static const struct {
        struct slice bytes;
        enum error_code code;
    } bad[] = {
        {{(const uint8_t *)"", 0}, ERROR_CODE_MALFORMED},
        {{(const uint8_t *)"GET / HTTP/1.1\r\n", 16}, ERROR_CODE_MALFORMED},
        {{(const uint8_t *)"\x93\x02\x00\x90", 4}, ERROR_CODE_VERSION},
        {{(const uint8_t *)"\x93\x01\x00\xdd\xff\xff\xff\xff", 8}, ERROR_CODE_MALFORMED},
    };
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        char who[16];
        snprintf(who, sizeof who, "peer-%zu", index);
        network_say(port.endpoint, who, bad[index].bytes);
        expect_refusal();
        assert_int_equal(error_to(who, NULL), bad[index].code);
        assert_int_equal(port.lost_count, index + 1);
    }
    network_say_parts(port.endpoint, "parts");
    expect_refusal();
    assert_int_equal(error_to("parts", NULL), ERROR_CODE_MALFORMED);
    assert_int_equal(port.refused_count, sizeof bad / sizeof bad[0] + 1);
    say_beats("other", 0, 1, 1);
    expect_beat(1);
    expect_nothing();
}

static void a_bad_record_is_refused_and_the_rest_of_its_frame_is_taken(void **state)
{
    /* HEARTBEAT without its credit, then with it. */
    static const uint8_t bytes[] = {
        0x93, 1, 9, 0x92, 0x92, MESSAGE_TYPE_HEARTBEAT, 0x80, 0x92, MESSAGE_TYPE_HEARTBEAT,
        0x81, 1, 2};
    uint64_t session = 0;
    (void)state;
    network_say(port.endpoint, "a", slice_make(bytes, sizeof bytes));
    expect_refusal();
    assert_false(port.peer->lost);
    expect_beat(2);
    expect_nothing(); /* the frame is over: now it costs */
    assert_int_equal(port.lost_count, 1);
    assert_int_equal(error_to("a", &session), ERROR_CODE_MALFORMED);
    assert_int_equal(session, 9);
}

static void an_unknown_record_costs_nothing(void **state)
{
    static const uint8_t bytes[] = {
        0x93, 1, 9, 0x92, 0x92, 0xcc, 250, 0x80, 0x92, MESSAGE_TYPE_HEARTBEAT, 0x81, 1, 2};
    (void)state;
    network_say(port.endpoint, "a", slice_make(bytes, sizeof bytes));
    expect_refusal();
    expect_beat(2);
    expect_nothing();
    assert_int_equal(port.lost_count, 0);
    assert_int_equal(error_to("a", NULL), ERROR_CODE_UNKNOWN);
}

static void a_refusal_of_the_session_ends_the_frame_and_keeps_the_peer(void **state)
{
    uint64_t session = 0;
    (void)state;
    say_beats("a", 3, 1, 5);
    expect_beat(1);
    port_refuse(&port, ERROR_CODE_SESSION, "another one");
    expect_nothing();
    assert_int_equal(port.lost_count, 0);
    assert_int_equal(error_to("a", &session), ERROR_CODE_SESSION);
    assert_int_equal(session, 3);
    assert_int_equal(port.sessionless_count, 1);
    assert_int_equal(port.refused_count, 0); /* it breaks no rule */
}

static void a_forbidden_message_ends_the_frame_and_the_peer(void **state)
{
    (void)state;
    say_beats("a", 3, 1, 5);
    expect_beat(1);
    port_refuse(&port, ERROR_CODE_FORBIDDEN, "not here");
    assert_int_equal(port.lost_count, 0); /* its frame is being read */
    expect_nothing();
    assert_int_equal(port.lost_count, 1);
}

/* A lost peer is forgotten in the next turn: what it says until then is of the one after it. */
static void what_a_lost_peer_says_waits_until_it_is_forgotten(void **state)
{
    struct message message;
    (void)state;
    say_beats("a", 3, 1, 1);
    say_beats("a", 4, 2, 1);
    say_beats("b", 5, 3, 1);
    expect_beat(1);
    struct peer *peer = port.peer;
    uint64_t number = peer->number;
    port_lose(&port, peer, "a test");
    port_lose(&port, peer, "a test");
    assert_int_equal(port.lost_count, 1);
    for (int times = 0; times < 3; times++) {
        assert_int_equal(port_next(&port, 5, &message), STATUS_AGAIN);
        assert_true(port.held);
    }
    peers_remove(&port.peers, peer);
    expect_beat(2);
    assert_int_not_equal(port.peer->number, number);
    assert_int_equal(port.reader.session, 4);
    expect_beat(3);
    expect_nothing();
}

static void more_peers_than_there_are_places_are_told_so(void **state)
{
    (void)state;
    for (uint32_t count = 0; count < PEERS_MAX; count++) {
        struct peer *peer;
        char who[16];
        int size = snprintf(who, sizeof who, "%u", count);
        struct slice routing = slice_make(who, (size_t)size);
        assert_int_equal(peers_take(&port.peers, routing, 0, &peer), STATUS_OK);
    }
    say_beats("one more", 3, 1, 1);
    say_beats("17", 3, 2, 1);
    expect_refusal();
    assert_int_equal(error_to("one more", NULL), ERROR_CODE_LIMIT);
    assert_int_equal(port.refused_count, 1);
    expect_beat(2);
}

/* ---- groups ---- */

static void say_group(uint32_t count, uint32_t told)
{
    struct message messages[8] = {{.type = MESSAGE_TYPE_SUBMIT_GROUP}};
    messages[0].submit_group.count = told;
    messages[0].submit_group.owner = SLICE_LITERAL("ada");
    for (uint32_t index = 1; index <= count; index++) {
        messages[index] = (struct message){.type = MESSAGE_TYPE_SUBMIT};
        messages[index].submit.owner = SLICE_LITERAL("ada");
        messages[index].submit.payload = SLICE_LITERAL("{}");
        messages[index].submit.request = index;
    }
    messages[count + 1] = beat(9);
    network_say_messages(port.endpoint, "a", 3, messages, count + 2);
}

static void a_group_is_given_with_its_jobs(void **state)
{
    struct message message;
    struct message_submit items[4] = {{.request = 0}};
    (void)state;
    say_group(3, 3);
    assert_int_equal(port_next(&port, 5, &message), STATUS_OK);
    assert_int_equal(port_next_items(&port, message.submit_group.count, items), STATUS_OK);
    assert_int_equal(items[0].request, 1);
    assert_int_equal(items[2].request, 3);
    struct slice bytes = port.record;
    assert_int_equal(record_read(&bytes, &message), STATUS_OK);
    assert_int_equal(submits_read(&bytes, 3, items), STATUS_OK);
    assert_int_equal(bytes.size, 0);
    expect_beat(9);
    expect_nothing();
    assert_int_equal(port.refused_count, 0);
}

static void a_group_without_its_jobs_ends_the_frame(void **state)
{
    struct message message;
    struct message_submit items[8];
    (void)state;
    for (uint32_t told = 4; told <= 6;
         told++) { /* another record among them; more than there are */
        say_group(3, told);
        assert_int_equal(port_next(&port, 5, &message), STATUS_OK);
        assert_int_equal(port_next_items(&port, told, items), STATUS_MALFORMED);
        expect_nothing();
        assert_int_equal(error_to("a", NULL), ERROR_CODE_MALFORMED);
        assert_int_equal(port.lost_count, 1);
        network_forget_sent();
        uint32_t place = 0;
        peers_remove(&port.peers, peers_next(&port.peers, &place));
        port.lost_count = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PORT_TEST(records_come_in_their_order_with_who_said_them),
        PORT_TEST(the_bytes_of_a_record_can_be_kept),
        PORT_TEST(what_is_no_frame_is_refused_and_costs_the_peer_what_it_had),
        PORT_TEST(a_bad_record_is_refused_and_the_rest_of_its_frame_is_taken),
        PORT_TEST(an_unknown_record_costs_nothing),
        PORT_TEST(a_refusal_of_the_session_ends_the_frame_and_keeps_the_peer),
        PORT_TEST(a_forbidden_message_ends_the_frame_and_the_peer),
        PORT_TEST(what_a_lost_peer_says_waits_until_it_is_forgotten),
        PORT_TEST(more_peers_than_there_are_places_are_told_so),
        PORT_TEST(a_group_is_given_with_its_jobs),
        PORT_TEST(a_group_without_its_jobs_ends_the_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
