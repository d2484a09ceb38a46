#include "broker/query.h"

#include <stdio.h>
#include "broker/job_filter.h"
#include "broker/keys.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* Jobs of ann and bob in turns, of which every second one has failed: each tenth of a group of its
 * own, the others in one of three. */
enum {
    JOBS = 1200,
    TURN_MS = 10,
    GROUPS_MAX = JOBS, /* more than there are */
    COMMON = 3,
    DAMAGED = 701,
};

static struct ledger ledger;
static struct job jobs[JOBS];
static struct buffer frame;
static uint32_t questions;      /* about the time, of the last page */
static uint32_t questions_most; /* then it is over */

static bool has_failed(uint32_t number)
{
    return number % 2 == 1;
}

static bool is_alone(uint32_t number)
{
    return number % 20 == 19;
}

/* All numbers of letters have their own shape. */
static const char *message_of(uint32_t number)
{
    static char text[64];
    if (is_alone(number)) {
        char letters[8] = "aaaaaa";
        for (uint32_t place = 0, rest = number; rest > 0; place++, rest /= 10) {
            letters[place] = (char)('a' + rest % 10);
        }
        snprintf(text, sizeof text, "strange %s", letters);
    } else if (number % COMMON == 0) {
        snprintf(text, sizeof text, "no answer in %u s", number);
    } else if (number % COMMON == 1) {
        snprintf(text, sizeof text, "try %u of http://h/%u", number, number);
    } else {
        snprintf(text, sizeof text, "model \"m%u\" is gone", number);
    }
    return text;
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    questions_most = UINT32_MAX;
    for (uint32_t number = 0; number < JOBS; number++) {
        const char *owner = number % 4 < 2 ? "ann" : "bob";
        jobs[number] = ledger_job(number % 3 == 0 ? JOB_KIND_IMAGE : JOB_KIND_VIDEO, number);
        jobs[number].created_at = 1000 + number * TURN_MS;
        ledger.now = jobs[number].created_at + 1;
        ledger_accept(&ledger, &jobs[number], owner, "{}");
        if (has_failed(number)) {
            ledger_fail(&ledger, &jobs[number], owner, "provider_error",
                        slice_from_string(message_of(number)));
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

/* ---- pages, and what they add up to ---- */

struct told {
    struct id group;
    uint8_t kind;
    uint64_t count;
    int64_t first_at;
    int64_t last_at;
    uint32_t sample_count;
    uint32_t samples[FAILURE_SAMPLES_MAX];
    char message[128];
};

struct all {
    uint32_t count;
    uint32_t pages;
    uint32_t groups_most; /* on one page */
    uint64_t scanned;
    struct told groups[GROUPS_MAX];
};

static struct all all;

static bool is_over(void *context)
{
    (void)context;
    return ++questions >= questions_most;
}

static enum status ask(const struct message_get_failures *request)
{
    const struct search_limit limit = {.is_over = is_over};
    struct frame_writer writer;
    questions = 0;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    enum status status = query_failures(&ledger.memory.view, request, &limit, &writer);
    frame_end(&writer);
    return status;
}

static struct told *find(const struct id *group)
{
    uint32_t place = 0;
    while (place < all.count && !id_equal(&all.groups[place].group, group)) {
        place++;
    }
    if (place == all.count) {
        assert_true(all.count < GROUPS_MAX);
        all.groups[all.count++] = (struct told){.group = *group, .first_at = INT64_MAX};
    }
    return &all.groups[place];
}

static void add(const struct message_failure_group *group)
{
    struct told *told = find(&group->error_group);
    assert_int_equal(group->jobs.size % ID_SIZE, 0);
    assert_in_range(group->jobs.size / ID_SIZE, 1, group->count);
    told->kind = group->kind;
    told->count += group->count;
    told->first_at = group->first_at < told->first_at ? group->first_at : told->first_at;
    told->last_at = group->last_at > told->last_at ? group->last_at : told->last_at;
    snprintf(told->message, sizeof told->message, "%.*s", SLICE_PRINT(group->message));
    for (size_t place = 0; place < group->jobs.size && told->sample_count < FAILURE_SAMPLES_MAX;
         place += ID_SIZE) {
        memcpy(&told->samples[told->sample_count++], group->jobs.data + place, sizeof(uint32_t));
    }
}

/* Follows the cursor to the end. */
static void walk(struct message_get_failures request)
{
    uint8_t next[CURSOR_SIZE_MAX];
    struct message message = {0};
    all = (struct all){0};
    while (!message.failure_page.exhausted) {
        struct frame_reader reader;
        struct message record;
        uint32_t groups = 0;
        assert_int_equal(ask(&request), STATUS_OK);
        assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        assert_int_equal(message.type, MESSAGE_TYPE_FAILURE_PAGE);
        assert_int_equal(message.failure_page.code, REPLY_CODE_OK);
        while (frame_next(&reader, &record) == STATUS_OK) {
            assert_int_equal(record.type, MESSAGE_TYPE_FAILURE_GROUP);
            add(&record.failure_group);
            groups++;
        }
        assert_int_equal(groups, message.failure_page.count);
        assert_in_range(groups, 0, request.limit);
        all.groups_most = groups > all.groups_most ? groups : all.groups_most;
        all.scanned += message.failure_page.scanned;
        assert_true(++all.pages < 2 * JOBS);
        assert_int_equal(message.failure_page.next.size > 0, !message.failure_page.exhausted);
        if (message.failure_page.next.size > 0) {
            memcpy(next, message.failure_page.next.data, message.failure_page.next.size);
            request.cursor = slice_make(next, message.failure_page.next.size);
        }
    }
}

/* ---- what must come ---- */

static struct id group_of(uint32_t number)
{
    const struct job_value value = {
        .head = jobs[number],
        .error_code = SLICE_LITERAL("provider_error"),
        .error_message = slice_from_string(message_of(number)),
    };
    return filter_error_group(&value);
}

/* Counts each job that fits by itself, and compares. */
static void check(bool (*fits)(uint32_t number))
{
    static struct told expected[GROUPS_MAX];
    uint32_t count = 0;
    for (uint32_t number = JOBS; number-- > 0;) {
        uint32_t place = 0;
        if (!has_failed(number) || !fits(number)) {
            continue;
        }
        struct id group = group_of(number);
        while (place < count && !id_equal(&expected[place].group, &group)) {
            place++;
        }
        if (place == count) {
            expected[count++] = (struct told){
                .group = group, .kind = jobs[number].kind, .last_at = jobs[number].completed_at};
        }
        struct told *told = &expected[place];
        told->count++;
        told->first_at = jobs[number].completed_at;
        if (told->sample_count < FAILURE_SAMPLES_MAX) {
            told->samples[told->sample_count++] = number;
        }
    }
    assert_int_equal(all.count, count);
    for (uint32_t place = 0; place < count; place++) {
        const struct told *told = &all.groups[place];
        assert_true(id_equal(&told->group, &expected[place].group));
        assert_int_equal(told->kind, expected[place].kind);
        assert_int_equal(told->count, expected[place].count);
        assert_int_equal(told->first_at, expected[place].first_at);
        assert_int_equal(told->last_at, expected[place].last_at);
        assert_memory_equal(told->samples, expected[place].samples, sizeof told->samples);
    }
}

static bool every(uint32_t number)
{
    return number < JOBS;
}

static bool is_image(uint32_t number)
{
    return number % 3 == 0;
}

static bool is_of_bob(uint32_t number)
{
    return number % 4 >= 2;
}

static bool is_between(uint32_t number)
{
    return number >= 100 && number < 200;
}

static const struct {
    struct message_get_failures request;
    bool (*fits)(uint32_t number);
} walks[] = {
    {{.limit = 100}, every},
    {{.limit = 1}, every},
    {{.limit = 7, .kinds = 1 << JOB_KIND_IMAGE}, is_image},
    {{.limit = 5, .kinds = 7, .owner = SLICE_LITERAL("bob")}, is_of_bob},
    {{.limit = 9, .from = 1000 + 100 * TURN_MS, .to = 1000 + 200 * TURN_MS}, is_between},
};
enum {
    WALKS = sizeof walks / sizeof walks[0]
};

/* ---- tests ---- */

static void all_pages_together_count_each_failed_job_once(void **state)
{
    (void)state;
    for (size_t index = 0; index < WALKS; index++) {
        walk(walks[index].request);
        check(walks[index].fits);
    }
}

static void a_page_has_no_more_groups_than_were_asked_for(void **state)
{
    (void)state;
    walk((struct message_get_failures){.limit = 10});
    assert_int_equal(all.groups_most, 10);
    assert_in_range(all.pages, 6, JOBS);
    walk((struct message_get_failures){.limit = LIST_LIMIT_MAX});
    assert_int_equal(all.pages, 1);
    assert_int_equal(all.count, JOBS / 20 + COMMON);
}

static void a_walk_whose_time_is_over_goes_on_from_its_cursor(void **state)
{
    (void)state;
    for (questions_most = 1; questions_most < 40; questions_most += 13) {
        for (size_t index = 0; index < WALKS; index++) {
            walk(walks[index].request);
            check(walks[index].fits);
        }
    }
    questions_most = 1;
    walk((struct message_get_failures){.limit = 100});
    assert_in_range(all.pages, JOBS / 2, JOBS);
}

/* But for the job behind the last one that has failed, which the page before it has seen, too. */
static void how_far_a_page_has_looked_adds_up(void **state)
{
    (void)state;
    walk((struct message_get_failures){.limit = 1});
    assert_int_equal(all.scanned, JOBS + 1);
    walk((struct message_get_failures){.limit = 100});
    assert_int_equal(all.scanned, JOBS);
}

static void a_group_is_told_with_what_its_messages_share(void **state)
{
    static const char *const messages[COMMON] = {"no answer in <n> s", "try <n> of <url>",
                                                 "model <text> is gone"};
    (void)state;
    walk((struct message_get_failures){.limit = 100});
    for (uint32_t number = 1; number < 12; number += 2) {
        struct id group = group_of(number);
        assert_string_equal(find(&group)->message, messages[number % COMMON]);
    }
    assert_int_equal(all.count, JOBS / 20 + COMMON);
}

static void one_group_alone_can_be_asked_for(void **state)
{
    struct message_get_failures request = {.limit = 5, .error_group = group_of(1)};
    (void)state;
    walk((struct message_get_failures){.limit = 100});
    uint64_t count = find(&request.error_group)->count;
    walk(request);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.groups[0].count, count);
}

static void a_job_that_is_tried_again_counts_no_more(void **state)
{
    struct id group = group_of(1);
    (void)state;
    walk((struct message_get_failures){.limit = 100});
    uint64_t before = find(&group)->count;
    ledger_revive(&ledger, &jobs[1], "ann");
    ledger_commit(&ledger);
    walk((struct message_get_failures){.limit = 100});
    assert_int_equal(find(&group)->count, before - 1);
}

/* Messages, codes and pages of their greatest sizes fit into a frame. */
static void the_longest_errors_fit(void **state)
{
    char code[ERROR_CODE_SIZE_MAX + 1] = {0};
    char message[ERROR_TEXT_SIZE_MAX];
    (void)state;
    memset(code, 'c', ERROR_CODE_SIZE_MAX);
    for (uint32_t number = 0; number < LIST_LIMIT_MAX; number++) {
        struct job job = ledger_job(JOB_KIND_IMAGE, JOBS + number);
        memset(message, '"', sizeof message);
        for (uint32_t bit = 0; bit < 8; bit++) {
            message[2 * bit] = message[2 * bit + 1] = (number >> bit & 1) == 1 ? '-' : '"';
        }
        ledger_accept(&ledger, &job, "eve", "{}");
        ledger_fail(&ledger, &job, "eve", code, slice_make(message, sizeof message));
        ledger_commit(&ledger);
    }
    walk((struct message_get_failures){.limit = 100, .owner = SLICE_LITERAL("eve"), .kinds = 7});
    assert_int_equal(all.pages, 1);
    assert_int_equal(all.count, LIST_LIMIT_MAX);
}

static void what_is_no_question_is_refused(void **state)
{
    static const struct message_get_failures requests[] = {
        {.limit = 5, .cursor = SLICE_LITERAL("nonsense")},
        {.limit = 0},
    };
    (void)state;
    for (size_t index = 0; index < 2; index++) {
        struct frame_reader reader;
        struct message message;
        assert_int_equal(ask(&requests[index]), STATUS_OK);
        assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        assert_int_equal(message.failure_page.code, REPLY_CODE_INVALID);
        assert_int_equal(frame_next(&reader, &message), STATUS_NOT_FOUND);
    }
}

static void each_read_that_fails_is_told(void **state)
{
    const struct message_get_failures request = {.limit = 3, .to = 1000 + 40 * TURN_MS};
    (void)state;
    for (uint32_t read = 1;; read++) {
        ledger.memory.reads = 0;
        ledger.memory.fail_at = read;
        enum status status = ask(&request);
        ledger.memory.fail_at = 0;
        if (ledger.memory.reads < read) {
            assert_int_equal(status, STATUS_OK);
            assert_true(read > 10);
            return;
        }
        assert_int_equal(status, STATUS_IO);
    }
}

static bool is_readable(uint32_t number)
{
    return number != DAMAGED;
}

static void a_damaged_job_is_not_counted(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    assert_true(has_failed(DAMAGED));
    memory_view_put(&ledger.memory, key_job(key, &jobs[DAMAGED].id), SLICE_LITERAL("nonsense"));
    walk((struct message_get_failures){.limit = 2});
    check(is_readable);
}

int main(void)
{
#define FAILURES_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FAILURES_TEST(all_pages_together_count_each_failed_job_once),
        FAILURES_TEST(a_page_has_no_more_groups_than_were_asked_for),
        FAILURES_TEST(a_walk_whose_time_is_over_goes_on_from_its_cursor),
        FAILURES_TEST(how_far_a_page_has_looked_adds_up),
        FAILURES_TEST(a_group_is_told_with_what_its_messages_share),
        FAILURES_TEST(one_group_alone_can_be_asked_for),
        FAILURES_TEST(a_job_that_is_tried_again_counts_no_more),
        FAILURES_TEST(the_longest_errors_fit),
        FAILURES_TEST(what_is_no_question_is_refused),
        FAILURES_TEST(each_read_that_fails_is_told),
        FAILURES_TEST(a_damaged_job_is_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
