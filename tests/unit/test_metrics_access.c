/* Who may read the metrics. */
#include "tests/unit/test.h"

#include "gateway/metrics_access.h"

static void test_each_policy_has_its_verdicts(void **state)
{
    static const struct {
        const char *name;
        enum metrics_verdict local;
        enum metrics_verdict local_proxy;
        enum metrics_verdict remote;
    } cases[] = {
        {"loopback", METRICS_ALLOWED, METRICS_FORBIDDEN, METRICS_FORBIDDEN},
        {"admin", METRICS_ALLOWED, METRICS_WITH_TOKEN, METRICS_WITH_TOKEN},
        {"any", METRICS_ALLOWED, METRICS_ALLOWED, METRICS_ALLOWED},
        {"off", METRICS_FORBIDDEN, METRICS_FORBIDDEN, METRICS_FORBIDDEN},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        enum metrics_access access;
        assert_true(metrics_access_parse(cases[index].name, &access));
        assert_int_equal(metrics_access_judge(access, true, false), cases[index].local);
        assert_int_equal(metrics_access_judge(access, true, true), cases[index].local_proxy);
        assert_int_equal(metrics_access_judge(access, false, false), cases[index].remote);
    }
}

static void test_other_names_are_none(void **state)
{
    enum metrics_access access;
    (void)state;
    assert_false(metrics_access_parse("", &access));
    assert_false(metrics_access_parse("on", &access));
    assert_false(metrics_access_parse("Any", &access));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_policy_has_its_verdicts),
        cmocka_unit_test(test_other_names_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
