/* The limits of accounts that several providers, uses and sessions share. */

#include "broker/core/providers.h"

#include "tests/unit/test.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(another_use_without_limits_takes_none_away, set_up),
        cmocka_unit_test_setup(what_is_declared_anew_holds, set_up),
        cmocka_unit_test_setup(limits_go_with_the_last_session_that_declared_them, set_up),
        cmocka_unit_test_setup(limits_of_a_use_go_with_the_last_session_that_declared_it, set_up),
        cmocka_unit_test_setup(a_session_counts_once_for_each_use, set_up),
        cmocka_unit_test_setup(an_account_that_is_left_keeps_no_limits_of_who_left, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
