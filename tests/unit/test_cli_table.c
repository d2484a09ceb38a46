/* Tables as text: widths, sides, colours, what has no room, and what is no text. */

#include "cli/table.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static const char *const NAMES[] = {"NAME", "#COUNT", "NOTE", NULL};

static void fill(struct table *table)
{
    table_init(table, NAMES);
    table_put(table, TABLE_PLAIN, "image");
    table_put(table, TABLE_RED, "%d", 12345678);
    table_put(table, TABLE_PLAIN, "a long note");
    table_put(table, TABLE_GREEN, "é");
    table_put(table, TABLE_PLAIN, "7");
    table_put(table, TABLE_PLAIN, "x\ny");
}

static void expect(int width, bool colours, const char *wanted)
{
    struct table table;
    struct buffer out;
    fill(&table);
    buffer_init(&out, 4096);
    assert_int_equal(table_draw(&table, width, colours, &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out), slice_from_string(wanted)));
    buffer_fini(&out);
    table_fini(&table);
}

static void columns_are_as_wide_as_what_is_in_them(void **state)
{
    (void)state;
    expect(0, false,
           "NAME      COUNT  NOTE\n"
           "image  12345678  a long note\n"
           "é             7  x y\n");
}

static void expect_of_names(int width, const char *wanted)
{
    static const char *const names[] = {"NAME", "#COUNT", NULL};
    static const struct table_step steps[] = {{"NAME", 4}, {NULL, 0}};
    struct table table;
    struct buffer out;
    buffer_init(&out, 4096);
    table_init(&table, names);
    table_narrow(&table, steps);
    table_put(&table, TABLE_PLAIN, "王小明");
    table_put(&table, TABLE_PLAIN, "1");
    table_put(&table, TABLE_PLAIN, "Mira");
    table_put(&table, TABLE_PLAIN, "22");
    assert_int_equal(table_draw(&table, width, false, &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out), slice_from_string(wanted)));
    buffer_fini(&out);
    table_fini(&table);
}

static void characters_of_east_asia_take_two_columns(void **state)
{
    (void)state;
    expect_of_names(0, "NAME    COUNT\n王小明      1\nMira       22\n");
    expect_of_names(11, "NAME  COUNT\n王…       1\nMira     22\n");
}

static void what_has_no_room_is_left_out_and_no_number_is_cut(void **state)
{
    (void)state;
    expect(28, false,
           "NAME      COUNT  NOTE\n"
           "image  12345678  a long note\n"
           "é             7  x y\n");
    expect(27, false,
           "NAME      COUNT\n"
           "image  12345678\n"
           "é             7\n");
    expect(14, false, "NAME\nimage\né\n");
    expect(3, false, "NA…\nim…\né\n");
}

static const char *const WIDE[] = {"ID", "WHO", "#USED", "AT", "ERROR", "JOBS", NULL};
static const struct table_step STEPS[] = {{"WHO", 6},  {"AT", 10}, {"AT", 0},
                                          {"USED", 0}, {"ID", 4},  {NULL, 0}};

static void expect_wide(int width, const char *wanted)
{
    struct table table;
    struct buffer out;
    table_init(&table, WIDE);
    table_narrow(&table, STEPS);
    table_put(&table, TABLE_PLAIN, "1f2e-33");
    table_put(&table, TABLE_PLAIN, "wilhelmina");
    table_put(&table, TABLE_PLAIN, "1234");
    table_put(&table, TABLE_PLAIN, "2026-01-02T03:04");
    table_put(&table, TABLE_PLAIN, "%s", "");
    table_put(&table, TABLE_RED, "1f2e rendering 40%%, 5a6b drawing 70%%");
    buffer_init(&out, 4096);
    assert_int_equal(table_draw(&table, width, false, &out), STATUS_OK);
    assert_string_equal((out.data[out.size - 1] = '\0', (const char *)out.data), wanted);
    buffer_fini(&out);
    table_fini(&table);
}

static void lines_become_narrower_in_declared_steps(void **state)
{
    (void)state;
    expect_wide(0, "ID       WHO         USED  AT                ERROR  JOBS\n"
                   "1f2e-33  wilhelmina  1234  2026-01-02T03:04         "
                   "1f2e rendering 40%, 5a6b drawing 70%");
    /* What is empty goes first, and the last column is cut between words. */
    expect_wide(80, "ID       WHO         USED  AT                JOBS\n"
                    "1f2e-33  wilhelmina  1234  2026-01-02T03:04  "
                    "1f2e rendering 40%, 5a6b drawing…");
    expect_wide(65, "ID       WHO         USED  AT                JOBS\n"
                    "1f2e-33  wilhelmina  1234  2026-01-02T03:04  1f2e rendering 40%…");
    /* A word is cut with an ellipsis, what ends with a part of a time or an id is not. */
    expect_wide(61, "ID       WHO     USED  AT                JOBS\n"
                    "1f2e-33  wilhe…  1234  2026-01-02T03:04  1f2e rendering 40%…");
    expect_wide(55, "ID       WHO     USED  AT          JOBS\n"
                    "1f2e-33  wilhe…  1234  2026-01-0…  1f2e rendering 40%…");
    expect_wide(43, "ID       WHO     USED  JOBS\n"
                    "1f2e-33  wilhe…  1234  1f2e rendering 40%…");
    expect_wide(37, "ID       WHO     JOBS\n"
                    "1f2e-33  wilhe…  1f2e rendering 40%…");
    expect_wide(34, "ID    WHO     JOBS\n"
                    "1f2e  wilhe…  1f2e rendering 40%…");
    /* After all steps the last ones go. */
    expect_wide(33, "ID    WHO\n1f2e  wilhe…");
    expect_wide(11, "ID\n1f2e");
}

static void expect_flow_of(const char *error, size_t beside_steps, int width, const char *wanted)
{
    static const char *const names[] = {"JOB", "AT", "WHO", "ERROR", NULL};
    static const struct table_step steps[] = {{"AT", 0}, {"WHO", 0}, {NULL, 0}};
    struct table table;
    struct buffer out;
    table_init(&table, names);
    table_narrow(&table, steps);
    table_flow(&table, beside_steps);
    table_put(&table, TABLE_PLAIN, "1f2e");
    table_put(&table, TABLE_PLAIN, "03:04");
    table_put(&table, TABLE_PLAIN, "wilhelmina");
    table_put(&table, TABLE_RED, "%s", error);
    table_put(&table, TABLE_PLAIN, "77");
    table_put(&table, TABLE_PLAIN, "03:05");
    table_put(&table, TABLE_PLAIN, "me");
    table_put(&table, TABLE_PLAIN, "%s", "");
    buffer_init(&out, 4096);
    assert_int_equal(table_draw(&table, width, false, &out), STATUS_OK);
    assert_string_equal((out.data[out.size - 1] = '\0', (const char *)out.data), wanted);
    buffer_fini(&out);
    table_fini(&table);
}

static void expect_flow(int width, const char *wanted)
{
    expect_flow_of("who draws did not answer", 1, width, wanted);
}

/* What is not there needs no room: all steps are taken before a column goes. */
static void a_text_that_is_not_there_keeps_nothing_away(void **state)
{
    (void)state;
    expect_flow_of("", 0, 16,
                   "JOB   WHO\n"
                   "1f2e  wilhelmina\n"
                   "77    me");
}

static void a_text_that_matters_goes_below_when_it_has_no_room(void **state)
{
    (void)state;
    expect_flow(49, "JOB   AT     WHO         ERROR\n"
                    "1f2e  03:04  wilhelmina  who draws did not answer\n"
                    "77    03:05  me");
    expect_flow(42, "JOB   WHO         ERROR\n"
                    "1f2e  wilhelmina  who draws did not answer\n"
                    "77    me");
    expect_flow(41, "JOB   AT     WHO\n"
                    "    ERROR\n"
                    "1f2e  03:04  wilhelmina\n"
                    "    who draws did not answer\n"
                    "77    03:05  me");
    expect_flow(18, "JOB   WHO\n"
                    "    ERROR\n"
                    "1f2e  wilhelmina\n"
                    "    who draws did\n"
                    "    not answer\n"
                    "77    me");
}

static void it_is_known_which_columns_have_room(void **state)
{
    static const struct table_step steps[] = {{"NAME", 3}, {"NOTE", 0}, {NULL, 0}};
    struct table table;
    (void)state;
    fill(&table);
    table_narrow(&table, steps);
    assert_true(table_has_room(&table, 0, "NOTE"));
    assert_true(table_has_room(&table, 26, "NOTE"));
    assert_false(table_has_room(&table, 20, "NOTE"));
    assert_true(table_has_room(&table, 20, "COUNT"));
    assert_false(table_has_room(&table, 0, "#COUNT"));
    table_fini(&table);
}

static void colours_are_around_the_text_alone(void **state)
{
    (void)state;
    expect(0, true,
           "NAME      COUNT  NOTE\n"
           "image  \033[31m12345678\033[0m  a long note\n"
           "\033[32mé\033[0m             7  x y\n");
}

static void there_are_only_so_many_rows(void **state)
{
    static const char *const one[] = {"N", NULL};
    struct table table;
    struct buffer out;
    (void)state;
    table_init(&table, one);
    buffer_init(&out, 1 << 20);
    for (int row = 0; row < TABLE_ROWS_MAX; row++) {
        table_put(&table, TABLE_PLAIN, "%d", row);
    }
    assert_int_equal(table_draw(&table, 0, false, &out), STATUS_OK);
    table_put(&table, TABLE_PLAIN, "more");
    assert_int_equal(table_draw(&table, 0, false, &out), STATUS_TOO_LARGE);
    buffer_fini(&out);
    table_fini(&table);
}

static void a_cell_is_cut_and_a_table_without_rows_has_a_head(void **state)
{
    static const char *const one[] = {"N", NULL};
    struct table table;
    struct buffer out;
    (void)state;
    table_init(&table, one);
    buffer_init(&out, 4096);
    assert_int_equal(table_draw(&table, 0, false, &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("N\n")));
    table_put(&table, TABLE_PLAIN, "%0*d", 2 * TABLE_CELL_SIZE_MAX, 0);
    buffer_clear(&out);
    assert_int_equal(table_draw(&table, 0, false, &out), STATUS_OK);
    assert_int_equal(out.size, 2 + TABLE_CELL_SIZE_MAX);
    buffer_fini(&out);
    table_fini(&table);
}

static void want_of_memory_is_told(void **state)
{
    struct table table;
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    memory_fail_at(1);
    fill(&table);
    memory_fail_never();
    assert_int_equal(table_draw(&table, 0, false, &out), STATUS_NO_MEMORY);
    table_fini(&table);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_what_is_in_them),
        cmocka_unit_test(characters_of_east_asia_take_two_columns),
        cmocka_unit_test(what_has_no_room_is_left_out_and_no_number_is_cut),
        cmocka_unit_test(lines_become_narrower_in_declared_steps),
        cmocka_unit_test(a_text_that_matters_goes_below_when_it_has_no_room),
        cmocka_unit_test(it_is_known_which_columns_have_room),
        cmocka_unit_test(a_text_that_is_not_there_keeps_nothing_away),
        cmocka_unit_test(colours_are_around_the_text_alone),
        cmocka_unit_test(there_are_only_so_many_rows),
        cmocka_unit_test(a_cell_is_cut_and_a_table_without_rows_has_a_head),
        cmocka_unit_test(want_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
