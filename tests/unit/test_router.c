/* Paths and methods against a small table. */
#include "tests/unit/test.h"

#include "gateway/router.h"

static void handler(struct exchange *exchange)
{
    (void)exchange;
}

static const struct route ROUTES[] = {
    {"POST", "/api/things/queue", handler, ROUTE_AUTH_BEARER},
    {"GET", "/api/things/:id", handler, ROUTE_AUTH_BEARER},
    {"DELETE", "/api/things/:id", handler, ROUTE_AUTH_BEARER},
    {"GET", "/api/things/:id/parts/:part", handler, ROUTE_AUTH_BEARER},
    {"GET", "/files/*", handler, ROUTE_AUTH_NONE},
    {"GET", "/", handler, ROUTE_AUTH_NONE},
};

static enum router_result find(const char *method, const char *path, struct route_match *match)
{
    return router_find(ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), slice_from_string(method),
                       slice_from_string(path), match);
}

static void test_paths_find_their_routes(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        enum router_result result;
        int route;
        const char *params[2];
    } cases[] = {
        {"POST", "/api/things/queue", ROUTER_FOUND, 0, {NULL, NULL}},
        {"GET", "/api/things/17", ROUTER_FOUND, 1, {"17", NULL}},
        {"DELETE", "/api/things/17", ROUTER_FOUND, 2, {"17", NULL}},
        {"GET", "/api/things/17/parts/x", ROUTER_FOUND, 3, {"17", "x"}},
        {"GET", "/files/a/b.png", ROUTER_FOUND, 4, {"a/b.png", NULL}},
        {"GET", "/", ROUTER_FOUND, 5, {NULL, NULL}},
        {"GET", "/files/", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "/files", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "/api/things/", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "/api/things", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "/api/things/17/", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "/api/things/17/parts", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "/api/things/17/parts/x/y", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "/api/thing/17", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "", ROUTER_NO_PATH, -1, {NULL, NULL}},
        {"GET", "*", ROUTER_NO_PATH, -1, {NULL, NULL}},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct route_match match;
        assert_int_equal(find(cases[index].method, cases[index].path, &match), cases[index].result);
        if (cases[index].route >= 0) {
            assert_ptr_equal(match.route, &ROUTES[cases[index].route]);
        }
        for (size_t param = 0; param < 2 && cases[index].params[param] != NULL; param++) {
            assert_true(
                slice_equal(match.params[param], slice_from_string(cases[index].params[param])));
        }
    }
}

static void test_another_method_is_told_which_are_allowed(void **state)
{
    struct route_match match;
    (void)state;
    assert_int_equal(find("PUT", "/api/things/17", &match), ROUTER_NO_METHOD);
    assert_string_equal(match.allow, "GET, HEAD, DELETE, OPTIONS");
    assert_int_equal(find("OPTIONS", "/api/things/17", &match), ROUTER_OPTIONS);
    assert_string_equal(match.allow, "GET, HEAD, DELETE, OPTIONS");
    assert_int_equal(find("get", "/api/things/17", &match), ROUTER_NO_METHOD);
}

static void test_a_literal_path_hides_patterns_for_every_method(void **state)
{
    struct route_match match;
    (void)state;
    assert_int_equal(find("GET", "/api/things/queue", &match), ROUTER_NO_METHOD);
    assert_string_equal(match.allow, "POST, OPTIONS");
}

static void test_head_takes_the_route_of_get(void **state)
{
    struct route_match match;
    (void)state;
    assert_int_equal(find("HEAD", "/api/things/17", &match), ROUTER_FOUND);
    assert_ptr_equal(match.route, &ROUTES[1]);
    assert_true(match.head);
    assert_int_equal(find("HEAD", "/api/things/queue", &match), ROUTER_NO_METHOD);
}

static void test_a_parameter_is_found_by_its_name(void **state)
{
    struct route_match match;
    struct slice text;
    (void)state;
    assert_int_equal(find("GET", "/api/things/17/parts/x", &match), ROUTER_FOUND);
    assert_true(router_param(&match, ":id", &text));
    assert_true(slice_equal(text, SLICE_LITERAL("17")));
    assert_true(router_param(&match, ":part", &text));
    assert_true(slice_equal(text, SLICE_LITERAL("x")));
    assert_false(router_param(&match, ":things", &text));
    assert_int_equal(find("GET", "/files/a/b", &match), ROUTER_FOUND);
    assert_false(router_param(&match, ":id", &text));
    assert_int_equal(find("GET", "/", &match), ROUTER_FOUND);
    assert_false(router_param(&match, ":id", &text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_find_their_routes),
        cmocka_unit_test(test_another_method_is_told_which_are_allowed),
        cmocka_unit_test(test_a_literal_path_hides_patterns_for_every_method),
        cmocka_unit_test(test_head_takes_the_route_of_get),
        cmocka_unit_test(test_a_parameter_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
