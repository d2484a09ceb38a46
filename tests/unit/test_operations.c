#include "actors/operations.h"

#include "tests/unit/test.h"

#define OPERATION(at, what, id)                                                            \
    {                                                                                      \
        .operation = (at), .state = (what), .provider = SLICE_LITERAL("studio"), .task = { \
            (const uint8_t *)(id),                                                         \
            sizeof(id) - 1                                                                 \
        }                                                                                  \
    }

static struct provider_list list_of(const char *name)
{
    return (struct provider_list){.count = 1, .items = {{.name = name}}};
}

static struct operation_plan plan_of(const struct recorded_operation *operations, size_t count)
{
    struct provider_list list = list_of("studio");
    return operations_plan(operations, count, OPERATION_VIDEO, &list);
}

static void nothing_on_record_is_submitted(void **state)
{
    (void)state;
    struct operation_plan plan = plan_of(NULL, 0);
    assert_int_equal(plan.advice, OPERATION_ADVICE_SUBMIT);
    assert_int_equal(plan.number, OPERATION_VIDEO);
    assert_false(plan.mark_unknown);
}

static void operations_of_other_calls_do_not_count(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_IMAGE, OPERATION_STATE_INTENT, ""),
        OPERATION(OPERATION_IMAGE + 1, OPERATION_STATE_UNKNOWN, ""),
    };
    (void)state;
    assert_int_equal(plan_of(operations, 2).advice, OPERATION_ADVICE_SUBMIT);
    assert_int_equal(plan_of(operations, 2).number, OPERATION_VIDEO);
}

static void a_refused_submission_may_be_made_again_under_its_number(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_REFUSED, ""),
    };
    (void)state;
    struct operation_plan plan = plan_of(operations, 1);
    assert_int_equal(plan.advice, OPERATION_ADVICE_SUBMIT);
    assert_int_equal(plan.number, OPERATION_VIDEO);
}

static void a_task_that_was_cancelled_or_written_off_may_be_made_again(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_CANCELLED, "task-9"),
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_ABANDONED, "task-9"),
    };
    (void)state;
    for (size_t index = 0; index < 2; index++) {
        struct operation_plan plan = plan_of(&operations[index], 1);
        assert_int_equal(plan.advice, OPERATION_ADVICE_SUBMIT);
        assert_int_equal(plan.number, OPERATION_VIDEO);
        assert_false(plan.mark_unknown);
    }
}

static void a_known_task_is_resumed(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_SUBMITTED, "task-9"),
    };
    (void)state;
    struct operation_plan plan = plan_of(operations, 1);
    assert_int_equal(plan.advice, OPERATION_ADVICE_RESUME);
    assert_int_equal(plan.number, OPERATION_VIDEO);
    assert_true(slice_equal(plan.task, SLICE_LITERAL("task-9")));
}

/* Ordered before the settings were changed, or by a worker that has others: it is paid for. */
static void a_task_of_another_provider_waits_for_who_knows_it(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_SUBMITTED, "task-9"),
    };
    (void)state;
    struct provider_list list = list_of("api.wavespeed.ai");
    struct operation_plan plan = operations_plan(operations, 1, OPERATION_VIDEO, &list);
    assert_int_equal(plan.advice, OPERATION_ADVICE_WAIT);
    assert_true(slice_equal(plan.provider, operations[0].provider));
}

/* Who knows the provider may find it there, or repeat it under its key. */
static void a_lost_call_of_another_provider_waits_for_who_knows_it(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_INTENT, ""),
        OPERATION(OPERATION_VIDEO + 1, OPERATION_STATE_UNKNOWN, ""),
    };
    (void)state;
    struct provider_list list = list_of("api.wavespeed.ai");
    for (size_t count = 1; count <= 2; count++) {
        struct operation_plan plan = operations_plan(operations, count, OPERATION_VIDEO, &list);
        assert_int_equal(plan.advice, OPERATION_ADVICE_WAIT);
        assert_true(slice_equal(plan.provider, operations[0].provider));
    }
}

static void an_intent_without_an_answer_is_marked_and_repeated_once(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_INTENT, ""),
    };
    (void)state;
    struct operation_plan plan = plan_of(operations, 1);
    assert_int_equal(plan.advice, OPERATION_ADVICE_SUBMIT);
    assert_int_equal(plan.number, OPERATION_VIDEO + 1);
    assert_true(plan.mark_unknown);
    assert_int_equal(plan.mark_number, OPERATION_VIDEO);
}

static void a_repetition_knows_when_the_first_call_was_last_heard_of(void **state)
{
    struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_UNKNOWN, ""),
    };
    (void)state;
    operations[0].at_ms = 12345;
    operations[0].call = 7;
    struct operation_plan plan = plan_of(operations, 1);
    assert_int_equal(plan.advice, OPERATION_ADVICE_SUBMIT);
    assert_int_equal(plan.unknown_at_ms, 12345);
    assert_int_equal(plan.call, 7);
    assert_true(slice_equal(plan.provider, SLICE_LITERAL("studio")));
    assert_int_equal(plan_of(NULL, 0).unknown_at_ms, 0);
}

static void a_repetition_waits_never_longer_than_its_bound(void **state)
{
    static const struct {
        int64_t unknown_at_ms;
        int64_t repeat_after_ms;
        int64_t now_ms;
        int64_t wait_ms;
    } cases[] = {
        {0, 60000, 1000000, 0}, /* nobody told when */
        {1000000, 60000, 1000000, 60000}, {1000000, 60000, 1059999, 1},
        {1000000, 60000, 1060000, 0},     {1000000, 60000, 9000000, 0},
        {1000001, 60000, 1000000, 60000}, /* the clock of the first host is ahead */
        {4600000, 60000, 1000000, 60000}, {INT64_MAX, 60000, 1000000, 60000},
        {1000000, 0, 1000000, 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(operations_wait_ms(cases[index].unknown_at_ms,
                                            cases[index].repeat_after_ms, cases[index].now_ms),
                         cases[index].wait_ms);
    }
}

static void two_unknown_outcomes_are_enough(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_UNKNOWN, ""),
        OPERATION(OPERATION_VIDEO + 1, OPERATION_STATE_INTENT, ""),
    };
    (void)state;
    struct operation_plan plan = plan_of(operations, 2);
    assert_int_equal(plan.advice, OPERATION_ADVICE_GIVE_UP);
    assert_true(plan.mark_unknown);
    assert_int_equal(plan.mark_number, OPERATION_VIDEO + 1);
}

static void a_lost_task_is_not_resumed_again(void **state)
{
    const struct recorded_operation operations[] = {
        OPERATION(OPERATION_VIDEO, OPERATION_STATE_UNKNOWN, "task-9"),
        OPERATION(OPERATION_VIDEO + 1, OPERATION_STATE_SUBMITTED, "task-10"),
    };
    (void)state;
    struct operation_plan plan = plan_of(operations, 2);
    assert_int_equal(plan.advice, OPERATION_ADVICE_RESUME);
    assert_true(slice_equal(plan.task, SLICE_LITERAL("task-10")));
}

/* The provider would answer with what came of that. */
static void what_replaces_a_task_has_another_key(void **state)
{
    static const struct {
        uint8_t first, second;
        const char *first_task, *second_task;
        uint32_t call;
    } cases[] = {
        {OPERATION_STATE_UNKNOWN, OPERATION_STATE_REFUSED, "", "", 7},
        {OPERATION_STATE_UNKNOWN, OPERATION_STATE_ABANDONED, "", "", 7}, /* a picture */
        {OPERATION_STATE_UNKNOWN, OPERATION_STATE_REFUSED, "", "task-9", 0},
        {OPERATION_STATE_UNKNOWN, OPERATION_STATE_CANCELLED, "", "task-9", 0},
        {OPERATION_STATE_UNKNOWN, OPERATION_STATE_ABANDONED, "", "task-9", 0},
        {OPERATION_STATE_UNKNOWN, OPERATION_STATE_REFUSED, "task-9", "", 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(*cases); index++) {
        const struct recorded_operation operations[] = {
            {.operation = OPERATION_VIDEO,
             .state = (enum operation_state)cases[index].first,
             .task = slice_from_string(cases[index].first_task),
             .call = 7},
            {.operation = OPERATION_VIDEO + 1,
             .state = (enum operation_state)cases[index].second,
             .task = slice_from_string(cases[index].second_task),
             .call = 7},
        };
        struct operation_plan plan = plan_of(operations, 2);
        assert_int_equal(plan.advice, OPERATION_ADVICE_SUBMIT);
        assert_int_equal(plan.number, OPERATION_VIDEO + 1);
        assert_int_equal(plan.call, cases[index].call);
    }
}

static void each_number_is_of_one_purpose(void **state)
{
    (void)state;
    for (uint8_t number = 0; number < OPERATION_SUBMISSIONS_MAX; number++) {
        assert_int_equal(operations_purpose(OPERATION_IMAGE + number), CALL_PURPOSE_IMAGE);
        assert_int_equal(operations_purpose(OPERATION_VIDEO + number), CALL_PURPOSE_VIDEO);
    }
    assert_int_equal(operations_purpose(OPERATION_CHAT), CALL_PURPOSE_CHAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_on_record_is_submitted),
        cmocka_unit_test(operations_of_other_calls_do_not_count),
        cmocka_unit_test(a_refused_submission_may_be_made_again_under_its_number),
        cmocka_unit_test(a_task_that_was_cancelled_or_written_off_may_be_made_again),
        cmocka_unit_test(a_known_task_is_resumed),
        cmocka_unit_test(a_task_of_another_provider_waits_for_who_knows_it),
        cmocka_unit_test(a_lost_call_of_another_provider_waits_for_who_knows_it),
        cmocka_unit_test(an_intent_without_an_answer_is_marked_and_repeated_once),
        cmocka_unit_test(a_repetition_knows_when_the_first_call_was_last_heard_of),
        cmocka_unit_test(a_repetition_waits_never_longer_than_its_bound),
        cmocka_unit_test(two_unknown_outcomes_are_enough),
        cmocka_unit_test(a_lost_task_is_not_resumed_again),
        cmocka_unit_test(what_replaces_a_task_has_another_key),
        cmocka_unit_test(each_number_is_of_one_purpose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
