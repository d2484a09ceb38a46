/* Which assets of a character are used, what says whether others may be, and the times of which a
 * store knows nothing. */
#include "broker/query.h"

#include <endian.h>
#include "broker/keys.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    ENTRIES = 2500, /* of the first character, its portrait included: three pages */
};

static struct ledger ledger;
static struct job character;
static struct job image;
static struct buffer frame;

static void make(struct job *job, const char *media)
{
    ledger_ended(&ledger, job, "ann", JOB_STATE_COMPLETED, "{}", media);
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    character = ledger_job(JOB_KIND_CHARACTER, 1);
    make(&character, "{}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static void add_images(void)
{
    for (uint32_t number = 2; number <= ENTRIES; number++) {
        image = ledger_job(JOB_KIND_IMAGE, number);
        image.character = character.character;
        make(&image, NULL);
    }
}

static struct message_asset_names ask(const struct id *of, uint32_t limit, struct slice cursor)
{
    static uint8_t kept[CURSOR_SIZE_MAX];
    const struct message_get_assets request = {
        .request = 7, .character = *of, .limit = limit, .cursor = cursor};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    if (cursor.size > 0) { /* the frame that it stands in is written anew */
        memcpy(kept, cursor.data, cursor.size);
    }
    struct message_get_assets asked = request;
    asked.cursor = slice_make(kept, cursor.size);
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_assets(&ledger.memory.view, &asked, 77, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_ASSET_NAMES);
    assert_int_equal(message.asset_names.request, 7);
    return message.asset_names;
}

static uint32_t count_names(struct slice names)
{
    uint32_t count = 0;
    for (size_t index = 0; index < names.size; index++) {
        count += names.data[index] == '\n';
    }
    return count;
}

static size_t keys(const char *prefix)
{
    return memory_view_count(&ledger.memory, slice_from_string(prefix));
}

static void delete_it(const struct id *id, const struct id *of)
{
    const struct message message = {
        .type = MESSAGE_TYPE_DELETE_DOCUMENT,
        .delete_document = {.id = *id, .character = *of, .owner = SLICE_LITERAL("ann")}};
    struct facts facts;
    assert_int_equal(query_facts(&ledger.memory.view, &message, ledger.now, &facts), STATUS_OK);
    const struct effect effect = {.type = EFFECT_DELETE, .id = *id, .deleted = &facts.document};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

static void the_portrait_is_used(void **state)
{
    (void)state;
    struct message_asset_names page = ask(&character.character, ASSETS_LIMIT_MAX, SLICE_EMPTY);
    assert_true(page.known && !page.gone);
    assert_int_equal(page.live_since, 77);
    assert_true(slice_equal(page.names, SLICE_LITERAL("x.png\n")));
    assert_int_equal(page.next.size, 0);
}

static void all_entries_are_told_in_pages(void **state)
{
    uint32_t count = 0;
    uint32_t pages = 0;
    struct slice cursor = SLICE_EMPTY;
    (void)state;
    add_images();
    do {
        struct message_asset_names page = ask(&character.character, ASSETS_LIMIT_MAX, cursor);
        assert_true(page.known);
        count += count_names(page.names);
        cursor = page.next;
        pages++;
    } while (cursor.size > 0);
    assert_int_equal(count, ENTRIES);
    assert_int_equal(pages, 3);
}

static void without_a_limit_only_the_character_is_told_of(void **state)
{
    (void)state;
    struct message_asset_names page = ask(&character.character, 0, SLICE_EMPTY);
    assert_true(page.known);
    assert_int_equal(page.names.size + page.next.size, 0);
}

static void a_deleted_entry_is_used_no_more(void **state)
{
    (void)state;
    delete_it(&character.media, &character.character);
    struct message_asset_names page = ask(&character.character, ASSETS_LIMIT_MAX, SLICE_EMPTY);
    assert_true(page.known);
    assert_int_equal(page.names.size, 0);
}

static void a_deleted_character_is_gone(void **state)
{
    const struct id none = {{0}};
    (void)state;
    delete_it(&character.character, &none);
    struct message_asset_names page = ask(&character.character, ASSETS_LIMIT_MAX, SLICE_EMPTY);
    assert_true(page.gone && !page.known);
    assert_int_equal(page.names.size, 0);
}

static void a_character_whose_job_was_at_work_and_failed_is_gone(void **state)
{
    static const enum job_state ends[] = {JOB_STATE_FAILED, JOB_STATE_CANCELLED};
    (void)state;
    for (uint32_t index = 0; index < 2; index++) {
        struct job job = ledger_job(JOB_KIND_CHARACTER, 10 + index);
        job.lease = 1;
        ledger_accept(&ledger, &job, "ann", "{}");
        ledger_commit(&ledger);
        assert_false(ask(&job.character, 0, SLICE_EMPTY).gone);
        ledger_end(&ledger, &job, "ann", ends[index], "", "");
        ledger_commit(&ledger);
        struct message_asset_names page = ask(&job.character, 0, SLICE_EMPTY);
        assert_true(page.gone && !page.known);
        assert_int_equal(keys("z"), index + 1);
        ledger_revive(&ledger, &job, "ann");
        make(&job, "{}");
        page = ask(&job.character, ASSETS_LIMIT_MAX, SLICE_EMPTY);
        assert_true(page.known && !page.gone);
        assert_int_equal(count_names(page.names), 1);
    }
}

static void of_a_job_that_was_never_at_work_nothing_is_remembered(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 10);
    (void)state;
    ledger_ended(&ledger, &job, "ann", JOB_STATE_CANCELLED, "", "");
    assert_int_equal(keys("z"), 0);
    struct message_asset_names page = ask(&job.character, 0, SLICE_EMPTY);
    assert_false(page.known || page.gone);
}

static void a_media_entry_is_no_character(void **state)
{
    (void)state;
    struct message_asset_names page = ask(&character.media, ASSETS_LIMIT_MAX, SLICE_EMPTY);
    assert_false(page.known || page.gone);
}

static void a_cursor_of_something_else_is_refused(void **state)
{
    (void)state;
    struct message_asset_names page = ask(&character.character, 10, SLICE_LITERAL("nonsense"));
    assert_int_equal(page.code, REPLY_CODE_INVALID);
}

/* ---- times of which the store knows nothing ---- */

static void start(int64_t last_ms, int64_t now)
{
    struct batch batch;
    batch_init(&batch);
    batch_clear(&batch, ledger.commit);
    assert_int_equal(query_gap(&ledger.memory.view, last_ms, now, GAP_MS, &batch), STATUS_OK);
    assert_int_equal(batch_append(&ledger.batch, buffer_slice(&batch.bytes), batch.count),
                     STATUS_OK);
    batch_fini(&batch);
    ledger_commit(&ledger);
}

static uint64_t time_of(struct slice gaps, size_t index)
{
    uint64_t time;
    memcpy(&time, gaps.data + index * sizeof(time), sizeof(time));
    return be64toh(time);
}

static void expect_gap(struct slice gaps, size_t index, uint64_t start, uint64_t end)
{
    assert_true(gaps.size >= (index + 1) * GAP_SIZE);
    assert_int_equal(time_of(gaps, 2 * index), start);
    assert_int_equal(time_of(gaps, 2 * index + 1), end);
}

static void a_store_that_has_no_such_times_knows_nothing(void **state)
{
    (void)state;
    struct slice gaps = ask(&character.character, 0, SLICE_EMPTY).gaps;
    assert_int_equal(gaps.size, GAP_SIZE);
    expect_gap(gaps, 0, 0, (uint64_t)TIME_MS_MAX);
}

static void the_first_start_and_those_after_a_while_are_remembered(void **state)
{
    (void)state;
    start(0, 5000000);
    start(6000000, 6000000 + GAP_MS - 1); /* a restart */
    start(7000000, 7000000 + GAP_MS);     /* a backup was put back, or nobody was there */
    start(9000000, 9900000);
    struct slice gaps = ask(&character.character, 0, SLICE_EMPTY).gaps;
    assert_int_equal(gaps.size, 3 * GAP_SIZE);
    expect_gap(gaps, 0, 9000000, 9900000);
    expect_gap(gaps, 1, 7000000, 7000000 + GAP_MS);
    expect_gap(gaps, 2, 0, 5000000);
}

static void of_too_many_the_oldest_become_one(void **state)
{
    (void)state;
    for (int64_t number = 0; number < GAPS_TOLD_MAX + 5; number++) {
        start(number * 1000000, number * 1000000 + GAP_MS);
    }
    struct slice gaps = ask(&character.character, 0, SLICE_EMPTY).gaps;
    assert_int_equal(gaps.size, GAPS_SIZE_MAX);
    expect_gap(gaps, GAPS_TOLD_MAX - 1, 0, 5 * 1000000 + GAP_MS);
    expect_gap(gaps, GAPS_TOLD_MAX - 2, 6 * 1000000, 6 * 1000000 + GAP_MS);
}

static void a_read_that_fails_is_told(void **state)
{
    const struct message_get_assets request = {
        .request = 7, .character = character.character, .limit = ASSETS_LIMIT_MAX};
    enum status status = STATUS_IO;
    (void)state;
    start(0, 5000000);
    for (uint32_t number = 1; status != STATUS_OK; number++) {
        struct frame_writer writer;
        ledger.memory.reads = 0;
        ledger.memory.fail_at = number;
        buffer_clear(&frame);
        assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
        status = query_assets(&ledger.memory.view, &request, 0, &writer);
        assert_true(status == STATUS_OK || (status == STATUS_IO && number < 10));
    }
    ledger.memory.fail_at = 0;
}

/* A sweep of what nobody uses leaves its assets alone, and goes on with other characters. */
static void of_a_character_with_damaged_entries_nobody_can_tell(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    start(0, 5000000);
    add_images();
    for (uint32_t turn = 0; turn < 2; turn++) {
        if (turn == 0) {
            struct slice entry = key_media(key, &character.character, 0, &image.media);
            memory_view_damage(&ledger.memory, slice_make(key, entry.size - ID_SIZE - 2));
        } else {
            memory_view_damage(&ledger.memory, key_document(key, &character.media));
        }
        struct message_asset_names page = ask(&character.character, ASSETS_LIMIT_MAX, SLICE_EMPTY);
        assert_false(page.known || page.gone);
        assert_int_equal(page.names.size, 0);
        assert_int_equal(page.next.size, 0);
    }
}

/* As without any: the next start says that nothing before it is known. */
static void of_damaged_times_everything_is_unknown(void **state)
{
    (void)state;
    start(0, 5000000);
    memory_view_put(&ledger.memory, SLICE_LITERAL("g1"), SLICE_LITERAL("?"));
    struct slice gaps = ask(&character.character, 0, SLICE_EMPTY).gaps;
    assert_int_equal(gaps.size, 16);
    expect_gap(gaps, 0, 0, TIME_MS_MAX);
    memory_view_damage(&ledger.memory, SLICE_LITERAL("g"));
    gaps = ask(&character.character, 0, SLICE_EMPTY).gaps;
    expect_gap(gaps, 0, 0, TIME_MS_MAX);
    start(5000000, 5000001);
}

#define ASSETS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASSETS_TEST(the_portrait_is_used),
        ASSETS_TEST(all_entries_are_told_in_pages),
        ASSETS_TEST(without_a_limit_only_the_character_is_told_of),
        ASSETS_TEST(a_deleted_entry_is_used_no_more),
        ASSETS_TEST(a_deleted_character_is_gone),
        ASSETS_TEST(a_character_whose_job_was_at_work_and_failed_is_gone),
        ASSETS_TEST(of_a_job_that_was_never_at_work_nothing_is_remembered),
        ASSETS_TEST(a_media_entry_is_no_character),
        ASSETS_TEST(a_cursor_of_something_else_is_refused),
        ASSETS_TEST(a_store_that_has_no_such_times_knows_nothing),
        ASSETS_TEST(the_first_start_and_those_after_a_while_are_remembered),
        ASSETS_TEST(of_too_many_the_oldest_become_one),
        ASSETS_TEST(a_read_that_fails_is_told),
        ASSETS_TEST(of_a_character_with_damaged_entries_nobody_can_tell),
        ASSETS_TEST(of_damaged_times_everything_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
