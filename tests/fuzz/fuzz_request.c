/*
 * Any bytes as what an HTTP client may send. Method: the first byte chooses which reader gets the
 * rest: a body of each kind of job, a query string, a Range, Prefer or Accept header, a path. What
 * a reader lets through must keep its promises, which the asserts here state.
 */

#include <assert.h>
#include "gateway/accept.h"
#include "gateway/job_rules.h"
#include "gateway/limits.h"
#include "gateway/prefer.h"
#include "gateway/range.h"
#include "gateway/router.h"
#include "tests/fuzz/fuzz.h"

static void check_body(enum job_kind kind, struct slice bytes)
{
    struct body *body = NULL;
    char reason[BODY_ERROR_SIZE];
    struct problems problems = {0};
    if (body_parse(bytes, &body, reason) != STATUS_OK) {
        assert(body == NULL && memchr(reason, '\0', sizeof(reason)) != NULL);
        return;
    }
    job_rules_check(kind, body, &problems);
    struct json_value name = body_member(body, "name");
    assert(kind != JOB_KIND_CHARACTER || problems.count > 0 ||
           (name.kind == JSON_KIND_TEXT && name.text.size >= 1 && name.text.size <= 800));
    body_destroy(&body);
}

static void check_query(struct slice bytes)
{
    struct query_string query;
    struct slice value = SLICE_EMPTY;
    if (query_string_parse(bytes, &query) == STATUS_OK && query_string_find(&query, "a", &value)) {
        int64_t number = 0;
        assert(value.size <= QUERY_VALUE_SIZE_MAX);
        if (validate_integer(value, &number) == STATUS_OK) {
            assert(number < INT64_C(1000000000000000000));
        }
    }
}

static void check_range(struct slice bytes)
{
    uint64_t first = 0;
    uint64_t last = 0;
    for (uint64_t size = 0; size < 1000; size = size * 10 + 1) {
        if (range_parse(bytes, size, &first, &last) == RANGE_PART) {
            assert(first <= last && last < size);
        }
    }
}

static void check_preference(struct slice bytes)
{
    uint32_t wait_s = 0;
    assert(!prefer_wait(bytes, &wait_s) || wait_s <= WAIT_S_MAX);
}

static void handler(struct exchange *exchange)
{
    (void)exchange;
}

static void check_path(struct slice bytes)
{
    static const struct route routes[] = {
        {"POST", "/a/b", handler, ROUTE_AUTH_NONE},
        {"GET", "/a/:one/c/:two", handler, ROUTE_AUTH_NONE},
        {"GET", "/f/*", handler, ROUTE_AUTH_NONE},
    };
    struct route_match match;
    if (router_find(routes, 3, SLICE_LITERAL("GET"), bytes, &match) == ROUTER_FOUND) {
        for (size_t index = 0; index < match.param_count; index++) {
            assert(match.params[index].data >= bytes.data &&
                   match.params[index].data + match.params[index].size <= bytes.data + bytes.size);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct slice rest = slice_make(data + 1, size - 1);
    switch (data[0]) {
    case 'c':
        check_body(JOB_KIND_CHARACTER, rest);
        break;
    case 'i':
        check_body(JOB_KIND_IMAGE, rest);
        break;
    case 'v':
        check_body(JOB_KIND_VIDEO, rest);
        break;
    case 'q':
        check_query(rest);
        break;
    case 'a':
        assert(!accept_problem(rest) || memmem(rest.data, rest.size, "+", 1) != NULL);
        assert(!accept_gzip(rest) || rest.size > 0);
        break;
    case 'p':
        check_preference(rest);
        break;
    case 'r':
        check_range(rest);
        break;
    default:
        check_path(rest);
        break;
    }
    return 0;
}
