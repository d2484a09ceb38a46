#include "gateway/admin_filter.h"

#include "tests/unit/test.h"

static struct query_string query;

static size_t read_query(const char *text, struct message_search_jobs *out)
{
    struct problems problems = {0};
    *out = (struct message_search_jobs){0};
    assert_int_equal(query_string_parse(slice_from_string(text), &query), STATUS_OK);
    admin_filter_query(&query, out, &problems);
    return problems.count;
}

static void all_filters_are_read(void **state)
{
    struct message_search_jobs filter;
    (void)state;
    assert_int_equal(
        read_query("queue=image&status=failed,cancelled&owner=a%26b&q=Sea+gull&tag=night"
                   "&characterId=00000000-0000-4000-8000-000000000001&errorCode=timeout"
                   "&errorGroup=00000000-0000-4000-8000-000000000002"
                   "&groupId=00000000-0000-4000-8000-000000000003"
                   "&from=1970-01-01T00:00:01Z&to=1970-01-01T00:00:02Z",
                   &filter),
        0);
    assert_int_equal(filter.kinds, 1 << JOB_KIND_IMAGE);
    assert_int_equal(filter.states, 1 << JOB_STATE_FAILED | 1 << JOB_STATE_CANCELLED);
    assert_true(slice_equal(filter.owner, SLICE_LITERAL("a&b")));
    assert_true(slice_equal(filter.text, SLICE_LITERAL("Sea gull")));
    assert_true(slice_equal(filter.tag, SLICE_LITERAL("night")));
    assert_true(slice_equal(filter.error_code, SLICE_LITERAL("timeout")));
    assert_int_equal(filter.character.bytes[ID_SIZE - 1], 1);
    assert_int_equal(filter.error_group.bytes[ID_SIZE - 1], 2);
    assert_int_equal(filter.group.bytes[ID_SIZE - 1], 3);
    assert_int_equal(filter.from, 1000);
    assert_int_equal(filter.to, 2000);
}

static void without_a_queue_deliveries_are_not_meant(void **state)
{
    struct message_search_jobs filter;
    (void)state;
    assert_int_equal(read_query("", &filter), 0);
    assert_int_equal(filter.kinds, 7);
    assert_int_equal(read_query("queue=webhook", &filter), 0);
    assert_int_equal(filter.kinds, 8);
}

/* 0 stands for no filter: with it, what was to match nothing would match everything. */
static void the_first_moment_of_all_is_a_filter_as_any_other(void **state)
{
    struct message_search_jobs filter;
    (void)state;
    assert_int_equal(read_query("to=1970-01-01T00:00:00Z", &filter), 0);
    assert_int_equal(filter.to, 1);
    assert_int_equal(read_query("from=1970-01-01T00:00:00Z", &filter), 0);
    assert_int_equal(filter.from, 1);
}

static void what_is_wrong_is_named(void **state)
{
    static const char *const rows[] = {
        "queue=audio",
        "status=done",
        "status=failed,",
        "owner=",
        "characterId=7",
        "errorGroup=timeout",
        "groupId=7",
        "groupId=",
        "from=yesterday",
        "to=2026-13-01",
        "status=failed&status=failed",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2026-01-02T00:00:00Z&to=1970-01-01T00:00:00Z",
        "from=1970-01-01T00:00:00Z&to=1970-01-01T00:00:00Z",
    };
    struct message_search_jobs filter;
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        size_t problems = read_query(rows[row], &filter);
        assert_int_equal(problems, strcmp(rows[row], "status=failed,") == 0 ? 0 : 1);
    }
}

static void a_body_has_the_same_filters_and_no_others(void **state)
{
    static const struct {
        const char *json;
        size_t problems;
    } rows[] = {
        {"{}", 0},
        {"{\"queue\":\"video\",\"status\":\"waiting\",\"q\":\"x\"}", 0},
        {"{\"errorGroup\":\"00000000-0000-4000-8000-000000000002\"}", 0},
        {"{\"errorGroup\":\"\"}", 1},
        {"{\"groupId\":\"00000000-0000-4000-8000-000000000003\"}", 0},
        {"{\"groupId\":3}", 1},
        {"{\"queue\":7}", 1},
        {"{\"limit\":7}", 1},
        {"{\"from\":\"now\"}", 1},
    };
    char error[BODY_ERROR_SIZE];
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct body *body;
        struct problems problems = {0};
        struct message_search_jobs filter = {0};
        assert_int_equal(body_parse(slice_from_string(rows[row].json), &body, error), STATUS_OK);
        admin_filter_body(body, &filter, &problems);
        assert_int_equal(problems.count, rows[row].problems);
        body_destroy(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_filters_are_read),
        cmocka_unit_test(without_a_queue_deliveries_are_not_meant),
        cmocka_unit_test(the_first_moment_of_all_is_a_filter_as_any_other),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_body_has_the_same_filters_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
