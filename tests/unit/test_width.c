/* How wide text is on a terminal. */
#include "cli/width.h"

#include "tests/unit/test.h"

static void each_character_has_its_width(void **state)
{
    static const struct {
        const char *text;
        int columns;
    } rows[] = {
        {"", 0},       {"Mira", 4},     {"Zoë", 3},      {"Zoe\u0308", 3}, {"王小明", 6},
        {"さくら", 6}, {"한글", 4},     {"ｗｉｄｅ", 8}, {"ﾊﾝｶｸ", 4},      {"🎬 cut", 6},
        {"…█▏", 3},    {"ק\u05b8מ", 2}, {"\xe7\x8e", 1}, {"\x8e\x8e", 0},  {"a\u200db", 2},
        {"𠀀", 2},     {"⌚⌛", 4},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        if (width_columns(slice_from_string(rows[row].text)) != rows[row].columns) {
            fail_msg("%s is %d wide", rows[row].text,
                     width_columns(slice_from_string(rows[row].text)));
        }
    }
}

static void a_beginning_has_whole_characters_and_their_marks(void **state)
{
    static const struct {
        const char *text;
        int columns;
        const char *beginning;
    } rows[] = {
        {"Mira", 2, "Mi"},
        {"Mira", 9, "Mira"},
        {"Mira", 0, ""},
        {"王小明", 4, "王小"},
        {"王小明", 5, "王小"},
        {"王小明", 1, ""},
        {"ae\u0308o", 2, "ae\u0308"},
        {"Mira", -1, ""},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        assert_int_equal(width_cut(slice_from_string(rows[row].text), rows[row].columns),
                         strlen(rows[row].beginning));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_character_has_its_width),
        cmocka_unit_test(a_beginning_has_whole_characters_and_their_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
