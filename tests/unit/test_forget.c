/* What the store may drop by itself, and what it must keep. */

#include "broker/forget.h"

#include "proto/codec.h"

#include "broker/keys.h"
#include "broker/values.h"
#include "tests/unit/test.h"

enum {
    NOW = 2000000000,
};

static struct buffer value;
static uint8_t key[KEY_BYTES_MAX];
static const struct id id = {{7}};

static int set_up(void **state)
{
    (void)state;
    buffer_init(&value, VALUE_SIZE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&value);
    return 0;
}

static bool is_over(const struct forgetting *forgetting, struct slice name)
{
    return forget_is_over(forgetting, name, buffer_slice(&value));
}

static void times_are_those_after_which_nobody_reads(void **state)
{
    struct forgetting forgetting = forgetting_at(NOW, 5000, AUDIT_LINES_MAX + 7);
    (void)state;
    assert_int_equal(forgetting.keys_before, NOW - KEY_LIFE_MS);
    assert_int_equal(forgetting.events_before, NOW - 8 * INT64_C(86400000));
    assert_int_equal(forgetting.groups_before, NOW - 5000 - 15 * INT64_C(86400000));
    assert_int_equal(forgetting.audit_before, NOW - 90 * INT64_C(86400000));
    assert_int_equal(forgetting.audit_above, 7);
    assert_int_equal(forget_audit_above(AUDIT_LINES_MAX), 0);
}

static void put_line(int64_t at)
{
    const struct message message = {.type = MESSAGE_TYPE_AUDIT_LINE,
                                    .audit_line = {.number = 5,
                                                   .at = at,
                                                   .user = SLICE_LITERAL("ann"),
                                                   .role = SLICE_LITERAL("admin"),
                                                   .action = SLICE_LITERAL("pause")}};
    buffer_clear(&value);
    assert_int_equal(plain_value_write(&value, SLICE_EMPTY), STATUS_OK);
    assert_int_equal(record_write(&value, &message), STATUS_OK);
}

static void a_line_of_the_audit_log_goes_when_it_is_old_or_one_too_many(void **state)
{
    struct forgetting forgetting = {.audit_before = 1000};
    struct slice name = key_audit(key, 5);
    (void)state;
    put_line(999);
    assert_true(is_over(&forgetting, name));
    put_line(1000);
    assert_false(is_over(&forgetting, name));
    forgetting.audit_above = 4;
    assert_false(is_over(&forgetting, name));
    forgetting.audit_above = 5;
    assert_true(is_over(&forgetting, name));
    assert_false(is_over(&forgetting, slice_make(key, name.size - 1)));
}

static void an_idempotency_key_goes_after_its_life(void **state)
{
    const struct forgetting forgetting = {.keys_before = 1000};
    struct slice name = key_idempotency(key, SLICE_LITERAL("ann"), SLICE_LITERAL("key"));
    (void)state;
    for (int64_t time = 999; time <= 1000; time++) {
        const struct key_value stored = {.job = id, .time_ms = time};
        buffer_clear(&value);
        assert_int_equal(key_value_write(&value, &stored), STATUS_OK);
        assert_int_equal(is_over(&forgetting, name), time < 1000);
    }
}

static void a_dedupe_key_goes_when_its_job_can_live_no_more(void **state)
{
    const struct forgetting forgetting = {.keys_before = INT64_MAX, .groups_before = 1000};
    struct slice name = key_dedupe(key, SLICE_LITERAL("ann"), 1, SLICE_LITERAL("key"));
    (void)state;
    for (int64_t time = 999; time <= 1000; time++) {
        const struct dedupe_value stored = {.job = id, .time_ms = time, .ttl_ms = 5};
        buffer_clear(&value);
        assert_int_equal(dedupe_value_write(&value, &stored), STATUS_OK);
        assert_int_equal(is_over(&forgetting, name), time < 1000);
    }
}

static void events_of_owners_and_groups_go_by_their_turn(void **state)
{
    const struct forgetting forgetting = {.events_before = 1000, .groups_before = 500};
    (void)state;
    for (int64_t time = 499; time <= 1000; time++) {
        buffer_clear(&value);
        assert_int_equal(owner_events_write(&value, time), STATUS_OK);
        assert_int_equal(owner_events_add(&value, &id, 3), STATUS_OK);
        assert_int_equal(is_over(&forgetting, key_owner_events(key, SLICE_LITERAL("ann"), 9)),
                         time < 1000);
        assert_int_equal(is_over(&forgetting, key_group_events(key, &id, 9)), time < 500);
    }
}

static void a_group_goes_by_its_beginning(void **state)
{
    const struct forgetting forgetting = {.groups_before = 1000};
    (void)state;
    for (int64_t time = 999; time <= 1000; time++) {
        buffer_clear(&value);
        assert_int_equal(group_value_write(&value, 0, time, SLICE_LITERAL("ann")), STATUS_OK);
        assert_int_equal(group_value_add(&value, &id), STATUS_OK);
        assert_int_equal(is_over(&forgetting, key_group(key, &id)), time < 1000);
    }
}

static void a_counter_goes_when_it_is_zero(void **state)
{
    static const uint8_t zero[BATCH_ADD_SIZE];
    static const uint8_t one[BATCH_ADD_SIZE] = {1};
    const struct forgetting forgetting = {0};
    struct slice name = key_total(key, SLICE_LITERAL("ann"), 0, TOTAL_ACCEPTED);
    (void)state;
    assert_true(forget_is_over(&forgetting, name, slice_make(zero, sizeof zero)));
    assert_false(forget_is_over(&forgetting, name, slice_make(one, sizeof one)));
    assert_false(forget_is_over(&forgetting, name, slice_make(zero, 4)));
}

static void money_goes_when_its_day_is_over_for_all(void **state)
{
    const struct forgetting forgetting = {.spent_before = 11 * INT64_C(86400000)};
    static const uint8_t one[BATCH_ADD_SIZE] = {1};
    struct slice owner = SLICE_LITERAL("ann");
    struct slice provider = SLICE_LITERAL("studio");
    (void)state;
    assert_true(forget_is_over(&forgetting, key_spent(key, 10, owner, provider, 0),
                               slice_make(one, sizeof one)));
    assert_false(forget_is_over(&forgetting, key_spent(key, 11, owner, provider, 0),
                                slice_make(one, sizeof one)));
}

static void calls_go_when_their_part_of_a_day_is_over(void **state)
{
    const struct forgetting forgetting = {.calls_before = 61 * INT64_C(1440000)};
    static const uint8_t one[BATCH_ADD_SIZE] = {1};
    struct slice account = SLICE_LITERAL("studio");
    (void)state;
    assert_true(
        forget_is_over(&forgetting, key_calls(key, 60, account), slice_make(one, sizeof one)));
    assert_false(
        forget_is_over(&forgetting, key_calls(key, 61, account), slice_make(one, sizeof one)));
}

static void days_of_events_go_after_more_than_a_year(void **state)
{
    struct forgetting forgetting = forgetting_at(500 * INT64_C(86400000), 0, 0);
    static const uint8_t number[9] = {1};
    struct slice kept = slice_make(number, sizeof number);
    (void)state;
    assert_true(forget_is_over(&forgetting, key_event_day(key, 99), kept));
    assert_false(forget_is_over(&forgetting, key_event_day(key, 100), kept));
    assert_false(forget_is_over(&forgetting, slice_make(key, 4), kept));
}

static void a_character_that_is_gone_is_known_for_ninety_days(void **state)
{
    const struct forgetting forgetting = {.gone_before = 1000};
    (void)state;
    assert_int_equal(forgetting_at(NOW, 0, 0).gone_before, NOW - 90 * INT64_C(86400000));
    for (int64_t time = 999; time <= 1000; time++) {
        buffer_clear(&value);
        assert_int_equal(time_value_write(&value, time), STATUS_OK);
        assert_int_equal(is_over(&forgetting, key_gone(key, &id)), time < 1000);
        assert_false(is_over(&forgetting, key_gap(key, 1)));
    }
}

static void everything_else_and_what_is_damaged_stays(void **state)
{
    const struct forgetting forgetting = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, 0,
                                          INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    static const uint8_t old[64] = {1};
    (void)state;
    for (int prefix = 0; prefix <= UINT8_MAX; prefix++) {
        uint8_t name = (uint8_t)prefix;
        assert_false(forget_is_over(&forgetting, slice_make(&name, 1), slice_make(old, 3)));
    }
    for (const char *prefix = "FMJPLISEDQCcmRZXWwUNzg"; *prefix != '\0'; prefix++) {
        assert_false(
            forget_is_over(&forgetting, slice_make(prefix, 1), slice_make(old, sizeof old)));
    }
    assert_false(forget_is_over(&forgetting, SLICE_EMPTY, slice_make(old, sizeof old)));
}

#define FORGET_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORGET_TEST(times_are_those_after_which_nobody_reads),
        FORGET_TEST(an_idempotency_key_goes_after_its_life),
        FORGET_TEST(a_line_of_the_audit_log_goes_when_it_is_old_or_one_too_many),
        FORGET_TEST(a_dedupe_key_goes_when_its_job_can_live_no_more),
        FORGET_TEST(events_of_owners_and_groups_go_by_their_turn),
        FORGET_TEST(a_group_goes_by_its_beginning),
        FORGET_TEST(a_counter_goes_when_it_is_zero),
        FORGET_TEST(money_goes_when_its_day_is_over_for_all),
        FORGET_TEST(calls_go_when_their_part_of_a_day_is_over),
        FORGET_TEST(days_of_events_go_after_more_than_a_year),
        FORGET_TEST(a_character_that_is_gone_is_known_for_ninety_days),
        FORGET_TEST(everything_else_and_what_is_damaged_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
