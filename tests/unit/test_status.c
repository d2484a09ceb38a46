#include "base/status.h"

#include <string.h>
#include "tests/unit/test.h"

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int left = STATUS_OK; left <= STATUS_UNSUPPORTED; left++) {
        const char *name = status_name((enum status)left);
        assert_non_null(name);
        assert_string_not_equal(name, "unknown");
        for (int right = STATUS_OK; right < left; right++) {
            assert_string_not_equal(name, status_name((enum status)right));
        }
    }
}

static void every_status_has_words_of_its_own(void **state)
{
    (void)state;
    for (int left = STATUS_OK; left <= STATUS_UNSUPPORTED; left++) {
        const char *text = status_text((enum status)left);
        assert_string_not_equal(text, "an unknown error");
        for (int right = STATUS_OK; right < left; right++) {
            assert_string_not_equal(text, status_text((enum status)right));
        }
    }
}

static void a_number_that_is_no_status_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(status_text((enum status)(STATUS_UNSUPPORTED + 1)), "an unknown error");
    assert_string_equal(status_name((enum status)(STATUS_UNSUPPORTED + 1)), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(every_status_has_words_of_its_own),
        cmocka_unit_test(a_number_that_is_no_status_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
