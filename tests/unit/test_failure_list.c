/* Pages of failures as one list. */

#include "cli/failure_list.h"

#include <stdio.h>
#include <string.h>
#include "tests/unit/test.h"

enum {
    PAGE = 100,
    TEXT_SIZE = 256 << 10,
};

static struct failure_list *list;

static int set_up(void **state)
{
    (void)state;
    return failure_list_new(&list) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    failure_list_destroy(&list);
    return 0;
}

static void add(const char *text)
{
    struct document *document;
    assert_int_equal(document_parse(slice_from_string(text), &document), STATUS_OK);
    failure_list_add(list, document);
    document_destroy(&document);
}

static void assert_written(size_t limit, const char *expected)
{
    struct buffer out;
    struct json_writer writer;
    buffer_init(&out, TEXT_SIZE);
    json_writer_init(&writer, &out);
    failure_list_sort(list);
    json_object_begin(&writer);
    failure_list_write(list, limit, &writer);
    json_object_end(&writer);
    assert_int_equal(json_writer_status(&writer), STATUS_OK);
    assert_int_equal(buffer_append(&out, "", 1), STATUS_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_fini(&out);
}

#define GROUP(id, count, first, last, jobs)                                                  \
    "{\"errorGroup\":\"" id "\",\"queue\":\"image\",\"errorCode\":\"e\",\"message\":\"m " id \
    "\",\"count\":" count ",\"firstFailedAt\":\"" first "\",\"lastFailedAt\":\"" last        \
    "\",\"sampleJobIds\":[" jobs "]}"
#define DATA(groups) "{\"data\":{\"groups\":[" groups "]}}"
#define TOLD(groups, jobs, others) \
    "{\"groups\":[" groups "],\"jobs\":" jobs ",\"others\":" others "}"

static void a_group_on_several_pages_is_one(void **state)
{
    (void)state;
    add(DATA(
        GROUP("a", "3", "t5", "t7", "\"1\",\"2\",\"3\"") "," GROUP("b", "1", "t6", "t6", "\"4\"")));
    add(DATA(GROUP("b", "4", "t1", "t9", "\"5\",\"6\",\"7\",\"8\"")));
    add(DATA(GROUP("b", "2", "t2", "t8", "\"9\",\"10\"")));
    assert_int_equal(failure_list_jobs(list), 10);
    assert_written(2, TOLD(GROUP("b", "7", "t1", "t9", "\"4\",\"5\",\"6\",\"7\",\"8\"") "," GROUP(
                               "a", "3", "t5", "t7", "\"1\",\"2\",\"3\""),
                           "10", "0"));
    assert_written(1,
                   TOLD(GROUP("b", "7", "t1", "t9", "\"4\",\"5\",\"6\",\"7\",\"8\""), "10", "3"));
}

static void of_equals_the_one_that_failed_last_is_first(void **state)
{
    (void)state;
    add(DATA(GROUP("a", "1", "t1", "t1", "\"1\"") "," GROUP("b", "1", "t2", "t2", "\"2\"")));
    assert_written(
        9, TOLD(GROUP("b", "1", "t2", "t2", "\"2\"") "," GROUP("a", "1", "t1", "t1", "\"1\""), "2",
                "0"));
}

static void nothing_is_an_empty_list(void **state)
{
    (void)state;
    add(DATA(""));
    assert_written(9, TOLD("", "0", "0"));
}

/* Pages of a hundred groups of one job each, once more than there is room for. */
static void groups_without_room_are_others(void **state)
{
    static char text[TEXT_SIZE];
    (void)state;
    for (size_t page = 0; page <= FAILURE_GROUPS_MAX / PAGE; page++) {
        size_t size = (size_t)snprintf(text, sizeof text, "{\"data\":{\"groups\":[");
        for (size_t index = 0; index < PAGE; index++) {
            size += (size_t)snprintf(text + size, sizeof text - size,
                                     "%s{\"errorGroup\":\"%zu\",\"count\":1}", index > 0 ? "," : "",
                                     page * PAGE + index);
        }
        snprintf(text + size, sizeof text - size, "]}}");
        add(text);
    }
    assert_int_equal(failure_list_jobs(list), FAILURE_GROUPS_MAX + PAGE);
    assert_int_equal(failure_list_others(list, FAILURE_GROUPS_MAX), PAGE);
    assert_int_equal(failure_list_others(list, SIZE_MAX), PAGE);
    add("{\"data\":{\"groups\":[{\"errorGroup\":\"7\",\"count\":5}]}}");
    failure_list_sort(list);
    assert_int_equal(failure_list_others(list, 1), FAILURE_GROUPS_MAX + PAGE - 1);
}

int main(void)
{
#define LIST_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIST_TEST(a_group_on_several_pages_is_one),
        LIST_TEST(of_equals_the_one_that_failed_last_is_first),
        LIST_TEST(nothing_is_an_empty_list),
        LIST_TEST(groups_without_room_are_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
