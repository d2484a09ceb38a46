#include "broker/inputs.h"

#include <stdlib.h>
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static struct inputs inputs;

static int tear_down(void **state)
{
    (void)state;
    inputs_fini(&inputs);
    inputs_fini(&inputs);
    assert_int_equal(inputs.size, 0);
    return 0;
}

/* Ids of one slot differ in their first byte. */
static struct id numbered(uint8_t first, uint16_t slot)
{
    struct id id = {0};
    id.bytes[0] = first;
    id.bytes[14] = (uint8_t)(slot >> 8);
    id.bytes[15] = (uint8_t)slot;
    return id;
}

static bool holds(struct id job, const char *text)
{
    struct slice input;
    return inputs_get(&inputs, &job, &input) && slice_equal(input, slice_from_string(text));
}

static void put(struct id job, const char *text)
{
    inputs_put(&inputs, &job, slice_from_string(text));
}

static void what_was_put_is_found(void **state)
{
    (void)state;
    put(numbered(1, 7), "one");
    put(numbered(1, 8), "two");
    assert_true(holds(numbered(1, 7), "one"));
    assert_true(holds(numbered(1, 8), "two"));
    assert_int_equal(inputs.size, 6);
}

static void another_job_of_the_same_slot_is_not_found(void **state)
{
    struct slice input;
    struct id other = numbered(2, 7);
    (void)state;
    put(numbered(1, 7), "one");
    assert_false(inputs_get(&inputs, &other, &input));
    inputs_drop(&inputs, &other);
    assert_true(holds(numbered(1, 7), "one"));
}

static void a_newer_input_takes_the_place(void **state)
{
    (void)state;
    put(numbered(1, 7), "one");
    put(numbered(2, 7), "other");
    assert_false(holds(numbered(1, 7), "one"));
    assert_true(holds(numbered(2, 7), "other"));
    assert_int_equal(inputs.size, 5);
}

static void a_dropped_input_is_gone(void **state)
{
    struct id job = numbered(1, 7);
    (void)state;
    put(job, "one");
    inputs_drop(&inputs, &job);
    inputs_drop(&inputs, &job);
    assert_false(holds(job, "one"));
    assert_int_equal(inputs.size, 0);
}

static void an_empty_input_is_not_kept(void **state)
{
    struct slice input;
    struct id job = numbered(1, 7);
    (void)state;
    inputs_put(&inputs, &job, SLICE_EMPTY);
    assert_false(inputs_get(&inputs, &job, &input));
}

static void no_more_is_kept_than_may_be(void **state)
{
    enum {
        PIECE = INPUTS_SIZE_MAX / 4 + 1
    };
    uint8_t *bytes = calloc(1, PIECE);
    (void)state;
    assert_non_null(bytes);
    for (uint8_t number = 1; number <= 4; number++) {
        struct id job = numbered(number, number);
        struct slice input;
        inputs_put(&inputs, &job, slice_make(bytes, PIECE));
        assert_int_equal(inputs_get(&inputs, &job, &input), number < 4);
    }
    assert_true(inputs.size <= INPUTS_SIZE_MAX);
    free(bytes);
}

static void without_memory_nothing_is_kept(void **state)
{
    struct slice input;
    struct id job = numbered(1, 7);
    (void)state;
    put(job, "old");
    memory_fail_at(1);
    put(job, "new");
    memory_fail_never();
    assert_false(inputs_get(&inputs, &job, &input));
    assert_int_equal(inputs.size, 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_is_found),          TEST(another_job_of_the_same_slot_is_not_found),
        TEST(a_newer_input_takes_the_place),  TEST(a_dropped_input_is_gone),
        TEST(an_empty_input_is_not_kept),     TEST(no_more_is_kept_than_may_be),
        TEST(without_memory_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
