#include "broker/query.h"

#include "broker/keys.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

static struct ledger ledger;
static struct buffer frame;
static struct message_event_page page;
static uint64_t numbers[EVENTS_LIMIT_MAX];
static uint32_t kinds[EVENTS_LIMIT_MAX];
static uint32_t count;

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static enum status try_events(const struct message_get_events *request, struct frame_writer *writer)
{
    buffer_clear(&frame);
    assert_int_equal(frame_begin(writer, &frame, 0), STATUS_OK);
    return query_events(&ledger.memory.view, request, ledger.now, writer);
}

/* Asks, and leaves the answer in page, numbers, kinds and count. */
static void ask(const struct id *job, const char *owner, uint64_t after, uint32_t limit)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    const struct message_get_events request = {.request = 4,
                                               .job = job == NULL ? (struct id){{0}} : *job,
                                               .owner = slice_from_string(owner),
                                               .after = after,
                                               .limit = limit};
    assert_int_equal(try_events(&request, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_EVENT_PAGE);
    page = message.event_page;
    count = 0;
    while (frame_next(&reader, &message) == STATUS_OK) {
        assert_int_equal(message.type, MESSAGE_TYPE_EVENT);
        kinds[count] = message.event.kind;
        numbers[count++] = message.event.event;
    }
    assert_int_equal(page.count, count);
}

static void a_job_replays_its_whole_timeline(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job other = ledger_job(JOB_KIND_CHARACTER, 2);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_accept(&ledger, &other, "ann", "{}");
    ledger_commit(&ledger);
    ledger_event(&ledger, &job, "ann", EVENT_KIND_ACTIVE);
    ledger_commit(&ledger);
    ask(&job.id, "ann", 0, 512);
    assert_int_equal(count, 2);
    assert_int_equal(numbers[0], 1);
    assert_int_equal(numbers[1], 3);
    assert_false(page.ended);
    assert_false(page.more);
    assert_int_equal(page.through, 3);
    ledger_end(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{}", NULL);
    ledger_commit(&ledger);
    ask(&job.id, "ann", 3, 512);
    assert_int_equal(count, 1);
    assert_int_equal(kinds[0], EVENT_KIND_COMPLETED);
    assert_true(page.ended);
    ask(&job.id, "ann", 4, 512);
    assert_int_equal(count, 0);
    assert_true(page.ended);
}

static void a_retried_job_goes_on_after_its_end(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_ended(&ledger, &job, "ann", JOB_STATE_FAILED, NULL, NULL);
    ledger_revive(&ledger, &job, "ann");
    ledger_commit(&ledger);
    ask(&job.id, "ann", 2, 512);
    assert_int_equal(count, 1);
    assert_int_equal(kinds[0], EVENT_KIND_WAITING);
    assert_false(page.ended);
    ask(&job.id, "ann", 0, 512);
    assert_int_equal(count, 3);
    assert_false(page.ended);
}

static void a_timeline_is_its_owners_alone(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    const struct id unknown = {{9}};
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    ask(&job.id, "bob", 0, 512);
    assert_int_equal(page.code, REPLY_CODE_NOT_FOUND);
    ask(&unknown, "ann", 0, 512);
    assert_int_equal(page.code, REPLY_CODE_NOT_FOUND);
}

static void a_long_timeline_loses_its_oldest_progress(void **state)
{
    struct job job = ledger_job(JOB_KIND_VIDEO, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}"); /* event 1 */
    for (int turn = 0; turn < 30; turn++) {
        ledger_event(&ledger, &job, "ann", EVENT_KIND_ACTIVE); /* 2, 12, ... */
        for (int event = 0; event < 9; event++) {
            ledger_event(&ledger, &job, "ann", EVENT_KIND_PROGRESS);
        }
        ledger_commit(&ledger);
    }
    ask(&job.id, "ann", 0, 512);
    assert_int_equal(count, EVENTS_KEPT_MAX);
    /* 301 events, 45 too many: those of the first five turns. */
    for (uint32_t index = 0; index < 6; index++) {
        assert_int_equal(kinds[index], index == 0 ? EVENT_KIND_QUEUED : EVENT_KIND_ACTIVE);
    }
    assert_int_equal(numbers[5], 42);
    assert_int_equal(numbers[6], 52);
    assert_int_equal(numbers[7], 53);
    assert_int_equal(numbers[count - 1], 301);
}

static void a_timeline_without_progress_loses_its_oldest_events(void **state)
{
    struct job job = ledger_job(JOB_KIND_VIDEO, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    for (int turn = 0; turn < 299; turn++) {
        ledger_event(&ledger, &job, "ann", EVENT_KIND_WAITING);
    }
    ledger_commit(&ledger);
    ask(&job.id, "ann", 0, 512);
    assert_int_equal(count, EVENTS_KEPT_MAX);
    assert_int_equal(numbers[0], 45);
    assert_int_equal(numbers[count - 1], 300);
}

static void a_timeline_comes_in_pages(void **state)
{
    struct job job = ledger_job(JOB_KIND_VIDEO, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    for (int turn = 0; turn < 9; turn++) {
        ledger_event(&ledger, &job, "ann", EVENT_KIND_PROGRESS);
        ledger_commit(&ledger);
    }
    ask(&job.id, "ann", 0, 4);
    assert_int_equal(count, 4);
    assert_true(page.more);
    assert_int_equal(page.through, 4);
    ask(&job.id, "ann", page.through, 6);
    assert_int_equal(count, 6);
    assert_false(page.more);
    assert_int_equal(numbers[5], 10);
}

/* Many jobs of two owners, several events of each in every turn. */
static void fill(uint32_t turns)
{
    struct job jobs[5];
    for (uint32_t number = 0; number < 5; number++) {
        jobs[number] = ledger_job(JOB_KIND_VIDEO, number + 1);
        ledger_accept(&ledger, &jobs[number], number % 2 == 0 ? "ann" : "bob", "{}");
    }
    ledger_commit(&ledger);
    for (uint32_t turn = 0; turn < turns; turn++) {
        for (uint32_t event = 0; event < 7; event++) {
            uint32_t number = (turn + event * 3) % 5;
            ledger_event(&ledger, &jobs[number], number % 2 == 0 ? "ann" : "bob",
                         EVENT_KIND_PROGRESS);
        }
        ledger.now += 1000;
        ledger_commit(&ledger);
    }
}

static bool is_anns(uint64_t number)
{
    if (number <= 5) {
        return number % 2 == 1;
    }
    uint64_t turn = (number - 6) / 7;
    uint64_t event = (number - 6) % 7;
    return (turn + event * 3) % 5 % 2 == 0;
}

static void an_owners_stream_is_complete_and_in_order_from_any_number(void **state)
{
    (void)state;
    fill(40);
    for (uint64_t start = 0; start <= ledger.event_last; start += 13) {
        for (uint32_t limit = 1; limit <= 40; limit += 3) {
            uint64_t after = start;
            uint64_t expected = start + 1;
            do {
                ask(NULL, "ann", after, limit);
                assert_false(page.reset);
                assert_true(count <= limit);
                for (uint32_t index = 0; index < count; index++) {
                    while (!is_anns(expected)) {
                        expected++;
                    }
                    assert_int_equal(numbers[index], expected);
                    expected++;
                }
                assert_true(!page.more || page.through > after);
                after = page.through;
            } while (page.more);
            assert_int_equal(after, ledger.event_last);
            while (expected <= ledger.event_last) {
                assert_false(is_anns(expected));
                expected++;
            }
        }
    }
}

static void a_cursor_of_another_store_or_day_is_reset(void **state)
{
    (void)state;
    fill(3);
    ask(NULL, "ann", ledger.event_last + 1, 10);
    assert_true(page.reset);
    assert_int_equal(count, 0);
    assert_int_equal(page.through, ledger.event_last);
    ledger.now += EVENTS_KEPT_MS;
    ask(NULL, "ann", 3, 10);
    assert_true(page.reset);
    assert_int_equal(page.through, ledger.event_last);
    ask(NULL, "ann", ledger.event_last, 10);
    assert_false(page.reset);
}

static void pass_days(uint32_t days)
{
    ledger.now += days * INT64_C(86400000);
}

static void have_event(struct job *job, const char *owner)
{
    ledger_event(&ledger, job, owner, EVENT_KIND_PROGRESS);
    ledger_commit(&ledger);
}

/* RocksDB may have rewritten its tables at any time, or never. */
static void forget(void)
{
    const struct forgetting forgetting = forgetting_at(ledger.now, 0, 0);
    memory_view_forget(&ledger.memory, &forgetting);
}

static void a_cursor_is_reset_when_what_came_after_it_is_gone(void **state)
{
    struct job job = ledger_job(JOB_KIND_VIDEO, 1);
    struct job other = ledger_job(JOB_KIND_VIDEO, 2);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_accept(&ledger, &other, "bob", "{}");
    ledger_commit(&ledger);
    uint64_t cursor = ledger.event_last; /* of ten days ago */
    pass_days(1);
    have_event(&job, "ann"); /* and this is what was missed then */
    uint64_t missed = ledger.event_last;
    pass_days(9);
    forget();
    ask(NULL, "ann", cursor, 10);
    assert_true(page.reset);
    assert_int_equal(page.through, ledger.event_last);
    ask(NULL, "ann", missed, 10);
    assert_false(page.reset);
    have_event(&job, "ann");
    ask(NULL, "ann", cursor, 10);
    assert_true(page.reset);
    assert_int_equal(count, 0);
    ask(NULL, "ann", missed, 10);
    assert_false(page.reset);
    assert_int_equal(count, 1);
}

/* Nothing is lost of who comes back within the time that is told of, however busy others are. */
static void a_cursor_is_not_reset_for_what_others_did(void **state)
{
    struct job job = ledger_job(JOB_KIND_VIDEO, 1);
    struct job other = ledger_job(JOB_KIND_VIDEO, 2);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_accept(&ledger, &other, "bob", "{}");
    ledger_commit(&ledger);
    for (uint32_t day = 0; day < 30; day++) {
        have_event(&other, "bob");
        have_event(&job, "ann");
        uint64_t cursor = ledger.event_last;
        have_event(&other, "bob");
        pass_days(1);
        have_event(&other, "bob");
        forget();
        ask(NULL, "ann", cursor, 10);
        assert_false(page.reset);
        assert_int_equal(count, 0);
    }
}

/* One that was written before days were. */
static void a_store_without_days_tells_what_it_has(void **state)
{
    struct job job = ledger_job(JOB_KIND_VIDEO, 1);
    static const struct forgetting all_days = {.days_before = INT64_MAX};
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    pass_days(20);
    memory_view_forget(&ledger.memory, &all_days);
    have_event(&job, "ann");
    forget();
    ask(NULL, "ann", 1, 10);
    assert_false(page.reset);
    assert_int_equal(count, 1);
}

static void a_timeline_with_a_cursor_of_another_store_begins_anew(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    ask(&job.id, "ann", 99, 10);
    assert_true(page.reset);
    assert_int_equal(count, 1);
}

static void one_turn_may_hold_more_than_a_page(void **state)
{
    uint64_t after = 0;
    uint32_t total = 0;
    (void)state;
    for (uint32_t number = 1; number <= 2000; number++) {
        struct job job = ledger_job(JOB_KIND_CHARACTER, number);
        ledger_accept(&ledger, &job, "ann", "{}");
    }
    ledger_commit(&ledger);
    do {
        ask(NULL, "ann", after, EVENTS_LIMIT_MAX);
        assert_int_equal(numbers[0], after + 1);
        after = page.through;
        total += count;
    } while (page.more);
    assert_int_equal(total, 2000);
}

static void an_empty_request_is_invalid(void **state)
{
    (void)state;
    ask(NULL, "ann", 0, 0);
    assert_int_equal(page.code, REPLY_CODE_INVALID);
}

static void a_read_that_fails_is_told(void **state)
{
    const struct message_get_events requests[] = {
        {.owner = SLICE_LITERAL("ann"), .limit = 5},
        {.owner = SLICE_LITERAL("ann"), .job = ledger_job(JOB_KIND_VIDEO, 1).id, .limit = 5},
    };
    struct frame_writer writer;
    (void)state;
    fill(3);
    for (size_t index = 0; index < 2; index++) {
        enum status status = STATUS_IO;
        uint32_t number = 0;
        while (status != STATUS_OK) {
            ledger.memory.reads = 0;
            ledger.memory.fail_at = ++number;
            status = try_events(&requests[index], &writer);
            assert_true(status == STATUS_OK || status == STATUS_IO);
        }
        assert_true(number > 3);
    }
}

static void a_damaged_event_is_left_out_of_its_timeline(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    uint8_t key[KEY_BYTES_MAX];
    struct view_damage damage = {0};
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    ledger_event(&ledger, &job, "ann", EVENT_KIND_ACTIVE);
    ledger_commit(&ledger);
    ledger_end(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{}", NULL);
    ledger_commit(&ledger);
    ledger.memory.view.damage = &damage;
    memory_view_damage(&ledger.memory, key_events(key, &job.id, 2));
    ask(&job.id, "ann", 0, 512);
    assert_int_equal(count, 2);
    assert_int_equal(numbers[1], 3);
    assert_true(page.ended);
    assert_true(id_equal(&damage.ids[0], &job.id));
    memory_view_put(&ledger.memory, key_events(key, &job.id, 1), SLICE_LITERAL("?"));
    ask(&job.id, "ann", 0, 512);
    assert_int_equal(count, 1);
}

/* Its state may be in what is gone: who follows is told to look anew, once. */
static void a_stream_with_damaged_events_begins_anew(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct id job = ledger_job(JOB_KIND_VIDEO, 1).id;
    (void)state;
    fill(9);
    for (uint32_t turn = 0; turn < 2; turn++) {
        struct slice place =
            turn == 0 ? key_owner_events(key, SLICE_LITERAL("ann"), 2) : key_events(key, &job, 2);
        memory_view_damage(&ledger.memory, slice_make(key, place.size - 1));
        ask(NULL, "ann", 0, 512);
        assert_true(page.reset);
        assert_false(page.more);
        assert_int_equal(count, 0);
        assert_int_equal(page.through, ledger.event_last);
        ask(NULL, "ann", ledger.event_last, 512);
        assert_false(page.reset);
    }
}

static void without_the_days_something_may_be_gone(void **state)
{
    struct job job = ledger_job(JOB_KIND_VIDEO, 1);
    struct job other = ledger_job(JOB_KIND_VIDEO, 2);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_accept(&ledger, &other, "bob", "{}");
    ledger_commit(&ledger);
    pass_days(20);
    have_event(&job, "ann");
    uint64_t cursor = ledger.event_last;
    have_event(&other, "bob");
    ask(NULL, "ann", cursor, 10);
    assert_false(page.reset);
    memory_view_damage(&ledger.memory, SLICE_LITERAL("e"));
    ask(NULL, "ann", cursor, 10);
    assert_true(page.reset);
    ask(NULL, "ann", page.through, 10);
    assert_false(page.reset);
}

#define EVENTS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EVENTS_TEST(a_job_replays_its_whole_timeline),
        EVENTS_TEST(a_retried_job_goes_on_after_its_end),
        EVENTS_TEST(a_timeline_is_its_owners_alone),
        EVENTS_TEST(a_long_timeline_loses_its_oldest_progress),
        EVENTS_TEST(a_timeline_without_progress_loses_its_oldest_events),
        EVENTS_TEST(a_timeline_comes_in_pages),
        EVENTS_TEST(an_owners_stream_is_complete_and_in_order_from_any_number),
        EVENTS_TEST(a_cursor_of_another_store_or_day_is_reset),
        EVENTS_TEST(a_cursor_is_reset_when_what_came_after_it_is_gone),
        EVENTS_TEST(a_cursor_is_not_reset_for_what_others_did),
        EVENTS_TEST(a_store_without_days_tells_what_it_has),
        EVENTS_TEST(a_timeline_with_a_cursor_of_another_store_begins_anew),
        EVENTS_TEST(one_turn_may_hold_more_than_a_page),
        EVENTS_TEST(an_empty_request_is_invalid),
        EVENTS_TEST(a_read_that_fails_is_told),
        EVENTS_TEST(a_damaged_event_is_left_out_of_its_timeline),
        EVENTS_TEST(a_stream_with_damaged_events_begins_anew),
        EVENTS_TEST(without_the_days_something_may_be_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
