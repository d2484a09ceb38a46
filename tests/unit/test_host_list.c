/* The hosts that an operator allows: names, and everything below a domain. */
#include "actors/host_list.h"

#include "tests/unit/test.h"

static void test_a_list_is_names_and_domains(void **state)
{
    static const struct {
        const char *list;
        bool valid;
    } cases[] = {
        {"cdn.example", true},
        {"cdn.example, *.wavespeed.ai", true},
        {" a.example\tb.example,,10.0.0.1 ::1", true},
        {"2001:DB8::1", true},
        {"cdn.example:8443", false},
        {"[::1]", false},
        {"*.::1", false},
        {"::g", false},
        {"", false},
        {" , ", false},
        {"*", false},
        {"*.", false},
        {"a.*.example", false},
        {"CDN.example", false},
        {"https://cdn.example", false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(host_list_is_valid(cases[index].list), cases[index].valid);
    }
}

static void test_a_host_is_in_the_list_or_below_a_domain_of_it(void **state)
{
    static const char list[] = "cdn.example, *.wavespeed.ai, 10.0.0.1, 2001:db8::0:1";
    static const struct {
        const char *host;
        bool found;
    } cases[] = {
        {"cdn.example", true},        {"CDN.Example", true},
        {"a.wavespeed.ai", true},     {"a.b.WAVESPEED.ai", true},
        {"wavespeed.ai", false},      {"evilwavespeed.ai", false},
        {"wavespeed.ai.evil", false}, {"x.cdn.example", false},
        {".wavespeed.ai", false},     {"", false},
        {"10.0.0.1", true},           {"10.0.0.11", false},
        {"[2001:db8::1]", true},      {"[2001:db8::2]", false},
        {"[2001:db8::1", false},      {"[]", false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(host_list_has(list, slice_from_string(cases[index].host)),
                         cases[index].found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_is_names_and_domains),
        cmocka_unit_test(test_a_host_is_in_the_list_or_below_a_domain_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
