#include "broker/query.h"

#include <stdlib.h>
#include "broker/bytes.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    JOBS = 600,                     /* of ann: more than two chunks of the listing index */
    BACKLOG = LIST_HEADS_MAX + 100, /* of eve: more than one request looks at */
};

static struct ledger ledger;
static const struct retention retention = {
    .ended_ms =
        {[JOB_STATE_COMPLETED] = 3000, [JOB_STATE_FAILED] = 2000, [JOB_STATE_CANCELLED] = 1000},
    .tombstone_ms = 500,
};
static struct live_counts live;
static struct job jobs[JOBS];
static struct buffer frame;

/* What one page said. */
struct page {
    uint64_t total;
    uint32_t count;
    uint32_t numbers[LIST_LIMIT_MAX];
    uint8_t next[CURSOR_SIZE_MAX];
    size_t next_size;
    enum reply_code code;
};

/* Kinds turn every job, states every fourth: waiting, active, completed, failed. */
static enum job_state state_of(uint32_t index)
{
    static const enum job_state states[] = {JOB_STATE_WAITING, JOB_STATE_ACTIVE,
                                            JOB_STATE_COMPLETED, JOB_STATE_FAILED};
    return states[index % 4];
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    memset(&live, 0, sizeof live);
    for (uint32_t index = 0; index < JOBS; index++) {
        enum job_kind kind = (enum job_kind)(index % JOB_KIND_ASKED_COUNT);
        struct job other = ledger_job(kind, JOBS + index);
        jobs[index] = ledger_job(kind, index);
        ledger_accept(&ledger, &jobs[index], "ann", "{}");
        ledger_accept(&ledger, &other, "bob", "{}");
        enum job_state reached = state_of(index);
        if (job_state_is_terminal(reached)) {
            ledger_end(&ledger, &jobs[index], "ann", reached, "{\"name\":\"Ada\"}", "{}");
        } else {
            jobs[index].state = (uint8_t)reached;
            ledger_save(&ledger, &jobs[index], "ann", NULL);
            live.counts[kind][reached]++;
        }
        ledger_commit(&ledger);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static struct page list_of(struct view *view, const struct message_list_jobs *request)
{
    struct page page = {0};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_list(view, request, &live, &retention, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_LIST_PAGE);
    assert_int_equal(message.list_page.request, request->request);
    page.total = message.list_page.total;
    page.code = (enum reply_code)message.list_page.code;
    page.next_size = message.list_page.next.size;
    if (page.next_size > 0) {
        memcpy(page.next, message.list_page.next.data, page.next_size);
    }
    uint32_t count = message.list_page.count;
    while (frame_next(&reader, &message) == STATUS_OK) {
        assert_int_equal(message.type, MESSAGE_TYPE_JOB_STATE);
        assert_true(slice_equal(message.job_state.owner, request->owner));
        memcpy(&page.numbers[page.count++], message.job_state.job.bytes, sizeof(uint32_t));
    }
    assert_int_equal(page.count, count);
    return page;
}

static struct page list(const struct message_list_jobs *request)
{
    return list_of(&ledger.memory.view, request);
}

static bool wanted(uint32_t index, uint8_t kinds, uint8_t states)
{
    return (kinds & (1u << index % JOB_KIND_ASKED_COUNT)) != 0 &&
           (states == 0 || (states & (1u << state_of(index))) != 0);
}

/* Follows the cursor through all pages and compares with what must be there, newest first. */
static void follow(uint8_t kinds, uint8_t states, uint32_t limit)
{
    struct message_list_jobs request = {.request = 3,
                                        .owner = SLICE_LITERAL("ann"),
                                        .kinds = kinds,
                                        .states = states,
                                        .limit = limit};
    struct page page = {0};
    uint32_t place = 0;
    uint64_t total = 0;
    for (uint32_t index = JOBS; index-- > 0;) {
        if (!wanted(index, kinds, states)) {
            continue;
        }
        if (place == page.count) {
            assert_true(index == JOBS - 1 || total == 0 || page.next_size > 0);
            request.cursor = slice_make(page.next, page.next_size);
            struct page following = list(&request);
            page = following;
            place = 0;
            assert_true(page.count > 0);
        }
        assert_int_equal(page.numbers[place++], index);
        total++;
    }
    assert_int_equal(place, page.count);
    assert_int_equal(page.total, total);
}

static void every_combination_of_states_and_kinds_is_listed_newest_first(void **state)
{
    (void)state;
    for (uint8_t kinds = 1; kinds < 1 << JOB_KIND_ASKED_COUNT; kinds++) {
        for (uint32_t states = 0; states < 1 << JOB_STATE_COUNT; states++) {
            follow(kinds, (uint8_t)states, 100);
        }
    }
}

static void small_pages_join_without_a_gap(void **state)
{
    (void)state;
    follow(7, 0, 7);
    follow(7, 1 << JOB_STATE_WAITING | 1 << JOB_STATE_FAILED, 7);
    follow(2, 1 << JOB_STATE_COMPLETED, 1);
}

static void the_last_page_has_no_cursor(void **state)
{
    struct message_list_jobs request = {
        .owner = SLICE_LITERAL("ann"), .kinds = 7, .limit = 100, .skip = JOBS - 100};
    (void)state;
    struct page page = list(&request);
    assert_int_equal(page.count, 100);
    assert_int_equal(page.next_size, 0);
    request.skip--;
    assert_int_equal(list(&request).next_size, 9);
}

static void the_last_page_of_a_cursor_has_none_even_when_it_is_full(void **state)
{
    static const uint8_t states[] = {0, 1 << JOB_STATE_WAITING, 1 << JOB_STATE_FAILED};
    (void)state;
    for (size_t index = 0; index < 3; index++) {
        struct message_list_jobs request = {
            .owner = SLICE_LITERAL("ann"), .kinds = 7, .states = states[index], .limit = 75};
        struct page page = {0};
        uint64_t seen = 0;
        do {
            request.cursor = slice_make(page.next, page.next_size);
            struct page following = list(&request);
            page = following;
            assert_int_equal(page.count, 75);
            seen += page.count;
        } while (page.next_size > 0);
        assert_int_equal(seen, page.total);
    }
}

/* The counts are of a moment before the view, or after it. */
static void live_jobs_are_listed_that_the_counts_do_not_know_yet(void **state)
{
    static const uint32_t limits[] = {20, 25, 50, 100};
    static const uint64_t counts[] = {0, 1, 25, 49};
    struct message_list_jobs request = {
        .owner = SLICE_LITERAL("ann"), .kinds = 1, .states = 1 << JOB_STATE_WAITING};
    (void)state;
    for (size_t index = 0; index < 16; index++) {
        struct page page = {0};
        uint64_t seen = 0;
        live.counts[JOB_KIND_CHARACTER][JOB_STATE_WAITING] = counts[index / 4];
        request.limit = limits[index % 4];
        do {
            request.cursor = slice_make(page.next, page.next_size);
            struct page following = list(&request);
            page = following;
            assert_in_range(page.total, page.count, 50);
            seen += page.count;
        } while (page.next_size > 0);
        assert_int_equal(seen, 50);
    }
    live.counts[JOB_KIND_CHARACTER][JOB_STATE_WAITING] = 50;
}

static void skip_passes_over_matching_jobs_only(void **state)
{
    struct message_list_jobs request = {.owner = SLICE_LITERAL("ann"),
                                        .kinds = 1,
                                        .states = 1 << JOB_STATE_WAITING,
                                        .limit = 10,
                                        .skip = 5};
    uint32_t seen = 0;
    (void)state;
    struct page page = list(&request);
    assert_int_equal(page.count, 10);
    for (uint32_t index = JOBS; index-- > 0 && seen < 15;) {
        if (wanted(index, 1, 1 << JOB_STATE_WAITING)) {
            assert_true(seen < 5 || page.numbers[seen - 5] == index);
            seen++;
        }
    }
    request.skip = 1000000;
    page = list(&request);
    assert_int_equal(page.count, 0);
    assert_int_equal(page.total, 50);
    assert_int_equal(page.next_size, 0);
}

static void an_unknown_owner_has_an_empty_list(void **state)
{
    const struct message_list_jobs request = {
        .owner = SLICE_LITERAL("carol"), .kinds = 7, .limit = 20};
    (void)state;
    memset(&live, 0, sizeof live);
    struct page page = list(&request);
    assert_int_equal(page.total, 0);
    assert_int_equal(page.count, 0);
    assert_int_equal(page.code, REPLY_CODE_OK);
}

static void a_cursor_that_is_not_ours_is_refused(void **state)
{
    static const uint8_t cursors[][10] = {{2, 1}, {1}, {1}};
    static const size_t sizes[] = {9, 8, 10};
    struct message_list_jobs request = {.owner = SLICE_LITERAL("ann"), .kinds = 7, .limit = 20};
    (void)state;
    for (size_t index = 0; index < 3; index++) {
        request.cursor = slice_make(cursors[index], sizes[index]);
        assert_int_equal(list(&request).code, REPLY_CODE_INVALID);
    }
    request.cursor = SLICE_EMPTY;
    request.limit = 0;
    assert_int_equal(list(&request).code, REPLY_CODE_INVALID);
}

static void a_read_that_fails_is_told(void **state)
{
    const struct message_list_jobs request = {.owner = SLICE_LITERAL("ann"),
                                              .kinds = 2,
                                              .states =
                                                  1 << JOB_STATE_COMPLETED | 1 << JOB_STATE_WAITING,
                                              .limit = 3};
    enum status status = STATUS_IO;
    uint32_t number = 0;
    (void)state;
    while (status != STATUS_OK) {
        struct frame_writer writer;
        ledger.memory.reads = 0;
        ledger.memory.fail_at = ++number;
        buffer_clear(&frame);
        assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
        status = query_list(&ledger.memory.view, &request, &live, &retention, &writer);
        assert_true(status == STATUS_OK || status == STATUS_IO);
    }
    assert_true(number > 5);
    ledger.memory.fail_at = 0;
}

/* Gives eve a backlog of waiting jobs with an active one at its old end. Keys are put in their
 * order, for the sake of the sorted array. */
static void make_backlog(void)
{
    const struct slice owner = SLICE_LITERAL("eve");
    const uint8_t index_value[] = {VALUE_FORMAT, JOB_KIND_CHARACTER};
    uint8_t key[KEY_BYTES_MAX];
    uint8_t head[HEAD_SIZE];
    struct buffer value;
    buffer_init(&value, VALUE_SIZE_MAX);
    for (uint32_t number = 1; number <= BACKLOG; number++) {
        struct job job = {
            .id = {{(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}}};
        job.state = number == BACKLOG ? JOB_STATE_ACTIVE : JOB_STATE_WAITING;
        job.accepted = BACKLOG + 1 - number;
        head_write(&job, head);
        buffer_clear(&value);
        assert_int_equal(job_value_write(&value, head, owner, SLICE_EMPTY, SLICE_EMPTY, SLICE_EMPTY,
                                         SLICE_EMPTY),
                         STATUS_OK);
        memory_view_put(&ledger.memory, key_job(key, &job.id), buffer_slice(&value));
    }
    for (uint32_t number = 1; number <= BACKLOG; number++) {
        struct id id = {{(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
        memory_view_put(&ledger.memory,
                        key_live(key, owner, JOB_KIND_CHARACTER, BACKLOG + 1 - number, &id),
                        slice_make(index_value, sizeof index_value));
    }
    buffer_fini(&value);
    memset(&live, 0, sizeof live);
    live.counts[JOB_KIND_CHARACTER][JOB_STATE_ACTIVE] = 1;
    live.counts[JOB_KIND_CHARACTER][JOB_STATE_WAITING] = BACKLOG - 1;
}

static void a_rare_state_behind_a_long_backlog_is_found_page_by_page(void **state)
{
    struct message_list_jobs request = {
        .owner = SLICE_LITERAL("eve"), .kinds = 1, .states = 1 << JOB_STATE_ACTIVE, .limit = 20};
    struct page page = {0};
    uint32_t pages = 0;
    uint32_t found = 0;
    (void)state;
    ledger_fini(&ledger);
    ledger_init(&ledger);
    make_backlog();
    do {
        request.cursor = slice_make(page.next, page.next_size);
        ledger.memory.reads = 0;
        struct page following = list(&request);
        page = following;
        assert_true(ledger.memory.reads < LIST_HEADS_MAX + 1000);
        assert_int_equal(page.total, 1);
        found += page.count;
        pages++;
    } while (page.next_size > 0);
    assert_int_equal(found, 1);
    assert_int_equal(pages, 2);
}

/* What the counts do not know is found all the same, and costs a first page little. */
static void a_first_page_does_not_look_far_for_what_is_not_counted(void **state)
{
    struct message_list_jobs request = {
        .owner = SLICE_LITERAL("eve"), .kinds = 1, .states = 1 << JOB_STATE_ACTIVE, .limit = 20};
    struct page page = {0};
    uint32_t found = 0;
    (void)state;
    live.counts[JOB_KIND_CHARACTER][JOB_STATE_ACTIVE] = 0; /* the backlog of the test before */
    do {
        bool is_first = page.next_size == 0;
        request.cursor = slice_make(page.next, page.next_size);
        ledger.memory.reads = 0;
        struct page following = list(&request);
        page = following;
        assert_true(ledger.memory.reads < (is_first ? 2 * LIST_BEYOND_MAX : LIST_HEADS_MAX + 1000));
        found += page.count;
    } while (page.next_size > 0);
    assert_int_equal(found, 1);
}

/* ---- more entries than one request looks at ---- */

/* A view in which an owner has so many pictures and nothing else, though the counters know of a
 * video. */
enum {
    PICTURES = 5 * (LIST_SCAN_MAX / 2),
};

struct album {
    struct view view; /* first */
    uint64_t scanned;
};

static enum status album_get(struct view *view, struct slice key, struct buffer *value)
{
    uint8_t one[BATCH_ADD_SIZE];
    (void)view;
    (void)key;
    bytes_put_64(one, 1);
    buffer_clear(value);
    return buffer_append_slice(value, slice_make(one, sizeof one));
}

static enum status album_scan(struct view *view, struct slice from, struct slice to,
                              view_visit *visit, void *context)
{
    struct album *album = (struct album *)view;
    uint8_t key[KEY_BYTES_MAX];
    const uint8_t kind[] = {VALUE_FORMAT, JOB_KIND_IMAGE};
    size_t prefix_size = from.size - 8;
    uint64_t accepted = ~bytes_get_big_64(from.data + prefix_size);
    (void)to;
    accepted = accepted > PICTURES ? PICTURES : accepted;
    memcpy(key, from.data, prefix_size);
    memset(key + prefix_size + 8, 1, ID_SIZE);
    for (bool more = true; more && accepted > 0; accepted--) {
        bytes_put_big_64(key + prefix_size, ~accepted);
        album->scanned++;
        more = visit(context, slice_make(key, prefix_size + 8 + ID_SIZE),
                     slice_make(kind, sizeof kind));
    }
    return STATUS_OK;
}

static void one_request_looks_at_so_many_entries_of_another_kind(void **state)
{
    static const struct view_methods methods = {.get = album_get, .scan = album_scan};
    struct album album = {.view = {.methods = &methods}};
    struct message_list_jobs request = {
        .owner = SLICE_LITERAL("ann"), .kinds = 1 << JOB_KIND_VIDEO, .limit = 20};
    struct page page = {0};
    uint32_t pages = 0;
    (void)state;
    do {
        album.scanned = 0;
        request.cursor = slice_make(page.next, page.next_size);
        struct page following = list_of(&album.view, &request);
        page = following;
        assert_int_equal(page.count, 0);
        assert_true(album.scanned < LIST_SCAN_MAX + LIST_SCAN_MAX / 100);
        pages++;
    } while (page.next_size > 0);
    assert_int_equal(pages, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_of_states_and_kinds_is_listed_newest_first),
        cmocka_unit_test(small_pages_join_without_a_gap),
        cmocka_unit_test(the_last_page_has_no_cursor),
        cmocka_unit_test(the_last_page_of_a_cursor_has_none_even_when_it_is_full),
        cmocka_unit_test(live_jobs_are_listed_that_the_counts_do_not_know_yet),
        cmocka_unit_test(skip_passes_over_matching_jobs_only),
        cmocka_unit_test(a_cursor_that_is_not_ours_is_refused),
        cmocka_unit_test(a_read_that_fails_is_told),
        cmocka_unit_test(an_unknown_owner_has_an_empty_list),
        cmocka_unit_test(a_rare_state_behind_a_long_backlog_is_found_page_by_page),
        cmocka_unit_test(a_first_page_does_not_look_far_for_what_is_not_counted),
        cmocka_unit_test(one_request_looks_at_so_many_entries_of_another_kind),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
