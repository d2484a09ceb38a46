/* Who has live jobs, asked by gateways in a shell whose turns the test makes. */
#include "tests/unit/memory.h"
#include "tests/unit/shell.h"

static struct shell shell;
static uint64_t session;

static int set_up(void **state)
{
    const struct message submit = shell_submit(2, SHELL_INPUT_KEPT);
    (void)state;
    memory_fail_never();
    shell_open(&shell);
    session = shell_gateway(&shell, "gateway");
    shell_ask(&shell, "gateway", session, &submit);
    shell_turn(&shell);
    network_forget_sent();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    shell_close(&shell);
    return 0;
}

static void ask(const char *after, uint64_t after_jobs)
{
    struct message message = {.type = MESSAGE_TYPE_GET_USERS};
    message.get_users = (struct message_get_users){
        .request = 4, .limit = 10, .after = slice_from_string(after), .after_jobs = after_jobs};
    shell_ask(&shell, "gateway", session, &message);
}

/* What the gateway was sent meanwhile. */
static uint32_t pages(struct message *last)
{
    return network_count("gateway", MESSAGE_TYPE_ADMIN_PAGE, last, NULL);
}

static void turn(void)
{
    shell_turn(&shell);
    while (crowd_turn(&shell.broker)) {
    }
    shell_turn(&shell);
}

static void who_has_jobs_is_told_with_the_sums(void **state)
{
    struct message page;
    (void)state;
    ask("", 0);
    turn();
    assert_int_equal(pages(&page), 1);
    assert_int_equal(page.admin_page.request, 4);
    assert_int_equal(page.admin_page.count, 1);
    assert_int_equal(page.admin_page.users, 1);
    assert_int_equal(page.admin_page.behind, 1);
    assert_int_equal(page.admin_page.waiting + page.admin_page.delayed, 1);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_USER, NULL, NULL), 1);
}

static void pages_behind_different_places_are_told_one_after_the_other(void **state)
{
    struct message page;
    (void)state;
    ask("", 0);
    ask("nobody", 1000);
    ask("zzzz", 0);
    turn();
    assert_int_equal(pages(&page), 3);
    assert_int_equal(page.admin_page.count, 0); /* nobody has fewer than none */
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_USER, NULL, NULL), 2);
    assert_int_equal(shell.broker.crowd.asker_count, 0);
}

static void one_user_is_told_in_each_queue_also_one_who_has_nothing(void **state)
{
    static const struct {
        const char *owner;
        uint64_t jobs; /* of characters */
    } cases[] = {{"ada", 1}, {"nobody", 0}};
    struct message page, user;
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        const struct slice owner = slice_from_string(cases[index].owner);
        struct message message = {.type = MESSAGE_TYPE_GET_USERS};
        message.get_users = (struct message_get_users){.request = 4, .limit = 1, .owner = owner};
        network_forget_sent();
        shell_ask(&shell, "gateway", session, &message);
        turn();
        assert_int_equal(pages(&page), 1);
        assert_int_equal(page.admin_page.count, JOB_KIND_ASKED_COUNT);
        assert_int_equal(page.admin_page.users, 1);
        assert_int_equal(network_count("gateway", MESSAGE_TYPE_USER, &user, NULL), 3);
        assert_true(slice_equal(user.user.owner, owner));
        assert_int_equal(user.user.kind, JOB_KIND_VIDEO);
        assert_int_equal(user.user.waiting, 0);
        struct user_told told = core_user(shell.broker.core, owner, JOB_KIND_CHARACTER);
        assert_int_equal(told.waiting + told.delayed, cases[index].jobs);
    }
}

static void too_many_that_ask_are_told_to_come_again(void **state)
{
    struct message page;
    (void)state;
    for (uint32_t count = 0; count <= CROWD_ASKERS_MAX; count++) {
        char name[] = "user-aaa";
        name[5] = (char)('a' + count % 26);
        name[6] = (char)('a' + count / 26);
        ask(name, 1);
    }
    shell.broker.crowd.asker_count = 0;
    shell_turn(&shell);
    assert_int_equal(pages(&page), 1);
    assert_int_equal(page.admin_page.code, REPLY_CODE_BUSY);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_has_jobs_is_told_with_the_sums),
        TEST(pages_behind_different_places_are_told_one_after_the_other),
        TEST(one_user_is_told_in_each_queue_also_one_who_has_nothing),
        TEST(too_many_that_ask_are_told_to_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
