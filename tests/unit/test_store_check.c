/* Copies of the store, whole and damaged, as restoring and the broker's own backups meet them. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "broker/keys.h"
#include "broker/store.h"
#include "broker/store_check.h"

enum {
    JOBS = 300,
    LIVE = 7,
    VALUE_SIZE = 4096,
    PATH_SIZE = 512,
};

static char directory[32];
static char copy[64];
static atomic_bool stop;
static struct store_content content;
static char *detail;

static enum status check(void)
{
    free(detail);
    return store_check(copy, &stop, &content, &detail);
}

static void put_job(struct batch *batch, uint32_t number)
{
    uint8_t key[KEY_BYTES_MAX];
    uint8_t value[VALUE_SIZE];
    struct id job = {{0}};
    for (size_t index = 0; index < sizeof value; index++) {
        value[index] = (uint8_t)(number * 31 + index * index); /* that compression leaves large */
    }
    memcpy(job.bytes, &number, sizeof number);
    batch_put(batch, key_job(key, &job), slice_make(value, sizeof value));
    if (number < LIVE) {
        key[0] = KEY_LIVE;
        batch_put(batch, slice_make(key, 1 + ID_SIZE), slice_make(value, 1));
    }
}

/* A store with its jobs, and a copy of it. with_meta: a broker has committed to it. */
static void make_copy(bool with_meta)
{
    char path[64];
    uint8_t key[KEY_BYTES_MAX];
    struct store *store;
    struct batch batch;
    struct buffer value;
    const struct meta meta = {.commit = 5, .event_last = JOBS};
    snprintf(path, sizeof path, "%s/data", directory);
    const struct store_options options = {.directory = path, .unsynced = true};
    assert_int_equal(store_open(&options, &store, &detail), STATUS_OK);
    batch_init(&batch);
    batch_clear(&batch, 1);
    buffer_init(&value, 256);
    for (uint32_t number = 0; number < JOBS; number++) {
        put_job(&batch, number);
    }
    if (with_meta) {
        assert_int_equal(meta_write(&value, &meta), STATUS_OK);
        batch_put(&batch, key_meta(key), buffer_slice(&value));
    }
    assert_int_equal(store_commit(store, &batch), COMMIT_DURABLE);
    assert_int_equal(store_copy(store, copy, &detail), STATUS_OK);
    store_close(&store);
    batch_fini(&batch);
    buffer_fini(&value);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-check-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(copy, sizeof copy, "%s/copy", directory);
    atomic_store(&stop, false);
    return 0;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    free(detail);
    detail = NULL;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
    return 0;
}

/* The path of the largest file of the copy that ends so. */
static void find_file(const char *end, char out[PATH_SIZE], off_t *size)
{
    DIR *files = opendir(copy);
    struct dirent *file;
    assert_non_null(files);
    *size = -1;
    while ((file = readdir(files)) != NULL) {
        char path[PATH_SIZE];
        struct stat about;
        size_t length = strlen(file->d_name);
        if (length < strlen(end) || strcmp(file->d_name + length - strlen(end), end) != 0) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", copy, file->d_name);
        assert_int_equal(stat(path, &about), 0);
        if (about.st_size > *size) {
            *size = about.st_size;
            memcpy(out, path, sizeof path);
        }
    }
    closedir(files);
    assert_true(*size > 0);
}

static void a_whole_copy_is_counted(void **state)
{
    (void)state;
    make_copy(true);
    assert_int_equal(check(), STATUS_OK);
    assert_int_equal(content.jobs, JOBS);
    assert_int_equal(content.live, LIVE);
    assert_int_equal(content.meta.commit, 5);
    assert_true(content.keys >= JOBS + LIVE + 2);
    assert_null(detail);
}

static void what_is_no_store_is_refused(void **state)
{
    (void)state;
    assert_int_equal(check(), STATUS_IO);
    assert_non_null(detail);
    assert_int_equal(mkdir(copy, 0700), 0);
    assert_int_equal(check(), STATUS_IO);
}

static void a_store_that_no_broker_has_committed_to_is_refused(void **state)
{
    (void)state;
    make_copy(false);
    assert_int_equal(check(), STATUS_MALFORMED);
}

/* One bit in the middle of a table: the value's checksum tells. */
static void a_damaged_table_is_found(void **state)
{
    char path[PATH_SIZE];
    off_t size;
    (void)state;
    make_copy(true);
    find_file(".sst", path, &size);
    FILE *table = fopen(path, "r+b");
    assert_non_null(table);
    assert_int_equal(fseek(table, size / 2, SEEK_SET), 0);
    int byte = fgetc(table);
    assert_int_equal(fseek(table, size / 2, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, table), EOF);
    assert_int_equal(fclose(table), 0);
    assert_int_equal(check(), STATUS_MALFORMED);
    assert_non_null(detail);
}

static void a_table_that_is_cut_short_is_found(void **state)
{
    char path[PATH_SIZE];
    off_t size;
    (void)state;
    make_copy(true);
    find_file(".sst", path, &size);
    assert_int_equal(truncate(path, size / 2), 0);
    assert_int_not_equal(check(), STATUS_OK);
    assert_non_null(detail);
}

static void it_stops_when_it_is_told_to(void **state)
{
    (void)state;
    make_copy(true);
    atomic_store(&stop, true);
    assert_int_equal(check(), STATUS_AGAIN);
}

#define CHECK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECK_TEST(a_whole_copy_is_counted),
        CHECK_TEST(what_is_no_store_is_refused),
        CHECK_TEST(a_store_that_no_broker_has_committed_to_is_refused),
        CHECK_TEST(a_damaged_table_is_found),
        CHECK_TEST(a_table_that_is_cut_short_is_found),
        CHECK_TEST(it_stops_when_it_is_told_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
