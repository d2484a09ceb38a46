#include "broker/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/values.h"
#include "tests/unit/test.h"

/* Each test has a directory of its own, with a store that is opened in it. */

static char directory[32];
static struct store *store;
static struct batch batch;
static char *detail;

static enum status open_with(struct store_options options)
{
    char path[128];
    snprintf(path, sizeof path, "%s/data/broker", directory);
    options.directory = path;
    free(detail);
    return store_open(&options, &store, &detail);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-store-XXXXXX");
    assert_non_null(mkdtemp(directory));
    batch_init(&batch);
    batch_clear(&batch, 1);
    assert_int_equal(open_with((struct store_options){0}), STATUS_OK);
    return 0;
}

static int tear_down(void **state)
{
    char command[160];
    (void)state;
    store_close(&store);
    store_close(&store);
    batch_fini(&batch);
    free(detail);
    detail = NULL;
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", directory, directory);
    assert_int_equal(system(command), 0);
    return 0;
}

static void commit(void)
{
    assert_int_equal(store_commit(store, &batch), COMMIT_DURABLE);
    batch_clear(&batch, batch.number + 1);
}

static enum status get(const char *key, struct buffer *value)
{
    struct view *view;
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    enum status status = view->methods->get(view, slice_from_string(key), value);
    store_view_close(&view);
    return status;
}

static int64_t get_number(const char *key)
{
    struct buffer value;
    buffer_init(&value, 100);
    assert_int_equal(get(key, &value), STATUS_OK);
    assert_int_equal(value.size, 8);
    int64_t number = (int64_t)bytes_get_64(value.data);
    buffer_fini(&value);
    return number;
}

static void reopen(void)
{
    store_close(&store);
    assert_int_equal(open_with((struct store_options){0}), STATUS_OK);
}

static void what_was_committed_is_there_after_a_reopen(void **state)
{
    struct buffer value;
    (void)state;
    buffer_init(&value, 100);
    batch_put(&batch, SLICE_LITERAL("a"), SLICE_LITERAL("one"));
    batch_put(&batch, SLICE_LITERAL("b"), SLICE_LITERAL("two"));
    batch_delete(&batch, SLICE_LITERAL("b"));
    commit();
    reopen();
    assert_int_equal(get("a", &value), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&value), SLICE_LITERAL("one")));
    assert_int_equal(get("b", &value), STATUS_NOT_FOUND);
    buffer_fini(&value);
}

static void additions_sum_up_across_commits_and_reopens(void **state)
{
    (void)state;
    batch_add(&batch, SLICE_LITERAL("n"), 5);
    batch_add(&batch, SLICE_LITERAL("n"), 2);
    commit();
    batch_add(&batch, SLICE_LITERAL("n"), -10);
    commit();
    assert_int_equal(get_number("n"), -3);
    reopen();
    batch_clear(&batch, 1);
    batch_add(&batch, SLICE_LITERAL("n"), 4);
    commit();
    assert_int_equal(get_number("n"), 1);
}

static void an_addition_to_something_else_is_damage(void **state)
{
    struct buffer value;
    (void)state;
    buffer_init(&value, 100);
    batch_put(&batch, SLICE_LITERAL("n"), SLICE_LITERAL("text"));
    batch_add(&batch, SLICE_LITERAL("n"), 4);
    commit();
    assert_int_equal(get("n", &value), STATUS_MALFORMED);
    buffer_fini(&value);
}

/* Puts an idempotency key of a time, in a table of its own: an open writes what was in the log. */
static void put_key(const char *name, int64_t time_ms)
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer value;
    const struct key_value stored = {.time_ms = time_ms};
    buffer_init(&value, 100);
    assert_int_equal(key_value_write(&value, &stored), STATUS_OK);
    batch_put(&batch, key_idempotency(key, SLICE_LITERAL("ann"), slice_from_string(name)),
              buffer_slice(&value));
    commit();
    reopen();
    batch_clear(&batch, batch.number + 1);
    buffer_fini(&value);
}

static bool has_key(const char *name)
{
    uint8_t key[KEY_BYTES_MAX];
    struct view *view;
    struct buffer value;
    buffer_init(&value, 100);
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    struct slice wanted = key_idempotency(key, SLICE_LITERAL("ann"), slice_from_string(name));
    enum status status = view->methods->get(view, wanted, &value);
    store_view_close(&view);
    buffer_fini(&value);
    return status == STATUS_OK;
}

static void what_is_too_old_goes_when_tables_are_rewritten(void **state)
{
    const struct forgetting forgetting = {.keys_before = 1000};
    (void)state;
    put_key("old", 999);
    put_key("new", 1000);
    assert_true(has_key("old"));
    for (int round = 0; round < 40 && has_key("old"); round++) {
        char name[16];
        snprintf(name, sizeof name, "k%d", round);
        put_key(name, 5000);
        store_forget(store, &forgetting);
    }
    assert_false(has_key("old"));
    assert_true(has_key("new"));
    assert_true(has_key("k0"));
}

static void a_view_stays_as_it_was(void **state)
{
    struct buffer value;
    struct view *view;
    (void)state;
    buffer_init(&value, 100);
    batch_put(&batch, SLICE_LITERAL("a"), SLICE_LITERAL("one"));
    commit();
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    assert_int_equal(view->commit, 1);
    batch_put(&batch, SLICE_LITERAL("a"), SLICE_LITERAL("two"));
    commit();
    assert_int_equal(view->methods->get(view, SLICE_LITERAL("a"), &value), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&value), SLICE_LITERAL("one")));
    store_view_close(&view);
    store_view_close(&view);
    assert_int_equal(get("a", &value), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&value), SLICE_LITERAL("two")));
    buffer_fini(&value);
}

struct collected {
    char keys[16];
    size_t count;
    size_t stop_at;
};

static bool collect(void *context, struct slice key, struct slice value)
{
    struct collected *collected = context;
    (void)value;
    collected->keys[collected->count++] = (char)key.data[0];
    return collected->count != collected->stop_at;
}

static void a_scan_goes_up_to_its_end_or_until_told(void **state)
{
    struct collected collected = {.stop_at = 99};
    struct view *view;
    (void)state;
    for (char letter = 'a'; letter <= 'h'; letter++) {
        batch_put(&batch, slice_make(&letter, 1), SLICE_EMPTY);
    }
    commit();
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    assert_int_equal(
        view->methods->scan(view, SLICE_LITERAL("b"), SLICE_LITERAL("e"), collect, &collected),
        STATUS_OK);
    assert_string_equal(collected.keys, "bcd");
    collected = (struct collected){.stop_at = 2};
    assert_int_equal(
        view->methods->scan(view, SLICE_LITERAL("c"), SLICE_LITERAL("z"), collect, &collected),
        STATUS_OK);
    assert_string_equal(collected.keys, "cd");
    store_view_close(&view);
}

static void an_empty_batch_counts_as_committed(void **state)
{
    struct view *view;
    (void)state;
    batch_clear(&batch, 41);
    commit();
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    assert_int_equal(view->commit, 41);
    store_view_close(&view);
}

static void a_second_broker_is_refused(void **state)
{
    struct store *first = store;
    (void)state;
    assert_int_equal(open_with((struct store_options){0}), STATUS_BUSY);
    assert_null(store);
    assert_string_equal(detail, "data directory in use by another broker");
    store = first;
}

static void the_directory_is_for_its_owner_alone(void **state)
{
    char path[128];
    struct stat information;
    (void)state;
    snprintf(path, sizeof path, "%s/data/broker", directory);
    assert_int_equal(stat(path, &information), 0);
    assert_int_equal(information.st_mode & 0777, 0700);
}

static void a_directory_that_cannot_be_written_is_told(void **state)
{
    char path[128];
    (void)state;
    store_close(&store);
    snprintf(path, sizeof path, "%s/data", directory);
    const struct store_options options = {.directory = "/proc/troupe"};
    assert_int_not_equal(store_open(&options, &store, &detail), STATUS_OK);
    assert_null(store);
    assert_non_null(detail);
    free(detail);
    detail = NULL;
}

static void a_newer_format_is_refused(void **state)
{
    static const uint8_t newer[] = {STORE_FORMAT + 1};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    batch_put(&batch, key_format(key), slice_make(newer, sizeof newer));
    commit();
    store_close(&store);
    assert_int_equal(open_with((struct store_options){0}), STATUS_MALFORMED);
    assert_non_null(strstr(detail, "format"));
}

static void the_database_of_another_program_is_refused(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    batch_put(&batch, SLICE_LITERAL("theirs"), SLICE_LITERAL("value"));
    batch_delete(&batch, key_format(key));
    commit();
    for (int again = 0; again < 2; again++) {
        store_close(&store);
        assert_int_equal(open_with((struct store_options){0}), STATUS_MALFORMED);
        assert_non_null(strstr(detail, "another program"));
    }
}

/* Whether it was written is not known to the caller: both happen. */
static void a_commit_that_fails_is_unknown(void **state)
{
    struct buffer value;
    (void)state;
    buffer_init(&value, 100);
    for (uint64_t number = 1; number <= 2; number++) {
        store_close(&store);
        assert_int_equal(open_with((struct store_options){.fault_commit = 1}), STATUS_OK);
        batch_clear(&batch, number);
        batch_put(&batch, SLICE_LITERAL("c"),
                  number == 1 ? SLICE_LITERAL("1") : SLICE_LITERAL("2"));
        assert_int_equal(store_commit(store, &batch), COMMIT_UNKNOWN);
        reopen();
        assert_int_equal(get("c", &value), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&value), SLICE_LITERAL("1")));
    }
    buffer_fini(&value);
}

static void a_read_that_fails_is_told(void **state)
{
    struct buffer value;
    struct collected collected = {.stop_at = 99};
    struct view *view;
    (void)state;
    buffer_init(&value, 100);
    store_close(&store);
    assert_int_equal(open_with((struct store_options){.fault_read = 2}), STATUS_OK);
    assert_int_equal(get("c", &value), STATUS_NOT_FOUND);
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    assert_int_equal(
        view->methods->scan(view, SLICE_LITERAL("b"), SLICE_LITERAL("e"), collect, &collected),
        STATUS_IO);
    assert_int_equal(
        view->methods->scan(view, SLICE_LITERAL("b"), SLICE_LITERAL("e"), collect, &collected),
        STATUS_OK);
    store_view_close(&view);
    buffer_fini(&value);
}

static void a_read_of_one_kind_of_keys_can_fail(void **state)
{
    struct buffer value;
    struct collected collected = {.stop_at = 99};
    struct view *view;
    (void)state;
    buffer_init(&value, 100);
    store_close(&store);
    assert_int_equal(open_with((struct store_options){.fault_read = 2, .fault_read_kind = 'c'}),
                     STATUS_OK);
    assert_int_equal(get("c", &value), STATUS_NOT_FOUND);
    assert_int_equal(get("d", &value), STATUS_NOT_FOUND);
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    assert_int_equal(
        view->methods->scan(view, SLICE_LITERAL("b"), SLICE_LITERAL("e"), collect, &collected),
        STATUS_OK);
    assert_int_equal(
        view->methods->scan(view, SLICE_LITERAL("c"), SLICE_LITERAL("e"), collect, &collected),
        STATUS_IO);
    store_view_close(&view);
    assert_int_equal(get("c", &value), STATUS_NOT_FOUND);
    buffer_fini(&value);
}

static void a_value_above_the_readers_limit_is_told(void **state)
{
    struct buffer value;
    (void)state;
    buffer_init(&value, 2);
    batch_put(&batch, SLICE_LITERAL("a"), SLICE_LITERAL("one"));
    commit();
    assert_int_equal(get("a", &value), STATUS_TOO_LARGE);
    buffer_fini(&value);
}

static void free_space_is_told(void **state)
{
    (void)state;
    uint64_t left = store_space_left(store);
    assert_true(left > 0 && left < UINT64_MAX);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_committed_is_there_after_a_reopen),
        STORE_TEST(additions_sum_up_across_commits_and_reopens),
        STORE_TEST(what_is_too_old_goes_when_tables_are_rewritten),
        STORE_TEST(an_addition_to_something_else_is_damage),
        STORE_TEST(a_view_stays_as_it_was),
        STORE_TEST(a_scan_goes_up_to_its_end_or_until_told),
        STORE_TEST(an_empty_batch_counts_as_committed),
        STORE_TEST(a_second_broker_is_refused),
        STORE_TEST(the_directory_is_for_its_owner_alone),
        STORE_TEST(a_directory_that_cannot_be_written_is_told),
        STORE_TEST(a_newer_format_is_refused),
        STORE_TEST(the_database_of_another_program_is_refused),
        STORE_TEST(a_commit_that_fails_is_unknown),
        STORE_TEST(a_read_that_fails_is_told),
        STORE_TEST(a_read_of_one_kind_of_keys_can_fail),
        STORE_TEST(a_value_above_the_readers_limit_is_told),
        STORE_TEST(free_space_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
