/* Secrets of files and settings. Method: files in a directory of the test's own; the linker sends
 * statvfs here, so that a mount can be a read-only one. */
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/file.h"
#include "tests/unit/test.h"

static int mount_result;
static unsigned long mount_flags;

int __wrap_statvfs(const char *path, struct statvfs *out);

int __wrap_statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    *out = (struct statvfs){.f_flag = mount_flags};
    return mount_result;
}

static void put(char path[32], const char *text, mode_t mode)
{
    memcpy(path, "/tmp/troupe-secret-XXXXXX", 26);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(file_write(path, slice_from_string(text), mode), STATUS_OK);
}

static void test_a_file_that_others_may_use_keeps_no_secret(void **state)
{
    static const struct {
        mode_t mode;
        int mount_result;
        unsigned long mount_flags;
        enum status status;
    } cases[] = {
        {0600, 0, 0, STATUS_OK},         {0400, 0, 0, STATUS_OK},
        {0400, -1, 0, STATUS_OK},        {0640, 0, 0, STATUS_INVALID},
        {0604, 0, 0, STATUS_INVALID},    {0602, 0, ST_NOSUID, STATUS_INVALID},
        {0444, 0, ST_RDONLY, STATUS_OK}, {0444, -1, ST_RDONLY, STATUS_INVALID},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char path[32];
        char *secret = NULL;
        put(path, "sk-1\n", cases[index].mode);
        mount_result = cases[index].mount_result;
        mount_flags = cases[index].mount_flags;
        assert_int_equal(secret_read("A_FILE", path, NULL, &secret), cases[index].status);
        if (cases[index].status == STATUS_OK) {
            assert_string_equal(secret, "sk-1");
        } else {
            assert_null(secret);
        }
        secret_forget(&secret);
        assert_null(secret);
        unlink(path);
    }
}

static void test_a_secret_is_read_without_the_blanks_at_its_end(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {{NULL, ""}, {"", ""}, {" \r\n", ""}, {"sk-!~ \t\n", "sk-!~"}};
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char *secret = NULL;
        assert_int_equal(secret_read("A", NULL, cases[index].text, &secret), STATUS_OK);
        assert_string_equal(secret, cases[index].expected);
        secret_forget(&secret);
    }
}

static void test_bytes_that_no_key_has_are_refused(void **state)
{
    static const char *const texts[] = {"sk-1\nsk-2\n", "a b",         " a",   "a\r\nX-Other: 1",
                                        "a\tb",         "caf\xc3\xa9", "a\x7f"};
    (void)state;
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        char path[32];
        char *secret = NULL;
        put(path, texts[index], 0600);
        assert_int_equal(secret_read("A", NULL, texts[index], &secret), STATUS_INVALID);
        assert_int_equal(secret_read("A_FILE", path, NULL, &secret), STATUS_INVALID);
        assert_null(secret);
        unlink(path);
    }
}

static void test_what_is_too_long_or_not_there_is_refused(void **state)
{
    char text[SECRET_SIZE_MAX + 2];
    char path[32];
    char *secret = NULL;
    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    put(path, text, 0600);
    assert_int_equal(secret_read("A", NULL, text, &secret), STATUS_INVALID);
    assert_int_equal(secret_read("A_FILE", path, NULL, &secret), STATUS_INVALID);
    unlink(path);
    assert_int_equal(secret_read("A_FILE", path, NULL, &secret), STATUS_INVALID);
    assert_null(secret);
}

static void test_a_buffer_is_wiped_and_released(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    secret_buffer_fini(&buffer);
    assert_int_equal(buffer_append(&buffer, "sk-1", 4), STATUS_OK);
    secret_buffer_fini(&buffer);
    assert_int_equal(buffer.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_that_others_may_use_keeps_no_secret),
        cmocka_unit_test(test_a_secret_is_read_without_the_blanks_at_its_end),
        cmocka_unit_test(test_bytes_that_no_key_has_are_refused),
        cmocka_unit_test(test_what_is_too_long_or_not_there_is_refused),
        cmocka_unit_test(test_a_buffer_is_wiped_and_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
