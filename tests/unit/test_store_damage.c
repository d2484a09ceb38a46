/* A store of which blocks are damaged on disk, as every read meets it. */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "broker/keys.h"
#include "broker/query.h"
#include "broker/query_bulk.h"
#include "tests/unit/damaged_store.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    JOBS = 300,
    GROUPS = 150, /* more than stand in the block of the store's format, which none opens without */
    RETAINED_MS = 1000,
};

static const struct slice ann = SLICE_LITERAL("ann");
static const struct retention retention = {.ended_ms = {[JOB_STATE_COMPLETED] = RETAINED_MS,
                                                        [JOB_STATE_FAILED] = RETAINED_MS,
                                                        [JOB_STATE_CANCELLED] = RETAINED_MS},
                                           .tombstone_ms = RETAINED_MS};
static const struct id group_id = {{9, GROUPS / 2}};
static const struct id bulk_id = {{7}};
static struct damaged_store disk;
static struct ledger ledger;
static struct job jobs[JOBS];

static void make_job(uint32_t index)
{
    char task[64];
    struct job *job = &jobs[index];
    *job = ledger_job(JOB_KIND_CHARACTER, index + 1);
    ledger_accept(&ledger, job, "ann", "{}");
    snprintf(task, sizeof task, "task-%08x-%08x", index * 2654435761u, index * 40503u);
    job->operations = 1;
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_OPERATION,
                                            .job = job,
                                            .owner = ann,
                                            .operation = {.job = job->id,
                                                          .state = OPERATION_STATE_SUBMITTED,
                                                          .provider = SLICE_LITERAL("studio"),
                                                          .task = slice_from_string(task)}});
    ledger_event(&ledger, job, "ann", EVENT_KIND_ACTIVE);
    if (index % 2 == 0) {
        ledger_end(&ledger, job, "ann", JOB_STATE_FAILED, "", "");
    }
    ledger_commit(&ledger);
}

static void make_group(uint32_t number)
{
    const struct id id = {{9, (uint8_t)number}};
    const struct message_submit items[] = {{.job = jobs[0].id}, {.job = jobs[1].id}};
    const struct message_submit_group group = {
        .group = id, .owner = ann, .kind = GROUP_KIND_BATCH, .count = 2};
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_GROUP, .group = &group, .items = items});
    ledger_commit(&ledger);
}

static int set_up(void **state)
{
    (void)state;
    damaged_store_init(&disk);
    ledger_init(&ledger);
    for (uint32_t index = 0; index < JOBS; index++) {
        make_job(index);
    }
    for (uint32_t number = 0; number < GROUPS; number++) {
        make_group(number);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    damaged_store_fini(&disk);
    ledger_fini(&ledger);
    return 0;
}

static void write_store(void)
{
    damaged_store_write(&disk, &ledger.memory.view);
}

static void damage_block(struct slice key)
{
    damaged_store_damage(&disk, key);
}

/* ---- the tests ---- */

static void expect_the_same_of_both(void)
{
    uint32_t missing = 0;
    struct buffer value;
    buffer_init(&value, 1 << 20);
    assert_int_equal(damaged_store_scan(&disk), STATUS_MALFORMED);
    for (uint32_t index = 0; index < disk.count; index++) {
        enum status status =
            disk.view->methods->get(disk.view, damaged_store_key(&disk, index), &value);
        assert_int_equal(status, disk.seen[index] ? STATUS_OK : STATUS_MALFORMED);
        missing += !disk.seen[index];
    }
    assert_in_range(missing, 1, disk.count / 10);
    buffer_fini(&value);
}

static void a_get_and_a_scan_tell_the_same(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    write_store();
    damage_block(key_job(key, &jobs[150].id));
    expect_the_same_of_both();
    damage_block(key_operation(key, &jobs[20].id, 0)); /* another one, behind it */
    expect_the_same_of_both();
    assert_false(disk.seen[damaged_store_place(&disk, key_job(key, &jobs[150].id))]);
    damage_block(damaged_store_key(&disk, 0)); /* at the very beginning, and at the end */
    damage_block(damaged_store_key(&disk, disk.count - 1));
    expect_the_same_of_both();
}

struct count {
    uint32_t visited;
    uint32_t most;
};

static bool visit_most(void *context, struct slice key, struct slice value)
{
    struct count *count = context;
    (void)key;
    (void)value;
    return ++count->visited < count->most;
}

/* Only what was passed over is told: not what lies behind the end of the scan. */
static void a_scan_tells_of_what_it_met(void **state)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    uint8_t key[KEY_BYTES_MAX];
    struct count count = {.most = 20};
    (void)state;
    write_store();
    damage_block(key_job(key, &jobs[150].id));
    damaged_store_scan(&disk);
    uint32_t bad = damaged_store_place(&disk, slice_make(key, 1 + ID_SIZE));
    while (!disk.seen[bad]) {
        bad--; /* the last one before it */
    }
    memcpy(from, disk.keys[bad - 20], disk.sizes[bad - 20]);
    struct slice first = slice_make(from, disk.sizes[bad - 20]);
    struct slice end = slice_make(to, 1);
    to[0] = KEY_JOB + 1;
    assert_int_equal(disk.view->methods->scan(disk.view, first, end, visit_most, &count),
                     STATUS_OK);
    assert_int_equal(count.visited, 20);
    count = (struct count){.most = 40};
    assert_int_equal(disk.view->methods->scan(disk.view, first, end, visit_most, &count),
                     STATUS_MALFORMED);
    assert_int_equal(count.visited, 40);
    count = (struct count){.most = 40}; /* a range that ends within it */
    end = key_job(to, &jobs[150].id);
    assert_int_equal(disk.view->methods->scan(disk.view, first, end, visit_most, &count),
                     STATUS_MALFORMED);
    assert_int_equal(count.visited, 21);
}

static enum status dispatch(const struct job *job)
{
    struct buffer frame;
    struct frame_writer writer;
    struct job head = *job;
    head.state = JOB_STATE_ACTIVE;
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    enum status status = query_dispatch(disk.view, &head, ann, ledger.now, &writer);
    buffer_fini(&frame);
    return status;
}

/* It is a job that is damaged, and no disk that fails: nothing comes of waiting. */
static void a_job_whose_paid_calls_cannot_be_read_is_damaged(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    write_store();
    damage_block(key_operation(key, &jobs[151].id, 0));
    assert_int_equal(dispatch(&jobs[151]), STATUS_MALFORMED);
    assert_int_equal(dispatch(&jobs[1]), STATUS_OK);
}

/* Looks until nothing is left to be found. */
static void sweep_all(uint32_t *found, uint32_t *stay, uint32_t *entries)
{
    static struct sweep sweep;
    uint32_t looks = 0;
    memset(&sweep, 0, sizeof sweep);
    sweep.now = ledger.now + RETAINED_MS;
    *found = 0;
    *stay = 0;
    *entries = 0;
    do {
        assert_int_equal(query_sweep(disk.view, &retention, &sweep), STATUS_OK);
        *found += sweep.count;
        *stay += sweep.damaged_count;
        *entries += sweep.damaged_keys;
        assert_true(++looks < JOBS);
    } while (sweep.more);
}

static void what_is_over_goes_though_events_or_the_index_are_damaged(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    uint32_t found;
    uint32_t stay;
    uint32_t entries;
    (void)state;
    write_store();
    damage_block(key_events(key, &jobs[100].id, 1));
    sweep_all(&found, &stay, &entries);
    assert_in_range(stay, 1, 40);
    assert_int_equal(found + stay, JOBS / 2);
    assert_int_equal(entries, 0);
    damage_block(key_retained(key, JOB_STATE_FAILED, jobs[200].completed_at, &jobs[200].id));
    sweep_all(&found, &stay, &entries);
    assert_true(entries > 0);
    assert_in_range(found + stay, JOBS / 10, JOBS / 2 - 1);
}

static uint32_t list(uint8_t states)
{
    struct buffer frame;
    struct frame_writer writer;
    struct frame_reader reader;
    struct message page;
    struct message_list_jobs request = {.owner = ann, .kinds = 7, .states = states, .limit = 50};
    struct live_counts live = {0};
    uint8_t next[CURSOR_SIZE_MAX];
    uint32_t count = 0;
    buffer_init(&frame, FRAME_SIZE_MAX);
    do {
        buffer_clear(&frame);
        assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
        assert_int_equal(query_list(disk.view, &request, &live, &retention, &writer), STATUS_OK);
        frame_end(&writer);
        assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
        assert_int_equal(frame_next(&reader, &page), STATUS_OK);
        count += page.list_page.count;
        request.cursor = slice_make(next, page.list_page.next.size);
        if (request.cursor.size > 0) {
            memcpy(next, page.list_page.next.data, request.cursor.size);
        }
    } while (request.cursor.size > 0);
    buffer_fini(&frame);
    return count;
}

static void a_list_goes_on_behind_a_damaged_part_of_its_index(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    write_store();
    damage_block(key_list(key, ann, FAMILY_CHARACTER, jobs[150].accepted, &jobs[150].id));
    assert_in_range(list(0), JOBS / 2, JOBS - 1);
    assert_true(disk.damage.entries > 0);
    assert_int_equal(list(1 << JOB_STATE_FAILED), JOBS / 2);
}

static bool is_never_over(void *context)
{
    (void)context;
    return false;
}

/* Begins a bulk for the jobs of the group. */
static struct bulk begin_bulk(void)
{
    const struct message_start_bulk start = {.bulk = bulk_id,
                                             .action = JOB_ACTION_CANCEL,
                                             .user = SLICE_LITERAL("boss"),
                                             .group = group_id};
    struct bulk bulk = {.told = {.bulk = bulk_id,
                                 .action = start.action,
                                 .started_at = ledger.now,
                                 .first = ledger.event_last + 1,
                                 .place = ledger.event_last + 1},
                        .user_size = 4,
                        .user = "boss"};
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_BULK, .bulk = &bulk, .start = &start});
    ledger_commit(&ledger);
    return bulk;
}

/* What it was to be done to, nobody can say: that is told as one that was refused. */
static void expect_its_end(const struct bulk *bulk, const struct id *job)
{
    static struct bulk_page page;
    const struct search_limit limit = {.is_over = is_never_over};
    const struct message_bulk told = bulk_told(bulk);
    assert_int_equal(query_bulk_page(disk.view, &told, &limit, BULK_PAGE_MAX, ledger.now, &page),
                     STATUS_OK);
    assert_int_equal(page.count, 1);
    assert_true(page.items[0].damaged);
    assert_true(page.items[0].place < bulk->told.place);
    assert_int_equal(page.place_end, 0);
    assert_true(id_equal(&page.items[0].job, job));
    assert_int_equal(disk.damage.count, 1);
    assert_true(id_equal(&disk.damage.ids[0], job));
}

static void a_bulk_ends_whose_group_cannot_be_read(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct bulk bulk = begin_bulk();
    (void)state;
    write_store();
    damage_block(key_group(key, &group_id));
    expect_its_end(&bulk, &group_id);
}

static void a_bulk_ends_whose_order_cannot_be_read(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct bulk bulk = begin_bulk();
    (void)state;
    write_store();
    damage_block(key_bulk_order(key, &bulk_id));
    expect_its_end(&bulk, &bulk_id);
}

/* One commit in a table of its own. */
static enum commit_result commit_table(uint64_t number)
{
    struct batch batch;
    batch_init(&batch);
    batch_clear(&batch, number);
    batch_put(&batch, SLICE_LITERAL("A"), SLICE_LITERAL("first"));
    batch_put(&batch, SLICE_LITERAL("z"), SLICE_LITERAL("last"));
    enum commit_result result = store_commit(disk.store, &batch);
    batch_fini(&batch);
    return result;
}

/* As docs/operations.md says: what has to be rewritten as a whole must be there as a whole. */
static void a_store_takes_nothing_more_once_a_damaged_table_is_rewritten(void **state)
{
    enum commit_result result = COMMIT_DURABLE;
    uint8_t key[KEY_BYTES_MAX];
    uint64_t number = 1000;
    (void)state;
    write_store();
    damage_block(key_job(key, &jobs[150].id));
    for (uint32_t tables = 0; tables < 4; tables++) { /* as many as RocksDB makes one of */
        assert_int_equal(commit_table(number++), COMMIT_DURABLE);
        damaged_store_reopen(&disk);
    }
    for (uint32_t turn = 0; turn < 1000 && result == COMMIT_DURABLE; turn++) {
        poll(NULL, 0, 10);
        result = commit_table(number++);
    }
    assert_int_equal(result, COMMIT_UNKNOWN);
    assert_non_null(strstr(store_error(disk.store), "Corruption"));
}

#define DAMAGE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DAMAGE_TEST(a_get_and_a_scan_tell_the_same),
        DAMAGE_TEST(a_scan_tells_of_what_it_met),
        DAMAGE_TEST(a_job_whose_paid_calls_cannot_be_read_is_damaged),
        DAMAGE_TEST(what_is_over_goes_though_events_or_the_index_are_damaged),
        DAMAGE_TEST(a_list_goes_on_behind_a_damaged_part_of_its_index),
        DAMAGE_TEST(a_bulk_ends_whose_group_cannot_be_read),
        DAMAGE_TEST(a_bulk_ends_whose_order_cannot_be_read),
        DAMAGE_TEST(a_store_takes_nothing_more_once_a_damaged_table_is_rewritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
