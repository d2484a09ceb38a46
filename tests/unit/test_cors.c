/* Lists of origins, and who is on them. */
#include "gateway/cors.h"

#include "tests/unit/test.h"

static void test_a_list_of_origins_is_checked(void **state)
{
    static const struct {
        const char *origins;
        enum status status;
    } cases[] = {
        {"*", STATUS_OK},
        {"https://studio.example", STATUS_OK},
        {"http://localhost:3000,https://a.example , http://[::1]:80", STATUS_OK},
        {"chrome-extension://abcdef", STATUS_OK},
        {"", STATUS_INVALID},
        {" , ", STATUS_INVALID},
        {"*, https://a.example", STATUS_INVALID},
        {"a.example", STATUS_INVALID},
        {"://a.example", STATUS_INVALID},
        {"https://", STATUS_INVALID},
        {"https:/a.example", STATUS_INVALID},
        {"https://a.example/", STATUS_INVALID},
        {"https://a.example/path", STATUS_INVALID},
        {"https://A.example", STATUS_INVALID},
        {"https://*.example", STATUS_INVALID},
        {"null", STATUS_INVALID},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(cors_check(cases[index].origins), cases[index].status);
    }
}

static void test_an_origin_is_allowed_when_it_is_on_the_list(void **state)
{
    static const struct {
        const char *origins;
        const char *origin;
        const char *answer;
    } cases[] = {
        {"*", "https://any.example", "*"},
        {"*", "null", "*"},
        {"https://a.example, https://b.example", "https://b.example", "https://b.example"},
        {"https://a.example", "https://a.example:8443", ""},
        {"https://a.example", "http://a.example", ""},
        {"https://a.example", "https://a.example.evil", ""},
        {"https://a.example", "null", ""},
        {"https://a.example", "", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct slice answer =
            cors_answer(cases[index].origins, slice_from_string(cases[index].origin));
        assert_true(slice_equal(answer, slice_from_string(cases[index].answer)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_of_origins_is_checked),
        cmocka_unit_test(test_an_origin_is_allowed_when_it_is_on_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
