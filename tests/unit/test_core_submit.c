/* SUBMIT: what is accepted, what is refused, and when the store must be asked. */

#include "tests/unit/core_world.h"

static void accepts_a_job_with_what_must_be_written_before_the_reply(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    message.submit.display_id = SLICE_LITERAL("ABCDEFGH");
    world_request(&world, &message, NULL);
    assert_int_equal(world.effects.count, 3);
    const struct effect *accept = &world.effects.items[0];
    assert_int_equal(accept->type, EFFECT_ACCEPT);
    assert_ptr_equal(accept->submit, &message.submit);
    world_expect_text(accept->owner, "user");
    assert_int_equal(accept->job->state, JOB_STATE_WAITING);
    assert_int_equal(accept->job->attempt, 1);
    assert_int_equal(accept->job->priority, PRIORITY_USUAL);
    assert_int_equal(accept->job->created_at, world.now);
    assert_int_equal(accept->job->deadline, world.now + DEADLINE_MS);
    assert_memory_equal(accept->job->display_id, "ABCDEFGH", 8);
    assert_int_equal(world.effects.items[1].type, EFFECT_EVENT);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_QUEUED);
    assert_int_equal(event->event, 1);
    assert_int_equal(event->version, 1);
    assert_int_equal(event->event, accept->job->accepted);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->request, 1);
    assert_int_equal(reply->version, 1);
    assert_false(reply->replayed);
    world_fini(&world);
}

static void answers_a_live_job_again(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    message.submit.resent = true;
    message.submit.request = 55;
    world_request(&world, &message, NULL);
    assert_int_equal(world.effects.count, 1);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_true(reply->replayed);
    assert_int_equal(reply->request, 55);
    assert_int_equal(
        core_count(world.core, SLICE_LITERAL("user"), JOB_KIND_CHARACTER, JOB_STATE_WAITING), 1);
    message.submit.owner = SLICE_LITERAL("another");
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    world_fini(&world);
}

static void answers_a_job_that_ended_again(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    struct facts facts = world_facts(&world);
    message.submit.resent = true;
    facts.job_found = true;
    facts.head.state = JOB_STATE_FAILED;
    facts.head.version = 9;
    world_request(&world, &message, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_true(reply->replayed);
    assert_int_equal(reply->state, JOB_STATE_FAILED);
    assert_int_equal(reply->version, 9);
    world_fini(&world);
}

static void asks_the_store_when_it_must(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message keyed = world_submit_message(JOB_KIND_CHARACTER, 1);
    keyed.submit.key = SLICE_LITERAL("key");
    struct message resent = world_submit_message(JOB_KIND_CHARACTER, 1);
    resent.submit.resent = true;
    struct message image = world_submit_message(JOB_KIND_IMAGE, 1);
    struct message video = world_submit_message(JOB_KIND_VIDEO, 1);
    const struct message *all[] = {&keyed, &resent, &image, &video};
    for (size_t index = 0; index < 4; index++) {
        world_request(&world, all[index], NULL);
        assert_int_equal(world.effects.count, 1);
        assert_int_equal(world.effects.items[0].type, EFFECT_RESOLVE);
        assert_int_equal(world.effects.items[0].peer, WORLD_GATEWAY);
    }
    world_fini(&world);
}

static struct message keyed_message(uint32_t number, const uint8_t hash[HASH_SIZE])
{
    struct message message = world_submit_message(JOB_KIND_CHARACTER, number);
    message.submit.key = SLICE_LITERAL("key");
    message.submit.key_hash = slice_make(hash, HASH_SIZE);
    return message;
}

static void sees_a_key_that_was_used_in_the_same_turn(void **state)
{
    static const uint8_t hash[HASH_SIZE] = {1};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    struct message first = keyed_message(1, hash);
    struct message second = keyed_message(2, hash);
    world_request(&world, &first, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_request(&world, &second, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    /* Still not written: the same look at the store is no better in the next turn. */
    world_tick(&world);
    world_request(&world, &second, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    facts.commit = core_commit(world.core) - 1;
    facts.key_found = true;
    facts.key_job = world_id(1);
    memcpy(facts.key_hash, hash, HASH_SIZE);
    world_request(&world, &second, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    struct id id = world_id(1);
    assert_true(id_equal(&reply->job, &id));
    assert_true(reply->replayed);
    world_fini(&world);
}

static void answers_the_first_job_of_a_key_after_it_ended(void **state)
{
    static const uint8_t hash[HASH_SIZE] = {1};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    struct message message = keyed_message(2, hash);
    struct id first = world_id(1);
    facts.key_found = true;
    facts.key_job = first;
    memcpy(facts.key_hash, hash, HASH_SIZE);
    world_request(&world, &message, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_true(id_equal(&reply->job, &first));
    assert_true(reply->replayed);
    world_fini(&world);
}

static void refuses_a_key_of_another_body(void **state)
{
    static const uint8_t hash[HASH_SIZE] = {1};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    struct message message = keyed_message(2, hash);
    facts.key_found = true;
    facts.key_job = world_id(1);
    facts.key_hash[0] = 2;
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_KEY_REUSED);
    world_fini(&world);
}

static void looks_again_at_a_document_that_was_made_meanwhile(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts old = world_facts(&world);
    old.character = FACT_UNKNOWN;
    uint64_t session = world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
    world_done(&world, 10, session, 1, 1);
    struct message image = world_submit_message(JOB_KIND_IMAGE, 2);
    image.submit.character = world_id(1000001);
    world_request(&world, &image, &old);
    world_effect(&world, EFFECT_RESOLVE);
    struct message other = world_submit_message(JOB_KIND_IMAGE, 3);
    world_request(&world, &other, &old);
    world_expect_reply(&world, REPLY_CODE_CHARACTER_NOT_FOUND);
    struct message video = world_submit_message(JOB_KIND_VIDEO, 4);
    video.submit.source = world_id(2000001);
    world_request(&world, &video, &old);
    world_effect(&world, EFFECT_RESOLVE);
    world_fini(&world);
}

static void refuses_what_the_facts_forbid(void **state)
{
    static const struct {
        enum job_kind kind;
        enum fact_owned character;
        enum fact_owned source;
        enum reply_code code;
    } cases[] = {
        {JOB_KIND_IMAGE, FACT_UNKNOWN, FACT_UNKNOWN, REPLY_CODE_CHARACTER_NOT_FOUND},
        {JOB_KIND_IMAGE, FACT_OWNED, FACT_UNKNOWN, REPLY_CODE_OK},
        {JOB_KIND_VIDEO, FACT_UNKNOWN, FACT_OWNED, REPLY_CODE_CHARACTER_NOT_FOUND},
        {JOB_KIND_VIDEO, FACT_OWNED, FACT_UNKNOWN, REPLY_CODE_MEDIA_NOT_FOUND},
        {JOB_KIND_VIDEO, FACT_OWNED, FACT_UNSUITABLE, REPLY_CODE_SOURCE_UNSUITABLE},
        {JOB_KIND_VIDEO, FACT_OWNED, FACT_OWNED, REPLY_CODE_OK},
        {JOB_KIND_CHARACTER, FACT_UNKNOWN, FACT_UNKNOWN, REPLY_CODE_OK},
    };
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct message message = world_submit_message(cases[index].kind, index + 1);
        struct facts facts = world_facts(&world);
        facts.character = cases[index].character;
        facts.source = cases[index].source;
        world_request(&world, &message, &facts);
        world_expect_reply(&world, cases[index].code);
    }
    world_fini(&world);
}

static void refuses_new_work_below_the_floor_of_space(void **state)
{
    struct core_event space = {.type = CORE_EVENT_SPACE, .space_low = true};
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 2);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
    world_step(&world, &space);
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_DISK_FULL);
    world_done(&world, 10, session, 1, 1);
    world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    space.space_low = false;
    world_step(&world, &space);
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void refuses_more_jobs_than_the_limit(void **state)
{
    struct core_options options = world_options();
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 3);
    struct world world;
    (void)state;
    options.jobs_max = 2;
    world_init(&world, &options);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_submit(&world, JOB_KIND_IMAGE, 2);
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_TOO_MANY_JOBS);
    world_cancel(&world, 1);
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void refuses_values_out_of_range(void **state)
{
    static uint8_t bytes[OWNER_SIZE_MAX + 1];
    struct message cases[16];
    size_t count = 0;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    int64_t now = world.now;
    for (size_t index = 0; index < 16; index++) {
        cases[index] = world_submit_message(JOB_KIND_CHARACTER, 1);
    }
    cases[count++].submit.owner = SLICE_EMPTY;
    cases[count++].submit.owner = slice_make(bytes, sizeof(bytes));
    cases[count++].submit.job = (struct id){{0}};
    cases[count++].submit.character = (struct id){{0}};
    cases[count++].submit.media = (struct id){{0}};
    cases[count++].submit.kind = JOB_KIND_COUNT;
    cases[count++].submit.display_id = slice_make(bytes, 9);
    cases[count++].submit.run_at = now + RUN_AT_MAX_MS + 1;
    cases[count++].submit.run_at = -1;
    cases[count++].submit.start_by = now;
    cases[count++].submit.deadline = now;
    cases[count++].submit.deadline = now + DEADLINE_MAX_MS + 1;
    cases[count].submit.run_at = now + 1000;
    cases[count++].submit.start_by = now + 1000;
    cases[count].submit.run_at = now + 1000;
    cases[count++].submit.deadline = now + 1000;
    cases[count].submit.kind = JOB_KIND_VIDEO;
    cases[count++].submit.source = (struct id){{0}};
    cases[count++].submit.key = SLICE_LITERAL("a key without a hash");
    assert_int_equal(count, 16);
    for (size_t index = 0; index < count; index++) {
        struct facts facts = world_facts(&world);
        world_request(&world, &cases[index], &facts);
        world_expect_reply(&world, REPLY_CODE_INVALID);
    }
    world_fini(&world);
}

static void makes_a_scheduled_job_pending_until_its_time(void **state)
{
    struct message message = world_submit_message(JOB_KIND_CHARACTER, 1);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    message.submit.run_at = world.now + 5000;
    world_request(&world, &message, NULL);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->state, JOB_STATE_PENDING);
    assert_int_equal(core_wake(world.core), world.now + 5000);
    assert_int_equal(world_job(&world, 1)->deadline, world.now + 5000 + DEADLINE_MS);
    world_hello(&world, JOB_KIND_CHARACTER, 10, 1, 0);
    world_pass(&world, 4999);
    world_expect_state(&world, 1, JOB_STATE_PENDING);
    world_pass(&world, 1);
    assert_int_equal(world.effects.items[0].type, EFFECT_SAVE);
    assert_int_equal(world.effects.items[1].event.kind, EVENT_KIND_WAITING);
    assert_int_equal(world.effects.items[1].event.state, JOB_STATE_WAITING);
    world_expect_event(&world, 1, EVENT_KIND_ACTIVE);
    world_fini(&world);
}

static void counts_live_jobs_by_owner_kind_and_state(void **state)
{
    struct core_statistics statistics;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit_for(&world, JOB_KIND_IMAGE, 1, "one");
    world_submit_for(&world, JOB_KIND_IMAGE, 2, "one");
    world_submit_for(&world, JOB_KIND_IMAGE, 3, "two");
    struct slice one = SLICE_LITERAL("one");
    assert_int_equal(core_count(world.core, one, JOB_KIND_IMAGE, JOB_STATE_WAITING), 2);
    assert_int_equal(core_count(world.core, one, JOB_KIND_VIDEO, JOB_STATE_WAITING), 0);
    assert_int_equal(core_count(world.core, one, JOB_KIND_IMAGE, JOB_STATE_COMPLETED), 0);
    assert_int_equal(
        core_count(world.core, SLICE_LITERAL("none"), JOB_KIND_IMAGE, JOB_STATE_WAITING), 0);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.live[JOB_KIND_IMAGE][JOB_STATE_WAITING], 3);
    assert_int_equal(statistics.accepted, 3);
    world_fini(&world);
}

static void ignores_other_requests(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_GET_JOB};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_request(&world, &message, NULL);
    assert_int_equal(world.effects.count, 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_a_job_with_what_must_be_written_before_the_reply),
        cmocka_unit_test(answers_a_live_job_again),
        cmocka_unit_test(answers_a_job_that_ended_again),
        cmocka_unit_test(asks_the_store_when_it_must),
        cmocka_unit_test(sees_a_key_that_was_used_in_the_same_turn),
        cmocka_unit_test(answers_the_first_job_of_a_key_after_it_ended),
        cmocka_unit_test(refuses_a_key_of_another_body),
        cmocka_unit_test(looks_again_at_a_document_that_was_made_meanwhile),
        cmocka_unit_test(refuses_what_the_facts_forbid),
        cmocka_unit_test(refuses_new_work_below_the_floor_of_space),
        cmocka_unit_test(refuses_more_jobs_than_the_limit),
        cmocka_unit_test(refuses_values_out_of_range),
        cmocka_unit_test(makes_a_scheduled_job_pending_until_its_time),
        cmocka_unit_test(counts_live_jobs_by_owner_kind_and_state),
        cmocka_unit_test(ignores_other_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
