/* Spans of time as they are typed. */

#include "cli/duration.h"

#include "tests/unit/test.h"

static void spans_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"90s", 90000},
        {"30m", 1800000},
        {"24h", 86400000},
        {"7d", 604800000},
        {"87840h", 87840 * INT64_C(3600000)},
        {"87841h", 0},
        {"3661d", 0},
        {"0s", 0},
        {"-1h", 0},
        {"+1h", 0},
        {" 1h", 0},
        {"1", 0},
        {"h", 0},
        {"", 0},
        {"1hh", 0},
        {"1w", 0},
        {"99999999999999999999s", 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        assert_int_equal(duration_parse(rows[index].text), rows[index].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
