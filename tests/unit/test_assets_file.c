/* The files that the gateway gives out: those below its directory, and nothing else. */
#include "gateway/assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gateway/limits.h"
#include "tests/unit/test.h"

static char directory[40];
static struct assets assets;

/* The linker sends this call through the test; only one with O_CREAT has a mode. */
static size_t failing_nth; /* open that fails so; 0 for none */
static int failing_errno;

int __real_openat(int at, const char *path, int flags, ...);
int __wrap_openat(int at, const char *path, int flags, ...);

int __wrap_openat(int at, const char *path, int flags, ...)
{
    if (failing_nth > 0 && --failing_nth == 0) {
        errno = failing_errno;
        return -1;
    }
    return __real_openat(at, path, flags);
}

static int set_up(void **state)
{
    char command[300];
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-assets-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(
        command, sizeof command,
        "cd %s && mkdir -p root/a/b && echo secret >outside && echo picture >root/a/b/x.png && "
        "echo hidden >root/a/.part && ln -s ../../outside root/a/link && ln -s .. root/up && "
        "mkfifo root/a/fifo",
        directory);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/root", directory);
    return assets_init(&assets, command) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    failing_nth = 0;
    assets_fini(&assets);
    assets_fini(&assets);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *stream = opendir("/proc/self/fd");
    assert_non_null(stream);
    while (readdir(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count;
}

static void a_file_is_opened_to_be_read(void **state)
{
    char text[16] = "";
    int fd = -1;
    int before = open_descriptors();
    (void)state;
    assert_int_equal(assets_open(&assets, SLICE_LITERAL("a/b/x.png"), &fd), STATUS_OK);
    assert_int_equal(open_descriptors(), before + 1);
    assert_int_equal(read(fd, text, sizeof text - 1), 8);
    assert_string_equal(text, "picture\n");
    assert_int_equal(write(fd, "x", 1), -1);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static void nothing_else_is_found(void **state)
{
    static const char *const bad[] = {
        "",
        "/",
        "a",
        "a/b",
        "a/b/",
        "/a/b/x.png",
        "a//b/x.png",
        "a/b/x.png/",
        "a/b/x.png/y",
        "a/.part",
        ".",
        "..",
        "../outside",
        "a/../up",
        "a/./b/x.png",
        "a/link",
        "up/outside",
        "up/root/a/b/x.png",
        "a/fifo",
        "a/b/y.png",
        "b/x.png",
        "a/b/x png",
        "a/b/x.png%00",
        "a\\b\\x.png",
    };
    int fd = -1;
    int before = open_descriptors();
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        if (assets_open(&assets, slice_from_string(bad[index]), &fd) != STATUS_NOT_FOUND) {
            fail_msg("%s", bad[index]);
        }
    }
    assert_int_equal(assets_open(&assets, slice_make("a/b/x.png\0.png", 14), &fd),
                     STATUS_NOT_FOUND);
    assert_int_equal(fd, -1);
    assert_int_equal(open_descriptors(), before);
}

static void a_path_is_bounded(void **state)
{
    static uint8_t path[ASSET_PATH_SIZE_MAX + 1];
    int fd = -1;
    (void)state;
    memset(path, 'a', sizeof path);
    assert_int_not_equal(assets_open(&assets, slice_make(path, ASSET_PATH_SIZE_MAX), &fd),
                         STATUS_OK);
    assert_int_equal(assets_open(&assets, slice_make(path, sizeof path), &fd), STATUS_NOT_FOUND);
}

static void what_fails_on_the_way_is_told_and_leaves_nothing_open(void **state)
{
    int fd = -1;
    int before = open_descriptors();
    (void)state;
    for (size_t nth = 1; nth <= 3; nth++) {
        failing_nth = nth;
        failing_errno = EMFILE;
        assert_int_equal(assets_open(&assets, SLICE_LITERAL("a/b/x.png"), &fd), STATUS_BUSY);
        failing_nth = nth;
        failing_errno = EIO;
        assert_int_equal(assets_open(&assets, SLICE_LITERAL("a/b/x.png"), &fd), STATUS_IO);
        failing_nth = nth;
        failing_errno = ENOENT;
        assert_int_equal(assets_open(&assets, SLICE_LITERAL("a/b/x.png"), &fd), STATUS_NOT_FOUND);
    }
    assert_int_equal(open_descriptors(), before);
    assets_fini(&assets);
    assert_int_equal(assets_open(&assets, SLICE_LITERAL("a/b/x.png"), &fd), STATUS_IO);
}

static void the_directory_is_made_for_its_owner_or_the_problem_told(void **state)
{
    struct assets other;
    struct stat about;
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/made/here", directory);
    assert_int_equal(assets_init(&other, path), STATUS_OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    assets_fini(&other);
    snprintf(path, sizeof path, "%s/outside/here", directory);
    assert_int_not_equal(assets_init(&other, path), STATUS_OK);
    assets_fini(&other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_opened_to_be_read),
        TEST(nothing_else_is_found),
        TEST(a_path_is_bounded),
        TEST(what_fails_on_the_way_is_told_and_leaves_nothing_open),
        TEST(the_directory_is_made_for_its_owner_or_the_problem_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
