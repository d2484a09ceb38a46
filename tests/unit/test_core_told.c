/* What those who run the stack are told of providers and users. */

#include "tests/unit/costs_world.h"

enum {
    MINUTE_MS = 60000,
};

/* An image worker that calls "studio", as often as this limit allows. */
static uint64_t worker(struct world *world, uint32_t number, uint32_t limit_minute)
{
    return world_caller(world, number, (struct message_provider){.limit_minute = limit_minute});
}

/* The only provider, as it is told. */
static struct message_provider_state told(const struct world *world)
{
    static struct message_provider_state states[PROVIDERS_MAX];
    assert_int_equal(core_providers(world->core, world->now, states), 1);
    world_expect_text(states[0].provider, "studio");
    return states[0];
}

static void expect_breaker(const struct world *world, enum breaker_told state, int64_t until)
{
    struct message_provider_state provider = told(world);
    assert_string_equal(breaker_told_name((enum breaker_told)provider.breaker),
                        breaker_told_name(state));
    assert_int_equal(provider.until, until);
}

static void tells_what_it_knows_of_a_provider(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = worker(&world, 10, 0);
    int64_t declared_at = world.now;
    worker(&world, 11, 3);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_tick(&world);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_report(&world, 10, session, 3, 1, PROVIDER_FAULT_THROTTLED, 30000);
    struct message_provider_state provider = told(&world);
    world_expect_text(provider.account, "studio");
    assert_int_equal(provider.uses, 1 << PROVIDER_USE_IMAGE);
    assert_int_equal(provider.since, declared_at);
    assert_int_equal(provider.limit_second, 0);
    assert_int_equal(provider.used_second, 0);
    assert_int_equal(provider.limit_minute, 3);
    assert_int_equal(provider.used_minute, 1);
    assert_int_equal(provider.blocked_until, world.now + 30000);
    assert_int_equal(provider.calls, 4);
    assert_int_equal(provider.errors, 1);
    assert_int_equal(provider.workers, 2);
    expect_breaker(&world, BREAKER_TOLD_CLOSED, 0);
    world_pass(&world, 2 * MINUTE_MS);
    provider = told(&world);
    assert_int_equal(provider.blocked_until, 0);
    assert_int_equal(provider.used_minute + provider.calls + provider.errors, 0);
    world_fini(&world);
}

static void tells_which_way_a_breaker_goes_and_who_waits_for_it(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    uint64_t session = worker(&world, 10, 0);
    world_tick(&world);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_submit(&world, JOB_KIND_IMAGE, 3);
    world_submit(&world, JOB_KIND_CHARACTER, 4); /* needs another one */
    assert_int_equal(told(&world).waiting, 0);   /* they wait for their turn */
    world_report(&world, 10, session, 0, 5, PROVIDER_FAULT_DOWN, 0);
    int64_t until = world.now + BREAKER_OPEN_MS;
    expect_breaker(&world, BREAKER_TOLD_OPEN, until);
    assert_int_equal(told(&world).waiting, 2);
    world_pass(&world, BREAKER_OPEN_MS);
    expect_breaker(&world, BREAKER_TOLD_HALF_OPEN, 0);
    world_expect_state(&world, 2, JOB_STATE_ACTIVE); /* it may make the probe */
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    expect_breaker(&world, BREAKER_TOLD_HALF_OPEN, 0);
    assert_int_equal(told(&world).waiting, 1);
    world_report(&world, 10, session, 1, 0, PROVIDER_FAULT_NONE, 0);
    expect_breaker(&world, BREAKER_TOLD_CLOSED, 0);
    assert_int_equal(told(&world).since, world.now);
    assert_int_equal(told(&world).waiting, 0);
    world_report(&world, 10, session, 0, 1, PROVIDER_FAULT_CREDENTIALS, 0);
    world_bye(&world, 10, session);
    assert_int_equal(told(&world).workers, 0);
    assert_int_equal(told(&world).waiting, 0); /* nobody calls it any more */
    world_fini(&world);
}

static void tells_the_uses_that_are_declared_or_those_of_who_were_there(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t painter = worker(&world, 10, 0);
    uint64_t talker = world_caller(
        &world, 11,
        (struct message_provider){.name = SLICE_LITERAL("studio"), .use = PROVIDER_USE_CHAT});
    assert_int_equal(told(&world).uses, 1 << PROVIDER_USE_CHAT | 1 << PROVIDER_USE_IMAGE);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_report(&world, 11, talker, 0, 5, PROVIDER_FAULT_DOWN, 0);
    assert_int_equal(told(&world).waiting, 1);
    world_bye(&world, 10, painter);
    assert_int_equal(told(&world).uses, 1 << PROVIDER_USE_CHAT);
    assert_int_equal(told(&world).waiting, 0);
    world_bye(&world, 11, talker);
    assert_int_equal(told(&world).uses, 1 << PROVIDER_USE_CHAT | 1 << PROVIDER_USE_IMAGE);
    world_fini(&world);
}

/* ---- users ---- */

struct crowd {
    uint32_t count;
    struct user_told users[4];
};

static void note(void *context, const struct user_told *user)
{
    struct crowd *crowd = context;
    assert_true(crowd->count < 4);
    crowd->users[crowd->count++] = *user;
}

static struct crowd users(const struct world *world)
{
    struct crowd crowd = {0};
    uint32_t place = 0;
    assert_false(core_users(world->core, &place, UINT32_MAX, note, &crowd));
    return crowd;
}

static void expect_user(const struct user_told *user, const uint64_t counts[3], uint64_t spent)
{
    world_expect_text(user->owner, "user");
    assert_int_equal(user->waiting, counts[0]);
    assert_int_equal(user->active, counts[1]);
    assert_int_equal(user->delayed, counts[2]);
    assert_int_equal(user->spent, spent);
}

static void counts_the_jobs_of_a_user_by_their_states(void **state)
{
    struct world world;
    (void)state;
    world_init_late(&world);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    struct message later = world_submit_message(JOB_KIND_IMAGE, 3);
    struct facts facts = world_facts(&world);
    later.submit.run_at = world.now + MINUTE_MS;
    world_request(&world, &later, &facts);
    struct crowd crowd = users(&world);
    assert_int_equal(crowd.count, 1);
    expect_user(&crowd.users[0], (uint64_t[]){1, 1, 1}, 0);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 0);
    world_expect_state(&world, 1, JOB_STATE_WAITING); /* between attempts, as everybody is told */
    crowd = users(&world);
    expect_user(&crowd.users[0], (uint64_t[]){2, 0, 1}, 0);
    world_fini(&world);
}

static void tells_of_who_has_spent_today_and_has_no_live_job(void **state)
{
    struct world world;
    (void)state;
    uint64_t session = costs_lease(&world, NULL);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, IMAGE);
    costs_operate(&world, session, 1, 0, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN, IMAGE);
    world_done(&world, 10, session, 1, 1);
    struct crowd crowd = users(&world);
    assert_int_equal(crowd.count, 1);
    expect_user(&crowd.users[0], (uint64_t[]){0, 0, 0}, IMAGE);
    world_pass(&world, DAY_MS);
    assert_int_equal(users(&world).count, 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_it_knows_of_a_provider),
        cmocka_unit_test(tells_the_uses_that_are_declared_or_those_of_who_were_there),
        cmocka_unit_test(tells_which_way_a_breaker_goes_and_who_waits_for_it),
        cmocka_unit_test(counts_the_jobs_of_a_user_by_their_states),
        cmocka_unit_test(tells_of_who_has_spent_today_and_has_no_live_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
