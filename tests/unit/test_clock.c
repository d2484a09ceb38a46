#include "base/clock.h"

#include <time.h>
#include "tests/unit/test.h"

static void writes_iso_8601_with_milliseconds(void **state)
{
    static const struct {
        int64_t time_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {951868799999, "2000-02-29T23:59:59.999Z"},
        {951868800000, "2000-03-01T00:00:00.000Z"},
        {1767225599999, "2025-12-31T23:59:59.999Z"},
        {1767323045678, "2026-01-02T03:04:05.678Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {253402300800000, "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {-1, "1970-01-01T00:00:00.000Z"},
        {INT64_MIN, "1970-01-01T00:00:00.000Z"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format(cases[index].time_ms, text);
        assert_string_equal(text, cases[index].text);
    }
}

static void starts_at_the_wall_time(void **state)
{
    struct clock clock;
    (void)state;
    int64_t before_ms = (int64_t)time(NULL) * 1000;
    clock_init(&clock, 0);
    int64_t now_ms = clock_now_ms(&clock);
    int64_t after_ms = ((int64_t)time(NULL) + 1) * 1000;
    assert_in_range(now_ms, before_ms, after_ms);
}

static void starts_no_earlier_than_what_was_seen(void **state)
{
    struct clock clock;
    const int64_t seen_ms = 4102444800000; /* the year 2100 */
    (void)state;
    clock_init(&clock, seen_ms);
    assert_true(clock_now_ms(&clock) >= seen_ms);
    assert_true(clock_now_ms(&clock) < seen_ms + 60000);
}

static void never_goes_back(void **state)
{
    struct clock clock;
    (void)state;
    clock_init(&clock, 0);
    int64_t last_ms = clock_now_ms(&clock);
    int64_t last_monotonic_ms = clock_monotonic_ms();
    for (int index = 0; index < 10000; index++) {
        int64_t now_ms = clock_now_ms(&clock);
        assert_true(now_ms >= last_ms);
        last_ms = now_ms;
    }
    assert_true(clock_monotonic_ms() >= last_monotonic_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_iso_8601_with_milliseconds),
        cmocka_unit_test(starts_at_the_wall_time),
        cmocka_unit_test(starts_no_earlier_than_what_was_seen),
        cmocka_unit_test(never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
