/* SUBMIT_GROUP and CANCEL_GROUP: all jobs or none, and all of them as one. */

#include "tests/unit/core_world.h"
#include "tests/unit/memory.h"

enum {
    GROUP = 77, /* number of the group's id */
};

static struct message_submit items[GROUP_JOBS_MAX];

/* A group of `count` jobs of "user", with numbers from `first`. */
static struct message group_message(enum job_kind kind, uint32_t first, uint32_t count)
{
    struct message message = {.type = MESSAGE_TYPE_SUBMIT_GROUP};
    message.submit_group = (struct message_submit_group){.request = 31,
                                                         .group = world_id(GROUP),
                                                         .owner = SLICE_LITERAL("user"),
                                                         .kind = GROUP_KIND_BATCH,
                                                         .count = count};
    for (uint32_t index = 0; index < count; index++) {
        items[index] = world_submit_message(kind, first + index).submit;
        items[index].group = world_id(GROUP);
    }
    return message;
}

static void request(struct world *world, const struct message *message, const struct facts *facts)
{
    const struct core_event event = {.type = CORE_EVENT_GATEWAY,
                                     .peer = WORLD_GATEWAY,
                                     .message = message,
                                     .items = items,
                                     .facts = facts};
    world_step(world, &event);
}

static struct message cancel_message(const char *owner)
{
    struct message message = {.type = MESSAGE_TYPE_CANCEL_GROUP};
    message.cancel_group = (struct message_cancel_group){
        .request = 32, .group = world_id(GROUP), .owner = slice_from_string(owner)};
    return message;
}

static uint64_t live_count(const struct world *world)
{
    struct core_statistics statistics;
    uint64_t count = 0;
    core_statistics(world->core, &statistics);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (int state = 0; state < JOB_STATE_COUNT; state++) {
            count += statistics.live[kind][state];
        }
    }
    return count;
}

static void accepts_as_many_jobs_as_a_group_may_have_in_one_step(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    const struct message message = group_message(JOB_KIND_CHARACTER, 1, GROUP_JOBS_MAX);
    request(&world, &message, NULL);
    assert_int_equal(world.effects.count, 2 * GROUP_JOBS_MAX + 2);
    assert_int_equal(world.effects.items[0].type, EFFECT_GROUP);
    assert_ptr_equal(world.effects.items[0].group, &message.submit_group);
    assert_ptr_equal(world.effects.items[0].items, items);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), GROUP_JOBS_MAX);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->request, 31);
    assert_true(id_equal(&reply->job, &message.submit_group.group));
    assert_false(reply->replayed);
    const struct message_event *event =
        world_expect_event(&world, GROUP_JOBS_MAX, EVENT_KIND_QUEUED);
    assert_true(id_equal(&event->group, &message.submit_group.group));
    assert_int_equal(event->group_left, GROUP_JOBS_MAX);
    assert_true(id_equal(&core_links(world.core, world_job(&world, 5))->group,
                         &message.submit_group.group));
    world_fini(&world);
}

static void takes_turns_with_the_jobs_of_others(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    const struct message message = group_message(JOB_KIND_CHARACTER, 1, 50);
    request(&world, &message, NULL);
    world_submit_for(&world, JOB_KIND_CHARACTER, 90, "another");
    world_hello(&world, JOB_KIND_CHARACTER, 700, 2, 0);
    world_tick(&world);
    world_expect_state(&world, 90, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void refuses_all_jobs_for_one_of_them(void **state)
{
    static const struct id none;
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 500);
    for (int broken = 0; broken < 6; broken++) {
        struct message message = group_message(JOB_KIND_CHARACTER, 1, 5);
        struct message_submit *third = &items[2];
        switch (broken) {
        case 0:
            third->media = none;
            break;
        case 1:
            third->owner = SLICE_LITERAL("another");
            break;
        case 2:
            third->group = none;
            break;
        case 3:
            third->key = SLICE_LITERAL("key");
            break;
        case 4:
            third->job = items[0].job;
            break;
        default:
            third->job = world_id(500);
            break;
        }
        request(&world, &message, NULL);
        assert_int_equal(world.effects.count, 1);
        assert_int_equal(world_expect_reply(&world, REPLY_CODE_INVALID)->item, 3);
        assert_int_equal(live_count(&world), 1);
    }
    world_fini(&world);
}

static void refuses_a_group_that_is_none(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = group_message(JOB_KIND_CHARACTER, 1, 1);
    message.submit_group.count = 0;
    request(&world, &message, NULL);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_INVALID)->item, 0);
    message = group_message(JOB_KIND_CHARACTER, 1, 1);
    message.submit_group.group = (struct id){{0}};
    request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    struct message alone = world_submit_message(JOB_KIND_CHARACTER, 1);
    alone.submit.group = world_id(GROUP);
    world_request(&world, &alone, NULL);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    assert_int_equal(live_count(&world), 0);
    world_fini(&world);
}

static void says_which_job_is_made_from_nothing(void **state)
{
    static const struct {
        struct item_facts facts;
        enum reply_code code;
    } cases[] = {
        {{FACT_UNKNOWN, FACT_OWNED}, REPLY_CODE_CHARACTER_NOT_FOUND},
        {{FACT_OWNED, FACT_UNKNOWN}, REPLY_CODE_MEDIA_NOT_FOUND},
        {{FACT_OWNED, FACT_UNSUITABLE}, REPLY_CODE_SOURCE_UNSUITABLE},
        {{FACT_OWNED, FACT_OWNED}, REPLY_CODE_OK},
    };
    struct world world;
    (void)state;
    world_init(&world, NULL);
    const struct message message = group_message(JOB_KIND_VIDEO, 1, 2);
    request(&world, &message, NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    for (size_t index = 0; index < 4; index++) {
        const struct item_facts found[] = {{FACT_OWNED, FACT_OWNED}, cases[index].facts};
        struct facts facts = world_facts(&world);
        facts.items = found;
        request(&world, &message, &facts);
        assert_int_equal(world_expect_reply(&world, cases[index].code)->item,
                         cases[index].code == REPLY_CODE_OK ? 0 : 2);
    }
    world_fini(&world);
}

static void counts_all_its_jobs_against_the_limits(void **state)
{
    struct core_options options = world_options();
    struct world world;
    (void)state;
    options.jobs_max = 10;
    world_init(&world, &options);
    struct message message = group_message(JOB_KIND_CHARACTER, 1, 11);
    request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_TOO_MANY_JOBS);
    message = group_message(JOB_KIND_CHARACTER, 1, 10);
    const struct core_event low = {.type = CORE_EVENT_SPACE, .space_low = true};
    world_step(&world, &low);
    request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_DISK_FULL);
    const struct core_event room = {.type = CORE_EVENT_SPACE};
    world_step(&world, &room);
    request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static void changes_nothing_when_memory_is_short(void **state)
{
    struct world world;
    uint32_t refused = 0;
    (void)state;
    world_init(&world, NULL);
    const struct message message = group_message(JOB_KIND_CHARACTER, 1, GROUP_JOBS_MAX);
    for (size_t nth = 1; live_count(&world) == 0; nth++) {
        memory_fail_at(nth);
        request(&world, &message, NULL);
        memory_fail_never();
        if (live_count(&world) == 0) {
            world_expect_reply(&world, REPLY_CODE_TOO_MANY_JOBS);
            refused++;
        }
    }
    assert_in_range(refused, 3, 20);
    world_fini(&world);
}

static void answers_a_known_group_again(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = group_message(JOB_KIND_CHARACTER, 1, 2);
    request(&world, &message, NULL);
    message.submit_group.resent = true;
    request(&world, &message, NULL);
    assert_int_equal(world.effects.count, 1);
    assert_true(world_expect_reply(&world, REPLY_CODE_OK)->replayed);
    message.submit_group.owner = SLICE_LITERAL("another");
    request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    message.submit_group.owner = SLICE_LITERAL("user");
    world_cancel(&world, 1);
    world_cancel(&world, 2);
    request(&world, &message, NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    world_tick(&world);
    struct facts facts = world_facts(&world);
    facts.group_found = true;
    request(&world, &message, &facts);
    assert_true(world_expect_reply(&world, REPLY_CODE_OK)->replayed);
    world_fini(&world);
}

static void keeps_one_idempotency_key_for_all(void **state)
{
    static const uint8_t hash[HASH_SIZE] = {1};
    static const uint8_t other[HASH_SIZE] = {2};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = group_message(JOB_KIND_CHARACTER, 1, 2);
    message.submit_group.key = SLICE_LITERAL("key");
    message.submit_group.key_hash = slice_make(hash, HASH_SIZE);
    request(&world, &message, NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    struct facts facts = world_facts(&world);
    request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    /* Another group in the same turn: what was read is older than the key. */
    message.submit_group.group = world_id(GROUP + 1);
    request(&world, &message, &facts);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    world_tick(&world);
    facts = world_facts(&world);
    facts.key_found = true;
    facts.key_job = world_id(GROUP);
    memcpy(facts.key_hash, hash, HASH_SIZE);
    request(&world, &message, &facts);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_true(reply->replayed);
    assert_true(id_equal(&reply->job, &facts.key_job));
    memcpy(facts.key_hash, other, HASH_SIZE);
    request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_KEY_REUSED);
    world_fini(&world);
}

static void cancels_what_lives_of_it_as_one(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    const struct message message = group_message(JOB_KIND_CHARACTER, 1, 4);
    request(&world, &message, NULL);
    world_cancel(&world, 4);
    world_hello(&world, JOB_KIND_CHARACTER, 700, 1, 0);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    struct message cancel = cancel_message("another");
    world_request(&world, &cancel, NULL);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    cancel = cancel_message("user");
    world_request(&world, &cancel, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_END), 2);
    assert_int_equal(world_effects(&world, EFFECT_CANCEL), 1);
    assert_int_equal(live_count(&world), 1);
    world_request(&world, &cancel, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_pass_until(&world, EFFECT_END, CANCEL_MS + TICK_MS);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_CANCELLED)->group_left, 0);
    world_fini(&world);
}

/* All its jobs wait between two attempts, providers are at work for them, and there are places. */
static void cancels_a_full_group_with_its_tasks_in_one_step(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    const struct message message = group_message(JOB_KIND_CHARACTER, 1, GROUP_JOBS_MAX);
    request(&world, &message, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_CHARACTER, 700000, 2 * GROUP_JOBS_MAX, 0);
    world_pass(&world, 20 * TICK_MS);
    for (uint32_t job = 1; job <= GROUP_JOBS_MAX; job++) {
        world_expect_state(&world, job, JOB_STATE_ACTIVE);
        world_operation(&world, 700000, session, job, 1, OPERATION_STATE_INTENT);
        world_operation(&world, 700000, session, job, 1, OPERATION_STATE_SUBMITTED);
        world_fail(&world, 700000, session, job, 1, FAIL_KIND_RETRY, 60000);
    }
    world_heartbeat(&world, 700000, session, 2 * GROUP_JOBS_MAX);
    const struct message cancel = cancel_message("user");
    world_request(&world, &cancel, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_DISPATCH), GROUP_JOBS_MAX);
    world_fini(&world);
}

static void answers_a_cancel_of_what_has_ended_from_the_store(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    const struct message cancel = cancel_message("user");
    world_request(&world, &cancel, NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    struct facts facts = world_facts(&world);
    world_request(&world, &cancel, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    facts.group_found = true;
    world_request(&world, &cancel, &facts);
    world_expect_reply(&world, REPLY_CODE_ALREADY_ENDED);
    world_fini(&world);
}

static void is_restored_with_its_jobs(void **state)
{
    struct core_options options = world_options();
    const struct job_links links = {.group = world_id(GROUP)};
    struct world world;
    (void)state;
    options.event_last = 2;
    world_init(&world, &options);
    struct core *core;
    assert_int_equal(core_new(&options, 1, &core), STATUS_OK);
    for (uint32_t number = 1; number <= 2; number++) {
        struct job head = {.version = 1,
                           .attempt = 1,
                           .state = JOB_STATE_WAITING,
                           .accepted = number,
                           .deadline = 1000000};
        head.id = world_id(number);
        assert_int_equal(core_restore(core, &head, SLICE_LITERAL("user"), &links, 1), STATUS_OK);
        core_check(core);
    }
    struct core *empty = world.core;
    world.core = core;
    const struct message cancel = cancel_message("user");
    world_request(&world, &cancel, NULL);
    assert_int_equal(world_effects(&world, EFFECT_END), 2);
    world_fini(&world);
    core_destroy(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_as_many_jobs_as_a_group_may_have_in_one_step),
        cmocka_unit_test(takes_turns_with_the_jobs_of_others),
        cmocka_unit_test(refuses_all_jobs_for_one_of_them),
        cmocka_unit_test(refuses_a_group_that_is_none),
        cmocka_unit_test(says_which_job_is_made_from_nothing),
        cmocka_unit_test(counts_all_its_jobs_against_the_limits),
        cmocka_unit_test(changes_nothing_when_memory_is_short),
        cmocka_unit_test(answers_a_known_group_again),
        cmocka_unit_test(keeps_one_idempotency_key_for_all),
        cmocka_unit_test(cancels_what_lives_of_it_as_one),
        cmocka_unit_test(cancels_a_full_group_with_its_tasks_in_one_step),
        cmocka_unit_test(answers_a_cancel_of_what_has_ended_from_the_store),
        cmocka_unit_test(is_restored_with_its_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
