/* Money in the core: estimates, reserves, what is counted and when, budgets. */

#include <string.h>

#include "tests/unit/core_world.h"

enum {
    DAY_MS = 86400000,
    CHAT = 1000,
    IMAGE = 20000,
    VIDEO = 500000,
};

static void declare(struct world *world, uint64_t peer, const char *name, enum provider_use use,
                    uint8_t rank, uint32_t price)
{
    world_declare(
        world, peer,
        (struct message_provider){
            .name = slice_from_string(name), .use = (uint8_t)use, .rank = rank, .price = price});
}

static uint64_t worker(struct world *world)
{
    uint64_t session = world_greet(world, 10, 3);
    declare(world, 10, "studio", PROVIDER_USE_CHAT, 0, CHAT);
    declare(world, 10, "studio", PROVIDER_USE_IMAGE, 0, IMAGE);
    declare(world, 10, "studio", PROVIDER_USE_VIDEO, 0, VIDEO);
    return session;
}

static void operate(struct world *world, uint64_t session, uint32_t lease, uint8_t number,
                    enum operation_state state, enum charge charged, uint32_t price)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    message.operation = (struct message_operation){.job = world_id(1),
                                                   .lease = lease,
                                                   .operation = number,
                                                   .state = (uint8_t)state,
                                                   .charged = (uint8_t)charged,
                                                   .price = price,
                                                   .provider = SLICE_LITERAL("studio")};
    world_actor(world, 10, session, &message);
}

static struct spending spending(const struct world *world)
{
    struct spending found;
    core_spending(world->core, SLICE_LITERAL("user"), world->now, &found);
    return found;
}

static void expect(const struct world *world, uint64_t spent, uint64_t reserved)
{
    struct spending found = spending(world);
    assert_int_equal(found.spent, spent);
    assert_int_equal(found.reserved, reserved);
}

/* An image job at work under lease 1, estimated. */
static uint64_t begin(struct world *world, const struct core_options *options)
{
    world_init(world, options);
    uint64_t session = worker(world);
    world_submit(world, JOB_KIND_IMAGE, 1);
    world_tick(world);
    world_effect(world, EFFECT_DISPATCH);
    expect(world, 0, IMAGE);
    return session;
}

/* ---- estimates ---- */

static void estimates_the_calls_of_a_kind(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    worker(&world);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    assert_int_equal(world_job(&world, 1)->estimate, CHAT + IMAGE);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    assert_int_equal(world_job(&world, 2)->estimate, IMAGE);
    world_submit(&world, JOB_KIND_VIDEO, 3);
    assert_int_equal(world_job(&world, 3)->estimate, CHAT + VIDEO);
    expect(&world, 0, 2 * CHAT + 2 * IMAGE + VIDEO);
    world_cancel(&world, 1);
    world_cancel(&world, 2);
    world_cancel(&world, 3);
    expect(&world, 0, 0);
    world_fini(&world);
}

static void estimates_by_who_is_asked_first(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_greet(&world, 10, 2);
    declare(&world, 10, "second", PROVIDER_USE_IMAGE, 1, 5);
    declare(&world, 10, "first", PROVIDER_USE_IMAGE, 0, 7);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    assert_int_equal(world_job(&world, 1)->estimate, 7);
    world_greet(&world, 11, 1); /* of another configuration: the dearer one counts */
    declare(&world, 11, "other", PROVIDER_USE_IMAGE, 0, 9);
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
    declare(&world, 10, "first", PROVIDER_USE_IMAGE, 0, 7);
    world_greet(&world, 11, 1);
    declare(&world, 11, "first", PROVIDER_USE_CHAT, 0, 1);
    world_peer_lost(&world, 10);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    assert_int_equal(world_job(&world, 1)->estimate, 7); /* nobody else is there */
    world_greet(&world, 12, 1);
    declare(&world, 12, "second", PROVIDER_USE_IMAGE, 1, 5);
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
    expect(&world, 0, 0);
    world_fini(&world);
}

/* ---- outcomes ---- */

static void counts_an_operation_by_its_outcome(void **state)
{
    static const struct {
        enum operation_state state;
        enum charge charged;
        uint32_t spent, uncertain;
    } cases[] = {
        {OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN, 0, 0},
        {OPERATION_STATE_FINISHED, CHARGE_UNKNOWN, IMAGE, 0},
        {OPERATION_STATE_FINISHED, CHARGE_YES, IMAGE, 0},
        {OPERATION_STATE_FINISHED, CHARGE_NO, 0, 0},
        {OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, IMAGE, IMAGE},
        {OPERATION_STATE_UNKNOWN, CHARGE_YES, IMAGE, 0},
        {OPERATION_STATE_REFUSED, CHARGE_UNKNOWN, 0, 0},
        {OPERATION_STATE_REFUSED, CHARGE_NO, 0, 0},
        {OPERATION_STATE_CANCELLED, CHARGE_UNKNOWN, IMAGE, IMAGE},
        {OPERATION_STATE_CANCELLED, CHARGE_NO, 0, 0},
        {OPERATION_STATE_ABANDONED, CHARGE_YES, IMAGE, 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct world world;
        uint64_t session = begin(&world, NULL);
        operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
        expect(&world, 0, IMAGE);
        operate(&world, session, 1, 0, cases[index].state, cases[index].charged, 0);
        const struct effect *effect = world_effect(&world, EFFECT_OPERATION);
        assert_int_equal(effect->spend.amount, cases[index].spent);
        assert_int_equal(effect->spend.uncertain, cases[index].uncertain);
        assert_int_equal(effect->spend.operations, cases[index].spent > 0);
        assert_int_equal(effect->spend.is_first, cases[index].spent > 0);
        expect(&world, cases[index].spent, cases[index].spent > 0 ? 0 : IMAGE);
        assert_int_equal(world_job(&world, 1)->spent, cases[index].spent);
        assert_int_equal(world_job(&world, 1)->uncertain, cases[index].uncertain);
        world_fini(&world);
    }
}

static void says_it_twice_and_counts_it_once(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    expect(&world, 0, IMAGE);
    operate(&world, session, 1, 0, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, IMAGE);
    operate(&world, session, 1, 0, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, IMAGE);
    assert_int_equal(world_effect(&world, EFFECT_OPERATION)->spend.amount, 0);
    expect(&world, IMAGE, 0);
    world_done(&world, 10, session, 1, 1);
    expect(&world, IMAGE, 0);
    world_fini(&world);
}

/* Nobody has told what became of the call of the lost attempt. */
static void a_later_lease_that_takes_the_number_pays_again(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    expect(&world, 0, IMAGE);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    expect(&world, IMAGE, IMAGE);
    assert_int_equal(world_job(&world, 1)->uncertain, IMAGE);
    world_done(&world, 10, session, 1, 2);
    expect(&world, 2 * IMAGE, 0);
    world_fini(&world);
}

/* What the later lease has announced before does not make it say the same again. */
static void a_later_lease_pays_again_behind_another_call(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    operate(&world, session, 2, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 7);
    operate(&world, session, 2, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 7);
    expect(&world, 0, IMAGE);
    assert_int_equal(world_job(&world, 1)->open_before, 1);
    operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    expect(&world, 100, IMAGE - 100);
    assert_int_equal(world_job(&world, 1)->uncertain, 100);
    assert_int_equal(world_job(&world, 1)->open_before, 0);
    operate(&world, session, 2, 0, OPERATION_STATE_REFUSED, CHARGE_NO, 100);
    world_done(&world, 10, session, 1, 2);
    expect(&world, 107, 0);
    world_fini(&world);
}

/* Its outcome closes what an earlier lease has opened, as ever. */
static void a_call_of_an_earlier_lease_ends_behind_another_call(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    operate(&world, session, 2, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 7);
    operate(&world, session, 2, 0, OPERATION_STATE_REFUSED, CHARGE_NO, 100);
    assert_int_equal(world_job(&world, 1)->open_before, 0);
    operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    world_done(&world, 10, session, 1, 2);
    expect(&world, 107, 0);
    assert_int_equal(world_effect(&world, EFFECT_END)->spend.operations, 2);
    world_fini(&world);
}

static void several_open_at_once_have_their_own_prices(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    operate(&world, session, 1, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    expect(&world, 0, IMAGE + 100);
    operate(&world, session, 1, 0, OPERATION_STATE_REFUSED, CHARGE_NO, 100);
    expect(&world, 0, IMAGE);
    operate(&world, session, 1, 1, OPERATION_STATE_FINISHED, CHARGE_YES, 0); /* the only one */
    expect(&world, IMAGE, 0);
    world_fini(&world);
}

static void says_more_than_is_open_and_gets_no_more(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    operate(&world, session, 1, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 200);
    operate(&world, session, 1, 0, OPERATION_STATE_FINISHED, CHARGE_YES, PRICE_MAX);
    expect(&world, 300, IMAGE - 300);
    operate(&world, session, 1, 1, OPERATION_STATE_FINISHED, CHARGE_YES, PRICE_MAX);
    operate(&world, session, 1, 2, OPERATION_STATE_FINISHED, CHARGE_YES, PRICE_MAX);
    expect(&world, 300, IMAGE - 300);
    world_fini(&world);
}

static void an_end_counts_what_is_open(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    world_done(&world, 10, session, 1, 1);
    const struct effect *end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->spend.amount, IMAGE);
    assert_int_equal(end->spend.uncertain, 0);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_COMPLETED)->spent, IMAGE);
    expect(&world, IMAGE, 0);
    world_fini(&world);

    session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN, IMAGE);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->spend.amount, IMAGE);
    assert_int_equal(end->spend.uncertain, IMAGE);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_FAILED)->uncertain, IMAGE);
    world_fini(&world);
}

static void refuses_a_price_that_is_absurd(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, PRICE_MAX + 1);
    assert_int_equal(world_effect(&world, EFFECT_ERROR)->error_code_number, ERROR_CODE_MALFORMED);
    world_fini(&world);
}

/* ---- days ---- */

static void a_day_ends_at_midnight(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = begin(&world, NULL);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    operate(&world, session, 1, 0, OPERATION_STATE_FINISHED, CHARGE_YES, IMAGE);
    expect(&world, IMAGE, 0);
    world.now += DAY_MS;
    expect(&world, 0, 0);
    world_tick(&world);
    expect(&world, 0, 0);
    world_fini(&world);
}

static void a_start_takes_what_was_spent_today(void **state)
{
    struct world world;
    struct core_options options = world_options();
    (void)state;
    world_init(&world, &options);
    struct core *core;
    assert_int_equal(core_new(&options, world.now, &core), STATUS_OK);
    uint32_t today = (uint32_t)(world.now / DAY_MS);
    struct slice user = SLICE_LITERAL("user");
    struct spending found;
    assert_int_equal(core_restore_spent(core, today, user, 5), STATUS_OK);
    assert_int_equal(core_restore_spent(core, today, user, 7), STATUS_OK);
    assert_int_equal(core_restore_spent(core, today + 1, user, 100), STATUS_OK);
    assert_int_equal(core_restore_spent(core, today, SLICE_EMPTY, 1), STATUS_MALFORMED);
    assert_int_equal(core_restore_spent(core, today, user, UINT64_MAX), STATUS_MALFORMED);
    assert_int_equal(core_restore_spent(core, today, SLICE_LITERAL("other"), 30), STATUS_OK);
    core_spending(core, user, world.now, &found);
    assert_int_equal(found.spent, 12);
    core_spending(core, SLICE_EMPTY, world.now, &found);
    assert_int_equal(found.spent, 42);
    core_check(core);
    core_destroy(&core);
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
    begin(&world, &options);
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
    begin(&world, &options);
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
    begin(&world, &options);
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
    declare(&world, 10, "own", PROVIDER_USE_IMAGE, 0, IMAGE);
    request(&world, JOB_KIND_IMAGE, 1);
    world_expect_reply(&world, REPLY_CODE_OK);
    request(&world, JOB_KIND_VIDEO, 2); /* of which nobody has told */
    world_expect_reply(&world, REPLY_CODE_OVER_BUDGET);
    world_greet(&world, 11, 2);
    declare(&world, 11, "free", PROVIDER_USE_CHAT, 0, 0);
    declare(&world, 11, "free", PROVIDER_USE_VIDEO, 0, 0);
    request(&world, JOB_KIND_VIDEO, 2);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void a_new_day_is_a_new_budget(void **state)
{
    struct world world;
    const struct core_options options = with_budget(IMAGE, 0);
    (void)state;
    uint64_t session = begin(&world, &options);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
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
    uint64_t session = begin(&world, &options);
    operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
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
        cmocka_unit_test(counts_an_operation_by_its_outcome),
        cmocka_unit_test(says_it_twice_and_counts_it_once),
        cmocka_unit_test(a_later_lease_that_takes_the_number_pays_again),
        cmocka_unit_test(a_later_lease_pays_again_behind_another_call),
        cmocka_unit_test(a_call_of_an_earlier_lease_ends_behind_another_call),
        cmocka_unit_test(several_open_at_once_have_their_own_prices),
        cmocka_unit_test(says_more_than_is_open_and_gets_no_more),
        cmocka_unit_test(an_end_counts_what_is_open),
        cmocka_unit_test(refuses_a_price_that_is_absurd),
        cmocka_unit_test(a_day_ends_at_midnight),
        cmocka_unit_test(a_start_takes_what_was_spent_today),
        cmocka_unit_test(refuses_what_would_cost_too_much),
        cmocka_unit_test(another_user_has_a_budget_of_its_own),
        cmocka_unit_test(warns_of_what_is_nearly_spent),
        cmocka_unit_test(what_is_known_to_be_free_is_always_allowed),
        cmocka_unit_test(a_new_day_is_a_new_budget),
        cmocka_unit_test(a_retry_is_judged_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
