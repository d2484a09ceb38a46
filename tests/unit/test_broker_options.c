/* The settings of the broker: what is right is taken, what is wrong stops it in time. */
#include "broker/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "broker/store.h"
#include "tests/unit/test.h"

static int set_up(void **state)
{
    (void)state;
    clearenv();
    setenv("TROUPE_GATEWAY_ENDPOINT", "ipc:///run/gateways", 1);
    setenv("TROUPE_ACTOR_ENDPOINT", "tcp://127.0.0.1:7000", 1);
    setenv("TROUPE_DATA", "/data", 1);
    return 0;
}

static void what_is_not_set_has_its_default(void **state)
{
    struct broker_options options;
    struct core_options core;
    (void)state;
    core_options_default(&core);
    assert_int_equal(options_read(&options), STATUS_OK);
    assert_string_equal(options.gateway_endpoint, "ipc:///run/gateways");
    assert_string_equal(options.actor_endpoint, "tcp://127.0.0.1:7000");
    assert_string_equal(options.data_directory, "/data");
    assert_memory_equal(options.core.rate, core.rate, sizeof core.rate);
    assert_int_equal(options.core.rate[JOB_KIND_CHARACTER], 10);
    assert_int_equal(options.core.rate[JOB_KIND_IMAGE], 5);
    assert_int_equal(options.core.rate[JOB_KIND_VIDEO], 3);
    assert_int_equal(options.core.jobs_max, JOBS_MAX);
    assert_int_equal(options.space_floor, SPACE_FLOOR);
    assert_false(options.unsynced);
    assert_int_equal(options.fault_commit, 0);
    assert_int_equal(options.fault_read, 0);
}

static void what_is_needed_must_be_there(void **state)
{
    static const char *const names[] = {"TROUPE_GATEWAY_ENDPOINT", "TROUPE_ACTOR_ENDPOINT",
                                        "TROUPE_DATA"};
    struct broker_options options;
    const char *endpoint;
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        set_up(state);
        unsetenv(names[index]);
        assert_int_equal(options_read(&options), STATUS_INVALID);
        setenv(names[index], "", 1);
        assert_int_equal(options_read(&options), STATUS_INVALID);
    }
    set_up(state);
    assert_int_equal(options_gateway_endpoint(&endpoint), STATUS_OK);
    setenv("TROUPE_GATEWAY_ENDPOINT", "tcp://0.0.0.0:7000", 1);
    assert_int_equal(options_gateway_endpoint(&endpoint), STATUS_INVALID);
    assert_int_equal(options_read(&options), STATUS_INVALID);
}

static void each_setting_is_read(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        size_t offset; /* of a uint32_t */
        uint32_t number;
    } settings[] = {
#define CORE(member) offsetof(struct broker_options, core.member)
        {"TROUPE_RATE_CHARACTER", "7", CORE(rate[JOB_KIND_CHARACTER]), 7},
        {"TROUPE_RATE_IMAGE", "off", CORE(rate[JOB_KIND_IMAGE]), 0},
        {"TROUPE_RATE_VIDEO", "100000", CORE(rate[JOB_KIND_VIDEO]), RATE_MAX},
        {"TROUPE_RATE", "off", CORE(rate[JOB_KIND_VIDEO]), 0},
        {"TROUPE_ACTIVE_CHARACTER", "1", CORE(active_max[JOB_KIND_CHARACTER]), 1},
        {"TROUPE_ACTIVE_IMAGE", "2", CORE(active_max[JOB_KIND_IMAGE]), 2},
        {"TROUPE_ACTIVE_VIDEO", "0", CORE(active_max[JOB_KIND_VIDEO]), 0},
        {"TROUPE_ACTIVE_USER", "4", CORE(user_active_max[JOB_KIND_VIDEO]), 4},
        {"TROUPE_JOBS_MAX", "1", CORE(jobs_max), 1},
#undef CORE
        {"TROUPE_SPACE_FLOOR", "12345", offsetof(struct broker_options, space_floor), 12345},
        {"TROUPE_TEST_FAULT_COMMIT", "8", offsetof(struct broker_options, fault_commit), 8},
        {"TROUPE_TEST_FAULT_READ", "J9", offsetof(struct broker_options, fault_read), 9},
        {"TROUPE_TEST_GAP_MS", "7", offsetof(struct broker_options, gap_ms), 7},
    };
    struct broker_options options;
    for (size_t index = 0; index < sizeof settings / sizeof settings[0]; index++) {
        uint32_t number;
        set_up(state);
        setenv(settings[index].name, settings[index].value, 1);
        assert_int_equal(options_read(&options), STATUS_OK);
        memcpy(&number, (const uint8_t *)&options + settings[index].offset, sizeof number);
        assert_int_equal(number, settings[index].number);
    }
    set_up(state);
    setenv("TROUPE_TEST_UNSYNCED", "on", 1);
    setenv("TROUPE_TEST_FAULT_READ", "J1", 1);
    assert_int_equal(options_read(&options), STATUS_OK);
    assert_true(options.unsynced);
    assert_int_equal(options.fault_read_kind, 'J');
    setenv("TROUPE_TEST_FAULT_READ", "1", 1);
    assert_int_equal(options_read(&options), STATUS_OK);
    assert_int_equal(options.fault_read_kind, '\0');
}

/* A rate of its own counts more than the one for all. */
static void one_queue_may_be_limited_alone(void **state)
{
    struct broker_options options;
    (void)state;
    setenv("TROUPE_RATE", "off", 1);
    setenv("TROUPE_RATE_IMAGE", "2", 1);
    assert_int_equal(options_read(&options), STATUS_OK);
    assert_int_equal(options.core.rate[JOB_KIND_CHARACTER], 0);
    assert_int_equal(options.core.rate[JOB_KIND_IMAGE], 2);
}

static void what_is_wrong_is_refused(void **state)
{
    static const struct {
        const char *name;
        const char *value;
    } bad[] = {
        {"TROUPE_ACTOR_ENDPOINT", "ipc://@abstract"},
        {"TROUPE_RATE", "5"},
        {"TROUPE_RATE_CHARACTER", "0"},
        {"TROUPE_RATE_IMAGE", "100001"},
        {"TROUPE_RATE_VIDEO", "three"},
        {"TROUPE_ACTIVE_CHARACTER", "-1"},
        {"TROUPE_ACTIVE_IMAGE", "4000001"},
        {"TROUPE_ACTIVE_VIDEO", "1.5"},
        {"TROUPE_ACTIVE_USER", "many"},
        {"TROUPE_JOBS_MAX", "0"},
        {"TROUPE_SPACE_FLOOR", "-1"},
        {"TROUPE_TEST_UNSYNCED", "perhaps"},
        {"TROUPE_TEST_FAULT_COMMIT", "-1"},
        {"TROUPE_TEST_FAULT_READ", "J"},
        {"TROUPE_TEST_FAULT_READ", "-1"},
    };
    struct broker_options options;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        set_up(state);
        setenv(bad[index].name, bad[index].value, 1);
        if (options_read(&options) != STATUS_INVALID) {
            fail_msg("%s=%s", bad[index].name, bad[index].value);
        }
    }
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_set_has_its_default),
        TEST(what_is_needed_must_be_there),
        TEST(each_setting_is_read),
        TEST(one_queue_may_be_limited_alone),
        TEST(what_is_wrong_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
