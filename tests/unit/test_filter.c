/* Words that say which jobs are meant, as a query string and as JSON. */

#include "cli/filter.h"

#include <string.h>
#include "tests/unit/test.h"

/* The words of a command line are not const. */
#define WORD(text) ((char *)(text))

static void words_become_a_query_and_an_object(void **state)
{
    char *words[] = {WORD("q=50% off & \"more\""), WORD("queue=image"),
                     WORD("status=failed,cancelled"), WORD("tag=")};
    struct filter filter;
    struct buffer out;
    struct json_writer writer;
    (void)state;
    buffer_init(&out, 4096);
    assert_true(filter_take(&filter, 4, words, 0));
    assert_false(filter_is_empty(&filter));
    assert_int_equal(filter_write_query(&filter, &out), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE_LITERAL(
            "&queue=image&status=failed%2Ccancelled&q=50%25%20off%20%26%20%22more%22&tag=")));
    buffer_clear(&out);
    json_writer_init(&writer, &out);
    filter_write_json(&filter, &writer);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out),
                            SLICE_LITERAL("{\"queue\":\"image\",\"status\":\"failed,cancelled\","
                                          "\"q\":\"50% off & \\\"more\\\"\",\"tag\":\"\"}")));
    buffer_fini(&out);
}

static void other_words_are_refused(void **state)
{
    static char *const bad[] = {WORD("image"),
                                WORD("queues=image"),
                                WORD("que=image"),
                                WORD("=x"),
                                WORD(""),
                                WORD("--queue=image"),
                                WORD("queue=picture"),
                                WORD("queue="),
                                WORD("status=failed,bad"),
                                WORD("status=failed,"),
                                WORD("queue=image,video")};
    struct filter filter;
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        char *words[] = {WORD("owner=ada"), bad[index]};
        assert_false(filter_take(&filter, 2, words, 0));
    }
    char *twice[] = {WORD("owner=ada"), WORD("owner=bob")};
    assert_false(filter_take(&filter, 2, twice, 0));
}

static void the_group_that_is_meant_can_be_put_in_its_place(void **state)
{
    char *words[] = {WORD("groupId=7")};
    struct filter filter;
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    assert_true(filter_take(&filter, 0, NULL, 0));
    assert_null(filter_group(&filter));
    assert_true(filter_take(&filter, 1, words, 0));
    assert_string_equal(filter_group(&filter), "7");
    filter_set_group(&filter, "78");
    assert_int_equal(filter_write_query(&filter, &out), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out), SLICE_LITERAL("&groupId=78")));
    buffer_fini(&out);
}

static void nothing_is_any_job(void **state)
{
    struct filter filter;
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    assert_true(filter_take(&filter, 0, NULL, 0));
    assert_true(filter_is_empty(&filter));
    assert_int_equal(filter_write_query(&filter, &out), STATUS_OK);
    assert_int_equal(out.size, 0);
    buffer_fini(&out);
}

static void what_is_too_long_is_told(void **state)
{
    char *words[] = {WORD("q=something")};
    struct filter filter;
    struct buffer out;
    (void)state;
    assert_true(filter_take(&filter, 1, words, 0));
    for (size_t size = 0; size < strlen("&q=something"); size++) {
        buffer_init(&out, size);
        assert_int_equal(filter_write_query(&filter, &out), STATUS_TOO_LARGE);
        buffer_fini(&out);
    }
}

static void a_time_may_be_told_as_so_long_ago(void **state)
{
    char *words[] = {WORD("from=7d"), WORD("to=90s"), WORD("q=1h")};
    char *others[] = {WORD("from=2026-01-02T03:04:05Z"), WORD("to=7w")};
    struct filter filter;
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    assert_true(filter_take(&filter, 3, words, 604800000 + 1000));
    assert_int_equal(filter_write_query(&filter, &out), STATUS_OK);
    assert_true(
        slice_equal(buffer_slice(&out), SLICE_LITERAL("&q=1h&from=1970-01-01T00%3A00%3A01.000Z"
                                                      "&to=1970-01-07T23%3A58%3A31.000Z")));
    buffer_clear(&out);
    assert_true(filter_take(&filter, 2, others, 604800000)); /* the server says what is wrong */
    assert_int_equal(filter_write_query(&filter, &out), STATUS_OK);
    assert_true(
        slice_equal(buffer_slice(&out), SLICE_LITERAL("&from=2026-01-02T03%3A04%3A05Z&to=7w")));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_may_be_told_as_so_long_ago),
        cmocka_unit_test(words_become_a_query_and_an_object),
        cmocka_unit_test(other_words_are_refused),
        cmocka_unit_test(the_group_that_is_meant_can_be_put_in_its_place),
        cmocka_unit_test(nothing_is_any_job),
        cmocka_unit_test(what_is_too_long_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
