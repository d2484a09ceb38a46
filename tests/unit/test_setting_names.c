#include "base/setting_names.h"

#include <stdlib.h>
#include <string.h>
#include "tests/unit/test.h"

static void a_name_that_is_none_is_known_by_its_likeness(void **state)
{
    static const struct {
        const char *name, *value;
        bool is_unknown;
        const char *like;
    } rows[] = {
        {"TROUPE_GATEWAY_ENDPIONT", "x", true, "TROUPE_GATEWAY_ENDPOINT"},
        {"TROUPE_RTAE", "off", true, "TROUPE_RATE"},
        {"TROUPE_CHAT_KEYFILE", "x", true, "TROUPE_CHAT_KEY_FILE"},
        {"TROUPE_STUDIO_LATENCY_DOWNLOD_MS", "1", true, "TROUPE_STUDIO_LATENCY_DOWNLOAD_MS"},
        {"TROUPE_LOG", "debug", true, "TROUPE_LOG_FORMAT"},
        {"TROUPE_X", "x", true, NULL},
        {"TROUPE_SOMETHING_ELSE", "x", true, NULL},
        {"QUEUE_CONCURENCY", "5", true, "QUEUE_CONCURRENCY"},
        {"QUEUE_URL", "x", false, NULL}, /* others' */
        {"TROUPE_RATE", "off", false, NULL},
        {"QUEUE_CONCURRENCY", "5", false, NULL},
        {"TROUPE_GATEWAY_ENDPIONT", "", false, NULL}, /* not set */
        {"MY_TROUPE_RTAE", "x", false, NULL},
        {"PATH", "/bin", false, NULL},
    };
    (void)state;
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        const char *like = "?";
        bool is_unknown = setting_is_unknown(rows[index].name, rows[index].value, &like);
        assert_int_equal(is_unknown, rows[index].is_unknown);
        if (rows[index].like == NULL) {
            assert_true(like == NULL || !is_unknown);
        } else {
            assert_string_equal(like, rows[index].like);
        }
    }
}

static void no_setting_is_unknown(void **state)
{
    const char *like;
    (void)state;
    for (const char *const *name = setting_names; *name != NULL; name++) {
        assert_false(setting_is_unknown(*name, "x", &like));
    }
}

/* setting_tell */
static void count(void *context, const char *name, const char *like)
{
    int *found = context;
    if (strcmp(name, "TROUPE_RTAE") == 0) {
        assert_string_equal(like, "TROUPE_RATE");
        ++*found;
    }
}

static void those_of_the_process_are_told(void **state)
{
    int found = 0;
    (void)state;
    assert_int_equal(setenv("TROUPE_RTAE", "off", 1), 0);
    settings_unknown_tell(count, &found);
    assert_int_equal(found, 1);
    assert_int_equal(unsetenv("TROUPE_RTAE"), 0);
    settings_unknown_tell(count, &found);
    assert_int_equal(found, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_none_is_known_by_its_likeness),
        cmocka_unit_test(no_setting_is_unknown),
        cmocka_unit_test(those_of_the_process_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
