#include "proto/word_lists.h"

#include "proto/messages.h"
#include "tests/unit/test.h"

static void requests_name_what_answers_tell(void **state)
{
    (void)state;
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        assert_string_equal(WORD_LIST_QUEUES[kind], job_kind_name((enum job_kind)kind));
    }
    for (int at = 0; at < JOB_STATE_COUNT; at++) {
        assert_string_equal(WORD_LIST_STATUSES[at], job_state_name((enum job_state)at));
    }
    assert_null(WORD_LIST_QUEUES[JOB_KIND_COUNT]);
    assert_null(WORD_LIST_STATUSES[JOB_STATE_COUNT]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_name_what_answers_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
