/* Numbers as a row of small bars. */
#include "cli/spark.h"

#include "tests/unit/test.h"

static void assert_drawn(const int64_t *numbers, size_t count, int64_t most, const char *wanted)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(spark_draw(numbers, count, most, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_string_equal((const char *)out.data, wanted);
    buffer_fini(&out);
}

static void a_bar_is_as_high_as_its_part_of_the_most(void **state)
{
    static const int64_t numbers[] = {0, 1, 100, 101, 200, 400, 799, 800, SPARK_NONE, 900};
    (void)state;
    assert_drawn(numbers, 10, 800, "▁▁▁▂▂▄██ █");
}

static void what_is_little_is_still_seen(void **state)
{
    static const int64_t numbers[] = {1, INT64_MAX, SPARK_NONE, 0};
    (void)state;
    assert_drawn(numbers, 4, INT64_MAX, "▁█ ▁");
    assert_drawn(numbers, 2, 1, "██");
    assert_drawn(numbers, 1, 0, "▁");
    assert_drawn(numbers, 0, 0, "");
}

static void the_most_is_the_highest_number(void **state)
{
    static const int64_t numbers[] = {SPARK_NONE, 3, 7, 5};
    (void)state;
    assert_int_equal(spark_most(numbers, 4), 7);
    assert_int_equal(spark_most(numbers, 1), 0);
    assert_int_equal(spark_most(numbers, 0), 0);
}

static void several_numbers_become_one_and_the_last_is_whole(void **state)
{
    static const struct {
        size_t group;
        enum spark_merge how;
        size_t count;
        int64_t wanted[7];
    } table[] = {
        {1, SPARK_MERGE_SUM, 7, {1, 2, SPARK_NONE, 4, 5, SPARK_NONE, SPARK_NONE}},
        {2, SPARK_MERGE_SUM, 4, {1, 2, 9, SPARK_NONE}},
        {2, SPARK_MERGE_MOST, 4, {1, 2, 5, SPARK_NONE}},
        {3, SPARK_MERGE_SUM, 3, {1, 6, 5}},
        {3, SPARK_MERGE_MOST, 3, {1, 4, 5}},
        {7, SPARK_MERGE_SUM, 1, {12}},
        {9, SPARK_MERGE_MOST, 1, {5}},
    };
    (void)state;
    for (size_t row = 0; row < sizeof table / sizeof table[0]; row++) {
        int64_t numbers[] = {1, 2, SPARK_NONE, 4, 5, SPARK_NONE, SPARK_NONE};
        size_t count = spark_merge(numbers, 7, table[row].group, table[row].how);
        assert_int_equal(count, table[row].count);
        assert_memory_equal(numbers, table[row].wanted, count * sizeof numbers[0]);
    }
    assert_int_equal(spark_merge(NULL, 0, 3, SPARK_MERGE_SUM), 0);
}

static void a_sum_does_not_wrap_around(void **state)
{
    int64_t numbers[] = {INT64_MAX, 1};
    (void)state;
    assert_int_equal(spark_merge(numbers, 2, 2, SPARK_MERGE_SUM), 1);
    assert_true(numbers[0] == INT64_MAX);
}

static void an_output_that_is_full_is_told(void **state)
{
    static const int64_t numbers[] = {1, 2, 3};
    struct buffer out;
    (void)state;
    buffer_init(&out, 4);
    assert_int_equal(spark_draw(numbers, 3, 3, &out), STATUS_TOO_LARGE);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bar_is_as_high_as_its_part_of_the_most),
        cmocka_unit_test(what_is_little_is_still_seen),
        cmocka_unit_test(the_most_is_the_highest_number),
        cmocka_unit_test(several_numbers_become_one_and_the_last_is_whole),
        cmocka_unit_test(a_sum_does_not_wrap_around),
        cmocka_unit_test(an_output_that_is_full_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
