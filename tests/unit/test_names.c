#include "proto/messages.h"

#include "tests/unit/test.h"

static void every_number_below_the_count_has_a_name_and_no_other(void **state)
{
    (void)state;
#define CHECK(function, type, count)                               \
    for (int number = 0; number < (count); number++) {             \
        assert_string_not_equal(function((enum type)number), "?"); \
    }                                                              \
    assert_string_equal(function((enum type)(count)), "?")
    CHECK(job_kind_name, job_kind, JOB_KIND_COUNT);
    CHECK(job_state_name, job_state, JOB_STATE_COUNT);
    CHECK(document_type_name, document_type, DOCUMENT_TYPE_COUNT);
    CHECK(event_kind_name, event_kind, EVENT_KIND_COUNT);
    CHECK(group_kind_name, group_kind, GROUP_KIND_COUNT);
    CHECK(fail_kind_name, fail_kind, FAIL_KIND_COUNT);
    CHECK(operation_state_name, operation_state, OPERATION_STATE_COUNT);
    CHECK(provider_use_name, provider_use, PROVIDER_USE_COUNT);
    CHECK(call_purpose_name, call_purpose, CALL_PURPOSE_COUNT);
    CHECK(provider_fault_name, provider_fault, PROVIDER_FAULT_COUNT);
    CHECK(denial_name, denial, DENIAL_COUNT);
    CHECK(reply_code_name, reply_code, REPLY_CODE_COUNT);
    CHECK(job_action_name, job_action, JOB_ACTION_COUNT);
    CHECK(bulk_state_name, bulk_state, BULK_STATE_COUNT);
    CHECK(error_code_name, error_code, ERROR_CODE_COUNT);
    CHECK(wait_reason_name, wait_reason, WAIT_REASON_COUNT);
    CHECK(worker_orders_name, worker_orders, WORKER_ORDERS_COUNT);
    CHECK(breaker_told_name, breaker_told, BREAKER_TOLD_COUNT);
    CHECK(audit_outcome_name, audit_outcome, AUDIT_OUTCOME_COUNT);
#undef CHECK
}

static void names_are_the_words_of_the_http_contract(void **state)
{
    static const char *const states[] = {"pending",   "waiting", "active",
                                         "completed", "failed",  "cancelled"};
    static const char *const events[] = {
        "queued",           "waiting",  "active",    "progress", "retry_scheduled", "stalled",
        "cancel_requested", "provider", "completed", "failed",   "cancelled"};
    (void)state;
    for (int number = 0; number < JOB_STATE_COUNT; number++) {
        assert_string_equal(job_state_name((enum job_state)number), states[number]);
    }
    for (int number = 0; number < EVENT_KIND_COUNT; number++) {
        assert_string_equal(event_kind_name((enum event_kind)number), events[number]);
    }
    assert_string_equal(job_kind_name(JOB_KIND_VIDEO), "video");
}

static void messages_and_their_fields_have_the_names_of_the_table(void **state)
{
    (void)state;
    assert_string_equal(message_type_name(MESSAGE_TYPE_HELLO), "hello");
    assert_string_equal(message_type_name(MESSAGE_TYPE_OPERATION_ACK), "operation_ack");
    assert_string_equal(message_type_name((enum message_type)0), "?");
    assert_string_equal(field_name(MESSAGE_TYPE_DONE, 5), "document");
    assert_string_equal(field_name(MESSAGE_TYPE_DONE, 0), "?");
    assert_string_equal(field_name(MESSAGE_TYPE_DONE, 250), "?");
    assert_string_equal(field_name((enum message_type)0, 1), "?");
}

static void only_three_states_are_terminal(void **state)
{
    (void)state;
    for (int number = 0; number < JOB_STATE_COUNT; number++) {
        assert_int_equal(job_state_is_terminal((enum job_state)number),
                         number >= JOB_STATE_COMPLETED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_below_the_count_has_a_name_and_no_other),
        cmocka_unit_test(names_are_the_words_of_the_http_contract),
        cmocka_unit_test(messages_and_their_fields_have_the_names_of_the_table),
        cmocka_unit_test(only_three_states_are_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
