/* Moments as text. */

#include "base/timestamp.h"

#include "tests/unit/test.h"

static void reads_what_the_rfc_allows(void **state)
{
    static const struct {
        const char *text;
        int64_t time_ms;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-01-01T00:00:00Z", 1767225600000},
        {"2026-01-01t00:00:00z", 1767225600000},
        {"2026-01-01T01:30:00+01:30", 1767225600000},
        {"2025-12-31T16:00:00-08:00", 1767225600000},
        {"2026-01-01T00:00:00-00:00", 1767225600000},
        {"2026-01-01T00:00:00.5Z", 1767225600500},
        {"2026-01-01T00:00:00.123456789Z", 1767225600123},
        {"2024-02-29T12:00:00Z", 1709208000000},
        {"2000-02-29T00:00:00Z", 951782400000},
        {"1990-12-31T23:59:60Z", 662688000000}, /* a leap second */
        {"9999-12-31T23:59:59.999Z", 253402300799999},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        int64_t time_ms = -1;
        assert_int_equal(timestamp_parse(slice_from_string(cases[index].text), &time_ms),
                         STATUS_OK);
        assert_int_equal(time_ms, cases[index].time_ms);
    }
}

static void refuses_everything_else(void **state)
{
    static const char *const cases[] = {
        "",
        "now",
        "2026-01-01",
        "2026-01-01T00:00:00", /* no zone */
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00Z",
        "2026-1-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+01",
        "2026-01-01T00:00:00Zz",
        "2026-01-01T00:00:0\xd9\xa1Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:60Z", /* the year 10000 */
        "9999-12-31T23:59:59-00:01",
        "1767225600",
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        int64_t time_ms = -1;
        assert_int_equal(timestamp_parse(slice_from_string(cases[index]), &time_ms),
                         STATUS_MALFORMED);
        assert_int_equal(time_ms, -1);
    }
}

static void refuses_every_beginning_of_a_good_one(void **state)
{
    struct slice whole = SLICE_LITERAL("2026-01-01T01:30:00.250+01:30");
    int64_t time_ms;
    (void)state;
    for (size_t size = 0; size < whole.size; size++) {
        assert_int_equal(timestamp_parse(slice_make(whole.data, size), &time_ms), STATUS_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_rfc_allows),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(refuses_every_beginning_of_a_good_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
