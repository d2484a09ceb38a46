/* What the core lets go of what a reader found to be over, and what it leaves. */

#include "tests/unit/core_world.h"

enum {
    LIFE_MS = 60000,
};

static struct sweep sweep;

static void begin(struct world *world)
{
    struct core_options options = world_options();
    options.retention.ended_ms[JOB_STATE_COMPLETED] = LIFE_MS;
    options.retention.ended_ms[JOB_STATE_CANCELLED] = LIFE_MS;
    options.retention.tombstone_ms = LIFE_MS;
    world_init(world, &options);
    memset(&sweep, 0, sizeof(sweep));
}

/* Adds an ended job to what the reader found, as it was at the last commit. */
static struct swept *find(const struct world *world, uint32_t number, int64_t since)
{
    struct swept *swept = &sweep.items[sweep.count++];
    sweep.commit = core_commit(world->core) - 1;
    swept->kind = SWEPT_JOB;
    swept->retained = RETAINED_CANCELLED;
    swept->since = since;
    swept->head.id = world_id(number);
    swept->head.state = JOB_STATE_CANCELLED;
    memcpy(swept->owner, "user", 4);
    swept->owner_size = 4;
    return swept;
}

static void take(struct world *world)
{
    const struct core_event event = {.type = CORE_EVENT_SWEEP, .sweep = &sweep};
    world_step(world, &event);
}

static void lets_go_what_is_over(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    begin(&world);
    world.now += LIFE_MS;
    find(&world, 1, world.now - LIFE_MS);
    find(&world, 2, world.now - LIFE_MS)->kind = SWEPT_TOMBSTONE;
    take(&world);
    assert_int_equal(world.effects.count, 2);
    const struct effect *effect = &world.effects.items[0];
    assert_int_equal(effect->type, EFFECT_EXPIRE);
    assert_ptr_equal(effect->job, &sweep.items[0].head);
    world_expect_text(effect->owner, "user");
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.expired, 1);
    world_fini(&world);
}

static void leaves_a_job_that_changed_since_and_looks_at_it_again(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    world_submit(&world, JOB_KIND_CHARACTER, 2); /* noted in this turn: the facts are older */
    world.now += LIFE_MS;
    int64_t since = world.now - LIFE_MS;
    find(&world, 1, since);
    find(&world, 2, since);
    sweep.from[retained_place(RETAINED_CANCELLED)] = (struct sweep_from){since, world_id(9)};
    take(&world);
    struct id first = world_id(1);
    assert_true(id_equal(&world_effect(&world, EFFECT_EXPIRE)->id, &first));
    sweep_settle(&sweep, &world.effects);
    assert_int_equal(sweep.from[retained_place(RETAINED_CANCELLED)].since, since - 1);
    assert_int_equal(sweep.from[retained_place(RETAINED_COMPLETED)].since, 0);
    world_fini(&world);
}

/* No gateway of ours gives an id a second time. */
static void lets_a_tombstone_go_whose_id_is_in_use_again(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_pass(&world, LIFE_MS);
    find(&world, 1, world.now - LIFE_MS)->kind = SWEPT_TOMBSTONE;
    take(&world);
    const struct id job = world_id(1);
    assert_true(id_equal(&world_effect(&world, EFFECT_EXPIRE)->id, &job));
    assert_non_null(core_find(world.core, &job));
    world_fini(&world);
}

static void makes_what_was_read_of_the_job_before_out_of_date(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    world.now += LIFE_MS;
    struct facts facts = world_facts(&world);
    facts.job_found = true;
    facts.head.state = JOB_STATE_CANCELLED;
    find(&world, 1, world.now - LIFE_MS);
    take(&world);
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB};
    cancel.cancel_job = (struct message_cancel_job){
        .request = 7, .job = world_id(1), .owner = SLICE_LITERAL("user")};
    world_request(&world, &cancel, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    world_fini(&world);
}

static void a_job_that_is_kept_no_longer_is_told_as_such(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    struct facts facts = world_facts(&world);
    facts.job_expired = true;
    facts.head.state = JOB_STATE_CANCELLED;
    facts.head.version = 2;
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB};
    cancel.cancel_job = (struct message_cancel_job){
        .request = 7, .job = world_id(1), .owner = SLICE_LITERAL("user")};
    world_request(&world, &cancel, &facts);
    world_expect_reply(&world, REPLY_CODE_EXPIRED);
    struct message submit = world_submit_message(JOB_KIND_CHARACTER, 1);
    submit.submit.resent = true;
    world_request(&world, &submit, &facts);
    assert_true(world_expect_reply(&world, REPLY_CODE_OK)->replayed);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), 0);
    world_fini(&world);
}

static void events_tell_until_when_an_ended_job_is_kept(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_ACTIVE)->expires_at, 0);
    world_done(&world, 10, session, 1, 1);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_COMPLETED)->expires_at,
                     world.now + LIFE_MS);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_go_what_is_over),
        cmocka_unit_test(leaves_a_job_that_changed_since_and_looks_at_it_again),
        cmocka_unit_test(lets_a_tombstone_go_whose_id_is_in_use_again),
        cmocka_unit_test(makes_what_was_read_of_the_job_before_out_of_date),
        cmocka_unit_test(a_job_that_is_kept_no_longer_is_told_as_such),
        cmocka_unit_test(events_tell_until_when_an_ended_job_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
