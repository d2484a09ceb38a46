#include "broker/query.h"

#include "broker/keys.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    JOBS = 300,  /* of ann, and as many of bob, in turns */
    FAILED = 7,  /* each seventh has failed */
    TURN_MS = 10 /* between two of ann's */
};

static struct ledger ledger;
static const struct retention retention;
static struct job jobs[2 * JOBS];
static struct buffer frame;
static uint32_t questions;      /* about the time, of the last page */
static uint32_t questions_most; /* then it is over */
static struct view_damage damage;

struct page {
    struct message_search_page told;
    uint8_t next[CURSOR_SIZE_MAX];
    uint32_t numbers[LIST_LIMIT_MAX];
};

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    questions_most = UINT32_MAX;
    for (uint32_t index = 0; index < 2 * JOBS; index++) {
        const char *owner = index % 2 == 0 ? "ann" : "bob";
        jobs[index] = ledger_job(JOB_KIND_CHARACTER, index);
        jobs[index].created_at = 1000 + index * TURN_MS;
        ledger_accept(&ledger, &jobs[index], owner, index == 10 ? "{\"a\":\"needle\"}" : "{}");
        if (index % FAILED == 0) {
            ledger_end(&ledger, &jobs[index], owner, JOB_STATE_FAILED, "", "");
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

static bool is_over(void *context)
{
    (void)context;
    return ++questions >= questions_most;
}

static struct page search(const struct message_search_jobs *request)
{
    const struct search_limit limit = {.is_over = is_over};
    struct page page = {0};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    questions = 0;
    damage = (struct view_damage){0};
    ledger.memory.view.damage = &damage;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_search(&ledger.memory.view, request, &limit, &retention, &writer),
                     STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_SEARCH_PAGE);
    page.told = message.search_page;
    if (page.told.next.size > 0) {
        memcpy(page.next, page.told.next.data, page.told.next.size);
    }
    uint32_t count = 0;
    while (frame_next(&reader, &message) == STATUS_OK) {
        memcpy(&page.numbers[count++], message.job_state.job.bytes, sizeof(uint32_t));
    }
    assert_int_equal(count, page.told.count);
    return page;
}

/* Follows the cursor to the end: every job that fits comes once, newest first. Returns how many
 * pages it took. */
static uint32_t follow(struct message_search_jobs request, bool (*fits)(uint32_t index))
{
    struct page page = {0};
    uint32_t place = 0;
    uint32_t pages = 0;
    uint64_t scanned = 0;
    for (uint32_t index = 2 * JOBS; index-- > 0;) {
        if (!fits(index)) {
            continue;
        }
        while (place == page.told.count) {
            assert_false(page.told.exhausted);
            request.cursor = slice_make(page.next, page.told.next.size);
            page = search(&request);
            scanned += page.told.scanned;
            assert_true(++pages < 1000);
            place = 0;
        }
        assert_int_equal(page.numbers[place++], index);
    }
    while (!page.told.exhausted) {
        request.cursor = slice_make(page.next, page.told.next.size);
        page = search(&request);
        scanned += page.told.scanned;
        assert_int_equal(page.told.count, 0);
        pages++;
    }
    assert_true(scanned <= 2 * JOBS);
    return pages;
}

static bool every(uint32_t index)
{
    return index < 2 * JOBS;
}

static bool has_failed(uint32_t index)
{
    return index % FAILED == 0;
}

static bool lives(uint32_t index)
{
    return !has_failed(index);
}

static bool is_of_ann(uint32_t index)
{
    return index % 2 == 0;
}

static bool has_needle(uint32_t index)
{
    return index == 10;
}

static bool is_between(uint32_t index)
{
    return index >= 50 && index < 60;
}

static bool is_old(uint32_t index)
{
    return index < 10;
}

static bool is_none(uint32_t index)
{
    (void)index;
    return false;
}

static const struct {
    struct message_search_jobs request;
    bool (*fits)(uint32_t index);
} searches[] = {
    {{.limit = 100}, every},
    {{.limit = 7, .states = 1 << JOB_STATE_FAILED}, has_failed},
    {{.limit = 50, .states = STATES_LIVE}, lives},
    {{.limit = 9, .owner = SLICE_LITERAL("ann")}, is_of_ann},
    {{.limit = 9, .owner = SLICE_LITERAL("ann"), .kinds = 15}, is_of_ann},
    {{.limit = 5, .text = SLICE_LITERAL("NEEDLE")}, has_needle},
    {{.limit = 5, .kinds = 1 << JOB_KIND_WEBHOOK}, is_none},
    {{.limit = 4, .from = 1000 + 50 * TURN_MS, .to = 1000 + 60 * TURN_MS}, is_between},
};

static void every_search_finds_its_jobs_newest_first(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof searches / sizeof searches[0]; index++) {
        follow(searches[index].request, searches[index].fits);
    }
}

static void a_search_whose_time_is_over_goes_on_from_its_cursor(void **state)
{
    (void)state;
    questions_most = 1;
    for (size_t index = 0; index < sizeof searches / sizeof searches[0]; index++) {
        follow(searches[index].request, searches[index].fits);
    }
    assert_true(follow(searches[5].request, has_needle) > 10);
}

/* A disk may take milliseconds for each job that is looked at. */
static void a_search_looks_at_no_second_job_when_its_time_is_over(void **state)
{
    struct message_search_jobs request = searches[5].request;
    (void)state;
    questions_most = 1;
    request.limit = 5;
    assert_int_equal(search(&request).told.scanned, 1);
    questions_most = 3;
    assert_int_equal(search(&request).told.scanned, 3);
}

/* The newest 540 are passed over without a look at each, and so are the oldest 50. */
static void a_time_range_is_found_without_looking_at_the_rest(void **state)
{
    struct page page = search(&(struct message_search_jobs){
        .limit = 20, .from = 1000 + 50 * TURN_MS, .to = 1000 + 60 * TURN_MS});
    (void)state;
    assert_int_equal(page.told.count, 10);
    assert_true(page.told.exhausted);
    assert_int_equal(page.told.scanned, 11);
}

static void a_time_that_nothing_is_newer_than_costs_one_look(void **state)
{
    struct message_search_jobs request = {.limit = 1};
    (void)state;
    ledger.memory.reads = 0;
    search(&request);
    uint32_t without = ledger.memory.reads;
    request.to = INT64_MAX;
    ledger.memory.reads = 0;
    search(&request);
    assert_int_equal(ledger.memory.reads, without + 2); /* an entry and its record */
}

static void a_look_for_the_time_stops_in_time_and_goes_on(void **state)
{
    const struct message_search_jobs request = {.limit = 100, .to = 1000 + 10 * TURN_MS};
    (void)state;
    for (questions_most = 1; questions_most < 6; questions_most++) {
        ledger.memory.reads = 0;
        search(&request);
        assert_true(ledger.memory.reads < 4 * questions_most + 6);
        assert_in_range(follow(request, is_old), 2, 2 * JOBS);
    }
    questions_most = UINT32_MAX;
}

static void a_cursor_that_is_none_is_refused(void **state)
{
    struct page page =
        search(&(struct message_search_jobs){.limit = 5, .cursor = SLICE_LITERAL("nonsense")});
    (void)state;
    assert_int_equal(page.told.code, REPLY_CODE_INVALID);
}

static void a_revived_job_lives_again_in_the_index(void **state)
{
    struct message_search_jobs request = {.limit = 1, .states = 1 << JOB_STATE_FAILED};
    uint32_t newest = 2 * JOBS - 1 - (2 * JOBS - 1) % FAILED;
    (void)state;
    assert_int_equal(search(&request).numbers[0], newest);
    ledger_revive(&ledger, &jobs[newest], newest % 2 == 0 ? "ann" : "bob");
    ledger_commit(&ledger);
    assert_int_equal(search(&request).numbers[0], newest - FAILED);
}

static void each_read_that_fails_is_told(void **state)
{
    const struct search_limit limit = {.is_over = is_over};
    const struct message_search_jobs request = {
        .limit = 2, .text = SLICE_LITERAL("needle"), .to = 1000 + 12 * TURN_MS};
    (void)state;
    for (uint32_t read = 1;; read++) {
        struct frame_writer writer;
        buffer_clear(&frame);
        assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
        ledger.memory.reads = 0;
        ledger.memory.fail_at = read;
        enum status status =
            query_search(&ledger.memory.view, &request, &limit, &retention, &writer);
        ledger.memory.fail_at = 0;
        if (ledger.memory.reads < read) {
            assert_int_equal(status, STATUS_OK);
            assert_true(read > 10);
            return;
        }
        assert_int_equal(status, STATUS_IO);
    }
}

static void the_input_of_a_job_is_told(void **state)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    (void)state;
    for (uint32_t known = 0; known < 2; known++) {
        struct message_get_input request = {.request = 3, .job = jobs[10].id};
        request.job.bytes[ID_SIZE - 1] ^= known == 0;
        buffer_clear(&frame);
        assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
        assert_int_equal(query_job_input(&ledger.memory.view, &request, &writer), STATUS_OK);
        frame_end(&writer);
        assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        assert_int_equal(message.input.request, 3);
        assert_int_equal(message.input.code, known ? REPLY_CODE_OK : REPLY_CODE_NOT_FOUND);
        assert_int_equal(message.input.payload.size > 0, known);
    }
}

static struct message_job_state told_of(const struct message_search_jobs *request, uint32_t index,
                                        uint32_t count)
{
    struct page page = search(request);
    struct frame_reader reader;
    struct message message;
    assert_int_equal(page.told.count, count);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    for (uint32_t record = 0; record <= index + 1; record++) {
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    }
    return message.job_state;
}

static void a_characters_job_has_the_name_that_its_input_asks_for(void **state)
{
    static const char *const inputs[] = {"{\"age\":7,\"name\":\"Mira \\u00e9\"}", "{\"name\":7}",
                                         "[", ""};
    static const char *const names[] = {"Mira \xc3\xa9", "", "", ""};
    struct message_search_jobs request = {.request = 7, .limit = 1};
    (void)state;
    for (uint32_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        struct job job = ledger_job(JOB_KIND_CHARACTER, 2 * JOBS + index);
        ledger_accept(&ledger, &job, "cid", inputs[index]);
        ledger_commit(&ledger);
        struct message_job_state waits = told_of(&request, 0, 1);
        assert_true(slice_equal(waits.character_name, slice_from_string(names[index])));
        ledger_end(&ledger, &job, "cid", JOB_STATE_CANCELLED, "", "");
        ledger_commit(&ledger);
        struct message_job_state ended = told_of(&request, 0, 1);
        assert_true(slice_equal(ended.character_name, slice_from_string(names[index])));
    }
}

static void jobs_that_are_named_are_told_in_their_order(void **state)
{
    uint8_t named[4 * ID_SIZE];
    const uint32_t order[] = {10, 9, 500, 10};
    struct message_search_jobs request = {
        .request = 7, .limit = 1, .owner = SLICE_LITERAL("nobody"), .states = 1};
    (void)state;
    for (uint32_t index = 0; index < 4; index++) {
        memcpy(named + index * ID_SIZE, jobs[order[index]].id.bytes, ID_SIZE);
    }
    named[2 * ID_SIZE - 1] ^= 1; /* there is none */
    request.jobs = slice_make(named, sizeof named);
    struct page page = search(&request);
    assert_int_equal(page.told.count, 3);
    assert_true(page.told.exhausted);
    assert_int_equal(page.told.next.size, 0);
    assert_int_equal(page.numbers[0], 10);
    assert_int_equal(page.numbers[1], 500);
    assert_int_equal(page.numbers[2], 10);
}

/* ---- damage ---- */

enum {
    DAMAGED_RECORD = 305, /* of those that live */
    DAMAGED_INPUT = 10,
};

static void damage_value(struct slice key)
{
    memory_view_put(&ledger.memory, key, SLICE_LITERAL("nonsense"));
}

static void damage_both(void)
{
    uint8_t key[KEY_BYTES_MAX];
    damage_value(key_job(key, &jobs[DAMAGED_RECORD].id));
    damage_value(key_input(key, &jobs[DAMAGED_INPUT].id));
}

static bool is_readable(uint32_t index)
{
    return index != DAMAGED_RECORD && index != DAMAGED_INPUT;
}

/* Each page tells of what it passed over. */
static void expect_damage(const struct message_search_jobs *request, uint32_t count)
{
    struct message_search_jobs all = *request;
    uint32_t met = 0;
    struct page page = {0};
    while (!page.told.exhausted) {
        all.cursor = slice_make(page.next, page.told.next.size);
        page = search(&all);
        for (uint32_t index = 0; index < damage.count; index++) {
            assert_true(id_equal(&damage.ids[index], &jobs[DAMAGED_RECORD].id) ||
                        id_equal(&damage.ids[index], &jobs[DAMAGED_INPUT].id));
        }
        met += damage.count;
    }
    assert_int_equal(met, count);
}

static void what_is_damaged_is_passed_over_and_told(void **state)
{
    static const struct {
        struct message_search_jobs request;
        bool (*fits)(uint32_t index);
        uint32_t count;
    } cases[] = {
        {{.limit = 100}, is_readable, 2},
        {{.limit = 9, .states = 1 << JOB_STATE_FAILED}, has_failed, 0},
        {{.limit = 5, .text = SLICE_LITERAL("needle")}, is_none, 2},
        {{.limit = 5, .to = 1000 + 10 * TURN_MS}, is_old, 0},
        {{.limit = 4, .from = 1000 + 50 * TURN_MS, .to = 1000 + 60 * TURN_MS}, is_between, 0},
    };
    (void)state;
    damage_both();
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        follow(cases[index].request, cases[index].fits);
        expect_damage(&cases[index].request, cases[index].count);
    }
}

/* Those around it are looked at in its place. */
static void a_time_is_found_though_jobs_that_are_looked_at_for_it_are_damaged(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    for (uint32_t index = 300; index < 2 * JOBS; index += 3) {
        damage_value(key_job(key, &jobs[index].id));
        damage_value(key_job(key, &jobs[index + 1].id));
    }
    ledger.memory.reads = 0;
    follow((struct message_search_jobs){.limit = 100, .to = 1000 + 10 * TURN_MS}, is_old);
    assert_true(ledger.memory.reads < 100);
    questions_most = 2;
    follow((struct message_search_jobs){.limit = 100, .to = 1000 + 10 * TURN_MS}, is_old);
}

static void a_named_job_that_is_damaged_is_passed_over(void **state)
{
    struct id named[] = {jobs[3].id, jobs[DAMAGED_RECORD].id, jobs[DAMAGED_INPUT].id, jobs[4].id};
    struct message_search_jobs request = {.limit = 9, .jobs = slice_make(named, sizeof named)};
    (void)state;
    damage_both();
    struct page page = search(&request);
    assert_int_equal(page.told.count, 2);
    assert_int_equal(page.numbers[1], 4);
    assert_int_equal(damage.count, 2);
}

/* An index that cannot be read is no cursor that is none. */
static void a_time_is_found_behind_a_damaged_part_of_the_index(void **state)
{
    const struct message_search_jobs request = {.limit = 50, .to = 1000 + 10 * TURN_MS};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    key_age(key, jobs[DAMAGED_RECORD].accepted, &jobs[DAMAGED_RECORD].id);
    memory_view_damage(&ledger.memory, slice_make(key, 8)); /* and 255 others */
    struct page page = search(&request);
    assert_int_equal(page.told.code, REPLY_CODE_OK);
    assert_true(page.told.count > 0 && damage.entries > 0);
}

int main(void)
{
#define SEARCH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SEARCH_TEST(every_search_finds_its_jobs_newest_first),
        SEARCH_TEST(a_search_whose_time_is_over_goes_on_from_its_cursor),
        SEARCH_TEST(a_search_looks_at_no_second_job_when_its_time_is_over),
        SEARCH_TEST(a_time_range_is_found_without_looking_at_the_rest),
        SEARCH_TEST(a_time_that_nothing_is_newer_than_costs_one_look),
        SEARCH_TEST(a_look_for_the_time_stops_in_time_and_goes_on),
        SEARCH_TEST(a_cursor_that_is_none_is_refused),
        SEARCH_TEST(a_revived_job_lives_again_in_the_index),
        SEARCH_TEST(each_read_that_fails_is_told),
        SEARCH_TEST(the_input_of_a_job_is_told),
        SEARCH_TEST(a_characters_job_has_the_name_that_its_input_asks_for),
        SEARCH_TEST(jobs_that_are_named_are_told_in_their_order),
        SEARCH_TEST(what_is_damaged_is_passed_over_and_told),
        SEARCH_TEST(a_time_is_found_though_jobs_that_are_looked_at_for_it_are_damaged),
        SEARCH_TEST(a_named_job_that_is_damaged_is_passed_over),
        SEARCH_TEST(a_time_is_found_behind_a_damaged_part_of_the_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
