#include "gateway/file_walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/test.h"

#define ONE    "8c7a0f3b-5d2e-4f81-9b6c-fedcba987654"
#define TWO    "8c7a0f3b-5d2e-4f81-9b6c-fedcba987655"
#define DIGITS "00112233445566778899aabbccddeeff"

enum {
    AT_S = 1000000,
};

static char root[64];
static struct assets assets;
static struct file_walk walk;

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/troupe-walk-XXXXXX");
    assert_non_null(mkdtemp(root));
    return assets_init(&assets, root) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[96];
    (void)state;
    file_walk_fini(&walk);
    assets_fini(&assets);
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command);
}

static void path_of(const char *name, char path[256])
{
    snprintf(path, 256, "%s/characters/%s", root, name);
}

/* A file below characters/, and its directories. */
static void make(const char *name)
{
    char path[256];
    path_of(name, path);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    const struct timespec times[] = {{.tv_sec = AT_S}, {.tv_sec = AT_S, .tv_nsec = 5000000}};
    assert_true(fd >= 0 && write(fd, "abc", 3) == 3 && futimens(fd, times) == 0);
    close(fd);
}

struct found {
    uint32_t ours;
    uint32_t foreign;
    struct stored_asset last; /* of ours */
};

/* Walks to the end; removes what is ours on request. */
static struct found go(bool removes)
{
    struct found found = {0};
    struct stored_asset asset;
    enum status status;
    assert_int_equal(file_walk_begin(&walk, &assets), STATUS_OK);
    while ((status = file_walk_next(&walk, &asset)) != STATUS_NOT_FOUND) {
        if (status == STATUS_OK && asset.is_ours) {
            found.ours++;
            found.last = asset;
            assert_true(!removes || file_walk_remove(&walk, &asset) == STATUS_OK);
        } else if (status == STATUS_OK) {
            found.foreign++;
        }
    }
    return found;
}

static void every_asset_is_come_to_with_what_is_known_of_it(void **state)
{
    (void)state;
    make(ONE "/" DIGITS ".png");
    struct found found = go(false);
    assert_int_equal(found.ours, 1);
    assert_int_equal(found.last.at_ms, AT_S * INT64_C(1000) + 5);
    assert_int_equal(found.last.size, 3);
    assert_string_equal(found.last.name, DIGITS ".png");
    make(TWO "/" DIGITS ".png");
    make(TWO "/" DIGITS ".mp4");
    assert_int_equal(go(false).ours, 3);
}

static void what_others_have_put_there_is_told_and_what_is_hidden_passed_over(void **state)
{
    char path[256];
    (void)state;
    make("readme");
    make("backups/a.tar");
    make(ONE "/notes.txt");
    make(ONE "/" DIGITS ".png/inside"); /* a directory of that name */
    make(ONE "/." DIGITS ".png.part");
    make("." TWO "/" DIGITS ".png");
    path_of(ONE "/"
                "10112233445566778899aabbccddeeff.png",
            path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    path_of(TWO, path);
    assert_int_equal(symlink("/tmp", path), 0);
    struct found found = go(true);
    assert_int_equal(found.ours, 0);
    assert_int_equal(found.foreign, 6);
}

static void the_file_that_it_is_at_can_be_removed(void **state)
{
    (void)state;
    make(ONE "/" DIGITS ".png");
    make(TWO "/" DIGITS ".png");
    make(TWO "/notes.txt");
    assert_int_equal(go(true).ours, 2);
    struct found found = go(false);
    assert_int_equal(found.ours, 0);
    assert_int_equal(found.foreign, 1);
}

static void a_file_that_is_gone_already_is_removed(void **state)
{
    char path[256];
    struct stored_asset asset;
    (void)state;
    make(ONE "/" DIGITS ".png");
    assert_int_equal(file_walk_begin(&walk, &assets), STATUS_OK);
    while (file_walk_next(&walk, &asset) != STATUS_OK) {
    }
    path_of(ONE "/" DIGITS ".png", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(file_walk_remove(&walk, &asset), STATUS_OK);
}

static void without_assets_there_is_nothing(void **state)
{
    struct stored_asset asset;
    (void)state;
    assert_int_equal(file_walk_begin(&walk, &assets), STATUS_OK);
    assert_int_equal(file_walk_next(&walk, &asset), STATUS_NOT_FOUND);
}

#define WALK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WALK_TEST(every_asset_is_come_to_with_what_is_known_of_it),
        WALK_TEST(what_others_have_put_there_is_told_and_what_is_hidden_passed_over),
        WALK_TEST(the_file_that_it_is_at_can_be_removed),
        WALK_TEST(a_file_that_is_gone_already_is_removed),
        WALK_TEST(without_assets_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
