#include "broker/publisher.h"

#include "broker/core/limits.h"
#include "tests/unit/test.h"

/* The publisher over an endpoint that this file plays: it keeps what each gateway was told. */

enum {
    SESSION_BASE = 100,
    EVENT_BASE = 50,
};

static struct publisher publisher;

static struct {
    int welcomes, errors, batches;
    uint64_t session; /* of the last */
    uint64_t batch;
    uint32_t count; /* events of the last batch */
    uint64_t event_last;
    uint32_t events; /* of all batches */
    size_t size_max; /* bytes of the largest batch */
} told;

void __wrap_endpoint_put(struct endpoint *endpoint, uint64_t peer, uint64_t session,
                         const struct message *message);
void __wrap_endpoint_records(struct endpoint *endpoint, uint64_t peer, uint64_t session,
                             struct slice records, uint32_t count);

void __wrap_endpoint_put(struct endpoint *endpoint, uint64_t peer, uint64_t session,
                         const struct message *message)
{
    (void)endpoint;
    (void)peer;
    (void)session;
    if (message->type == MESSAGE_TYPE_ERROR) {
        told.errors++;
        return;
    }
    assert_int_equal(message->type, MESSAGE_TYPE_GATEWAY_WELCOME);
    told.welcomes++;
    told.session = message->gateway_welcome.session;
    told.batch = message->gateway_welcome.batch;
    told.event_last = message->gateway_welcome.event_last;
}

void __wrap_endpoint_records(struct endpoint *endpoint, uint64_t peer, uint64_t session,
                             struct slice records, uint32_t count)
{
    struct message message;
    (void)endpoint;
    (void)peer;
    told.size_max = records.size > told.size_max ? records.size : told.size_max;
    assert_int_equal(record_read(&records, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_EVENTS);
    assert_int_equal(message.events.count + 1, count);
    told.batches++;
    told.session = session;
    told.batch = message.events.batch;
    told.count = message.events.count;
    told.event_last = message.events.event_last;
    for (uint32_t index = 0; index < told.count; index++) {
        assert_int_equal(record_read(&records, &message), STATUS_OK);
        assert_int_equal(message.type, MESSAGE_TYPE_EVENT);
        told.events++;
        assert_int_equal(message.event.event, EVENT_BASE + told.events);
    }
    assert_int_equal(records.size, 0);
}

static int set_up(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    publisher_init(&publisher, NULL, SESSION_BASE, EVENT_BASE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    publisher_fini(&publisher);
    publisher_fini(&publisher);
    return 0;
}

static void greet(uint64_t peer)
{
    const struct message_gateway_hello hello = {.host = SLICE_EMPTY};
    publisher_hello(&publisher, peer, &hello);
}

static void add_events(uint32_t count, size_t text_size)
{
    static uint8_t text[ERROR_TEXT_SIZE_MAX];
    memset(text, 'x', sizeof text);
    for (uint32_t index = 0; index < count; index++) {
        const struct message_event event = {.event = publisher.event_last + 1,
                                            .error_message = slice_make(text, text_size)};
        assert_int_equal(publisher_add(&publisher, &event), STATUS_OK);
    }
}

static void hello_opens_a_session_that_knows_where_it_begins(void **state)
{
    (void)state;
    assert_int_equal(publisher_session(&publisher, 1), 0);
    greet(1);
    assert_int_equal(told.welcomes, 1);
    assert_int_equal(told.session, SESSION_BASE + 1);
    assert_int_equal(told.batch, 0);
    assert_int_equal(told.event_last, EVENT_BASE);
    assert_int_equal(publisher_session(&publisher, 1), SESSION_BASE + 1);
}

static void another_hello_opens_another_session(void **state)
{
    (void)state;
    greet(1);
    greet(1);
    assert_int_equal(publisher_session(&publisher, 1), SESSION_BASE + 2);
    assert_int_equal(publisher.gateways_count, 1);
}

static void a_lost_gateway_has_no_session(void **state)
{
    (void)state;
    greet(1);
    greet(2);
    publisher_lost(&publisher, 1);
    publisher_lost(&publisher, 1);
    assert_int_equal(publisher_session(&publisher, 1), 0);
    assert_int_equal(publisher_session(&publisher, 2), SESSION_BASE + 2);
}

static void too_many_gateways_are_refused(void **state)
{
    (void)state;
    for (uint64_t peer = 1; peer <= GATEWAYS_MAX; peer++) {
        greet(peer);
    }
    greet(GATEWAYS_MAX + 1);
    assert_int_equal(told.errors, 1);
    assert_int_equal(publisher_session(&publisher, GATEWAYS_MAX + 1), 0);
    greet(1); /* one that is known may come again */
    assert_int_equal(told.errors, 1);
}

static void events_of_a_turn_go_to_all_gateways_in_one_batch(void **state)
{
    (void)state;
    greet(1);
    add_events(3, 0);
    assert_int_equal(told.batches, 0);
    assert_int_equal(publisher_send(&publisher, 0), STATUS_OK);
    assert_int_equal(told.batches, 1);
    assert_int_equal(told.batch, 1);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.event_last, EVENT_BASE + 3);
    assert_int_equal(publisher_send(&publisher, 0), STATUS_OK); /* nothing stays behind */
    assert_int_equal(told.batches, 1);
}

static void many_events_become_numbered_batches_that_fit_a_frame(void **state)
{
    enum {
        COUNT = 10000
    };
    (void)state;
    greet(1);
    add_events(COUNT, ERROR_TEXT_SIZE_MAX);
    assert_int_equal(publisher_send(&publisher, 0), STATUS_OK);
    assert_int_equal(told.events, COUNT);
    assert_true(told.batches > 1);
    assert_int_equal(told.batch, told.batches);
    assert_true(told.size_max < FRAME_SIZE_TARGET + 4096);
}

static void the_smallest_events_keep_to_a_frames_records(void **state)
{
    enum {
        COUNT = FRAME_RECORDS_MAX + 10
    };
    (void)state;
    greet(1);
    add_events(COUNT, 0);
    assert_int_equal(publisher_send(&publisher, 0), STATUS_OK);
    assert_int_equal(told.events, COUNT);
    assert_true(told.batches > 1);
}

static void a_tick_repeats_the_number_when_it_is_quiet(void **state)
{
    (void)state;
    greet(1);
    add_events(1, 0);
    assert_int_equal(publisher_send(&publisher, 1000), STATUS_OK);
    assert_int_equal(publisher_send(&publisher, 1000 + TICK_MS - 1), STATUS_OK);
    assert_int_equal(told.batches, 1);
    assert_int_equal(publisher_send(&publisher, 1000 + TICK_MS), STATUS_OK);
    assert_int_equal(told.batches, 2);
    assert_int_equal(told.batch, 1);
    assert_int_equal(told.count, 0);
}

static void batches_are_numbered_without_any_gateway(void **state)
{
    (void)state;
    add_events(1, 0);
    assert_int_equal(publisher_send(&publisher, 0), STATUS_OK);
    greet(1);
    assert_int_equal(told.batch, 1);
    assert_int_equal(told.event_last, EVENT_BASE + 1);
}

static void more_than_a_turn_may_have_is_too_large(void **state)
{
    static uint8_t text[ERROR_TEXT_SIZE_MAX];
    enum status status = STATUS_OK;
    (void)state;
    memset(text, 'x', sizeof text);
    for (uint32_t count = 0; status == STATUS_OK; count++) {
        const struct message_event event = {.event = publisher.event_last + 1,
                                            .error_message = slice_make(text, sizeof text)};
        assert_true(count < PUBLISHED_SIZE_MAX / sizeof text);
        status = publisher_add(&publisher, &event);
    }
    assert_int_equal(status, STATUS_TOO_LARGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hello_opens_a_session_that_knows_where_it_begins),
        TEST(another_hello_opens_another_session),
        TEST(a_lost_gateway_has_no_session),
        TEST(too_many_gateways_are_refused),
        TEST(events_of_a_turn_go_to_all_gateways_in_one_batch),
        TEST(many_events_become_numbered_batches_that_fit_a_frame),
        TEST(the_smallest_events_keep_to_a_frames_records),
        TEST(a_tick_repeats_the_number_when_it_is_quiet),
        TEST(batches_are_numbered_without_any_gateway),
        TEST(more_than_a_turn_may_have_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
