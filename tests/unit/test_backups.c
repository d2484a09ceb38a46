/* Backups whose last step fails: they are told as failed, and others may be made under the name. */
#include "tests/unit/test.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "broker/backups.h"
#include "broker/keys.h"
#include "broker/values.h"

enum {
    LOOKS = 2000, /* 5 ms each */
};

static char directory[32];
static char *detail;
static struct store *store;
static struct clock wall;
static struct backups *backups;
static struct buffer frame;
static struct message page;
static struct message_backup found; /* the only one */
static bool fails_name;
static bool fails_sums;
static int records_left; /* that can be written */
static bool fails_data;
static bool data_synced; /* the directory that backups/ stands in */
static bool data_synced_first;

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

/* Files get their names by it as well; those of a store do not come this way. */
int __wrap_rename(const char *from, const char *to)
{
    bool is_record = strstr(to, "/record") != NULL;
    bool is_sums = strstr(to, "/SHA256SUMS") != NULL;
    bool is_name = !is_record && !is_sums && strstr(to, "/backups/") != NULL;
    data_synced_first |= is_name && data_synced;
    bool fails =
        is_record ? records_left-- <= 0 : (is_name && fails_name) || (is_sums && fails_sums);
    return fails ? -1 : __real_rename(from, to);
}

enum status __real_directory_sync(const char *path);
enum status __wrap_directory_sync(const char *path);

enum status __wrap_directory_sync(const char *path)
{
    bool is_data = strcmp(path, directory) == 0;
    data_synced |= is_data;
    return is_data && fails_data ? STATUS_IO : __real_directory_sync(path);
}

static int set_up(void **state)
{
    char path[64];
    uint8_t key[KEY_BYTES_MAX];
    struct batch batch;
    struct buffer value;
    const struct meta meta = {.commit = 5, .event_last = 3};
    (void)state;
    fails_name = false;
    fails_sums = false;
    fails_data = false;
    data_synced = false;
    data_synced_first = false;
    records_left = INT_MAX;
    snprintf(directory, sizeof directory, "/tmp/troupe-backups-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/broker", directory);
    const struct store_options options = {.directory = path, .unsynced = true};
    assert_int_equal(store_open(&options, &store, &detail), STATUS_OK);
    batch_init(&batch);
    batch_clear(&batch, 1);
    buffer_init(&value, 256);
    assert_int_equal(meta_write(&value, &meta), STATUS_OK);
    batch_put(&batch, key_meta(key), buffer_slice(&value));
    assert_int_equal(store_commit(store, &batch), COMMIT_DURABLE);
    batch_fini(&batch);
    buffer_fini(&value);
    buffer_init(&frame, FRAME_SIZE_MAX);
    clock_init(&wall, 0);
    const struct backups_options made = {
        .store = store, .clock = &wall, .data_directory = directory};
    assert_int_equal(backups_new(&made, &backups), STATUS_OK);
    return 0;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    backups_destroy(&backups);
    store_close(&store);
    buffer_fini(&frame);
    free(detail);
    detail = NULL;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
    return 0;
}

static void begin(struct frame_writer *writer)
{
    buffer_clear(&frame);
    assert_int_equal(frame_begin(writer, &frame, 0), STATUS_OK);
}

/* Reads the page, and the last backup in it. */
static void take(struct frame_writer *writer)
{
    struct frame_reader reader;
    struct message message;
    frame_end(writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &page), STATUS_OK);
    for (uint32_t index = 0; index < page.backup_page.count; index++) {
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        found = message.backup;
    }
}

static enum reply_code make(const char *name)
{
    struct frame_writer writer;
    const struct message_make_backup message = {.request = 1, .name = slice_from_string(name)};
    begin(&writer);
    assert_int_equal(backups_make(backups, &message, &writer), STATUS_OK);
    take(&writer);
    return (enum reply_code)page.backup_page.code;
}

/* Looks until the only one has come to its end. */
static void await_end(void)
{
    const struct message_list_backups message = {.request = 2};
    for (int look = 0; look < LOOKS; look++) {
        struct frame_writer writer;
        begin(&writer);
        assert_int_equal(backups_list(backups, &message, &writer), STATUS_OK);
        take(&writer);
        assert_int_equal(page.backup_page.count, 1);
        if (found.completed_at != 0) {
            return;
        }
        poll(NULL, 0, 5);
    }
    fail_msg("it does not come to an end");
}

/* Another one, under the same name, is whole. */
static void expect_another(void)
{
    fails_name = false;
    fails_sums = false;
    records_left = INT_MAX;
    assert_int_equal(make("first"), REPLY_CODE_OK);
    await_end();
    assert_int_equal(found.error.size, 0);
    assert_int_equal(found.event_last, 3);
}

static void one_that_is_whole_is_completed(void **state)
{
    (void)state;
    expect_another();
    assert_int_equal(make("first"), REPLY_CODE_CONFLICT);
}

static void one_that_gets_no_name_has_failed(void **state)
{
    (void)state;
    fails_name = true;
    assert_int_equal(make("first"), REPLY_CODE_OK);
    await_end();
    assert_true(found.error.size > 0);
    expect_another();
}

static void one_without_checksums_has_failed(void **state)
{
    (void)state;
    fails_sums = true;
    assert_int_equal(make("first"), REPLY_CODE_OK);
    await_end();
    assert_true(found.error.size > 0);
    expect_another();
}

static void one_whose_record_cannot_be_written_cannot_begin(void **state)
{
    (void)state;
    records_left = 0;
    assert_int_equal(make("first"), REPLY_CODE_BUSY);
    expect_another();
}

/* The first one makes the directory of all. */
static void one_has_its_name_when_a_power_cut_loses_none_of_its_path(void **state)
{
    (void)state;
    fails_data = true;
    assert_int_equal(make("first"), REPLY_CODE_BUSY);
    fails_data = false;
    data_synced = false;
    expect_another();
    assert_true(data_synced_first);
}

static void one_of_which_nothing_more_can_be_written_is_told_from_memory(void **state)
{
    (void)state;
    records_left = 1; /* that it was begun */
    assert_int_equal(make("first"), REPLY_CODE_OK);
    await_end();
    assert_true(found.error.size > 0);
    records_left = INT_MAX;
    fails_name = false;
    assert_int_equal(make("second"), REPLY_CODE_OK);
    await_end(); /* the only one: the first is not taken for one that is being made */
    assert_int_equal(found.error.size, 0);
    assert_true(slice_equal(found.name, SLICE_LITERAL("second")));
}

static bool is_there(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/backups/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void a_start_removes_what_was_not_finished_and_nothing_else(void **state)
{
    static const char *const paths[] = {"backups",        "backups/.one", "backups/.one/broker",
                                        "backups/.empty", "backups/.git", "backups/.git/refs"};
    const struct backups_options made = {
        .store = store, .clock = &wall, .data_directory = directory};
    (void)state;
    backups_destroy(&backups);
    for (size_t index = 0; index < sizeof paths / sizeof paths[0]; index++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, paths[index]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    assert_int_equal(backups_new(&made, &backups), STATUS_OK);
    assert_false(is_there(".one"));
    assert_false(is_there(".empty"));
    assert_true(is_there(".git/refs"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_is_whole_is_completed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_start_removes_what_was_not_finished_and_nothing_else,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_gets_no_name_has_failed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_without_checksums_has_failed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_whose_record_cannot_be_written_cannot_begin, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_has_its_name_when_a_power_cut_loses_none_of_its_path,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            one_of_which_nothing_more_can_be_written_is_told_from_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
