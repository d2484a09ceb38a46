#include "cli/terminal_text.h"

#include <stdlib.h>
#include "tests/unit/test.h"

static void a_control_character_becomes_a_space(void **state)
{
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"", ""},
        {"Mira", "Mira"},
        {"\033]52;c;aGk=\007x", " ]52;c;aGk= x"},
        {"a\tb\nc\rd\x7f", "a b c d "},
        {"\xc2\x9b"
         "2J",
         " 2J"},                                  /* CSI as one character */
        {"\xc2\x80\xc2\x9f", "  "},               /* the first and the last of C1 */
        {"\xc2\xa0\xc2\xbf", "\xc2\xa0\xc2\xbf"}, /* no control characters */
        {"J\xc3\xbcrgen \xe2\x9b\x84", "J\xc3\xbcrgen \xe2\x9b\x84"},
        {"\xc3\x9b", "\xc3\x9b"}, /* the byte 9b within another character */
        {"cut \xc2", "cut \xc2"},
        {"a\xe2\x80\xae"
         "cba",
         "a cba"},                                                /* shown from right to left */
        {"\xe2\x80\xa8\xe2\x81\xa6\xe2\x81\xa9", "   "},          /* the first and the last ... */
        {"\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\xa7\xe2\x80\xaf"}, /* ... and their neighbours */
        {"\xe2\x81\xa5\xe2\x81\xaa", "\xe2\x81\xa5\xe2\x81\xaa"},
        {"\xd7\xa9\xd7\x9c", "\xd7\xa9\xd7\x9c"}, /* a script of its own direction */
        {"cut \xe2\x80", "cut \xe2\x80"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        char text[64];
        snprintf(text, sizeof text, "%s", cases[index].text);
        terminal_text(text);
        assert_string_equal(text, cases[index].shown);
    }
}

static void a_line_ends_once_and_acts_on_nothing(void **state)
{
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    (void)state;
    terminal_line(out, "%-6s%s", "name", "\033[2J\nroot# ");
    fclose(out);
    assert_string_equal(written, "name   [2J root# \n");
    free(written);
}

static void json_is_the_same_document_without_control_characters(void **state)
{
    static const char json[] = "[\"\x7f\xc2\x9b\xc3\xbc\\u001b\",\"\xc2\xa0\xe2\x80\xae\"]\n";
    struct buffer out;
    (void)state;
    buffer_init(&out, 200);
    assert_int_equal(terminal_json(SLICE_LITERAL(json), &out), STATUS_OK);
    assert_true(
        slice_equal(buffer_slice(&out),
                    SLICE_LITERAL("[\"\\u007f\\u009b\xc3\xbc\\u001b\",\"\xc2\xa0\\u202e\"]\n")));
    buffer_fini(&out);
    for (size_t limit = 0; limit < 34; limit++) {
        buffer_init(&out, limit);
        assert_int_equal(terminal_json(SLICE_LITERAL(json), &out), STATUS_TOO_LARGE);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_control_character_becomes_a_space),
        cmocka_unit_test(a_line_ends_once_and_acts_on_nothing),
        cmocka_unit_test(json_is_the_same_document_without_control_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
