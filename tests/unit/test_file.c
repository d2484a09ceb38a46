#include "base/file.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

/*
 * Method: each test works in an empty directory of its own. The linker sends the system calls of
 * base/file.c through the __wrap functions, which can fail, be interrupted or do a part of the
 * work.
 */

static const char *failing_call; /* NULL when none fails */
static int failing_errno;
static int failing_skip;   /* calls that succeed before the one that fails */
static bool is_stuttering; /* every other read and write is interrupted, the others move 1 byte */
static int stutter_count;

ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_close(int fd);
int __real_fchmod(int fd, mode_t mode);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
ssize_t __wrap_read(int fd, void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_close(int fd);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);

static bool fails(const char *call)
{
    if (failing_call == NULL || strcmp(call, failing_call) != 0) {
        return false;
    }
    if (failing_skip > 0) {
        failing_skip--;
        return false;
    }
    errno = failing_errno;
    return true;
}

static bool is_interrupted(void)
{
    if (!is_stuttering || stutter_count++ % 2 == 1) {
        return false;
    }
    errno = EINTR;
    return true;
}

ssize_t __wrap_read(int fd, void *data, size_t size)
{
    if (fails("read") || is_interrupted()) {
        return -1;
    }
    return __real_read(fd, data, is_stuttering ? 1 : size);
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    if (fails("write") || is_interrupted()) {
        return -1;
    }
    return __real_write(fd, data, is_stuttering ? 1 : size);
}

int __wrap_close(int fd)
{
    int result = __real_close(fd);
    return fails("close") ? -1 : result;
}

int __wrap_fchmod(int fd, mode_t mode)
{
    return fails("fchmod") ? -1 : __real_fchmod(fd, mode);
}

int __wrap_fsync(int fd)
{
    return fails("fsync") ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    return fails("rename") ? -1 : __real_rename(from, to);
}

static int enter_directory(void **state)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/troupe-test-file-XXXXXX");
    *state = mkdtemp(path);
    failing_call = NULL;
    failing_skip = 0;
    is_stuttering = false;
    return *state == NULL ? -1 : chdir(path);
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static int leave_directory(void **state)
{
    failing_call = NULL;
    is_stuttering = false;
    return chdir("/") != 0 ? -1 : nftw(*state, remove_entry, 10, FTW_DEPTH | FTW_PHYS);
}

static int entry_count(const char *path)
{
    DIR *directory = opendir(path);
    int count = -2; /* . and .. */
    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

static void expect_content(const char *path, struct slice content)
{
    struct buffer read;
    buffer_init(&read, 100000);
    assert_int_equal(file_read(path, &read), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&read), content));
    buffer_fini(&read);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    assert_int_equal(file_write("a", SLICE_LITERAL("first"), 0600), STATUS_OK);
    expect_content("a", SLICE_LITERAL("first"));
    assert_int_equal(file_write("./a", SLICE_LITERAL("2"), 0640), STATUS_OK);
    expect_content("a", SLICE_LITERAL("2"));
    assert_int_equal(file_write("a", SLICE_EMPTY, 0600), STATUS_OK);
    expect_content("a", SLICE_EMPTY);
    assert_int_equal(entry_count("."), 1);
}

static void the_mode_is_as_asked_whatever_the_umask(void **state)
{
    struct stat about;
    (void)state;
    mode_t before = umask(077);
    assert_int_equal(file_write("a", SLICE_LITERAL("x"), 0644), STATUS_OK);
    umask(before);
    assert_int_equal(stat("a", &about), 0);
    assert_int_equal(about.st_mode & 07777, 0644);
}

static void interrupted_and_short_transfers_go_on(void **state)
{
    (void)state;
    is_stuttering = true;
    assert_int_equal(file_write("a", SLICE_LITERAL("some bytes"), 0600), STATUS_OK);
    expect_content("a", SLICE_LITERAL("some bytes"));
}

static void a_write_that_fails_leaves_the_old_content_and_no_other_file(void **state)
{
    static const struct {
        const char *call;
        int error;
        enum status status;
    } cases[] = {
        {"write", ENOSPC, STATUS_FULL},   {"write", EDQUOT, STATUS_FULL}, {"write", EIO, STATUS_IO},
        {"fchmod", EPERM, STATUS_DENIED}, {"fsync", EIO, STATUS_IO},      {"close", EIO, STATUS_IO},
        {"rename", EROFS, STATUS_DENIED},
    };
    (void)state;
    assert_int_equal(file_write("a", SLICE_LITERAL("old"), 0600), STATUS_OK);
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        failing_call = cases[index].call;
        failing_errno = cases[index].error;
        enum status status = file_write("a", SLICE_LITERAL("new"), 0600);
        failing_call = NULL;
        assert_int_equal(status, cases[index].status);
        expect_content("a", SLICE_LITERAL("old"));
        assert_int_equal(entry_count("."), 1);
    }
}

static void a_directory_that_cannot_be_synced_is_told(void **state)
{
    (void)state;
    failing_call = "fsync";
    failing_errno = EIO;
    failing_skip = 1; /* the file's own */
    assert_int_equal(file_write("a", SLICE_LITERAL("new"), 0600), STATUS_IO);
    failing_call = NULL;
    expect_content("a", SLICE_LITERAL("new"));
    assert_int_equal(entry_count("."), 1);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
    char path[5000];
    (void)state;
    assert_int_equal(file_write("no/a", SLICE_LITERAL("x"), 0600), STATUS_NOT_FOUND);
    assert_int_equal(directory_make("a", 0700), STATUS_OK);
    assert_int_equal(file_write("a", SLICE_LITERAL("x"), 0600), STATUS_IO);
    assert_int_equal(entry_count("."), 1);
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(file_write(path, SLICE_LITERAL("x"), 0600), STATUS_IO);
}

static void a_file_up_to_the_limit_is_read_whole_or_not_at_all(void **state)
{
    struct buffer buffer;
    (void)state;
    assert_int_equal(file_write("a", SLICE_LITERAL("12345"), 0600), STATUS_OK);
    buffer_init(&buffer, 7);
    assert_int_equal(buffer_append(&buffer, "<<", 2), STATUS_OK);
    assert_int_equal(file_read("a", &buffer), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("<<12345")));
    buffer_fini(&buffer);
    buffer_init(&buffer, 6);
    assert_int_equal(buffer_append(&buffer, "<<", 2), STATUS_OK);
    assert_int_equal(file_read("a", &buffer), STATUS_TOO_LARGE);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("<<")));
    buffer_fini(&buffer);
}

static void a_file_larger_than_one_read_is_read_whole(void **state)
{
    enum {
        SIZE = 200001
    };
    uint8_t *content = malloc(SIZE);
    struct buffer buffer;
    (void)state;
    assert_non_null(content);
    for (size_t index = 0; index < SIZE; index++) {
        content[index] = (uint8_t)(index * 7 + index / 251);
    }
    assert_int_equal(file_write("a", slice_make(content, SIZE), 0600), STATUS_OK);
    buffer_init(&buffer, SIZE);
    assert_int_equal(file_read("a", &buffer), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffer), slice_make(content, SIZE)));
    buffer_fini(&buffer);
    free(content);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    assert_int_equal(file_read("none", &buffer), STATUS_NOT_FOUND);
    assert_int_equal(file_read(".", &buffer), STATUS_IO);
    assert_int_equal(file_write("a", SLICE_LITERAL("12345"), 0600), STATUS_OK);
    assert_int_equal(file_read("a/b", &buffer), STATUS_NOT_FOUND);
    failing_call = "read";
    failing_errno = EIO;
    assert_int_equal(file_read("a", &buffer), STATUS_IO);
    failing_errno = ENOMEM;
    assert_int_equal(file_read("a", &buffer), STATUS_NO_MEMORY);
    failing_call = NULL;
    buffer_fini(&buffer);
    memory_fail_always();
    assert_int_equal(file_read("a", &buffer), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_int_equal(buffer.size, 0);
    buffer_fini(&buffer);
}

static void a_directory_comes_with_its_parents(void **state)
{
    struct stat about;
    (void)state;
    assert_int_equal(directory_make("a/b//c", 0700), STATUS_OK);
    assert_int_equal(directory_make("a/b/c/", 0700), STATUS_OK);
    assert_int_equal(directory_make("/", 0700), STATUS_OK);
    assert_int_equal(directory_make(".", 0700), STATUS_OK);
    assert_int_equal(stat("a/b/c", &about), 0);
    assert_true(S_ISDIR(about.st_mode));
    assert_int_equal(about.st_mode & 0777, 0700);
}

static void a_directory_cannot_take_a_files_place(void **state)
{
    char path[5000];
    (void)state;
    assert_int_equal(file_write("a", SLICE_LITERAL("x"), 0600), STATUS_OK);
    assert_int_equal(directory_make("a", 0700), STATUS_IO);
    assert_int_equal(directory_make("a/b", 0700), STATUS_IO);
    assert_int_equal(directory_make("", 0700), STATUS_IO);
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(directory_make(path, 0700), STATUS_IO);
}

static void a_lock_is_held_once_until_it_is_closed(void **state)
{
    int first = -1;
    int second = -1;
    (void)state;
    assert_int_equal(file_lock("lock", &first), STATUS_OK);
    assert_int_equal(file_lock("lock", &second), STATUS_BUSY);
    assert_int_equal(second, -1);
    close(first);
    assert_int_equal(file_lock("lock", &second), STATUS_OK);
    close(second);
    assert_int_equal(file_lock("none/lock", &first), STATUS_NOT_FOUND);
}

static void another_users_directory_is_denied(void **state)
{
    enum {
        NOBODY = 65534
    };
    struct buffer buffer;
    int fd = -1;
    bool is_root = geteuid() == 0;
    assert_int_equal(file_write("a", SLICE_LITERAL("x"), 0600), STATUS_OK);
    buffer_init(&buffer, 100);
    assert_int_equal(is_root ? seteuid(NOBODY) : chmod(*state, 0), 0);
    enum status read_status = file_read("a", &buffer);
    enum status write_status = file_write("b", SLICE_LITERAL("x"), 0600);
    enum status make_status = directory_make("c", 0700);
    enum status lock_status = file_lock("d", &fd);
    assert_int_equal(is_root ? seteuid(0) : chmod(*state, 0700), 0);
    assert_int_equal(read_status, STATUS_DENIED);
    assert_int_equal(write_status, STATUS_DENIED);
    assert_int_equal(make_status, STATUS_DENIED);
    assert_int_equal(lock_status, STATUS_DENIED);
    buffer_fini(&buffer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_directory, leave_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read),
        TEST(the_mode_is_as_asked_whatever_the_umask),
        TEST(interrupted_and_short_transfers_go_on),
        TEST(a_write_that_fails_leaves_the_old_content_and_no_other_file),
        TEST(a_directory_that_cannot_be_synced_is_told),
        TEST(a_place_that_cannot_be_written_is_told),
        TEST(a_file_up_to_the_limit_is_read_whole_or_not_at_all),
        TEST(a_file_larger_than_one_read_is_read_whole),
        TEST(a_file_that_cannot_be_read_is_told),
        TEST(a_directory_comes_with_its_parents),
        TEST(a_directory_cannot_take_a_files_place),
        TEST(a_lock_is_held_once_until_it_is_closed),
        TEST(another_users_directory_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
