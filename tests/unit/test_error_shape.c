#include "broker/error_shape.h"

#include <stdio.h>
#include "tests/unit/test.h"

static const struct {
    const char *message;
    const char *shape;
} rows[] = {
    {"", ""},
    {"the provider did not answer", "the provider did not answer"},
    {"  a \t b\n\nc  ", "a b c"},
    /* numbers */
    {"took 503", "took <n>"},
    {"waited 1,024.5 s of 30s", "waited <n> s of <n>"},
    {"attempt 2/3, 99%", "attempt <n>/<n>, <n>%"},
    {"version 1.2.3.", "version <n>."},
    {"2026-01-31T10:00:00.5Z", "<n>-<n>-<n>:<n>:<n>"},
    {"10.0.0.7:8080", "<n>:<n>"},
    {"task1402 E11000 v1.2.3b", "<n> <n> <n>"},
    {"1080p at 29.97fps, 0x7f", "<n> at <n>, <n>"},
    {"a1.2b or a1.b2,1b.2, 5.of", "<n> or <n>, <n>.of"},
    /* ids */
    {"job 0f8fad5b-d9cb-469f-a165-70867728950e is gone", "job <id> is gone"},
    {"0F8FAD5B-D9CB-469F-A165-70867728950E", "<id>"},
    {"0f8fad5b-d9cb-469f-a165-70867728950ex", "<n>-<n>-<n>-<n>-<n>"},
    {"sha 9c56cc51b374c3ba", "sha <n>"},
    {"deadbeef of a facade", "<n> of a facade"},
    {"req_a1B2c3D4e5 and 01HXYZ9K2M", "req_<n> and <n>"},
    /* addresses */
    {"GET https://api.example.com/v1/x?id=7 failed", "GET <url> failed"},
    {"see (https://example.com/a).", "see (<url>)."},
    {"s3://bucket/key, <http://h/>", "<url>, <<url>>"},
    {"http:// and a:// b", "<url> and <url> b"},
    {"c:/dir and 12:30", "c:/dir and <n>:<n>"},
    /* quotes */
    {"unknown model \"gpt-x\"", "unknown model <text>"},
    {"bad 'na\\'me' and `it`", "bad <text> and <text>"},
    {"the provider's 'don't' isn't", "the provider's <text> isn't"},
    {"it said \"that the pict", "it said <text>"},
    {"it said \"", "it said \""},
    {"\"\"", "<text>"},
    {"{\"error\":\"x\",\"count\":5}", "{<text>:<text>,<text>:<n>}"},
    {"5\" wide", "<n>\" wide"},
    /* codes */
    {"HTTP 503", "HTTP 503"},
    {"http/1.1 503 Service Unavailable", "http/<n> 503 Service Unavailable"},
    {"HTTP/2 429", "HTTP/<n> 429"},
    {"http_500: status 502, Status: 504", "http_500: status 502, Status: 504"},
    {"status code 500 after 3 tries", "status code 500 after <n> tries"},
    {"statusCode=500, errorCode = 7", "statusCode=500, errorCode = 7"},
    {"error code: 1015 (errno 111)", "error code: 1015 (errno 111)"},
    {"Error code: 401 - {'id': 7}", "Error code: 401 - {<text>: <n>}"},
    {"{\"error\":\"x\",\"code\":5}", "{<text>:<text>,<text>:5}"},
    {"code 12345, code 123456", "code 12345, code <n>"},
    {"code 7.5, code 30s, code 3fa9", "code <n>, code <n>, code <n>"},
    {"code  (  7, code\n7, code/7, code", "code ( <n>, code 7, code/<n>, code"},
    {"barcode 7, codec 8, https 9, ode 7", "barcode <n>, codec <n>, https <n>, ode <n>"},
    {"1.1 503, /2 503, x/1.1 503", "<n> <n>, /<n> <n>, x/<n> <n>"},
    {"HTTP503", "<n>"},
    {"503", "<n>"},
    {" 503", "<n>"},
    /* what is not ASCII stays */
    {"Schl\xc3\xbcssel 7 ung\xc3\xbcltig", "Schl\xc3\xbcssel <n> ung\xc3\xbcltig"},
    {"\xc3\xa9'a'", "\xc3\xa9'a'"},
};

static struct slice shape_of(struct slice message, uint8_t out[ERROR_SHAPE_SIZE_MAX])
{
    return slice_make(out, error_shape_write(message, out));
}

static void what_is_each_jobs_own_is_replaced(void **state)
{
    uint8_t out[ERROR_SHAPE_SIZE_MAX];
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct slice shape = shape_of(slice_from_string(rows[row].message), out);
        if (!slice_equal(shape, slice_from_string(rows[row].shape))) {
            fail_msg("%s: %.*s", rows[row].message, SLICE_PRINT(shape));
        }
    }
}

/* How many digits of an id are letters, and where they stand, is chance. */
static void ids_of_one_cause_are_of_one_shape(void **state)
{
    static const char *const ids[] = {"12345678", "1234567a", "a1234567", "deadbeef", "DEADBEE5",
                                      "1234",     "39fa",     "fa39",     "3fa9",     "7",
                                      "0x7f",     "1402x",    "task1402", "01HXYZ9K", "9e15"};
    uint8_t out[ERROR_SHAPE_SIZE_MAX];
    char message[64];
    (void)state;
    for (size_t index = 0; index < sizeof ids / sizeof ids[0]; index++) {
        (void)snprintf(message, sizeof message, "job %s, (%s) is gone", ids[index], ids[index]);
        struct slice shape = shape_of(slice_from_string(message), out);
        if (!slice_equal(shape, SLICE_LITERAL("job <n>, (<n>) is gone"))) {
            fail_msg("%s: %.*s", message, SLICE_PRINT(shape));
        }
    }
}

static void a_nul_is_a_blank(void **state)
{
    uint8_t out[ERROR_SHAPE_SIZE_MAX];
    struct slice shape = shape_of(SLICE_LITERAL("a\0b http://x\0y \"\0"), out);
    (void)state;
    assert_true(slice_equal(shape, SLICE_LITERAL("a b <url> y <text>")));
}

/* The parts that grow the most, alone and one behind the other, in the longest message. */
static void the_longest_shapes_have_room(void **state)
{
    static const char *const parts[] = {"1-",   "1 ",   "\"\"", "-\"\"", "a1 ", "1a",
                                        "a1a ", "a://", "\"",   "'",     "0x1 "};
    enum {
        COUNT = sizeof parts / sizeof parts[0]
    };
    uint8_t out[ERROR_SHAPE_SIZE_MAX];
    (void)state;
    for (size_t pair = 0; pair < COUNT * COUNT; pair++) {
        char message[ERROR_TEXT_SIZE_MAX + 8];
        size_t size = 0;
        for (size_t turn = 0; size < ERROR_TEXT_SIZE_MAX; turn++) {
            const char *part = parts[turn == 0 ? pair / COUNT : pair % COUNT];
            memcpy(message + size, part, strlen(part));
            size += strlen(part);
        }
        struct slice shape = shape_of(slice_make(message, ERROR_TEXT_SIZE_MAX), out);
        assert_in_range(shape.size, 1, ERROR_SHAPE_SIZE_MAX);
    }
}

static void a_group_is_of_one_queue_code_and_shape(void **state)
{
    static const struct {
        uint8_t kind;
        const char *code;
        const char *shape;
    } groups[] = {
        {JOB_KIND_IMAGE, "timeout", "no answer"},
        {JOB_KIND_VIDEO, "timeout", "no answer"},
        {JOB_KIND_IMAGE, "timeou", "tno answer"},
        {JOB_KIND_IMAGE, "timeout", "no answers"},
        {JOB_KIND_IMAGE, "", ""},
        {JOB_KIND_CHARACTER, "", ""},
    };
    enum {
        COUNT = sizeof groups / sizeof groups[0]
    };
    struct id ids[COUNT];
    (void)state;
    for (size_t index = 0; index < COUNT; index++) {
        char text[ID_TEXT_SIZE];
        struct id parsed;
        ids[index] = error_shape_group(groups[index].kind, slice_from_string(groups[index].code),
                                       slice_from_string(groups[index].shape));
        id_format(&ids[index], text);
        assert_int_equal(id_parse(slice_from_string(text), &parsed), STATUS_OK);
        assert_true(id_equal(&parsed, &ids[index]));
        for (size_t other = 0; other < index; other++) {
            assert_false(id_equal(&ids[other], &ids[index]));
        }
    }
}

/* Bulks that are under way, and links that people keep, name groups by these numbers. */
static void the_number_of_a_group_stays(void **state)
{
    struct id id = error_shape_group(JOB_KIND_IMAGE, SLICE_LITERAL("provider_error"),
                                     SLICE_LITERAL("the provider answered HTTP <n>"));
    char text[ID_TEXT_SIZE];
    (void)state;
    id_format(&id, text);
    assert_string_equal(text, "8d0d641f-8101-4808-b181-613cba84a2f0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_each_jobs_own_is_replaced),
        cmocka_unit_test(ids_of_one_cause_are_of_one_shape),
        cmocka_unit_test(a_nul_is_a_blank),
        cmocka_unit_test(the_longest_shapes_have_room),
        cmocka_unit_test(a_group_is_of_one_queue_code_and_shape),
        cmocka_unit_test(the_number_of_a_group_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
