#include "actors/asset_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/test.h"

static const struct id character = {{0x12, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};
static const uint8_t name[ID_SIZE] = {0xab};

#define DIRECTORY "characters/12300000-0000-4000-8000-000000000001"
#define FILE_NAME "ab000000000000000000000000000000.png"

/* The linker sends these calls through the test: the one of this name fails, after so many that do
 * not. */
static const char *failing_call; /* NULL when none fails */
static int failing_errno;
static int failing_skip;
static bool is_stuttering; /* every other write is interrupted, the others move one byte */
static int stutter_count;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_sync_file_range(int fd, off_t offset, off_t size, unsigned int flags);
int __wrap_sync_file_range(int fd, off_t offset, off_t size, unsigned int flags);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
enum status __real_sha256_stream_init(struct sha256_stream *stream);
enum status __wrap_sha256_stream_init(struct sha256_stream *stream);

static bool fails(const char *call)
{
    if (failing_call == NULL || strcmp(call, failing_call) != 0 || failing_skip-- > 0) {
        return false;
    }
    errno = failing_errno;
    return true;
}

int __wrap_open(const char *path, int flags, ...)
{
    return fails("open") ? -1 : __real_open(path, flags, 0600);
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    if (is_stuttering && stutter_count++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return fails("write") ? -1 : __real_write(fd, data, is_stuttering ? 1 : size);
}

char *__wrap_strdup(const char *text)
{
    return fails("strdup") ? NULL : __real_strdup(text);
}

int __wrap_fsync(int fd)
{
    return fails("fsync") ? -1 : __real_fsync(fd);
}

static off_t asked_size;  /* what the disk was asked to write, in one piece from the first byte */
static off_t waited_size; /* and what was waited for */

int __wrap_sync_file_range(int fd, off_t offset, off_t size, unsigned int flags)
{
    if (fails("sync_file_range")) {
        return -1;
    }
    off_t *end = (flags & SYNC_FILE_RANGE_WAIT_AFTER) != 0 ? &waited_size : &asked_size;
    assert_int_equal(offset, *end);
    *end += size;
    return __real_sync_file_range(fd, offset, size, flags);
}

int __wrap_rename(const char *from, const char *to)
{
    return fails("rename") ? -1 : __real_rename(from, to);
}

enum status __wrap_sha256_stream_init(struct sha256_stream *stream)
{
    return fails("hash") ? STATUS_NO_MEMORY : __real_sha256_stream_init(stream);
}

static int make_store(void **state)
{
    static struct asset_directory store;
    char path[] = "/tmp/troupe-assets-XXXXXX";
    *state = &store;
    failing_call = NULL;
    is_stuttering = false;
    return mkdtemp(path) == NULL || asset_directory_init(&store, path) != STATUS_OK;
}

static int remove_store(void **state)
{
    struct asset_directory *store = *state;
    char command[ASSET_PATH_SIZE_MAX];
    failing_call = NULL;
    snprintf(command, sizeof(command), "rm -rf '%s'", store->root);
    int result = system(command);
    asset_directory_fini(store);
    return result;
}

static size_t files_in(const struct asset_directory *store)
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
    struct asset_directory *store = *state;
    struct file_writer writer = {0};
    struct asset asset = {0};
    char path[ASSET_PATH_SIZE_MAX];
    struct slice url = SLICE_LITERAL("/assets/" DIRECTORY "/" FILE_NAME);
    assert_int_equal(file_writer_begin(&writer, store, &character, name, "png", 100), STATUS_OK);
    assert_int_equal(file_writer_add(&writer, SLICE_LITERAL("ab")), STATUS_OK);
    assert_int_equal(asset_directory_find(store, url, path), STATUS_NOT_FOUND);
    assert_int_equal(file_writer_add(&writer, SLICE_LITERAL("c")), STATUS_OK);
    assert_int_equal(file_writer_commit(&writer, &asset), STATUS_OK);
    file_writer_fini(&writer);
    assert_true(slice_equal(slice_from_string(asset.url), url));
    assert_int_equal(asset.size, 3);
    assert_string_equal(asset.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(asset_directory_find(store, url, path), STATUS_OK);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(files_in(store), 1);
    assert_int_equal(unlink(path), 0);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
    struct asset_directory *store = *state;
    struct file_writer writer = {0};
    assert_int_equal(file_writer_begin(&writer, store, &character, name, "png", 100), STATUS_OK);
    assert_int_equal(file_writer_add(&writer, SLICE_LITERAL("abc")), STATUS_OK);
    assert_int_equal(files_in(store), 1);
    file_writer_fini(&writer);
    file_writer_fini(&writer);
    assert_int_equal(files_in(store), 0);
}

static void a_file_stays_below_its_limit(void **state)
{
    struct file_writer writer = {0};
    assert_int_equal(file_writer_begin(&writer, *state, &character, name, "png", 4), STATUS_OK);
    assert_int_equal(file_writer_add(&writer, SLICE_LITERAL("abc")), STATUS_OK);
    assert_int_equal(file_writer_add(&writer, SLICE_LITERAL("de")), STATUS_TOO_LARGE);
    file_writer_fini(&writer);
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
        assert_int_not_equal(asset_directory_find(*state, slice_from_string(bad[index]), path),
                             STATUS_OK);
    }
    assert_int_equal(asset_directory_find(*state, SLICE_EMPTY, path), STATUS_MALFORMED);
    assert_int_equal(
        asset_directory_find(*state, SLICE_LITERAL("/assets/characters/a/b.png"), path),
        STATUS_NOT_FOUND);
}

static void a_directory_that_cannot_be_written_is_told(void **state)
{
    struct asset_directory store = {0};
    struct file_writer writer = {0};
    (void)state;
    assert_int_not_equal(asset_directory_init(&store, "/proc/nowhere"), STATUS_OK);
    assert_int_not_equal(file_writer_begin(&writer, &store, &character, name, "png", 4), STATUS_OK);
    file_writer_fini(&writer);
    asset_directory_fini(&store);
}

/* Writes a file while a call fails. Nothing of it is left. */
static enum status write_failing(const struct asset_directory *store, const char *call, int skip,
                                 int error)
{
    struct file_writer writer = {0};
    struct asset asset = {0};
    failing_call = call;
    failing_skip = skip;
    failing_errno = error;
    enum status status = file_writer_begin(&writer, store, &character, name, "png", 100);
    if (status == STATUS_OK) {
        status = file_writer_add(&writer, SLICE_LITERAL("abc"));
    }
    if (status == STATUS_OK) {
        status = file_writer_commit(&writer, &asset);
    }
    failing_call = NULL;
    file_writer_fini(&writer);
    if (status != STATUS_OK) {
        assert_int_equal(files_in(store), 0);
    }
    return status;
}

static void a_file_that_cannot_be_made_durable_is_not_there(void **state)
{
    static const struct {
        const char *call;
        int skip;
        int error;
        enum status status;
    } failures[] = {
        {"hash", 0, 0, STATUS_NO_MEMORY},    {"open", 0, EACCES, STATUS_DENIED},
        {"open", 0, EROFS, STATUS_DENIED},   {"open", 0, ENOSPC, STATUS_FULL},
        {"open", 0, EMFILE, STATUS_IO},      {"open", 1, EMFILE, STATUS_IO}, /* its directory */
        {"open", 2, EMFILE, STATUS_IO},                                      /* the one above */
        {"write", 0, ENOSPC, STATUS_FULL},   {"write", 0, EDQUOT, STATUS_FULL},
        {"write", 0, EIO, STATUS_IO},        {"fsync", 0, EIO, STATUS_IO},
        {"fsync", 1, EIO, STATUS_IO},        {"fsync", 2, EIO, STATUS_IO},
        {"rename", 0, EPERM, STATUS_DENIED},
    };
    for (size_t index = 0; index < sizeof(failures) / sizeof(failures[0]); index++) {
        assert_int_equal(write_failing(*state, failures[index].call, failures[index].skip,
                                       failures[index].error),
                         failures[index].status);
    }
    assert_int_equal(write_failing(*state, NULL, 0, 0), STATUS_OK);
    assert_int_equal(files_in(*state), 1);
}

/* The sync at the end, which holds up everything else, has little left to wait for. */
static enum status write_much(const struct asset_directory *store, size_t size)
{
    static uint8_t piece[1 << 20];
    struct file_writer writer = {0};
    struct asset asset;
    enum status status = file_writer_begin(&writer, store, &character, name, "mp4", size);
    asked_size = 0;
    waited_size = 0;
    for (size_t done = 0; status == STATUS_OK && done < size; done += sizeof(piece)) {
        status = file_writer_add(&writer, slice_make(piece, sizeof(piece)));
    }
    status = status == STATUS_OK ? file_writer_commit(&writer, &asset) : status;
    file_writer_fini(&writer);
    return status;
}

static void a_large_file_is_written_out_as_it_comes(void **state)
{
    static const struct {
        int skip;
        int error;
        enum status status;
    } failures[] = {
        {0, EIO, STATUS_IO},    {1, ENOSPC, STATUS_FULL}, {2, EIO, STATUS_IO},
        {0, ENOSYS, STATUS_OK}, {0, EINVAL, STATUS_OK},
    };
    assert_int_equal(write_much(*state, 33 << 20), STATUS_OK);
    assert_int_equal(asked_size, 32 << 20);
    assert_int_equal(waited_size, 24 << 20);
    for (size_t index = 0; index < sizeof(failures) / sizeof(failures[0]); index++) {
        failing_call = "sync_file_range";
        failing_skip = failures[index].skip;
        failing_errno = failures[index].error;
        assert_int_equal(write_much(*state, 33 << 20), failures[index].status);
    }
    failing_call = NULL;
}

static void a_write_that_is_interrupted_goes_on(void **state)
{
    char path[ASSET_PATH_SIZE_MAX];
    char text[8] = "";
    is_stuttering = true;
    assert_int_equal(write_failing(*state, NULL, 0, 0), STATUS_OK);
    is_stuttering = false;
    assert_int_equal(
        asset_directory_find(*state, SLICE_LITERAL("/assets/" DIRECTORY "/" FILE_NAME), path),
        STATUS_OK);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, text, sizeof(text)), 3);
    assert_string_equal(text, "abc");
    close(fd);
}

/* With all that stands below it. */
static void a_root_that_is_too_long_is_refused(void **state)
{
    char root[ASSET_PATH_SIZE_MAX];
    char path[ASSET_PATH_SIZE_MAX];
    struct asset_directory store = {.root = root};
    struct file_writer writer = {0};
    (void)state;
    memset(root, 'r', sizeof(root) - 1);
    root[sizeof(root) - 1] = '\0';
    for (size_t size = sizeof(root) - 1; size > sizeof(root) - 91; size--) {
        root[size] = '\0';
        assert_int_equal(file_writer_begin(&writer, &store, &character, name, "png", 4),
                         STATUS_TOO_LARGE);
        file_writer_fini(&writer);
    }
    memset(root, 'r', sizeof(root) - 1);
    assert_int_equal(
        asset_directory_find(&store, SLICE_LITERAL("/assets/characters/a/b.png"), path),
        STATUS_MALFORMED);
    failing_call = "strdup";
    failing_skip = 0;
    assert_int_equal(asset_directory_init(&store, "/tmp"), STATUS_NO_MEMORY);
    assert_null(store.root);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_store, remove_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_has_its_name_only_when_it_is_whole),
        TEST(what_is_not_committed_leaves_nothing),
        TEST(a_file_stays_below_its_limit),
        TEST(addresses_that_are_not_ours_find_nothing),
        TEST(a_directory_that_cannot_be_written_is_told),
        TEST(a_file_that_cannot_be_made_durable_is_not_there),
        TEST(a_large_file_is_written_out_as_it_comes),
        TEST(a_write_that_is_interrupted_goes_on),
        TEST(a_root_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
