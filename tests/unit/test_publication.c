/* The events of a turn as gateways get them: every event once, in order, in batches whose numbers
 * tell of a gap. */
#include "broker/publication.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static struct publication publication;
static struct buffer event; /* one EVENT record */

static int set_up(void **state)
{
    const struct message message = {.type = MESSAGE_TYPE_EVENT, .event = {.version = 1}};
    (void)state;
    memory_fail_never();
    publication_init(&publication);
    buffer_init(&event, FRAME_SIZE_MAX);
    return record_write(&event, &message) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    publication_fini(&publication);
    publication_fini(&publication);
    buffer_fini(&event);
    return 0;
}

static void add_events(uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number < to; number++) {
        const struct message message = {.type = MESSAGE_TYPE_EVENT, .event = {.event = number}};
        buffer_clear(&event);
        assert_int_equal(record_write(&event, &message), STATUS_OK);
        assert_int_equal(publication_add(&publication, buffer_slice(&event)), STATUS_OK);
    }
}

/* ---- a gateway that follows ---- */

struct follower {
    uint64_t batch;      /* last number */
    uint64_t event_next; /* number that the next event must have */
    uint64_t event_last; /* as told */
    uint32_t heads;
};

static enum status follow(void *context, struct slice frame)
{
    struct follower *follower = context;
    struct frame_reader reader;
    struct message message;
    assert_int_equal(frame_open(&reader, frame), STATUS_OK);
    while (frame_next(&reader, &message) == STATUS_OK) {
        assert_int_equal(message.type, MESSAGE_TYPE_EVENTS);
        uint32_t count = message.events.count;
        assert_int_equal(message.events.batch, follower->batch + (count > 0));
        follower->batch = message.events.batch;
        follower->event_last = message.events.event_last;
        follower->heads++;
        for (uint32_t index = 0; index < count; index++) {
            assert_int_equal(frame_next(&reader, &message), STATUS_OK);
            assert_int_equal(message.event.event, follower->event_next++);
        }
    }
    return STATUS_OK;
}

static void publish_to(struct follower *follower)
{
    const struct outbox *outbox = &publication.outbox;
    struct buffer frame;
    buffer_init(&frame, 2 * FRAME_SIZE_MAX);
    assert_int_equal(outbox_send(&outbox, 1, 1, &frame, follow, follower), STATUS_OK);
    buffer_fini(&frame);
    publication_clear(&publication);
}

/* ---- tests ---- */

static void the_events_of_a_turn_are_one_batch(void **state)
{
    struct follower follower = {.event_next = 1};
    (void)state;
    for (uint64_t turn = 0; turn < 3; turn++) {
        add_events(10 * turn + 1, 10 * turn + 11);
        assert_int_equal(publication_close(&publication, 10 * turn + 10, true), STATUS_OK);
        publish_to(&follower);
        assert_int_equal(follower.batch, turn + 1);
        assert_int_equal(follower.event_last, 10 * turn + 10);
    }
    assert_int_equal(follower.event_next, 31);
    assert_int_equal(follower.heads, 3);
}

static void a_turn_without_events_says_nothing_but_for_a_tick(void **state)
{
    struct follower follower = {.event_next = 1};
    (void)state;
    assert_int_equal(publication_close(&publication, 0, false), STATUS_OK);
    assert_true(outbox_is_empty(&publication.outbox));
    publish_to(&follower);
    assert_int_equal(follower.heads, 0);
    add_events(1, 2);
    assert_int_equal(publication_close(&publication, 1, false), STATUS_OK);
    publish_to(&follower);
    assert_int_equal(publication_close(&publication, 5, true), STATUS_OK);
    publish_to(&follower);
    assert_int_equal(follower.batch, 1);
    assert_int_equal(follower.event_last, 5);
    assert_int_equal(follower.heads, 2);
}

static void many_events_are_several_batches(void **state)
{
    struct follower follower = {.event_next = 1};
    const uint64_t count = 3 * FRAME_RECORDS_MAX;
    (void)state;
    add_events(1, count + 1);
    assert_int_equal(publication_close(&publication, count, false), STATUS_OK);
    publish_to(&follower);
    assert_int_equal(follower.event_next, count + 1);
    assert_true(follower.batch >= 6); /* half a frame each: answers of the turn share it */
}

static void more_than_a_turn_can_hold_is_refused(void **state)
{
    static uint8_t bytes[FRAME_SIZE_TARGET / 2];
    const struct slice large = {bytes, sizeof bytes};
    size_t count = 0;
    (void)state;
    while (publication_add(&publication, large) == STATUS_OK) {
        count++;
    }
    assert_int_equal(publication_add(&publication, large), STATUS_TOO_LARGE);
    assert_int_equal(count, (8 << 20) / sizeof bytes); /* all of the largest batch of the store */
    publication_clear(&publication);
    for (count = 0; publication_add(&publication, buffer_slice(&event)) == STATUS_OK; count++) {
    }
    assert_int_equal(publication_add(&publication, buffer_slice(&event)), STATUS_TOO_LARGE);
    assert_true(count > 100 * FRAME_RECORDS_MAX / 8);
}

/* Without memory a turn's events are left out, and the number of their batch tells it. */
static void what_could_not_be_published_leaves_a_gap(void **state)
{
    struct follower follower = {.event_next = 2, .batch = 1};
    (void)state;
    memory_fail_at(1);
    assert_int_equal(publication_add(&publication, buffer_slice(&event)), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_int_equal(publication_close(&publication, 0, false), STATUS_OK);
    assert_true(outbox_is_empty(&publication.outbox));
    add_events(1, 2);
    memory_fail_at(1);
    assert_int_equal(publication_close(&publication, 1, false), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_true(outbox_is_empty(&publication.outbox));
    publication_clear(&publication);
    add_events(2, 3);
    assert_int_equal(publication_close(&publication, 2, false), STATUS_OK);
    publish_to(&follower);
    assert_int_equal(follower.batch, 2);
    assert_int_equal(publication_close(&publication, 2, true), STATUS_OK);
    publication_clear(&publication);
    memory_fail_at(1);
    publication_fini(&publication);
    publication_init(&publication);
    assert_int_equal(publication_close(&publication, 2, true), STATUS_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_events_of_a_turn_are_one_batch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_turn_without_events_says_nothing_but_for_a_tick, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(many_events_are_several_batches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_a_turn_can_hold_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_could_not_be_published_leaves_a_gap, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
