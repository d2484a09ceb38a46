/* Money in the core: what is counted and when, reserves. */

#include <stdio.h>
#include "tests/unit/costs_world.h"

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
        uint64_t session = costs_lease(&world, NULL);
        costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
        costs_expect(&world, 0, IMAGE);
        costs_operate(&world, session, 1, 0, cases[index].state, cases[index].charged, 0);
        const struct effect *effect = world_effect(&world, EFFECT_OPERATION);
        assert_int_equal(effect->spend.amount, cases[index].spent);
        assert_int_equal(effect->spend.uncertain, cases[index].uncertain);
        assert_int_equal(effect->spend.operations, cases[index].spent > 0);
        assert_int_equal(effect->spend.is_first, cases[index].spent > 0);
        costs_expect(&world, cases[index].spent, cases[index].spent > 0 ? 0 : IMAGE);
        assert_int_equal(world_job(&world, 1)->spent, cases[index].spent);
        assert_int_equal(world_job(&world, 1)->uncertain, cases[index].uncertain);
        world_fini(&world);
    }
}

static void says_it_twice_and_counts_it_once(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    costs_expect(&world, 0, IMAGE);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, IMAGE);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, IMAGE);
    assert_int_equal(world_effect(&world, EFFECT_OPERATION)->spend.amount, 0);
    costs_expect(&world, IMAGE, 0);
    world_done(&world, 10, session, 1, 1);
    costs_expect(&world, IMAGE, 0);
    world_fini(&world);
}

/* Nobody has told what became of the call of the lost attempt. */
static void a_later_lease_that_takes_the_number_pays_again(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    costs_expect(&world, 0, IMAGE);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    costs_operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    costs_expect(&world, IMAGE, IMAGE);
    assert_int_equal(world_job(&world, 1)->uncertain, IMAGE);
    world_done(&world, 10, session, 1, 2);
    costs_expect(&world, 2 * IMAGE, 0);
    world_fini(&world);
}

/* What the later lease has announced before does not make it say the same again. */
static void a_later_lease_pays_again_behind_another_call(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    costs_operate(&world, session, 2, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 7);
    costs_operate(&world, session, 2, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 7);
    costs_expect(&world, 0, IMAGE);
    assert_int_equal(world_job(&world, 1)->open_before, 1);
    costs_operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    costs_operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    costs_expect(&world, 100, IMAGE - 100);
    assert_int_equal(world_job(&world, 1)->uncertain, 100);
    assert_int_equal(world_job(&world, 1)->open_before, 0);
    costs_operate(&world, session, 2, 0, OPERATION_STATE_REFUSED, CHARGE_NO, 100);
    world_done(&world, 10, session, 1, 2);
    costs_expect(&world, 107, 0);
    world_fini(&world);
}

/* Its outcome closes what an earlier lease has opened, as ever. */
static void a_call_of_an_earlier_lease_ends_behind_another_call(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    costs_operate(&world, session, 2, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 7);
    costs_operate(&world, session, 2, 0, OPERATION_STATE_REFUSED, CHARGE_NO, 100);
    assert_int_equal(world_job(&world, 1)->open_before, 0);
    costs_operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    world_done(&world, 10, session, 1, 2);
    costs_expect(&world, 107, 0);
    assert_int_equal(world_effect(&world, EFFECT_END)->spend.operations, 2);
    world_fini(&world);
}

/* A call that was denied, but perhaps not at once, is told to cost nothing: that says nothing of
 * what an earlier lease has announced. */
static void a_call_that_never_was_frees_none_of_an_earlier_lease(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 4, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, CHAT);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    costs_operate(&world, session, 2, 4, OPERATION_STATE_REFUSED, CHARGE_NO, CHAT);
    costs_expect(&world, CHAT, IMAGE - CHAT);
    assert_int_equal(world_job(&world, 1)->uncertain, CHAT);
    world_fini(&world);
}

/* Nor behind another call. */
static void a_call_that_never_was_frees_none_behind_another_call(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 4, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, CHAT);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    world_pass_until(&world, EFFECT_DISPATCH, 5000);
    costs_operate(&world, session, 2, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 7);
    costs_operate(&world, session, 2, 4, OPERATION_STATE_REFUSED, CHARGE_NO, CHAT);
    costs_expect(&world, CHAT, IMAGE - CHAT);
    assert_int_equal(world_job(&world, 1)->uncertain, CHAT);
    world_fini(&world);
}

static void several_open_at_once_have_their_own_prices(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    costs_operate(&world, session, 1, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    costs_expect(&world, 0, IMAGE + 100);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_REFUSED, CHARGE_NO, 100);
    costs_expect(&world, 0, IMAGE);
    costs_operate(&world, session, 1, 1, OPERATION_STATE_FINISHED, CHARGE_YES,
                  0); /* the only one */
    costs_expect(&world, IMAGE, 0);
    world_fini(&world);
}

static void says_more_than_is_open_and_gets_no_more(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 100);
    costs_operate(&world, session, 1, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 200);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_FINISHED, CHARGE_YES, PRICE_MAX);
    costs_expect(&world, 300, IMAGE - 300);
    costs_operate(&world, session, 1, 1, OPERATION_STATE_FINISHED, CHARGE_YES, PRICE_MAX);
    costs_operate(&world, session, 1, 2, OPERATION_STATE_FINISHED, CHARGE_YES, PRICE_MAX);
    costs_expect(&world, 300, IMAGE - 300);
    world_fini(&world);
}

/* Each time it tells of a lower price than it has announced. */
static void what_is_open_is_bounded(void **state)
{
    const uint64_t most = (uint64_t)OPERATIONS_MAX * PRICE_MAX;
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 1, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 1);
    for (uint32_t times = 0; times < 42; times++) {
        costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, PRICE_MAX);
        costs_operate(&world, session, 1, 0, OPERATION_STATE_FINISHED, CHARGE_YES, 0);
    }
    costs_expect(&world, 0, most);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, 94967295);
    costs_expect(&world, 0, most);
    world_done(&world, 10, session, 1, 1);
    costs_expect(&world, most, 0);
    world_fini(&world);
}

static void an_end_counts_what_is_open(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    world_done(&world, 10, session, 1, 1);
    const struct effect *end = world_effect(&world, EFFECT_END);
    assert_int_equal(end->spend.amount, IMAGE);
    assert_int_equal(end->spend.uncertain, 0);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_COMPLETED)->spent, IMAGE);
    costs_expect(&world, IMAGE, 0);
    world_fini(&world);

    session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN, IMAGE);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
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
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, PRICE_MAX + 1);
    assert_int_equal(world_effect(&world, EFFECT_ERROR)->error_code_number, ERROR_CODE_MALFORMED);
    world_fini(&world);
}

/* ---- days ---- */

static void a_day_ends_at_midnight(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_FINISHED, CHARGE_YES, IMAGE);
    costs_expect(&world, IMAGE, 0);
    world.now += DAY_MS;
    costs_expect(&world, 0, 0);
    world_tick(&world);
    costs_expect(&world, 0, 0);
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

static void a_start_takes_jobs_however_many_have_spent(void **state)
{
    struct world world;
    struct core_options options = world_options();
    struct core *core;
    (void)state;
    world_init(&world, &options);
    options.event_last = 10;
    assert_int_equal(core_new(&options, world.now, &core), STATUS_OK);
    uint32_t today = (uint32_t)(world.now / DAY_MS);
    for (uint32_t number = 0; number < SPENDERS_MAX; number++) {
        char name[16];
        snprintf(name, sizeof(name), "u%u", number);
        enum status status = core_restore_spent(core, today, slice_from_string(name), 1);
        assert_int_equal(status, STATUS_OK);
    }
    struct job head = {.id = world_id(1),
                       .worker = world_id(1),
                       .lease = 1,
                       .attempt = 1,
                       .version = 1,
                       .state = JOB_STATE_ACTIVE,
                       .kind = JOB_KIND_IMAGE,
                       .accepted = 1,
                       .started_at = 1,
                       .attempt_at = 1,
                       .deadline = world.now + DAY_MS};
    struct slice owner = SLICE_LITERAL("spends-nothing");
    assert_int_equal(core_restore(core, &head, owner, NULL, world.now), STATUS_OK);
    core_destroy(&core);
    world_fini(&world);
}

/* The result says whom the price goes to that its worker could not tell in time. */
static void a_late_result_is_paid_to_its_provider(void **state)
{
    const struct {
        uint8_t operation;
        const char *provider;
    } cases[] = {{0, "studio"}, {1, ""}};
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct message message = {.type = MESSAGE_TYPE_DONE};
        struct world world;
        uint64_t session = costs_lease(&world, NULL);
        costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
        message.done = (struct message_done){
            .job = world_id(1),
            .lease = 1,
            .document = SLICE_LITERAL("{}"),
            .provider = SLICE_LITERAL("studio"),
            .operation = cases[index].operation,
        };
        world_actor(&world, 10, session, &message);
        const struct effect *end = world_effect(&world, EFFECT_END);
        assert_int_equal(end->spend.amount, IMAGE);
        world_expect_text(end->operation.provider, cases[index].provider);
        costs_expect(&world, IMAGE, 0);
        world_fini(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_takes_jobs_however_many_have_spent),
        cmocka_unit_test(counts_an_operation_by_its_outcome),
        cmocka_unit_test(says_it_twice_and_counts_it_once),
        cmocka_unit_test(a_later_lease_that_takes_the_number_pays_again),
        cmocka_unit_test(a_later_lease_pays_again_behind_another_call),
        cmocka_unit_test(a_call_of_an_earlier_lease_ends_behind_another_call),
        cmocka_unit_test(a_call_that_never_was_frees_none_of_an_earlier_lease),
        cmocka_unit_test(a_call_that_never_was_frees_none_behind_another_call),
        cmocka_unit_test(several_open_at_once_have_their_own_prices),
        cmocka_unit_test(says_more_than_is_open_and_gets_no_more),
        cmocka_unit_test(what_is_open_is_bounded),
        cmocka_unit_test(an_end_counts_what_is_open),
        cmocka_unit_test(refuses_a_price_that_is_absurd),
        cmocka_unit_test(a_day_ends_at_midnight),
        cmocka_unit_test(a_start_takes_what_was_spent_today),
        cmocka_unit_test(a_late_result_is_paid_to_its_provider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
