/* Dedupe keys: which job stands for a request, and for how long. */

#include "tests/unit/core_world.h"

static struct message deduped_message(enum job_kind kind, uint32_t number)
{
    struct message message = world_submit_message(kind, number);
    message.submit.dedupe_key = SLICE_LITERAL("key");
    return message;
}

/* Facts that name a job as the one that has the key; it is in the store as it ended. */
static struct facts facts_with_holder(const struct world *world, uint32_t number)
{
    struct facts facts = world_facts(world);
    facts.commit = core_commit(world->core) - 1;
    facts.holder = (struct holder_facts){.found = true,
                                         .job = world_id(number),
                                         .at = WORLD_START,
                                         .state = JOB_STATE_COMPLETED,
                                         .version = 7};
    return facts;
}

static void expect_deduplicated(const struct world *world, uint32_t number)
{
    const struct message_reply *reply = world_expect_reply(world, REPLY_CODE_OK);
    struct id id = world_id(number);
    assert_true(id_equal(&reply->job, &id));
    assert_true(reply->deduplicated);
    assert_false(reply->replayed);
    assert_int_equal(world->effects.count, 1);
}

static void expect_new(const struct world *world, uint32_t number)
{
    const struct message_reply *reply = world_expect_reply(world, REPLY_CODE_OK);
    struct id id = world_id(number);
    assert_true(id_equal(&reply->job, &id));
    assert_false(reply->deduplicated);
}

static void asks_the_store_who_has_a_key(void **state)
{
    struct message message = deduped_message(JOB_KIND_CHARACTER, 1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_request(&world, &message, NULL);
    assert_int_equal(world.effects.count, 1);
    world_effect(&world, EFFECT_RESOLVE);
    world_fini(&world);
}

static void gives_the_live_job_that_has_the_key_as_it_is(void **state)
{
    struct message message = deduped_message(JOB_KIND_CHARACTER, 2);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
    world_tick(&world);
    struct facts facts = facts_with_holder(&world, 1);
    world_request(&world, &message, &facts);
    expect_deduplicated(&world, 1);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->state, JOB_STATE_ACTIVE);
    assert_int_equal(reply->version, world_job(&world, 1)->version);
    assert_null(core_find(world.core, &message.submit.job));
    world_fini(&world);
}

static void sees_a_key_that_was_used_in_the_same_turn(void **state)
{
    struct message first = deduped_message(JOB_KIND_CHARACTER, 1);
    struct message second = deduped_message(JOB_KIND_CHARACTER, 2);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    world_request(&world, &first, &facts);
    expect_new(&world, 1);
    world_request(&world, &second, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    /* Still not written: the same look at the store is no better in the next turn. */
    world_tick(&world);
    world_request(&world, &second, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    facts = facts_with_holder(&world, 1);
    world_request(&world, &second, &facts);
    expect_deduplicated(&world, 1);
    world_fini(&world);
}

static void takes_a_new_job_once_that_one_has_ended(void **state)
{
    struct message message = deduped_message(JOB_KIND_CHARACTER, 2);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_tick(&world);
    struct facts facts = facts_with_holder(&world, 1);
    world_cancel(&world, 1);
    world_request(&world, &message, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    world_tick(&world);
    facts = facts_with_holder(&world, 1);
    world_request(&world, &message, &facts);
    expect_new(&world, 2);
    world_fini(&world);
}

static void gives_an_ended_job_for_as_long_as_it_keeps_the_key(void **state)
{
    struct message message = deduped_message(JOB_KIND_CHARACTER, 2);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts facts = facts_with_holder(&world, 1);
    facts.holder.at = world.now - 999;
    facts.holder.ttl_ms = 1000;
    world_request(&world, &message, &facts);
    expect_deduplicated(&world, 1);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->state, JOB_STATE_COMPLETED);
    assert_int_equal(reply->version, 7);
    facts.holder.at--;
    world_request(&world, &message, &facts);
    expect_new(&world, 2);
    world_fini(&world);
}

static void decides_an_idempotency_key_first(void **state)
{
    static const uint8_t hash[HASH_SIZE] = {1};
    struct message message = deduped_message(JOB_KIND_CHARACTER, 3);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_tick(&world);
    message.submit.key = SLICE_LITERAL("key");
    message.submit.key_hash = slice_make(hash, HASH_SIZE);
    struct facts facts = facts_with_holder(&world, 1);
    facts.key_found = true;
    facts.key_job = world_id(2);
    memcpy(facts.key_hash, hash, HASH_SIZE);
    world_request(&world, &message, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    struct id id = world_id(2);
    assert_true(id_equal(&reply->job, &id));
    assert_true(reply->replayed);
    assert_false(reply->deduplicated);
    world_fini(&world);
}

static void refuses_keys_and_times_out_of_range(void **state)
{
    static uint8_t bytes[KEY_SIZE_MAX + 1];
    struct message cases[4];
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (size_t index = 0; index < 4; index++) {
        cases[index] = deduped_message(JOB_KIND_CHARACTER, 1);
    }
    cases[0].submit.dedupe_key = slice_make(bytes, sizeof(bytes));
    cases[1].submit.dedupe_ttl_ms = DEDUPE_TTL_MAX_MS + 1;
    cases[2].submit.dedupe_ttl_ms = 1;
    cases[2].submit.dedupe_key = SLICE_EMPTY;
    cases[3].submit.group = world_id(9);
    for (size_t index = 0; index < 4; index++) {
        struct facts facts = world_facts(&world);
        world_request(&world, &cases[index], &facts);
        world_expect_reply(&world, REPLY_CODE_INVALID);
    }
    world_fini(&world);
}

static void a_job_of_a_group_has_no_key(void **state)
{
    const struct message message = {
        .type = MESSAGE_TYPE_SUBMIT_GROUP,
        .submit_group = {.request = 1,
                         .group = world_id(9),
                         .owner = SLICE_LITERAL("user"),
                         .kind = GROUP_KIND_BATCH,
                         .count = 1},
    };
    struct message item = deduped_message(JOB_KIND_CHARACTER, 1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    item.submit.group = message.submit_group.group;
    const struct core_event event = {.type = CORE_EVENT_GATEWAY,
                                     .peer = WORLD_GATEWAY,
                                     .message = &message,
                                     .items = &item.submit};
    world_step(&world, &event);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_INVALID)->item, 1);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_the_store_who_has_a_key),
        cmocka_unit_test(gives_the_live_job_that_has_the_key_as_it_is),
        cmocka_unit_test(sees_a_key_that_was_used_in_the_same_turn),
        cmocka_unit_test(takes_a_new_job_once_that_one_has_ended),
        cmocka_unit_test(gives_an_ended_job_for_as_long_as_it_keeps_the_key),
        cmocka_unit_test(decides_an_idempotency_key_first),
        cmocka_unit_test(refuses_keys_and_times_out_of_range),
        cmocka_unit_test(a_job_of_a_group_has_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
