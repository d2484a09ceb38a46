#include "base/settings.h"

#include <stdlib.h>
#include "tests/unit/test.h"

static const char name[] = "TROUPE_TEST_SETTING";

static void put(const char *value)
{
    assert_int_equal(value == NULL ? unsetenv(name) : setenv(name, value, 1), 0);
}

static void what_is_unset_or_empty_is_otherwise(void **state)
{
    static const char *const values[] = {NULL, ""};
    (void)state;
    for (size_t index = 0; index < 2; index++) {
        int64_t number = 0;
        bool flag = false;
        put(values[index]);
        assert_string_equal(settings_text(name, "otherwise"), "otherwise");
        assert_null(settings_text(name, NULL));
        assert_int_equal(settings_integer(name, 1, 5, 99, &number), STATUS_OK);
        assert_int_equal(number, 99);
        assert_int_equal(settings_flag(name, true, &flag), STATUS_OK);
        assert_true(flag);
    }
}

static void a_text_is_taken_as_it_is(void **state)
{
    (void)state;
    put(" spaces too ");
    assert_string_equal(settings_text(name, "otherwise"), " spaces too ");
}

static void whole_numbers_in_their_range_are_read(void **state)
{
    static const struct {
        const char *value;
        int64_t min;
        int64_t max;
        int64_t number;
    } cases[] = {
        {"1", 1, 5, 1},
        {"5", 1, 5, 5},
        {"-3", -3, 0, -3},
        {"007", 0, 10, 7},
        {"9223372036854775807", 0, INT64_MAX, INT64_MAX},
        {"-9223372036854775808", INT64_MIN, 0, INT64_MIN},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        int64_t number = 42;
        put(cases[index].value);
        assert_int_equal(settings_integer(name, cases[index].min, cases[index].max, 42, &number),
                         STATUS_OK);
        assert_int_equal(number, cases[index].number);
    }
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    static const char *const values[] = {
        "0",
        "6",
        "-1",
        "x",
        "5x",
        "1.5",
        " 1",
        "1 ",
        "+1",
        "0x1",
        "1e0",
        "-",
        "--1",
        "off",
        "\xff",
        "9223372036854775808",
        "-9223372036854775809",
    };
    (void)state;
    for (size_t index = 0; index < sizeof values / sizeof values[0]; index++) {
        int64_t number = 42;
        put(values[index]);
        assert_int_equal(settings_integer(name, 1, 5, 3, &number), STATUS_INVALID);
        assert_int_equal(settings_parse_integer("--option", values[index], 1, 5, &number),
                         STATUS_INVALID);
        assert_int_equal(number, 42);
    }
    int64_t number = 42;
    assert_int_equal(settings_parse_integer("--option", "", 1, 5, &number), STATUS_INVALID);
}

static void flags_have_four_words_each(void **state)
{
    static const char *const yes[] = {"on", "true", "yes", "1", "ON", "True"};
    static const char *const no[] = {"off", "false", "no", "0", "Off", "NO"};
    static const char *const neither[] = {"2", "onn", "o", " on", "enable"};
    bool flag;
    (void)state;
    for (size_t index = 0; index < sizeof yes / sizeof yes[0]; index++) {
        put(yes[index]);
        assert_int_equal(settings_flag(name, false, &flag), STATUS_OK);
        assert_true(flag);
        put(no[index]);
        assert_int_equal(settings_flag(name, true, &flag), STATUS_OK);
        assert_false(flag);
    }
    flag = true;
    for (size_t index = 0; index < sizeof neither / sizeof neither[0]; index++) {
        put(neither[index]);
        assert_int_equal(settings_flag(name, false, &flag), STATUS_INVALID);
        assert_true(flag);
    }
}

static void durations_have_a_unit(void **state)
{
    static const struct {
        const char *value;
        int64_t ms;
    } good[] = {{"1ms", 1},     {"250ms", 250},    {"30s", 30000},
                {"2m", 120000}, {"24h", 86400000}, {"1d", 86400000}};
    static const char *const bad[] = {
        "0ms", "1", "ms", "1 d", "-1d", "+1d", "1.5h", "2d", "1w", "1D", "99999999999999999999d"};
    int64_t ms = 0;
    (void)state;
    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        put(good[index].value);
        assert_int_equal(settings_duration(name, 1, 86400000, 5, &ms), STATUS_OK);
        assert_int_equal(ms, good[index].ms);
    }
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        ms = 42;
        put(bad[index]);
        assert_int_equal(settings_duration(name, 1, 86400000, 5, &ms), STATUS_INVALID);
        assert_int_equal(ms, 42);
    }
    put("");
    assert_int_equal(settings_duration(name, 1, 86400000, 5, &ms), STATUS_OK);
    assert_int_equal(ms, 5);
}

static void a_bad_setting_of_the_log_is_refused(void **state)
{
    static const struct {
        const char *level;
        const char *form;
        enum status status;
    } cases[] = {
        {"", "", STATUS_OK},         {"warn", "json", STATUS_OK},  {"loud", "", STATUS_INVALID},
        {"", "xml", STATUS_INVALID}, {"INFO", "", STATUS_INVALID}, {"error", "logfmt", STATUS_OK},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(setenv("TROUPE_LOG_LEVEL", cases[index].level, 1), 0);
        assert_int_equal(setenv("TROUPE_LOG_FORMAT", cases[index].form, 1), 0);
        assert_int_equal(settings_log("troupe-test"), cases[index].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_unset_or_empty_is_otherwise),
        cmocka_unit_test(a_text_is_taken_as_it_is),
        cmocka_unit_test(whole_numbers_in_their_range_are_read),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(durations_have_a_unit),
        cmocka_unit_test(flags_have_four_words_each),
        cmocka_unit_test(a_bad_setting_of_the_log_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
