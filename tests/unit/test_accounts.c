/* The limits of accounts that several providers, uses and sessions share. */

#include "broker/core/providers.h"

#include <stdio.h>

#include "tests/unit/test.h"

enum {
    DAY_MS = 86400000,
    START = 2 * DAY_MS, /* where a part begins */
};

static struct providers providers;

static int set_up(void **state)
{
    (void)state;
    providers_init(&providers, 0);
    return 0;
}

/* Declares a provider with an account for a session. */
static void declare(uint64_t held[PROVIDER_USE_COUNT], const char *name, enum provider_use use,
                    uint32_t second, uint32_t minute)
{
    const struct message_provider declared = {.name = slice_from_string(name),
                                              .account = SLICE_LITERAL("shared"),
                                              .use = (uint8_t)use,
                                              .limit_second = second,
                                              .limit_minute = minute};
    assert_int_equal(providers_declare(&providers, &declared, held, 1000), STATUS_OK);
}

static void expect(const char *name, uint32_t second, uint32_t minute)
{
    uint32_t index = providers_find(&providers, slice_from_string(name));
    assert_int_not_equal(index, PROVIDER_NONE);
    const uint32_t *limits = providers.accounts[providers.items[index].account].limits;
    assert_int_equal(limits[ACCOUNT_WINDOW_SECOND], second);
    assert_int_equal(limits[ACCOUNT_WINDOW_MINUTE], minute);
}

static void another_use_without_limits_takes_none_away(void **state)
{
    uint64_t images[PROVIDER_USE_COUNT] = {0}, videos[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare(images, "maker", PROVIDER_USE_IMAGE, 2, 30);
    declare(videos, "maker", PROVIDER_USE_CHAT, 0, 0);
    declare(videos, "other", PROVIDER_USE_VIDEO, 0, 10);
    expect("maker", 2, 10);
    expect("other", 2, 10);
}

static void what_is_declared_anew_holds(void **state)
{
    uint64_t first[PROVIDER_USE_COUNT] = {0}, second[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare(first, "maker", PROVIDER_USE_IMAGE, 2, 30);
    declare(second, "maker", PROVIDER_USE_IMAGE, 5, 0); /* configured later */
    expect("maker", 5, 0);
}

static void limits_go_with_the_last_session_that_declared_them(void **state)
{
    uint64_t images[PROVIDER_USE_COUNT] = {0}, chats[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare(images, "maker", PROVIDER_USE_IMAGE, 2, 30);
    declare(chats, "talker", PROVIDER_USE_CHAT, 0, 0);
    providers_release(&providers, images);
    expect("talker", 2, 30); /* it may come back at once */
    declare(chats, "talker", PROVIDER_USE_CHAT, 0, 0);
    expect("talker", 0, 0);
    declare(images, "maker", PROVIDER_USE_IMAGE, 0, 7);
    expect("talker", 0, 7);
}

static void an_account_that_is_left_keeps_no_limits_of_who_left(void **state)
{
    uint64_t images[PROVIDER_USE_COUNT] = {0}, chats[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare(images, "maker", PROVIDER_USE_IMAGE, 2, 30);
    declare(chats, "talker", PROVIDER_USE_CHAT, 0, 0);
    const struct message_provider moved = {
        .name = SLICE_LITERAL("maker"), .use = PROVIDER_USE_IMAGE, .limit_second = 9};
    assert_int_equal(providers_declare(&providers, &moved, images, 2000), STATUS_OK);
    expect("maker", 9, 0);
    expect("talker", 0, 0);
}

static void limits_of_a_use_go_with_the_last_session_that_declared_it(void **state)
{
    uint64_t images[PROVIDER_USE_COUNT] = {0}, chats[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare(images, "maker", PROVIDER_USE_IMAGE, 2, 30);
    declare(chats, "maker", PROVIDER_USE_CHAT, 0, 50);
    expect("maker", 2, 30);
    providers_release(&providers, images);
    declare(chats, "maker", PROVIDER_USE_CHAT, 0, 50);
    expect("maker", 0, 50);
}

static void a_session_counts_once_for_each_use(void **state)
{
    uint64_t both[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare(both, "maker", PROVIDER_USE_IMAGE, 0, 0);
    declare(both, "maker", PROVIDER_USE_IMAGE, 0, 0);
    declare(both, "maker", PROVIDER_USE_CHAT, 0, 0);
    const struct provider *maker = &providers.items[0];
    assert_int_equal(maker->sessions, 1);
    assert_int_equal(maker->holders[PROVIDER_USE_IMAGE], 1);
    assert_int_equal(providers_uses(maker), 1 << PROVIDER_USE_CHAT | 1 << PROVIDER_USE_IMAGE);
    assert_true(providers_is_held(both, 0));
    providers_release(&providers, both);
    assert_int_equal(maker->sessions + providers.count, 0);
    assert_int_equal(providers_uses(maker), 0);
    assert_false(providers_is_held(both, 0));
}

/* ---- days ---- */

static void declare_day(uint64_t held[PROVIDER_USE_COUNT], const char *name, const char *account,
                        uint32_t day, int64_t now)
{
    const struct message_provider declared = {.name = slice_from_string(name),
                                              .account = slice_from_string(account),
                                              .use = PROVIDER_USE_IMAGE,
                                              .limit_day = day};
    assert_int_equal(providers_declare(&providers, &declared, held, now), STATUS_OK);
}

static uint32_t place_of(const char *name)
{
    uint32_t index = providers_find(&providers, slice_from_string(name));
    assert_int_not_equal(index, PROVIDER_NONE);
    return index;
}

static void call(const char *name, uint32_t times, int64_t now)
{
    for (uint32_t count = 0; count < times; count++) {
        providers_count(&providers, place_of(name), now);
    }
}

static int64_t next(const char *name, int64_t now)
{
    return providers_account_next(&providers, place_of(name), now);
}

static void the_strictest_day_that_is_declared_holds(void **state)
{
    uint64_t first[PROVIDER_USE_COUNT] = {0}, second[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare_day(first, "maker", "shared", 100, START);
    declare_day(second, "other", "shared", 30, START);
    call("maker", 30, START);
    assert_true(next("maker", START) > START);
    providers_release(&providers, second);
    declare_day(first, "maker", "shared", 100, START);
    assert_int_equal(next("maker", START), INT64_MIN);
}

static void a_day_that_is_limited_later_knows_the_calls_of_before(void **state)
{
    uint64_t held[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare_day(held, "maker", "", 0, START);
    call("maker", 5, START);
    declare_day(held, "maker", "", 5, START);
    int64_t now = START + 1000;
    assert_int_equal(next("maker", now), START + DAY_MS + DAY_PART_MS);
    assert_int_equal(next("maker", START + DAY_MS + DAY_PART_MS), INT64_MIN);
}

static void a_day_goes_on_after_a_restart(void **state)
{
    uint64_t held[PROVIDER_USE_COUNT] = {0};
    uint32_t part = providers_day_part(START);
    (void)state;
    providers_init(&providers, START);
    providers_restore(&providers, SLICE_LITERAL("maker"), part - 61, 9, START); /* over */
    providers_restore(&providers, SLICE_LITERAL("maker"), part - 60, 2, START);
    providers_restore(&providers, SLICE_LITERAL("maker"), part - 1, 3, START);
    providers_restore(&providers, SLICE_LITERAL("other"), part, 1, START);
    declare_day(held, "maker", "", 5, START);
    declare_day(held, "other", "", 2, START);
    assert_int_equal(next("maker", START), START + DAY_PART_MS);
    assert_int_equal(next("other", START), INT64_MIN); /* a day is not full for its length */
    call("other", 1, START);
    assert_int_equal(next("other", START), START + DAY_MS + DAY_PART_MS);
}

/* A minute at most, whatever the day's limit: then they wait in their queue. */
static void a_day_denies_for_a_minute_or_two_at_a_time(void **state)
{
    uint64_t held[PROVIDER_USE_COUNT] = {0};
    (void)state;
    declare_day(held, "maker", "", 10, START);
    call("maker", 10, START);
    uint32_t index = place_of("maker");
    int64_t until = next("maker", START);
    assert_int_equal(providers_turn(&providers, index, until, START), START + 60000);
    assert_int_equal(providers_turn(&providers, index, until, START), START + 120000);
    assert_int_equal(providers_turn(&providers, index, until, START), START + 120000);
    struct providers_gate gate = providers_gate(&providers, PROVIDER_USE_IMAGE, START);
    assert_int_equal(gate.at, until);
    gate = providers_gate(&providers, PROVIDER_USE_IMAGE, until);
    assert_int_equal(gate.at, INT64_MIN);
    assert_int_equal(gate.pace_ms, 60000);
    gate = providers_gate(&providers, PROVIDER_USE_IMAGE, until + DAY_PART_MS);
    assert_int_equal(gate.pace_ms, 0); /* who does not deny any more does not hold up */
}

/* Fills all places with accounts that were called, and lets one more take that of the oldest. */
static void what_is_forgotten_counts_as_a_full_day(void **state)
{
    uint64_t held[PROVIDER_USE_COUNT] = {0}, later[PROVIDER_USE_COUNT] = {0};
    char name[16];
    int64_t now = START;
    (void)state;
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        snprintf(name, sizeof(name), "p%u", index);
        declare_day(held, name, "", 5, now);
        call(name, 5, now++);
    }
    providers_release(&providers, held);
    now += 2 * 60000;
    declare_day(later, "new", "", 5, now);
    assert_int_equal(next("new", now), START + DAY_MS + 1); /* since p0 was called */
    assert_int_equal(next("p1", now), START + DAY_MS + DAY_PART_MS);
    declare_day(later, "p1", "", 5, now);
    assert_int_equal(next("p1", now), START + DAY_MS + DAY_PART_MS);
    assert_int_equal(next("new", START + DAY_MS + 1), INT64_MIN);
}

static void what_no_place_was_left_for_at_a_start_counts_as_a_full_day(void **state)
{
    uint64_t held[PROVIDER_USE_COUNT] = {0};
    uint32_t part = providers_day_part(START);
    char name[16];
    (void)state;
    providers_init(&providers, START);
    for (uint32_t index = 0; index <= PROVIDERS_MAX; index++) {
        snprintf(name, sizeof(name), "p%u", index);
        providers_restore(&providers, slice_from_string(name), part - 10, 1, START);
    }
    declare_day(held, "fresh", "", 5, START);
    int64_t called_at = (int64_t)(part - 9) * DAY_PART_MS - 1; /* at the latest */
    assert_int_equal(next("fresh", START), called_at + DAY_MS + 1);
    declare_day(held, "p64", "", 5, START);
    assert_int_equal(next("p64", START), called_at + DAY_MS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(another_use_without_limits_takes_none_away, set_up),
        cmocka_unit_test_setup(what_is_declared_anew_holds, set_up),
        cmocka_unit_test_setup(limits_go_with_the_last_session_that_declared_them, set_up),
        cmocka_unit_test_setup(limits_of_a_use_go_with_the_last_session_that_declared_it, set_up),
        cmocka_unit_test_setup(a_session_counts_once_for_each_use, set_up),
        cmocka_unit_test_setup(the_strictest_day_that_is_declared_holds, set_up),
        cmocka_unit_test_setup(a_day_that_is_limited_later_knows_the_calls_of_before, set_up),
        cmocka_unit_test_setup(a_day_goes_on_after_a_restart, set_up),
        cmocka_unit_test_setup(a_day_denies_for_a_minute_or_two_at_a_time, set_up),
        cmocka_unit_test_setup(what_is_forgotten_counts_as_a_full_day, set_up),
        cmocka_unit_test_setup(what_no_place_was_left_for_at_a_start_counts_as_a_full_day, set_up),
        cmocka_unit_test_setup(an_account_that_is_left_keeps_no_limits_of_who_left, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
