/* Calls of providers, counted by whom, what for and outcome. */
#include "tests/unit/test.h"

#include <stdio.h>
#include "actors/call_meter.h"

static void test_each_response_has_an_outcome(void **state)
{
    static const struct {
        enum http_outcome outcome;
        long status;
        enum call_outcome expected;
    } cases[] = {
        {HTTP_OUTCOME_ANSWERED, 200, CALL_OUTCOME_SUCCESS},
        {HTTP_OUTCOME_ANSWERED, 204, CALL_OUTCOME_SUCCESS},
        {HTTP_OUTCOME_ANSWERED, 302, CALL_OUTCOME_REFUSED},
        {HTTP_OUTCOME_ANSWERED, 400, CALL_OUTCOME_REFUSED},
        {HTTP_OUTCOME_ANSWERED, 429, CALL_OUTCOME_THROTTLED},
        {HTTP_OUTCOME_ANSWERED, 503, CALL_OUTCOME_FAILED},
        {HTTP_OUTCOME_NOT_MADE, 0, CALL_OUTCOME_NOT_SENT},
        {HTTP_OUTCOME_NOT_SENT, 0, CALL_OUTCOME_NOT_SENT},
        {HTTP_OUTCOME_FORBIDDEN, 0, CALL_OUTCOME_NOT_SENT},
        {HTTP_OUTCOME_BROKEN, 0, CALL_OUTCOME_BROKEN},
        {HTTP_OUTCOME_TOO_LARGE, 200, CALL_OUTCOME_BROKEN},
        {HTTP_OUTCOME_REFUSED, 0, CALL_OUTCOME_BROKEN},
        {HTTP_OUTCOME_TIMEOUT, 0, CALL_OUTCOME_TIMEOUT},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        const struct http_response response = {.outcome = cases[index].outcome,
                                               .status = cases[index].status};
        assert_int_equal(call_outcome_of(&response), cases[index].expected);
    }
}

static void test_calls_are_counted_by_name_and_purpose(void **state)
{
    struct call_meter meter = {0};
    char same[] = "studio"; /* another address, the same name */
    (void)state;
    call_meter_count(&meter, "studio", "chat", CALL_OUTCOME_SUCCESS, 12);
    call_meter_count(&meter, same, "chat", CALL_OUTCOME_FAILED, -1);
    call_meter_count(&meter, "studio", "image", CALL_OUTCOME_SUCCESS, 900);
    assert_int_equal(meter.count, 2);
    assert_int_equal(meter.series[0].outcomes[CALL_OUTCOME_SUCCESS], 1);
    assert_int_equal(meter.series[0].outcomes[CALL_OUTCOME_FAILED], 1);
    assert_int_equal(meter.series[0].durations.sum, 12);
    assert_int_equal(meter.series[1].durations.sum, 900);
}

static void test_too_many_names_count_as_one_without(void **state)
{
    static char names[CALL_SERIES_MAX + 5][16];
    struct call_meter meter = {0};
    struct buffer out;
    struct metrics_writer writer;
    (void)state;
    for (int index = 0; index < CALL_SERIES_MAX + 5; index++) {
        snprintf(names[index], sizeof names[index], "host%d", index);
        call_meter_count(&meter, names[index], "chat", CALL_OUTCOME_SUCCESS, 1);
    }
    assert_int_equal(meter.count, CALL_SERIES_MAX);
    buffer_init(&out, METRICS_SIZE_MAX);
    metrics_init(&writer, METRICS_TEXT, &out);
    call_meter_write(&meter, &writer);
    assert_int_equal(metrics_end(&writer), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, '\0'), STATUS_OK);
    assert_non_null(strstr((const char *)out.data,
                           "\ntroupe_provider_calls_total{provider=\"\",operation=\"\","
                           "outcome=\"success\"} 5\n"));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_response_has_an_outcome),
        cmocka_unit_test(test_calls_are_counted_by_name_and_purpose),
        cmocka_unit_test(test_too_many_names_count_as_one_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
