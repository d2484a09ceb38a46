/* A search among the jobs of one group: it reads those that the group names, and no index. */

#include "broker/query.h"

#include "broker/keys.h"
#include "broker/list_source.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

#define MISSING SLICE_LITERAL("nowhere")

enum {
    JOBS = 300,     /* of the group, more than are read at once */
    OTHERS = 500,   /* before them, and as many behind them */
    FAILED = 7,     /* each seventh has failed */
    GONE = 50,      /* each fiftieth is kept no longer */
    DAMAGED = 299,  /* the newest, the oldest and two neighbours, when they are damaged */
    NEIGHBOUR = 41, /* and the next */
    TURN_MS = 10,
};

static const struct id group_id = {{9, 9}};
static const struct retention retention;
static struct ledger ledger;
static struct job jobs[JOBS];
static struct message_submit items[JOBS];
static struct buffer frame;
static uint32_t questions;
static uint32_t questions_most;
static struct view_damage damage;

struct page {
    struct message_search_page told;
    uint8_t next[CURSOR_SIZE_MAX];
    uint32_t numbers[LIST_LIMIT_MAX];
};

static bool is_gone(uint32_t index)
{
    return index % GONE == 3;
}

static bool has_failed(uint32_t index)
{
    return index % FAILED == 0;
}

static void write_event(struct job *job, enum event_kind kind)
{
    const struct job_links links = {.group = group_id};
    const struct effect event = {.type = EFFECT_EVENT,
                                 .event = {.event = ++ledger.event_last,
                                           .job = job->id,
                                           .version = ++job->version,
                                           .kind = (uint8_t)kind,
                                           .at = ledger.now,
                                           .owner = SLICE_LITERAL("ann"),
                                           .job_kind = job->kind,
                                           .state = job->state,
                                           .group = group_id}};
    const struct effect save = {
        .type = EFFECT_SAVE, .job = job, .owner = SLICE_LITERAL("ann"), .links = &links};
    ledger_effect(&ledger, &event);
    ledger_effect(&ledger, &save);
}

static void accept_member(struct job *job, const struct message_submit *item)
{
    const struct job_links links = {.group = group_id};
    const struct effect effect = {.type = EFFECT_ACCEPT,
                                  .job = job,
                                  .owner = SLICE_LITERAL("ann"),
                                  .links = &links,
                                  .submit = item};
    job->accepted = ledger.event_last + 1;
    ledger_effect(&ledger, &effect);
    write_event(job, EVENT_KIND_QUEUED);
    if (job->state == JOB_STATE_FAILED) {
        write_event(job, EVENT_KIND_FAILED);
    }
}

static void accept_group(void)
{
    const struct message_submit_group group = {.request = 3,
                                               .group = group_id,
                                               .owner = SLICE_LITERAL("ann"),
                                               .kind = GROUP_KIND_BATCH,
                                               .count = JOBS};
    for (uint32_t index = 0; index < JOBS; index++) {
        jobs[index] = ledger_job(index % 2 == 0 ? JOB_KIND_CHARACTER : JOB_KIND_IMAGE, index);
        jobs[index].created_at = 1000 + index * TURN_MS;
        jobs[index].state = has_failed(index) ? JOB_STATE_FAILED : JOB_STATE_WAITING;
        items[index] = (struct message_submit){.job = jobs[index].id,
                                               .kind = jobs[index].kind,
                                               .group = group_id,
                                               .owner = SLICE_LITERAL("ann"),
                                               .payload = SLICE_LITERAL("{}")};
    }
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_GROUP, .group = &group, .items = items});
    for (uint32_t index = 0; index < JOBS; index++) {
        if (!is_gone(index)) {
            accept_member(&jobs[index], &items[index]);
        }
    }
    ledger_commit(&ledger);
}

static void accept_others(uint32_t first)
{
    for (uint32_t index = 0; index < OTHERS; index++) {
        struct job job = ledger_job(JOB_KIND_CHARACTER, first + index);
        ledger_accept(&ledger, &job, "ann", "{}");
        ledger_commit(&ledger);
    }
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    questions_most = UINT32_MAX;
    accept_others(JOBS);
    accept_group();
    accept_others(JOBS + OTHERS);
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

static enum status ask(const struct message_search_jobs *request)
{
    const struct search_limit limit = {.is_over = is_over};
    struct frame_writer writer;
    questions = 0;
    damage = (struct view_damage){0};
    ledger.memory.view.damage = &damage;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    enum status status = query_search(&ledger.memory.view, request, &limit, &retention, &writer);
    frame_end(&writer);
    return status;
}

static struct page search(const struct message_search_jobs *request)
{
    struct page page = {0};
    struct frame_reader reader;
    struct message message;
    uint32_t count = 0;
    assert_int_equal(ask(request), STATUS_OK);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    page.told = message.search_page;
    if (page.told.next.size > 0) {
        memcpy(page.next, page.told.next.data, page.told.next.size);
    }
    while (frame_next(&reader, &message) == STATUS_OK) {
        memcpy(&page.numbers[count++], message.job_state.job.bytes, sizeof(uint32_t));
    }
    assert_int_equal(count, page.told.count);
    return page;
}

/* Follows the cursor to the end: every job that fits comes once, newest first, and nothing is
 * looked at but the group's jobs. Returns how many pages it took. */
static uint32_t follow(struct message_search_jobs request, bool (*fits)(uint32_t index))
{
    struct page page = {0};
    uint32_t index = JOBS;
    uint32_t pages = 0;
    uint64_t scanned = 0;
    do {
        request.cursor = slice_make(page.next, page.told.next.size);
        page = search(&request);
        scanned += page.told.scanned;
        for (uint32_t place = 0; place < page.told.count; place++) {
            do {
                assert_true(index > 0);
                index--;
            } while (!fits(index));
            assert_int_equal(page.numbers[place], index);
        }
        assert_true(++pages < 1000);
    } while (!page.told.exhausted);
    while (index-- > 0) {
        assert_false(fits(index));
    }
    assert_in_range(scanned, 1, JOBS);
    return pages;
}

static bool is_kept(uint32_t index)
{
    return !is_gone(index);
}

static bool is_kept_and_failed(uint32_t index)
{
    return is_kept(index) && has_failed(index);
}

static bool is_kept_image(uint32_t index)
{
    return is_kept(index) && index % 2 == 1;
}

static bool is_kept_and_between(uint32_t index)
{
    return is_kept(index) && index >= 100 && index < 110;
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
    {{.limit = 100, .group = {{9, 9}}}, is_kept},
    {{.limit = 7, .group = {{9, 9}}}, is_kept},
    {{.limit = 9, .group = {{9, 9}}, .owner = SLICE_LITERAL("ann"), .kinds = 7}, is_kept},
    {{.limit = 5, .group = {{9, 9}}, .states = 1 << JOB_STATE_FAILED}, is_kept_and_failed},
    {{.limit = 50, .group = {{9, 9}}, .kinds = 1 << JOB_KIND_IMAGE}, is_kept_image},
    {{.limit = 4, .group = {{9, 9}}, .from = 1000 + 100 * TURN_MS, .to = 1000 + 110 * TURN_MS},
     is_kept_and_between},
    {{.limit = 4, .group = {{9, 9}}, .owner = SLICE_LITERAL("bob")}, is_none},
};

static void every_job_of_the_group_comes_once_newest_first(void **state)
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
}

static void no_index_is_read(void **state)
{
    (void)state;
    ledger.memory.reads = 0;
    search(&(struct message_search_jobs){.limit = 10, .group = group_id});
    /* The group, a chunk of its jobs, and of ten the record again, a character and an input. */
    assert_in_range(ledger.memory.reads, 2 * 10, 1 + SOURCE_CHUNK + JOBS / GONE + 3 * 10);
    ledger.memory.reads = 0;
    search(&(struct message_search_jobs){.limit = 100, .group = group_id, .text = MISSING});
    /* Each twice, and its input; of pictures the character; the group for each chunk. */
    assert_in_range(ledger.memory.reads, 3 * (JOBS - JOBS / GONE), 4 * JOBS);
}

static void a_group_that_there_is_not_has_no_jobs(void **state)
{
    struct page page = search(&(struct message_search_jobs){.limit = 10, .group = {{1}}});
    (void)state;
    assert_int_equal(page.told.code, REPLY_CODE_OK);
    assert_int_equal(page.told.count, 0);
    assert_int_equal(page.told.scanned, 0);
    assert_true(page.told.exhausted);
}

static bool is_kept_and_good(uint32_t index)
{
    return is_kept(index) && index != 0 && index != NEIGHBOUR && index != NEIGHBOUR + 1 &&
           index != DAMAGED;
}

/* Also where a page ends at one that is. */
static void what_is_damaged_is_passed_over_and_told(void **state)
{
    static const uint32_t damaged[] = {0, NEIGHBOUR, NEIGHBOUR + 1, DAMAGED};
    struct message_search_jobs request = {.limit = 100, .group = group_id};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    for (size_t index = 0; index < sizeof damaged / sizeof damaged[0]; index++) {
        memory_view_put(&ledger.memory, key_job(key, &jobs[damaged[index]].id),
                        SLICE_LITERAL("nonsense"));
    }
    follow(request, is_kept_and_good);
    search(&request);
    assert_int_equal(damage.count, 1);
    assert_true(id_equal(&damage.ids[0], &jobs[DAMAGED].id));
    questions_most = 1;
    follow(request, is_kept_and_good);
}

/* Each is read, and once more what lies below it: not all of them for each. */
static void a_group_that_is_damaged_as_a_whole_ends(void **state)
{
    struct message_search_jobs request = {.limit = 100, .group = group_id};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    for (uint32_t index = 0; index < JOBS; index++) {
        if (is_kept(index)) {
            memory_view_put(&ledger.memory, key_job(key, &jobs[index].id),
                            SLICE_LITERAL("nonsense"));
        }
    }
    ledger.memory.reads = 0;
    follow(request, is_none);
    assert_true(ledger.memory.reads < 10 * JOBS);
}

/* It has jobs, and nobody knows which. */
static void a_group_whose_own_record_is_damaged_is_told_once(void **state)
{
    struct message_search_jobs request = {.limit = 100, .group = group_id};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    memory_view_damage(&ledger.memory, key_group(key, &group_id));
    follow(request, is_none);
    search(&request);
    assert_int_equal(damage.count, 1);
    assert_true(id_equal(&damage.ids[0], &group_id));
    ledger.memory.damaged_size = 0;
    memory_view_put(&ledger.memory, key_group(key, &group_id), SLICE_LITERAL("nonsense"));
    follow(request, is_none);
}

static void each_read_that_fails_is_told(void **state)
{
    const struct message_search_jobs request = {.limit = 2, .group = group_id};
    (void)state;
    for (uint32_t read = 1;; read++) {
        ledger.memory.reads = 0;
        ledger.memory.fail_at = read;
        enum status status = ask(&request);
        ledger.memory.fail_at = 0;
        if (ledger.memory.reads < read) {
            assert_int_equal(status, STATUS_OK);
            assert_true(read > SOURCE_CHUNK);
            return;
        }
        assert_int_equal(status, STATUS_IO);
    }
}

static void failures_of_a_group_are_counted_alone(void **state)
{
    const struct search_limit limit = {.is_over = is_over};
    const struct message_get_failures request = {.limit = 5, .group = group_id};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    uint32_t failed = 0;
    (void)state;
    for (uint32_t index = 0; index < JOBS; index++) {
        failed += is_kept_and_failed(index);
    }
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_failures(&ledger.memory.view, &request, &limit, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_true(message.failure_page.scanned <= JOBS);
    uint64_t counted = 0;
    while (frame_next(&reader, &message) == STATUS_OK) {
        counted += message.failure_group.count;
    }
    assert_int_equal(counted, failed);
}

int main(void)
{
#define MEMBERS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        MEMBERS_TEST(every_job_of_the_group_comes_once_newest_first),
        MEMBERS_TEST(a_search_whose_time_is_over_goes_on_from_its_cursor),
        MEMBERS_TEST(no_index_is_read),
        MEMBERS_TEST(a_group_that_there_is_not_has_no_jobs),
        MEMBERS_TEST(what_is_damaged_is_passed_over_and_told),
        MEMBERS_TEST(a_group_that_is_damaged_as_a_whole_ends),
        MEMBERS_TEST(a_group_whose_own_record_is_damaged_is_told_once),
        MEMBERS_TEST(each_read_that_fails_is_told),
        MEMBERS_TEST(failures_of_a_group_are_counted_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
