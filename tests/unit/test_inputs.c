/* The inputs that are kept for fresh jobs: what is found is always that job's own, and the rest is
 * forgotten in time. */
#include "broker/inputs.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static struct inputs inputs;

static int set_up(void **state)
{
    (void)state;
    memory_fail_never();
    return inputs_init(&inputs) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    inputs_fini(&inputs);
    inputs_fini(&inputs);
    return 0;
}

/* The job of a number; those that are INPUTS_COUNT apart fall into one place. */
static struct id job_of(uint32_t number)
{
    struct id job = {{0}};
    memcpy(job.bytes + ID_SIZE - sizeof number, &number, sizeof number);
    return job;
}

static void put(uint32_t number, struct slice payload, struct slice trace)
{
    const struct id job = job_of(number);
    const struct job_input input = {.payload = payload, .trace = trace};
    inputs_put(&inputs, &job, &input);
}

static bool find(uint32_t number, struct job_input *out)
{
    const struct id job = job_of(number);
    return inputs_find(&inputs, &job, out);
}

static void drop(uint32_t number)
{
    const struct id job = job_of(number);
    inputs_drop(&inputs, &job);
}

/* The three lie behind one another: each is found where it begins and ends. */
static void each_part_of_an_input_is_its_own(void **state)
{
    const struct id job = job_of(1);
    const struct job_input inputs_of[] = {
        {SLICE_LITERAL("{}"), SLICE_LITERAL("00-trace"), SLICE_LITERAL("request")},
        {SLICE_LITERAL("{}"), SLICE_EMPTY, SLICE_LITERAL("request")},
        {SLICE_LITERAL("{}"), SLICE_LITERAL("00-trace"), SLICE_EMPTY},
    };
    (void)state;
    for (size_t index = 0; index < sizeof inputs_of / sizeof inputs_of[0]; index++) {
        struct job_input found;
        inputs_put(&inputs, &job, &inputs_of[index]);
        assert_true(inputs_find(&inputs, &job, &found));
        assert_true(slice_equal(found.payload, inputs_of[index].payload));
        assert_true(slice_equal(found.trace, inputs_of[index].trace));
        assert_true(slice_equal(found.request_id, inputs_of[index].request_id));
    }
}

static void an_input_is_found_as_it_was_until_it_is_dropped(void **state)
{
    struct job_input found;
    (void)state;
    put(1, SLICE_LITERAL("{\"a\":1}"), SLICE_LITERAL("00-trace"));
    put(2, SLICE_LITERAL("{}"), SLICE_EMPTY);
    assert_true(find(1, &found));
    assert_true(slice_equal(found.payload, SLICE_LITERAL("{\"a\":1}")));
    assert_true(slice_equal(found.trace, SLICE_LITERAL("00-trace")));
    assert_true(find(2, &found));
    assert_true(slice_equal(found.payload, SLICE_LITERAL("{}")));
    assert_int_equal(found.trace.size, 0);
    drop(1);
    drop(1);
    assert_false(find(1, &found));
    assert_true(find(2, &found));
    drop(2);
    assert_int_equal(inputs.size, 0);
}

static void jobs_of_one_place_are_never_taken_for_one_another(void **state)
{
    struct job_input found;
    (void)state;
    put(7, SLICE_LITERAL("old"), SLICE_EMPTY);
    assert_false(find(7 + INPUTS_COUNT, &found));
    drop(7 + INPUTS_COUNT);
    assert_true(find(7, &found));
    put(7 + INPUTS_COUNT, SLICE_LITERAL("new"), SLICE_EMPTY);
    assert_false(find(7, &found));
    assert_true(find(7 + INPUTS_COUNT, &found));
    assert_true(slice_equal(found.payload, SLICE_LITERAL("new")));
    put(7, SLICE_EMPTY, SLICE_EMPTY);
    assert_false(find(7, &found));
    assert_int_equal(inputs.size, 0);
}

static void what_is_large_or_too_much_is_not_kept(void **state)
{
    static uint8_t bytes[INPUT_SIZE_MAX + 1];
    struct job_input found;
    (void)state;
    put(1, slice_make(bytes, INPUT_SIZE_MAX), SLICE_EMPTY);
    assert_true(find(1, &found));
    put(1, slice_make(bytes, INPUT_SIZE_MAX + 1), SLICE_EMPTY);
    assert_false(find(1, &found));
    put(1, slice_make(bytes, INPUT_SIZE_MAX), SLICE_LITERAL("t"));
    assert_false(find(1, &found));
    uint32_t kept = 0;
    for (uint32_t number = 0; number < INPUTS_COUNT; number++) {
        put(number, slice_make(bytes, INPUT_SIZE_MAX), SLICE_EMPTY);
        kept += find(number, &found);
    }
    assert_int_equal(kept, INPUTS_SIZE_MAX / INPUT_SIZE_MAX);
    assert_int_equal(inputs.size, INPUTS_SIZE_MAX);
    drop(0);
    put(INPUTS_COUNT - 1, SLICE_LITERAL("{}"), SLICE_EMPTY);
    assert_true(find(INPUTS_COUNT - 1, &found));
}

static void without_memory_nothing_is_kept(void **state)
{
    struct inputs none;
    struct job_input found;
    (void)state;
    memory_fail_at(1);
    assert_int_equal(inputs_init(&none), STATUS_NO_MEMORY);
    inputs_fini(&none);
    memory_fail_at(1);
    put(1, SLICE_LITERAL("{}"), SLICE_EMPTY);
    memory_fail_never();
    assert_false(find(1, &found));
    assert_int_equal(inputs.size, 0);
    put(1, SLICE_LITERAL("{}"), SLICE_EMPTY);
    assert_true(find(1, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_part_of_an_input_is_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_input_is_found_as_it_was_until_it_is_dropped, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(jobs_of_one_place_are_never_taken_for_one_another, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_large_or_too_much_is_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_memory_nothing_is_kept, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
