#include "base/money.h"

#include "tests/unit/test.h"

static void reads_decimals(void **state)
{
    static const struct {
        const char *text;
        uint64_t amount;
    } cases[] = {
        {"0", 0},        {"0.02", 20000},    {"1", 1000000},        {"12.5", 12500000},
        {"0.000001", 1}, {"100", 100000000}, {"00.100000", 100000}, {"99.999999", 99999999},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        uint64_t amount = 7;
        assert_true(money_parse(cases[index].text, 100 * MONEY_USD, &amount));
        assert_int_equal(amount, cases[index].amount);
    }
}

static void refuses_what_is_no_amount(void **state)
{
    static const char *const cases[] = {
        "",      ".",         "1.",         ".5",  "-1",  "+1",
        "1e3",   " 1",        "1 ",         "1,5", "0x1", "1..2",
        "1.2.3", "0.0000001", "100.000001", "101", "nan", "99999999999999999999999999999",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        uint64_t amount;
        assert_false(money_parse(cases[index], 100 * MONEY_USD, &amount));
    }
}

static void takes_json_numbers_of_six_places(void **state)
{
    uint64_t amount;
    (void)state;
    assert_true(money_of_number(0.02, 100 * MONEY_USD, &amount));
    assert_int_equal(amount, 20000);
    assert_true(money_of_number(0.000001, 100 * MONEY_USD, &amount));
    assert_int_equal(amount, 1);
    assert_true(money_of_number(100, 100 * MONEY_USD, &amount));
    assert_int_equal(amount, 100 * MONEY_USD);
    assert_true(money_of_number(33.333333, 100 * MONEY_USD, &amount));
    assert_int_equal(amount, 33333333);
    assert_false(money_of_number(-0.01, 100 * MONEY_USD, &amount));
    assert_false(money_of_number(100.1, 100 * MONEY_USD, &amount));
    assert_false(money_of_number(0.0000005, 100 * MONEY_USD, &amount));
    assert_false(money_of_number(0.0 / 0.0, 100 * MONEY_USD, &amount));
}

static void writes_no_needless_zeros(void **state)
{
    static const struct {
        uint64_t amount;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1, "0.000001"},
        {20000, "0.02"},
        {MONEY_USD, "1"},
        {10 * MONEY_USD, "10"},
        {12500000, "12.5"},
        {INT64_MAX, "9223372036854.775807"},
    };
    char text[MONEY_TEXT_SIZE];
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_string_equal(money_format(cases[index].amount, text), cases[index].text);
    }
}

static void writes_json_numbers(void **state)
{
    struct buffer buffer;
    struct json_writer writer;
    (void)state;
    buffer_init(&buffer, 100);
    json_writer_init(&writer, &buffer);
    json_object_begin(&writer);
    json_member_money(&writer, "costUsd", 20000);
    json_object_end(&writer);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_memory_equal(buffer.data, "{\"costUsd\":0.02}", buffer.size);
    buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_decimals),
        cmocka_unit_test(refuses_what_is_no_amount),
        cmocka_unit_test(takes_json_numbers_of_six_places),
        cmocka_unit_test(writes_no_needless_zeros),
        cmocka_unit_test(writes_json_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
