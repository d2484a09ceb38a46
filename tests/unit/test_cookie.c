#include "gateway/cookie.h"

#include "tests/unit/test.h"

static void the_first_of_its_name_is_found(void **state)
{
    static const struct {
        const char *header;
        const char *value;
    } cases[] = {
        {"", ""},
        {";", ""},
        {"; ;=", ""},
        {"sid", ""},
        {"sid=", ""},
        {"sid=1", "1"},
        {"sid=1; sid=2", "1"},
        {"other=3; sid=1", "1"},
        {"other=3;sid=1;more=2", "1"},
        {"  sid=a.b-c_d=  ; x=y", "a.b-c_d="},
        {"xsid=1", ""},
        {"sidx=1", ""},
        {"SID=1", ""},
        {"sid =1", ""},
        {"a=sid=1", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct slice found =
            cookie_find(slice_from_string(cases[index].header), SLICE_LITERAL("sid"));
        assert_true(slice_equal(found, slice_from_string(cases[index].value)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_its_name_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
