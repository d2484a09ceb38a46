/* Lists of checksums. Method: what is written is what sha256sum(1) says of the same files. */
#include "base/checksums.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "tests/unit/test.h"

/* FIPS 180-2, appendix B.1. */
#define HASH_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
/* Of no bytes. */
#define HASH_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static char directory[32];
static char path[64];

static const char *place(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-test-XXXXXX");
    if (mkdtemp(directory) == NULL || mkdir(place("broker"), 0700) != 0) {
        return -1;
    }
    return file_write(place("broker/b"), SLICE_LITERAL("abc"), 0600) != STATUS_OK ||
           file_write(place("broker/a"), SLICE_EMPTY, 0600) != STATUS_OK;
}

static int tear_down(void **state)
{
    (void)state;
    return directory_remove(directory) == STATUS_OK ? 0 : -1;
}

static enum status write_list(const atomic_bool *stop)
{
    char files[64];
    snprintf(files, sizeof files, "%s/broker", directory);
    return checksums_write(files, "broker", stop, place("list"));
}

static void a_list_is_as_sha256sum_writes_it(void **state)
{
    struct buffer list;
    struct checksum line;
    (void)state;
    buffer_init(&list, 1000);
    assert_int_equal(write_list(NULL), STATUS_OK);
    assert_int_equal(file_read(place("list"), &list), STATUS_OK);
    struct slice rest = buffer_slice(&list);
    assert_true(slice_equal(
        rest, SLICE_LITERAL(HASH_OF_NOTHING "  broker/a\n" HASH_OF_ABC "  broker/b\n")));
    assert_int_equal(checksum_next(&rest, &line), STATUS_OK);
    assert_true(slice_equal(line.hash, SLICE_LITERAL(HASH_OF_NOTHING)));
    assert_int_equal(checksum_next(&rest, &line), STATUS_OK);
    assert_true(slice_equal(line.path, SLICE_LITERAL("broker/b")));
    assert_int_equal(checksum_next(&rest, &line), STATUS_NOT_FOUND);
    buffer_fini(&list);
}

static void what_cannot_be_listed_is_told(void **state)
{
    const atomic_bool stop = true;
    char hash[CHECKSUM_SIZE + 1];
    (void)state;
    assert_int_equal(write_list(&stop), STATUS_AGAIN);
    assert_int_equal(checksum_of_file(place("none"), NULL, hash), STATUS_NOT_FOUND);
    assert_int_equal(symlink("b", place("broker/link")), 0);
    assert_int_equal(write_list(NULL), STATUS_IO);
    assert_int_equal(unlink(place("broker/link")), 0);
    assert_int_equal(file_write(place("broker/a\nb"), SLICE_EMPTY, 0600), STATUS_OK);
    assert_int_equal(write_list(NULL), STATUS_INVALID);
    assert_int_not_equal(access(place("list"), F_OK), 0);
    assert_int_equal(checksums_write(place("none"), "broker", NULL, "list"), STATUS_NOT_FOUND);
}

static void what_is_no_line_is_malformed(void **state)
{
    static const char *const bad[] = {
        "\n",
        HASH_OF_ABC "\n",
        HASH_OF_ABC "  \n",
        HASH_OF_ABC "  broker/a",
        HASH_OF_ABC " *broker/a\n",
        HASH_OF_ABC "  broker/\x01\n",
        "\\" HASH_OF_ABC "  broker/a\n",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD  broker/a\n",
    };
    struct checksum line;
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct slice list = slice_from_string(bad[index]);
        assert_int_equal(checksum_next(&list, &line), STATUS_MALFORMED);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_is_as_sha256sum_writes_it),
        TEST(what_cannot_be_listed_is_told),
        TEST(what_is_no_line_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
