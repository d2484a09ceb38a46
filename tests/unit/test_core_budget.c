/* Money in the core: estimates, budgets, warnings. */

#include <string.h>

#include "tests/unit/costs_world.h"

/* ---- estimates ---- */

static void estimates_the_calls_of_a_kind(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    costs_worker(&world);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    assert_int_equal(world_job(&world, 1)->estimate, CHAT + IMAGE);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    assert_int_equal(world_job(&world, 2)->estimate, IMAGE);
    world_submit(&world, JOB_KIND_VIDEO, 3);
    assert_int_equal(world_job(&world, 3)->estimate, CHAT + VIDEO);
    costs_expect(&world, 0, 2 * CHAT + 2 * IMAGE + VIDEO);
    world_cancel(&world, 1);
    world_cancel(&world, 2);
    world_cancel(&world, 3);
    costs_expect(&world, 0, 0);
    world_fini(&world);
}

static void estimates_by_who_is_asked_first(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_greet(&world, 10, 2);
    costs_declare(&world, 10, "second", PROVIDER_USE_IMAGE, 1, 5);
    costs_declare(&world, 10, "first", PROVIDER_USE_IMAGE, 0, 7);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    assert_int_equal(world_job(&world, 1)->estimate, 7);
    world_greet(&world, 11, 1); /* of another configuration: the dearer one counts */
    costs_declare(&world, 11, "other", PROVIDER_USE_IMAGE, 0, 9);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    assert_int_equal(world_job(&world, 2)->estimate, 9);
    world_peer_lost(&world, 11);
    world_submit(&world, JOB_KIND_IMAGE, 3);
    assert_int_equal(world_job(&world, 3)->estimate, 7);
    world_peer_lost(&world, 10); /* who was there last is remembered */
    world_submit(&world, JOB_KIND_IMAGE, 4);
    assert_int_equal(world_job(&world, 4)->estimate, 9);
    world_fini(&world);
}

static void estimates_by_who_is_there_for_the_use(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_greet(&world, 10, 1);
    costs_declare(&world, 10, "first", PROVIDER_USE_IMAGE, 0, 7);
    world_greet(&world, 11, 1);
    costs_declare(&world, 11, "first", PROVIDER_USE_CHAT, 0, 1);
    world_peer_lost(&world, 10);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    assert_int_equal(world_job(&world, 1)->estimate, 7); /* nobody else is there */
    world_greet(&world, 12, 1);
    costs_declare(&world, 12, "second", PROVIDER_USE_IMAGE, 1, 5);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    assert_int_equal(world_job(&world, 2)->estimate, 5);
    world_fini(&world);
}

static void estimates_nothing_of_what_nobody_calls(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    assert_int_equal(world_job(&world, 1)->estimate, 0);
    costs_expect(&world, 0, 0);
    world_fini(&world);
}

/* ---- budgets ---- */

static struct core_options with_budget(uint64_t budget, uint64_t budget_soft)
{
    struct core_options options = world_options();
    options.budget = budget;
    options.budget_soft = budget_soft;
    return options;
}

static void request(struct world *world, enum job_kind kind, uint32_t number)
{
    struct message message = world_submit_message(kind, number);
    const struct facts facts = world_facts(world);
    world_request(world, &message, &facts);
}

static void refuses_what_would_cost_too_much(void **state)
{
    struct world world;
    const struct core_options options = with_budget(2 * IMAGE, 0);
    struct core_statistics statistics;
    (void)state;
    costs_lease(&world, &options);
    request(&world, JOB_KIND_IMAGE, 2);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->budget_until, 0);
    request(&world, JOB_KIND_IMAGE, 3);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OVER_BUDGET);
    assert_int_equal(reply->budget, 2 * IMAGE);
    assert_int_equal(reply->spent, 0);
    assert_int_equal(reply->reserved, 2 * IMAGE);
    assert_int_equal(reply->estimate, IMAGE);
    assert_int_equal(reply->budget_until, DAY_MS);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.over_budget, 1);
    world_cancel(&world, 2);
    request(&world, JOB_KIND_IMAGE, 3);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void another_user_has_a_budget_of_its_own(void **state)
{
    struct world world;
    const struct core_options options = with_budget(IMAGE, 0);
    (void)state;
    costs_lease(&world, &options);
    request(&world, JOB_KIND_IMAGE, 2);
    world_expect_reply(&world, REPLY_CODE_OVER_BUDGET);
    world_submit_for(&world, JOB_KIND_IMAGE, 3, "other");
    world_fini(&world);
}

static void warns_of_what_is_nearly_spent(void **state)
{
    struct world world;
    const struct core_options options = with_budget(3 * IMAGE, IMAGE);
    (void)state;
    costs_lease(&world, &options);
    request(&world, JOB_KIND_IMAGE, 2);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->reserved, 2 * IMAGE);
    assert_int_equal(reply->estimate, IMAGE);
    assert_int_equal(reply->budget_soft, IMAGE);
    assert_int_equal(reply->budget_until, DAY_MS);
    world_fini(&world);
}

static void what_is_known_to_be_free_is_always_allowed(void **state)
{
    struct world world;
    const struct core_options options = with_budget(IMAGE, 0);
    (void)state;
    world_init(&world, &options);
    world_greet(&world, 10, 1);
    costs_declare(&world, 10, "own", PROVIDER_USE_IMAGE, 0, IMAGE);
    request(&world, JOB_KIND_IMAGE, 1);
    world_expect_reply(&world, REPLY_CODE_OK);
    request(&world, JOB_KIND_VIDEO, 2); /* of which nobody has told */
    world_expect_reply(&world, REPLY_CODE_OVER_BUDGET);
    world_greet(&world, 11, 2);
    costs_declare(&world, 11, "free", PROVIDER_USE_CHAT, 0, 0);
    costs_declare(&world, 11, "free", PROVIDER_USE_VIDEO, 0, 0);
    request(&world, JOB_KIND_VIDEO, 2);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void a_new_day_is_a_new_budget(void **state)
{
    struct world world;
    const struct core_options options = with_budget(IMAGE, 0);
    (void)state;
    uint64_t session = costs_lease(&world, &options);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    world_done(&world, 10, session, 1, 1);
    request(&world, JOB_KIND_IMAGE, 2);
    world_expect_reply(&world, REPLY_CODE_OVER_BUDGET);
    world.now += DAY_MS;
    request(&world, JOB_KIND_IMAGE, 2);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void a_retry_is_judged_too(void **state)
{
    struct world world;
    const struct core_options options = with_budget(IMAGE, 0);
    (void)state;
    uint64_t session = costs_lease(&world, &options);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    struct facts facts = world_facts(&world);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    facts = world_facts(&world);
    facts.job_found = true;
    facts.head = *world_effect(&world, EFFECT_END)->job;
    facts.owner_size = 4;
    memcpy(facts.owner, "user", 4);
    world_tick(&world);
    facts.commit = core_commit(world.core);
    struct message message = {.type = MESSAGE_TYPE_RETRY_JOB};
    message.retry_job = (struct message_retry_job){
        .request = 1, .job = world_id(1), .owner = SLICE_LITERAL("user")};
    world_request(&world, &message, &facts);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OVER_BUDGET)->spent, IMAGE);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_the_calls_of_a_kind),
        cmocka_unit_test(estimates_by_who_is_asked_first),
        cmocka_unit_test(estimates_by_who_is_there_for_the_use),
        cmocka_unit_test(estimates_nothing_of_what_nobody_calls),
        cmocka_unit_test(refuses_what_would_cost_too_much),
        cmocka_unit_test(another_user_has_a_budget_of_its_own),
        cmocka_unit_test(warns_of_what_is_nearly_spent),
        cmocka_unit_test(what_is_known_to_be_free_is_always_allowed),
        cmocka_unit_test(a_new_day_is_a_new_budget),
        cmocka_unit_test(a_retry_is_judged_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
