/* `troupe restore` on file systems that cannot do everything, and where a rename fails: the store
 * is then as it was. Method: a data directory and a backup of small files; the linker sends the
 * calls that file systems differ in through it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/checksums.h"
#include "cli/command.h"
#include "tests/unit/test.h"

enum {
    TABLE_SIZE = 200000, /* bytes of the backup's second file: more than one read takes */
};

static char directory[32];
static int copy_errno;     /* of copy_file_range; 0: it works */
static int exchange_errno; /* of renameat2 */
static int rename_failing; /* which rename of a store fails, from 1 on; 0: none */
static int renames;

ssize_t __real_copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t size,
                               unsigned int flags);
ssize_t __wrap_copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t size,
                               unsigned int flags);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned int flags);
int __wrap_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned int flags);

ssize_t __wrap_copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t size,
                               unsigned int flags)
{
    errno = copy_errno;
    return copy_errno != 0 ? -1 : __real_copy_file_range(from, from_at, to, to_at, size, flags);
}

int __wrap_rename(const char *from, const char *to)
{
    errno = EIO;
    if (strstr(from, "broker") != NULL && ++renames == rename_failing) {
        return -1;
    }
    return __real_rename(from, to);
}

int __wrap_renameat2(int from_at, const char *from, int to_at, const char *to, unsigned int flags)
{
    errno = exchange_errno;
    return exchange_errno != 0 ? -1 : __real_renameat2(from_at, from, to_at, to, flags);
}

static void make(const char *name)
{
    assert_int_equal(mkdir(name, 0700), 0);
}

static void write_file(const char *name, char letter, size_t size)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    for (size_t index = 0; index < size; index++) {
        fputc(letter, file);
    }
    assert_int_equal(fclose(file), 0);
}

/* A file's first letter; '-' when it is not there. */
static char letter_of(const char *name)
{
    FILE *file = fopen(name, "r");
    int letter = file == NULL ? '-' : fgetc(file);
    if (file != NULL) {
        fclose(file);
    }
    return (char)letter;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-restore-XXXXXX");
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    make("data");
    make("data/broker");
    write_file("data/broker/CURRENT", 'o', 10);
    make("copy");
    make("copy/broker");
    write_file("copy/broker/CURRENT", 'n', 10);
    write_file("copy/broker/000001.sst", 't', TABLE_SIZE);
    assert_int_equal(checksums_write("copy/broker", "broker", NULL, "copy/SHA256SUMS"), STATUS_OK);
    copy_errno = 0;
    exchange_errno = 0;
    rename_failing = 0;
    renames = 0;
    return 0;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static int restore(void)
{
    char backup[] = "./copy";
    char option[] = "--data=data";
    char *words[] = {backup, option};
    return command_restore(2, words);
}

/* How many stores there are beside the store, of either kind. */
static int count_beside(void)
{
    FILE *listing = popen("ls -d data/broker.* 2>/dev/null | wc -l", "r");
    int count = -1;
    assert_non_null(listing);
    assert_int_equal(fscanf(listing, "%d", &count), 1);
    pclose(listing);
    return count;
}

static void expect_restored(void)
{
    struct stat about;
    assert_int_equal(restore(), EXIT_CODE_OK);
    assert_int_equal(letter_of("data/broker/CURRENT"), 'n');
    assert_int_equal(stat("data/broker/000001.sst", &about), 0);
    assert_int_equal(about.st_size, TABLE_SIZE);
    assert_int_equal(count_beside(), 1);
    assert_int_equal(system("test $(head -c1 data/broker.replaced-*/CURRENT) = o"), 0);
}

static void the_backup_takes_the_place_of_the_store(void **state)
{
    (void)state;
    expect_restored();
}

static void it_is_read_and_written_where_the_kernel_does_not_copy(void **state)
{
    static const int errors[] = {EXDEV, EINVAL, ENOSYS, EOPNOTSUPP};
    for (size_t index = 0; index < sizeof errors / sizeof errors[0]; index++) {
        copy_errno = errors[index];
        expect_restored();
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
}

static void a_copy_that_fails_leaves_the_store(void **state)
{
    (void)state;
    copy_errno = EIO;
    assert_int_equal(restore(), EXIT_CODE_FAILED);
    assert_int_equal(letter_of("data/broker/CURRENT"), 'o');
    assert_int_equal(count_beside(), 0);
}

static void two_renames_do_where_none_exchanges(void **state)
{
    (void)state;
    exchange_errno = EINVAL;
    expect_restored();
}

static void a_rename_that_fails_leaves_the_store_as_it_was(void **state)
{
    static const struct {
        int exchange_errno;
        int renames;
    } ways[] = {{0, 1}, {EIO, 2}, {EINVAL, 4}};
    for (size_t index = 0; index < sizeof ways / sizeof ways[0]; index++) {
        for (int failing = 1; failing <= ways[index].renames; failing++) {
            exchange_errno = ways[index].exchange_errno;
            rename_failing = failing;
            assert_int_equal(restore(), EXIT_CODE_FAILED);
            assert_int_equal(letter_of("data/broker/CURRENT"), 'o');
            /* The copy goes, but where it could not get its first name back. */
            assert_int_equal(count_beside(), failing == 2);
            assert_int_equal(tear_down(state), 0);
            assert_int_equal(set_up(state), 0);
        }
    }
}

static void a_directory_without_a_store_gets_one(void **state)
{
    (void)state;
    assert_int_equal(system("rm -r data/broker"), 0);
    assert_int_equal(restore(), EXIT_CODE_OK);
    assert_int_equal(letter_of("data/broker/CURRENT"), 'n');
    assert_int_equal(count_beside(), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_backup_takes_the_place_of_the_store),
        TEST(it_is_read_and_written_where_the_kernel_does_not_copy),
        TEST(a_copy_that_fails_leaves_the_store),
        TEST(two_renames_do_where_none_exchanges),
        TEST(a_rename_that_fails_leaves_the_store_as_it_was),
        TEST(a_directory_without_a_store_gets_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
