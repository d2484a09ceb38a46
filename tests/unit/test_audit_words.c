/* The words of the audit log. */
#include "gateway/audit_words.h"

#include "tests/unit/test.h"

static void actions_are_named_by_their_route(void **state)
{
    static const struct {
        const char *method, *pattern, *action;
    } cases[] = {
        {"POST", "/api/v1/admin/queues/:queue/pause", "pause"},
        {"POST", "/api/v1/admin/workers/:workerId/undrain", "undrain"},
        {"POST", "/api/v1/admin/jobs/:jobId/cancel", "cancel"},
        {"POST", "/api/v1/admin/backups", "backup"},
        {"POST", "/api/v1/admin/operations", "operation"},
        {"DELETE", "/api/v1/admin/operations/:operationId", "delete_operation"},
        {"DELETE", "/api/v1/admin/jobs/:jobId", "delete_job"},
        {"POST", "/api/v1/batches", "batch"},
        {"DELETE", "/api/v1/batches/:batchId", "delete_batch"},
        {"POST", "/admin/login", "login"},
        {"POST", "/s", "s"},
        {"POST", "/", ""},
        {"POST", "", ""},
        {"POST", "/a/:b/a-name-that-is-longer-than-32-bytes", "a-name-that-is-longer-than-32-b"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        char text[ACTION_SIZE_MAX];
        const struct route route = {cases[index].method, cases[index].pattern, NULL,
                                    ROUTE_AUTH_ADMIN};
        struct slice action = audit_action(&route, text);
        assert_true(slice_equal(action, slice_from_string(cases[index].action)));
    }
}

static void the_target_is_the_last_parameter_as_far_as_it_fits(void **state)
{
    struct route_match match = {0};
    char text[100];
    (void)state;
    assert_int_equal(audit_target(&match).size, 0);
    match.param_count = 2;
    match.params[0] = SLICE_LITERAL("first");
    match.params[1] = SLICE_LITERAL("image");
    assert_true(slice_equal(audit_target(&match), SLICE_LITERAL("image")));
    memset(text, 'a', sizeof text);
    match.params[1] = slice_make(text, sizeof text);
    assert_int_equal(audit_target(&match).size, AUDIT_TARGET_SIZE_MAX);
    match.params[1] = SLICE_LITERAL("ab\xff");
    assert_true(slice_equal(audit_target(&match), SLICE_LITERAL("ab")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_are_named_by_their_route),
        cmocka_unit_test(the_target_is_the_last_parameter_as_far_as_it_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
