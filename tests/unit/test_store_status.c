#include "broker/store_status.h"

#include "tests/unit/test.h"

static void an_error_is_told_by_its_kind(void **state)
{
    static const struct {
        const char *error;
        enum status status;
        enum status of_read;
    } cases[] = {
        {"Corruption: block checksum mismatch: stored = 1, computed = 2 in /data/000012.sst",
         STATUS_MALFORMED, STATUS_MALFORMED},
        {"Corruption: merge operator failed", STATUS_MALFORMED, STATUS_MALFORMED},
        {"Invalid argument: troupe.add: does not match", STATUS_MALFORMED, STATUS_MALFORMED},
        {"IO error: No space left on device: While appending to file", STATUS_FULL, STATUS_IO},
        {"IO error: While open a file for appending: /data/1.log: Disk quota exceeded", STATUS_FULL,
         STATUS_IO},
        {"IO error: While mkdir: /data: Permission denied", STATUS_DENIED, STATUS_IO},
        {"IO error: While open: /data/LOG: Read-only file system", STATUS_DENIED, STATUS_IO},
        {"IO error: lock hold by current process, acquire time 1", STATUS_BUSY, STATUS_IO},
        {"IO error: While lock file: /data/LOCK: Resource temporarily unavailable", STATUS_BUSY,
         STATUS_IO},
        {"IO error: While pread offset 0 len 9: /srv/blocks/000012.sst: Input/output error",
         STATUS_IO, STATUS_IO},
        {"Shutdown in progress", STATUS_IO, STATUS_IO},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(store_status(cases[index].error), cases[index].status);
        assert_int_equal(store_read_status(cases[index].error), cases[index].of_read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_told_by_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
