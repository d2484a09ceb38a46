#include "actors/text.h"

#include <stdio.h>
#include "tests/unit/test.h"

static void cleans_what_is_not_text(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"a\tb\nc\x7f", "a b c "},
        {"\xc2\x9b\x32J\xc2\x80\xc2\xa0", " 2J \xc2\xa0"}, /* C1, and what is behind it */
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\xff\xfe", "??"},
        {"\xc0\xaf", "??"},           /* overlong */
        {"\xe0\x80\xaf", "???"},      /* overlong */
        {"\xed\xa0\x80", "???"},      /* a surrogate */
        {"\xf4\x90\x80\x80", "????"}, /* beyond Unicode */
        {"\xc3", "?"},                /* cut off */
        {"\xe2\x82", "??"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char out[64];
        size_t size = text_clean(slice_from_string(cases[index].in), out, sizeof(out));
        assert_string_equal(out, cases[index].out);
        assert_int_equal(size, strlen(out));
    }
}

static void never_cuts_a_character_in_two(void **state)
{
    char out[4];
    (void)state;
    assert_int_equal(text_clean(slice_from_string("ab\xc3\xa9"), out, sizeof(out)), 2);
    assert_string_equal(out, "ab");
    assert_int_equal(text_clean(slice_from_string("a\xc3\xa9z"), out, sizeof(out)), 3);
    assert_string_equal(out, "a\xc3\xa9");
}

static void hides_every_copy_of_a_secret(void **state)
{
    char text[] = "key=abcabc, again abc";
    char same[] = "nothing to hide";
    (void)state;
    text_hide(text, "abc");
    assert_string_equal(text, "key=******, again ***");
    text_hide(same, NULL);
    text_hide(same, "");
    assert_string_equal(same, "nothing to hide");
}

static void hides_what_looks_like_a_credential(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"get https://cdn.example/a.png?X-Sig=abc&e=1 failed",
         "get https://cdn.example/a.png?*** failed"},
        {"(\"http://a/b?c=d\"), http://e/f?g", "(\"http://a/b?***\"), http://e/f?*"},
        {"https://a.example/path?", "https://a.example/path?"},
        {"why? see https://a.example/path", "why? see https://a.example/path"},
        {"Authorization: bearer eyJhbGciOi.J9.x-_~+/= refused",
         "Authorization: bearer *** refused"},
        {"the bearer is late", "the bearer is late"},
        {"Incorrect API key provided: sk-proj-12345678. Two: sk-abcdefgh",
         "Incorrect API key provided: sk-*** Two: sk-***"},
        {"a sk-1 a task-12", "a sk-1 a task-12"},
        {"", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char text[128];
        snprintf(text, sizeof(text), "%s", cases[index].in);
        text_hide_credentials(text);
        assert_string_equal(text, cases[index].out);
        text_hide_credentials(text); /* asterisks stay */
        assert_string_equal(text, cases[index].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans_what_is_not_text),
        cmocka_unit_test(never_cuts_a_character_in_two),
        cmocka_unit_test(hides_every_copy_of_a_secret),
        cmocka_unit_test(hides_what_looks_like_a_credential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
