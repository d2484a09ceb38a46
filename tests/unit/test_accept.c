/* What clients take, by weight. */
#include "gateway/accept.h"

#include "tests/unit/test.h"

struct accept_case {
    const char *header;
    bool taken;
};

static void test_gzip_is_taken_by_weight(void **state)
{
    static const struct accept_case cases[] = {
        {"", false},
        {"gzip", true},
        {"GZip", true},
        {"gzip, deflate, br, zstd", true},
        {"deflate;q=1.0 , gzip ; q=0.5", true},
        {"br", false},
        {"*", true},
        {"*;q=0", false},
        {"gzip;q=0", false},
        {"gzip;q=0, *", false},
        {"gzip;q=0.000", false},
        {"gzip;q=0.001", true},
        {"identity, gzip;q=0.9", false},
        {"identity;q=0.5, gzip;q=0.5", true},
        {"identity;q=0, gzip", true},
        {"gzip;q=high", false},
        {"gzip;q=2", false},
        {"gzip;q=1.0001", false},
        {"gzip;q=1.5", false},
        {"gzip;q=", false},
        {"gzip;level=9", true},
        {"xgzip", false},
        {",;,=;q", false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(accept_gzip(slice_from_string(cases[index].header)), cases[index].taken);
    }
}

static void test_problem_details_are_for_who_names_them(void **state)
{
    static const struct accept_case cases[] = {
        {"", false},
        {"*/*", false},
        {"application/*", false},
        {"application/json", false},
        {"application/problem+json", true},
        {"Application/Problem+JSON; charset=utf-8", true},
        {"application/json, application/problem+json", true},
        {"application/json;q=0.9, application/problem+json;q=0.8", false},
        {"application/problem+json;q=0.5, application/json;q=0.4, */*", true},
        {"application/problem+json;q=0.5, */*", false},
        {"application/problem+json;q=0.5, application/*;q=0.7, */*;q=0.1", false},
        {"application/problem+json;q=0", false},
        {"application/problem+xml", false},
        {"text/html, application/problem+json;x=\"a,b;q=0\"", true},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(accept_problem(slice_from_string(cases[index].header)),
                         cases[index].taken);
    }
}

static void test_pages_are_for_who_names_them(void **state)
{
    static const struct accept_case cases[] = {
        {"", false},
        {"*/*", false},
        {"text/*", false},
        {"text/html", true},
        {"TEXT/HTML; charset=utf-8", true},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
        {"application/json, text/html;q=0.9", false},
        {"application/json, text/html", true},
        {"application/json;q=0.5, text/html", true},
        {"text/html;q=0", false},
        {"application/json, text/plain, */*", false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(accept_html(slice_from_string(cases[index].header)), cases[index].taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip_is_taken_by_weight),
        cmocka_unit_test(test_problem_details_are_for_who_names_them),
        cmocka_unit_test(test_pages_are_for_who_names_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
