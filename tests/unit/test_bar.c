#include "cli/bar.h"

#include "tests/unit/test.h"

static size_t columns_of(struct slice text)
{
    size_t count = 0;
    for (size_t index = 0; index < text.size; index++) {
        /* The characters of East Asia of this test begin with E4 to E9, and take two columns. */
        bool is_wide = text.data[index] >= 0xe4 && text.data[index] <= 0xe9;
        count += ((text.data[index] & 0xc0) != 0x80) + is_wide;
    }
    return count;
}

static void fits_the_terminal_at_every_width_and_progress(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    for (int columns = 40; columns <= 140; columns += 20) {
        for (int progress = 0; progress <= 100; progress++) {
            struct bar bar = {"character",
                              "active",
                              "personality_generated",
                              progress,
                              1 + progress % 12,
                              12345678,
                              columns,
                              false,
                              0};
            buffer_clear(&out);
            assert_int_equal(bar_draw(&bar, &out), STATUS_OK);
            assert_true(columns_of(buffer_slice(&out)) <= (size_t)columns);
            assert_non_null(memmem(out.data, out.size, "personali", 9));
            bool has_time = memmem(out.data, out.size, "12345.7 s", 9) != NULL;
            assert_true(has_time == (columns >= 60));
        }
    }
    buffer_fini(&out);
}

static void says_the_status_without_a_step_and_later_attempts(void **state)
{
    struct buffer out;
    struct bar bar = {"image", "waiting", "", 0, 2, 0, 80, false, 0};
    (void)state;
    buffer_init(&out, 4096);
    assert_int_equal(bar_draw(&bar, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, 0), STATUS_OK);
    assert_non_null(strstr((const char *)out.data, "waiting"));
    assert_non_null(strstr((const char *)out.data, "attempt 2"));
    buffer_fini(&out);
}

static void a_step_has_its_columns_whatever_its_bytes(void **state)
{
    static const char *const steps[] = {"drawn", "größer gemalt", "描画",
                                        "描画描画描画描画描画描画描画描画"};
    (void)state;
    for (size_t index = 0; index < sizeof steps / sizeof steps[0]; index++) {
        struct buffer out;
        struct bar bar = {"image", "active", steps[index], 50, 1, 1000, 80, false, 0};
        buffer_init(&out, 4096);
        assert_int_equal(bar_draw(&bar, &out), STATUS_OK);
        assert_int_equal(columns_of(buffer_slice(&out)), 80);
        buffer_fini(&out);
    }
}

/* All bars of a group begin in one column. */
static void a_name_is_cut_or_filled_up(void **state)
{
    static const struct {
        const char *label;
        const char *drawn;
    } rows[] = {
        {"video", "video                   "},
        {"image Zo\xc3\xab", "image Zo\xc3\xab               "},
        {"character Zo\xc3\xab of the Far Isles", "character Zo\xc3\xab of the Fa…"},
        {"character 王小明", "character 王小明        "},
        {"image 王小明王小明王小明王", "image 王小明王小明王小… "},
        {"character Mira \033[2J of the sea", "character Mira  [2J of …"},
    };
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct bar bar = {rows[row].label, "active", "", 50, 1, 0, 80, false, 24};
        buffer_clear(&out);
        assert_int_equal(bar_draw(&bar, &out), STATUS_OK);
        assert_int_equal(columns_of(slice_make(out.data, strlen(rows[row].drawn))), 24);
        assert_memory_equal(out.data, rows[row].drawn, strlen(rows[row].drawn));
        assert_int_equal(out.data[strlen(rows[row].drawn)], ' ');
        bar.columns = 40;
        buffer_clear(&out);
        assert_int_equal(bar_draw(&bar, &out), STATUS_OK);
        assert_true(columns_of(buffer_slice(&out)) <= 40);
    }
    buffer_fini(&out);
}

static void reports_a_buffer_that_is_too_small(void **state)
{
    struct bar bar = {"image", "active", "", 50, 1, 0, 80, true, 0};
    (void)state;
    for (size_t size = 0; size < 40; size++) {
        struct buffer out;
        buffer_init(&out, size);
        assert_int_equal(bar_draw(&bar, &out), STATUS_TOO_LARGE);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_the_terminal_at_every_width_and_progress),
        cmocka_unit_test(says_the_status_without_a_step_and_later_attempts),
        cmocka_unit_test(a_step_has_its_columns_whatever_its_bytes),
        cmocka_unit_test(a_name_is_cut_or_filled_up),
        cmocka_unit_test(reports_a_buffer_that_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
