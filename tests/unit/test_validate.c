/* The validator on query strings, and its number reader. Bodies are test_job_rules.c's. */
#include "tests/unit/test.h"

#include "gateway/validate.h"

static const char *const WORDS[] = {"red", "green", NULL};

static const struct field_rule RULES[] = {
    {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = 100},
    {.name = "color", .type = FIELD_WORD, .words = WORDS},
    {.name = "must", .type = FIELD_TEXT, .need = FIELD_REQUIRED, .min = 1, .max = 3},
};

static void test_queries_are_checked_by_rule(void **state)
{
    static const struct {
        const char *text;
        const char *problem;
    } cases[] = {
        {"must=x", NULL},
        {"must=x&limit=1&color=red&unknown=7", NULL},
        {"must=x&limit=100", NULL},
        {"must=x&limit=0", "must be 1 to 100"},
        {"must=x&limit=101", "must be 1 to 100"},
        {"must=x&limit=-1", "must be 1 to 100"},
        {"must=x&limit=1.5", "must be an integer"},
        {"must=x&limit=", "must be an integer"},
        {"must=x&limit=abc", "must be an integer"},
        {"must=x&limit=99999999999999999999", "must be an integer"},
        {"must=x&limit=1&limit=1", "must stand only once"},
        {"must=x&color=blue", "must be one of red, green"},
        {"must=", "must have 1 to 3 characters"},
        {"must=long", "must have 1 to 3 characters"},
        {"", "is required"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct query_string query;
        struct problems problems = {0};
        assert_int_equal(query_string_parse(slice_from_string(cases[index].text), &query),
                         STATUS_OK);
        validate_query(RULES, sizeof(RULES) / sizeof(RULES[0]), &query, &problems);
        if (cases[index].problem == NULL) {
            assert_int_equal(problems.count, 0);
        } else {
            assert_int_equal(problems.count, 1);
            assert_string_equal(problems.items[0].text, cases[index].problem);
        }
    }
}

static void test_every_wrong_field_is_reported_up_to_a_limit(void **state)
{
    struct query_string query;
    struct problems problems = {0};
    (void)state;
    assert_int_equal(query_string_parse(slice_from_string("limit=0&color=x"), &query), STATUS_OK);
    validate_query(RULES, sizeof(RULES) / sizeof(RULES[0]), &query, &problems);
    assert_int_equal(problems.count, 3);
    for (int index = 0; index < 2 * PROBLEMS_MAX; index++) {
        problems_add(&problems, "more", "%d", index);
    }
    assert_int_equal(problems.count, PROBLEMS_MAX);
}

static void test_numbers_are_whole_and_bounded(void **state)
{
    static const struct {
        const char *text;
        enum status status;
        int64_t value;
    } cases[] = {
        {"0", STATUS_OK, 0},
        {"-7", STATUS_OK, -7},
        {"999999999999999999", STATUS_OK, 999999999999999999},
        {"1000000000000000000", STATUS_MALFORMED, 0},
        {"", STATUS_MALFORMED, 0},
        {"-", STATUS_MALFORMED, 0},
        {"+1", STATUS_MALFORMED, 0},
        {" 1", STATUS_MALFORMED, 0},
        {"1e3", STATUS_MALFORMED, 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        int64_t value = 0;
        assert_int_equal(validate_integer(slice_from_string(cases[index].text), &value),
                         cases[index].status);
        assert_int_equal(value, cases[index].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries_are_checked_by_rule),
        cmocka_unit_test(test_every_wrong_field_is_reported_up_to_a_limit),
        cmocka_unit_test(test_numbers_are_whole_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
