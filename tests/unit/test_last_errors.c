/* What jobs failed of last: kept, replaced, dropped, and no more than there may be. */

#include "broker/core/last_errors.h"

#include <stdlib.h>
#include "broker/core/job.h"
#include "broker/core/limits.h"
#include "tests/unit/test.h"

static void expect(const struct job *job, struct slice code, struct slice message)
{
    struct slice found_code;
    struct slice found_message;
    last_errors_get(job, &found_code, &found_message);
    assert_true(slice_equal(found_code, code));
    assert_true(slice_equal(found_message, message));
}

static void a_job_has_what_was_kept_last(void **state)
{
    struct last_errors errors = {0};
    struct job jobs[3] = {0};
    (void)state;
    expect(&jobs[0], SLICE_EMPTY, SLICE_EMPTY);
    for (int index = 0; index < 3; index++) {
        last_errors_keep(&errors, &jobs[index], SLICE_LITERAL("timeout"), SLICE_LITERAL("late"));
    }
    last_errors_keep(&errors, &jobs[1], SLICE_LITERAL("busy"), SLICE_EMPTY);
    assert_int_equal(errors.count, 3);
    expect(&jobs[0], SLICE_LITERAL("timeout"), SLICE_LITERAL("late"));
    expect(&jobs[1], SLICE_LITERAL("busy"), SLICE_EMPTY);
    last_errors_drop(&errors, &jobs[0]);
    last_errors_drop(&errors, &jobs[0]);
    expect(&jobs[0], SLICE_EMPTY, SLICE_EMPTY);
    expect(&jobs[2], SLICE_LITERAL("timeout"), SLICE_LITERAL("late"));
    assert_int_equal(errors.count, 2);
    last_errors_fini(&errors);
}

static void texts_stay_where_they_are_until_the_sweep(void **state)
{
    struct last_errors errors = {0};
    struct job job = {0};
    struct slice code;
    struct slice message;
    (void)state;
    last_errors_keep(&errors, &job, SLICE_LITERAL("timeout"), SLICE_LITERAL("late"));
    last_errors_get(&job, &code, &message);
    last_errors_drop(&errors, &job);
    assert_true(slice_equal(message, SLICE_LITERAL("late")));
    last_errors_sweep(&errors);
    assert_null(errors.gone);
    last_errors_fini(&errors);
    last_errors_fini(&errors);
}

static void one_too_many_has_none(void **state)
{
    struct last_errors errors = {0};
    struct job *jobs = calloc(LAST_ERRORS_MAX + 1, sizeof(*jobs));
    (void)state;
    assert_non_null(jobs);
    for (uint32_t index = 0; index <= LAST_ERRORS_MAX; index++) {
        last_errors_keep(&errors, &jobs[index], SLICE_LITERAL("timeout"), SLICE_EMPTY);
    }
    assert_int_equal(errors.count, LAST_ERRORS_MAX);
    expect(&jobs[LAST_ERRORS_MAX], SLICE_EMPTY, SLICE_EMPTY);
    last_errors_drop(&errors, &jobs[7]);
    last_errors_keep(&errors, &jobs[LAST_ERRORS_MAX], SLICE_LITERAL("timeout"), SLICE_EMPTY);
    expect(&jobs[LAST_ERRORS_MAX], SLICE_LITERAL("timeout"), SLICE_EMPTY);
    last_errors_fini(&errors);
    free(jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_has_what_was_kept_last),
        cmocka_unit_test(texts_stay_where_they_are_until_the_sweep),
        cmocka_unit_test(one_too_many_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
