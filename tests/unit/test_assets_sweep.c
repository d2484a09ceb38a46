#include "gateway/assets_sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gateway/limits.h"
#include "tests/unit/test.h"

enum {
    NOW_S = 1000000,
    NOW_MS = NOW_S * 1000,
};

static char root[64];
static struct assets assets;
static struct assets_sweep sweep;

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/troupe-sweep-XXXXXX");
    assert_non_null(mkdtemp(root));
    return assets_init(&assets, root) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[96];
    (void)state;
    assets_sweep_fini(&sweep);
    assets_fini(&assets);
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command);
}

/* A file below characters/, last written to at a time; its directories, too. */
static void make(const char *name, time_t at_s)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/characters/%s", root, name);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    const struct timespec times[] = {{.tv_sec = at_s}, {.tv_sec = at_s}};
    assert_true(fd >= 0 && futimens(fd, times) == 0);
    close(fd);
}

static bool exists(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/characters/%s", root, name);
    return access(path, F_OK) == 0;
}

static int walk(void)
{
    int steps = 1;
    assert_int_equal(assets_sweep_begin(&sweep, &assets), STATUS_OK);
    while (assets_sweep_step(&sweep, NOW_MS) == STATUS_AGAIN) {
        steps++;
    }
    assert_null(sweep.characters);
    return steps;
}

static void what_is_half_written_and_old_is_removed(void **state)
{
    (void)state;
    make("one/.aa.mp4.part", NOW_S - 1);
    make("two/.bb.png.part", NOW_S - 1);
    make("two/.cc.png.part", NOW_S);
    walk();
    assert_int_equal(sweep.removed_count, 2);
    assert_false(exists("one/.aa.mp4.part") || exists("two/.bb.png.part"));
    assert_true(exists("two/.cc.png.part"));
}

static void everything_else_stays(void **state)
{
    static const char *const names[] = {"one/aa.png",       "one/aa.png.part",  "one/.part",
                                        "one/.aa.png",      ".hidden/.aa.part", ".aa.part",
                                        "one/deep/.aa.part"};
    (void)state;
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        make(names[index], NOW_S - 1);
    }
    walk();
    assert_int_equal(sweep.removed_count, 0);
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        assert_true(exists(names[index]));
    }
}

static void a_step_looks_through_a_few_directories(void **state)
{
    char name[32];
    (void)state;
    for (int index = 0; index < 5 * SWEEP_DIRECTORIES_MAX; index++) {
        snprintf(name, sizeof(name), "c%d/.x.part", index);
        make(name, NOW_S - 1);
    }
    assert_in_range(walk(), 5, 7);
    assert_int_equal(sweep.removed_count, 5 * SWEEP_DIRECTORIES_MAX);
}

static void links_are_not_followed(void **state)
{
    char path[256];
    char target[256];
    (void)state;
    make("real/.aa.part", NOW_S + 1);
    make("../elsewhere/.aa.part", NOW_S - 1);
    snprintf(target, sizeof(target), "%s/elsewhere", root);
    snprintf(path, sizeof(path), "%s/characters/link", root);
    assert_int_equal(symlink(target, path), 0);
    walk();
    assert_true(exists("../elsewhere/.aa.part"));
}

static void nothing_is_to_be_done_without_assets(void **state)
{
    (void)state;
    assert_int_equal(walk(), 1);
    make("../characters-file", NOW_S);
    char path[256];
    snprintf(path, sizeof(path), "%s/characters", root);
    assert_int_equal(rmdir(path), 0);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    close(fd);
    assert_int_equal(assets_sweep_begin(&sweep, &assets), STATUS_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_half_written_and_old_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(everything_else_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_looks_through_a_few_directories, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_to_be_done_without_assets, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
