/* Copies of a job's state: what of it comes from the broker's answer, and what from its events. */
#include "tests/unit/test.h"

#include "gateway/job_copy.h"

static bool is_zero(const void *memory, size_t size)
{
    const uint8_t *bytes = memory;
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static void test_base_and_event_leave_no_field_out(void **unused)
{
    struct message_job_state state = {.retries = 1};
    struct message_job_state base;
    struct message_event event;
    (void)unused;
    memset(&base, 1, sizeof(base)); /* slices too: nothing looks at what they point to */
    memset(&event, 1, sizeof(event));
    state.request = base.request; /* of the answer, not of the job */
    state.code = base.code;
    job_state_base(&state, &base);
    job_state_fold(&state, &event);
#define FIELD(number, name, type, limit, need)      \
    if (is_zero(&state.name, sizeof(state.name))) { \
        fail_msg("%s is left out", #name);          \
    }
    MESSAGE_JOB_STATE(FIELD)
#undef FIELD
}

static void test_a_retry_keeps_its_own_limits(void **unused)
{
    struct message_job_state state = {.retries = 2, .deadline = 20};
    const struct message_job_state base = {.retries = 1, .start_by = 5, .deadline = 10};
    (void)unused;
    job_state_base(&state, &base);
    assert_int_equal(state.start_by, 0);
    assert_int_equal(state.deadline, 20);
}

static void test_a_copy_owns_its_texts(void **unused)
{
    char owner[] = "ada";
    struct job_copy copy = {0};
    const struct message_job_state state = {.owner = slice_make(owner, 3),
                                            .labels = SLICE_LITERAL("{}")};
    (void)unused;
    assert_int_equal(job_copy_set(&copy, &state), STATUS_OK);
    owner[0] = 'x';
    assert_true(slice_equal(copy.state.owner, SLICE_LITERAL("ada")));
    assert_true(slice_equal(copy.state.labels, SLICE_LITERAL("{}")));
    assert_int_equal(job_copy_set(&copy, &copy.state), STATUS_OK);
    assert_true(slice_equal(copy.state.owner, SLICE_LITERAL("ada")));
    job_copy_fini(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_and_event_leave_no_field_out),
        cmocka_unit_test(test_a_retry_keeps_its_own_limits),
        cmocka_unit_test(test_a_copy_owns_its_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
