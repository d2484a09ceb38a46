/* Idempotency keys of requests that change what is there: a retry, a replay, another secret. */

#include "tests/unit/core_world.h"

static const uint8_t first_hash[HASH_SIZE] = {1};
static const uint8_t other_hash[HASH_SIZE] = {2};

static struct message retry_message(const uint8_t *hash)
{
    struct message message = {.type = MESSAGE_TYPE_RETRY_JOB};
    message.retry_job = (struct message_retry_job){
        .request = 7,
        .job = world_id(1),
        .owner = SLICE_LITERAL("user"),
        .key = SLICE_LITERAL("k"),
        .key_hash = slice_make(hash, HASH_SIZE),
    };
    return message;
}

static void set_key(struct facts *facts, const uint8_t *hash)
{
    facts->key_found = true;
    facts->key_job = world_id(1);
    memcpy(facts->key_hash, hash, HASH_SIZE);
}

/* Job 1 has failed, in an earlier turn: what a reader finds of it. */
static struct facts fail_first(struct world *world)
{
    world_init(world, NULL);
    uint64_t session = world_lease(world, JOB_KIND_IMAGE, 1, 10);
    world_fail(world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    struct facts facts = world_facts(world);
    facts.job_found = true;
    facts.owner_size = 4;
    memcpy(facts.owner, "user", 4);
    memcpy(&facts.head, world_effect(world, EFFECT_END)->job, JOB_HEAD_SIZE);
    world_tick(world);
    facts.commit = core_commit(world->core) - 1;
    return facts;
}

static void a_retry_under_a_key_is_looked_up_first_and_keeps_the_key(void **state)
{
    struct message retry = retry_message(first_hash);
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world);
    world_request(&world, &retry, NULL);
    world_effect(&world, EFFECT_RESOLVE);
    assert_int_equal(world.effects.count, 1);
    world_request(&world, &retry, &facts);
    assert_false(world_expect_reply(&world, REPLY_CODE_OK)->replayed);
    const struct effect *key = world_effect(&world, EFFECT_KEY);
    const struct id job = world_id(1);
    assert_true(id_equal(&key->id, &job));
    world_expect_text(key->owner, "user");
    world_expect_text(key->key, "k");
    assert_memory_equal(key->key_hash.data, first_hash, HASH_SIZE);
    world_fini(&world);
}

static void the_same_request_is_answered_again_and_another_is_refused(void **state)
{
    struct message retry = retry_message(first_hash);
    struct message other = retry_message(other_hash);
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world);
    set_key(&facts, first_hash);
    world_request(&world, &retry, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_true(reply->replayed);
    assert_int_equal(reply->version, facts.head.version);
    assert_int_equal(world.effects.count, 1);
    world_request(&world, &other, &facts);
    world_expect_reply(&world, REPLY_CODE_KEY_REUSED);
    assert_int_equal(world.effects.count, 1);
    world_fini(&world);
}

static void two_requests_with_one_key_in_one_turn_see_each_other(void **state)
{
    struct message retry = retry_message(first_hash);
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world);
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_request(&world, &retry, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    world_tick(&world);
    set_key(&facts, first_hash);
    facts.commit = core_commit(world.core) - 1;
    world_request(&world, &retry, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_true(reply->replayed);
    assert_int_equal(reply->state, JOB_STATE_WAITING); /* as it is now, live */
    world_fini(&world);
}

static void a_refused_request_leaves_its_key_free(void **state)
{
    struct message retry = retry_message(first_hash);
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world);
    facts.head.retries = RETRIES_MAX;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_RETRYABLE);
    assert_int_equal(world_effects(&world, EFFECT_KEY), 0);
    world_fini(&world);
}

static void a_key_without_a_whole_hash_is_invalid(void **state)
{
    struct message retry = retry_message(first_hash);
    struct message put = {.type = MESSAGE_TYPE_PUT_ENDPOINT};
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world);
    retry.retry_job.key_hash.size = HASH_SIZE - 1;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    put.put_endpoint = (struct message_put_endpoint){
        .endpoint = world_id(50),
        .owner = SLICE_LITERAL("user"),
        .url = SLICE_LITERAL("https://receiver.test"),
        .secret = SLICE_LITERAL("0123456789abcdef01234567"),
        .events = WEBHOOK_EVENTS_USUAL,
        .key = SLICE_LITERAL("k"),
    };
    world_request(&world, &put, &facts);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    world_fini(&world);
}

static void an_endpoint_is_changed_once_for_a_key(void **state)
{
    struct message put = {.type = MESSAGE_TYPE_PUT_ENDPOINT};
    struct world world;
    (void)state;
    put.put_endpoint = (struct message_put_endpoint){
        .endpoint = world_id(50),
        .owner = SLICE_LITERAL("user"),
        .url = SLICE_LITERAL("https://receiver.test"),
        .secret = SLICE_LITERAL("0123456789abcdef01234567"),
        .events = WEBHOOK_EVENTS_USUAL,
        .key = SLICE_LITERAL("k"),
        .key_hash = slice_make(first_hash, HASH_SIZE),
    };
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    world_request(&world, &put, NULL);
    world_effect(&world, EFFECT_RESOLVE);
    world_request(&world, &put, &facts);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->version, 1);
    world_effect(&world, EFFECT_PUT_ENDPOINT);
    world_effect(&world, EFFECT_KEY);
    world_tick(&world);
    facts = world_facts(&world);
    facts.commit = core_commit(world.core) - 1;
    set_key(&facts, first_hash);
    put.put_endpoint.version = 1;
    world_request(&world, &put, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_true(reply->replayed);
    assert_int_equal(reply->version, 1);
    assert_int_equal(world.effects.count, 1);
    set_key(&facts, other_hash);
    world_request(&world, &put, &facts);
    world_expect_reply(&world, REPLY_CODE_KEY_REUSED);
    set_key(&facts, first_hash);
    put.put_endpoint.endpoint = world_id(51); /* deleted since */
    world_request(&world, &put, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    world_fini(&world);
}

/* Found by the simulator: another request had done it, and the answer was not kept. */
static void what_is_answered_as_done_keeps_its_key_too(void **state)
{
    struct message retry = retry_message(first_hash);
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world);
    facts.head.retries = 1;
    retry.retry_job.resent = true;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_REVIVE), 0);
    world_effect(&world, EFFECT_KEY);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retry_under_a_key_is_looked_up_first_and_keeps_the_key),
        cmocka_unit_test(the_same_request_is_answered_again_and_another_is_refused),
        cmocka_unit_test(two_requests_with_one_key_in_one_turn_see_each_other),
        cmocka_unit_test(a_refused_request_leaves_its_key_free),
        cmocka_unit_test(a_key_without_a_whole_hash_is_invalid),
        cmocka_unit_test(an_endpoint_is_changed_once_for_a_key),
        cmocka_unit_test(what_is_answered_as_done_keeps_its_key_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
