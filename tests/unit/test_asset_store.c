#include "actors/asset_store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/test.h"

static const struct id character = {{0x12, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};
static const uint8_t name[ID_SIZE] = {0xab};

#define DIRECTORY "characters/12300000-0000-4000-8000-000000000001"
#define FILE_NAME "ab000000000000000000000000000000.png"

static int make_store(void **state)
{
    static struct asset_store store;
    char path[] = "/tmp/troupe-assets-XXXXXX";
    *state = &store;
    return mkdtemp(path) == NULL || asset_store_init(&store, path) != STATUS_OK;
}

static int remove_store(void **state)
{
    struct asset_store *store = *state;
    char command[ASSET_PATH_SIZE_MAX];
    snprintf(command, sizeof(command), "rm -rf '%s'", store->root);
    int result = system(command);
    asset_store_fini(store);
    return result;
}

static size_t files_in(const struct asset_store *store)
{
    char path[ASSET_PATH_SIZE_MAX];
    size_t count = 0;
    snprintf(path, sizeof(path), "%s/%s", store->root, DIRECTORY);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(directory);
    return count;
}

static void a_file_has_its_name_only_when_it_is_whole(void **state)
{
    struct asset_store *store = *state;
    struct asset_writer writer = {0};
    struct asset asset = {0};
    char path[ASSET_PATH_SIZE_MAX];
    struct slice url = SLICE_LITERAL("/assets/" DIRECTORY "/" FILE_NAME);
    assert_int_equal(asset_writer_begin(&writer, store, &character, name, "png", 100), STATUS_OK);
    assert_int_equal(asset_writer_add(&writer, SLICE_LITERAL("ab")), STATUS_OK);
    assert_int_equal(asset_store_find(store, url, path), STATUS_NOT_FOUND);
    assert_int_equal(asset_writer_add(&writer, SLICE_LITERAL("c")), STATUS_OK);
    assert_int_equal(asset_writer_commit(&writer, &asset), STATUS_OK);
    asset_writer_fini(&writer);
    assert_true(slice_equal(slice_from_string(asset.url), url));
    assert_int_equal(asset.size, 3);
    assert_string_equal(asset.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(asset_store_find(store, url, path), STATUS_OK);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(files_in(store), 1);
    asset_store_remove(store, url);
    assert_int_equal(files_in(store), 0);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
    struct asset_store *store = *state;
    struct asset_writer writer = {0};
    assert_int_equal(asset_writer_begin(&writer, store, &character, name, "png", 100), STATUS_OK);
    assert_int_equal(asset_writer_add(&writer, SLICE_LITERAL("abc")), STATUS_OK);
    assert_int_equal(files_in(store), 1);
    asset_writer_fini(&writer);
    asset_writer_fini(&writer);
    assert_int_equal(files_in(store), 0);
}

static void a_file_stays_below_its_limit(void **state)
{
    struct asset_writer writer = {0};
    assert_int_equal(asset_writer_begin(&writer, *state, &character, name, "png", 4), STATUS_OK);
    assert_int_equal(asset_writer_add(&writer, SLICE_LITERAL("abc")), STATUS_OK);
    assert_int_equal(asset_writer_add(&writer, SLICE_LITERAL("de")), STATUS_TOO_LARGE);
    asset_writer_fini(&writer);
}

static void addresses_that_are_not_ours_find_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        "/assets/",
        "/assets/characters/",
        "/assets/characters/a",
        "/assets/characters/a/",
        "/assets/characters/a/b",
        "/assets/characters/a/.png",
        "/assets/characters/a/b.",
        "/assets/characters//b.png",
        "/assets/characters/../b.png",
        "/assets/characters/a/../../etc/passwd",
        "/assets/characters/a/b/c.png",
        "/assets/characters/a/b.c.png",
        "/assets/characters/a/b%2e.png",
        "/etc/passwd",
        "http://a/assets/characters/a/b.png",
    };
    char path[ASSET_PATH_SIZE_MAX];
    for (size_t index = 0; index < sizeof(bad) / sizeof(bad[0]); index++) {
        assert_int_not_equal(asset_store_find(*state, slice_from_string(bad[index]), path),
                             STATUS_OK);
    }
    assert_int_equal(asset_store_find(*state, SLICE_EMPTY, path), STATUS_MALFORMED);
    assert_int_equal(asset_store_find(*state, SLICE_LITERAL("/assets/characters/a/b.png"), path),
                     STATUS_NOT_FOUND);
}

static void a_directory_that_cannot_be_written_is_told(void **state)
{
    struct asset_store store = {0};
    struct asset_writer writer = {0};
    (void)state;
    assert_int_not_equal(asset_store_init(&store, "/proc/nowhere"), STATUS_OK);
    assert_int_not_equal(asset_writer_begin(&writer, &store, &character, name, "png", 4),
                         STATUS_OK);
    asset_writer_fini(&writer);
    asset_store_fini(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_its_name_only_when_it_is_whole),
        cmocka_unit_test(what_is_not_committed_leaves_nothing),
        cmocka_unit_test(a_file_stays_below_its_limit),
        cmocka_unit_test(addresses_that_are_not_ours_find_nothing),
        cmocka_unit_test(a_directory_that_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
