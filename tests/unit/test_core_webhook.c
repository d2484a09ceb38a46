/* Webhooks in the core: endpoints, and what events become deliveries. */

#include <stdio.h>
#include "tests/unit/core_world.h"

static const uint8_t secret[WEBHOOK_SECRET_SIZE_MIN] = {1};

static struct message put_message(uint32_t number, uint32_t version)
{
    return (struct message){
        .type = MESSAGE_TYPE_PUT_ENDPOINT,
        .put_endpoint = {.request = 5,
                         .endpoint = world_id(number),
                         .owner = SLICE_LITERAL("user"),
                         .url = SLICE_LITERAL("https://receiver.test/"),
                         .secret = slice_make(secret, sizeof(secret)),
                         .events = WEBHOOK_EVENTS_USUAL,
                         .version = version},
    };
}

static void put(struct world *world, uint32_t number, uint32_t version)
{
    const struct message message = put_message(number, version);
    world_request(world, &message, NULL);
}

static void delete (struct world *world, uint32_t number)
{
    const struct message message = {
        .type = MESSAGE_TYPE_DELETE_ENDPOINT,
        .delete_endpoint = {.request = 6,
                            .endpoint = world_id(number),
                            .owner = SLICE_LITERAL("user")},
    };
    world_request(world, &message, NULL);
}

/* The only delivery that the last step made. */
static const struct effect *delivery(const struct world *world)
{
    const struct effect *found = world_effect(world, EFFECT_ACCEPT);
    assert_null(found->submit);
    assert_int_equal(found->job->kind, JOB_KIND_WEBHOOK);
    return found;
}

static void an_end_becomes_a_delivery(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    put(&world, 50, 0);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->version, 1);
    assert_int_equal(world_effect(&world, EFFECT_PUT_ENDPOINT)->version, 1);
    uint64_t session = world_lease(&world, JOB_KIND_CHARACTER, 1, 10);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), 0);
    world_done(&world, 10, session, 1, 1);
    const struct effect *made = delivery(&world);
    assert_int_equal(made->reported->kind, EVENT_KIND_COMPLETED);
    const struct id job = world_id(1);
    assert_true(id_equal(&made->reported->job, &job));
    const struct id endpoint = world_id(50);
    assert_true(id_equal(&made->job->source, &endpoint));
    assert_int_equal(made->job->state, JOB_STATE_WAITING);
    assert_int_equal(made->job->deadline, world.now + DEADLINE_WEBHOOK_MS);
    assert_true(slice_equal(made->owner, SLICE_LITERAL("user")));
    assert_true(id_slot(&made->job->id) == id_slot(&job));
    world_fini(&world);
}

static void a_delivery_has_the_same_id_in_every_run(void **state)
{
    struct id ids[2];
    (void)state;
    for (int run = 0; run < 2; run++) {
        struct world world;
        world_init(&world, NULL);
        put(&world, 50, 0);
        world_submit(&world, JOB_KIND_CHARACTER, 1);
        world_cancel(&world, 1);
        ids[run] = delivery(&world)->id;
        world_fini(&world);
    }
    assert_true(id_equal(&ids[0], &ids[1]));
}

static void a_delivery_makes_no_deliveries(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    put(&world, 50, 0);
    uint64_t session = world_hello(&world, JOB_KIND_WEBHOOK, 11, 1, 0);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_cancel(&world, 1);
    struct message done = {.type = MESSAGE_TYPE_DONE};
    done.done.job = delivery(&world)->id;
    done.done.lease = 1;
    done.done.url = SLICE_LITERAL("204");
    done.done.credit = 2;
    world_tick(&world);
    world_effect(&world, EFFECT_DISPATCH);
    world_actor(&world, 11, session, &done);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), 0);
    assert_int_equal(world_effects(&world, EFFECT_END), 1);
    world_fini(&world);
}

/* A delivery to endpoint 50 that was taken in an earlier turn, as a reader finds it. */
static struct facts take_delivery(struct world *world)
{
    world_init(world, NULL);
    put(world, 50, 0);
    put(world, 51, 0);
    uint64_t session = world_hello(world, JOB_KIND_WEBHOOK, 11, 2, 0);
    delete (world, 51);
    world_submit(world, JOB_KIND_CHARACTER, 1);
    world_cancel(world, 1);
    struct message done = {.type = MESSAGE_TYPE_DONE};
    done.done = (struct message_done){
        .job = delivery(world)->id, .lease = 1, .url = SLICE_LITERAL("204"), .credit = 2};
    world_tick(world);
    world_actor(world, 11, session, &done);
    struct facts facts = world_facts(world);
    facts.job_found = true;
    facts.owner_size = 4;
    memcpy(facts.owner, "user", 4);
    memcpy(&facts.head, world_effect(world, EFFECT_END)->job, JOB_HEAD_SIZE);
    world_tick(world);
    facts.commit = core_commit(world->core) - 1;
    return facts;
}

static struct message replay_message(const struct facts *facts, uint32_t endpoint)
{
    struct message message = {.type = MESSAGE_TYPE_RETRY_JOB};
    message.retry_job = (struct message_retry_job){
        .request = 7, .job = facts->head.id, .owner = SLICE_LITERAL("user")};
    if (endpoint != 0) {
        message.retry_job.endpoint = world_id(endpoint);
    }
    return message;
}

static void a_delivery_that_was_taken_is_sent_again(void **state)
{
    struct world world;
    (void)state;
    struct facts facts = take_delivery(&world);
    struct message replay = replay_message(&facts, 50);
    world.now += 5000;
    world_request(&world, &replay, &facts);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->state, JOB_STATE_WAITING);
    const struct effect *revive = world_effect(&world, EFFECT_REVIVE);
    assert_int_equal(revive->state_before, JOB_STATE_COMPLETED);
    assert_int_equal(revive->job->deadline, world.now + DEADLINE_WEBHOOK_MS);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), 0);
    world_request(&world, &replay, NULL); /* it is under way */
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_REVIVE), 0);
    world_tick(&world);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, 2);
    world_fini(&world);
}

static void a_repeated_replay_does_not_count_those_before(void **state)
{
    struct world world;
    (void)state;
    struct facts facts = take_delivery(&world);
    struct message replay = replay_message(&facts, 50);
    facts.head.retries = RETRIES_MAX - 1;
    replay.retry_job.resent = true;
    world_request(&world, &replay, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_effect(&world, EFFECT_REVIVE);
    world_fini(&world);
    facts = take_delivery(&world);
    facts.head.retries = RETRIES_MAX;
    world_request(&world, &replay, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_RETRYABLE);
    world_fini(&world);
}

static void a_delivery_is_reached_by_its_endpoint_only(void **state)
{
    struct world world;
    (void)state;
    struct facts facts = take_delivery(&world);
    for (uint32_t endpoint = 0; endpoint < 60; endpoint++) {
        struct message replay = replay_message(&facts, endpoint);
        if (endpoint == 50) {
            delete (&world, 50);
            world_expect_reply(&world, REPLY_CODE_OK);
        }
        world_request(&world, &replay, &facts);
        assert_int_equal(world_expect_reply(&world, REPLY_CODE_NOT_FOUND)->version, 0);
    }
    put(&world, 52, 0);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    struct message replay = replay_message(&facts, 52);
    replay.retry_job.job = world_id(2);
    world_request(&world, &replay, NULL);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    world_fini(&world);
}

static void an_administrator_has_any_delivery_sent_again(void **state)
{
    struct world world;
    (void)state;
    struct facts facts = take_delivery(&world);
    struct message replay = replay_message(&facts, 0);
    replay.retry_job.owner = SLICE_LITERAL("boss");
    world_request(&world, &replay, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    replay.retry_job.admin = true;
    world_request(&world, &replay, &facts);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->state, JOB_STATE_WAITING);
    assert_int_equal(world_effect(&world, EFFECT_REVIVE)->state_before, JOB_STATE_COMPLETED);
    replay.retry_job.role = SLICE_LITERAL("admin");
    replay.retry_job.action = SLICE_LITERAL("retry");
    replay.retry_job.request_id = SLICE_LITERAL("r-1");
    replay.retry_job.key = SLICE_LITERAL("again");
    replay.retry_job.key_hash = slice_make("0123456789abcdef0123456789abcdef", HASH_SIZE);
    world_request(&world, &replay, &facts); /* it is under way */
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_REVIVE), 0);
    assert_int_equal(world_effect(&world, EFFECT_AUDIT)->line.outcome, AUDIT_OUTCOME_UNCHANGED);
    world_fini(&world);
}

static void a_job_can_have_a_webhook_of_its_own(void **state)
{
    struct world world;
    struct message submit = world_submit_message(JOB_KIND_CHARACTER, 1);
    (void)state;
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    submit.submit.webhook_url = SLICE_LITERAL("https://receiver.test/");
    submit.submit.webhook_events = 1u << EVENT_KIND_CANCELLED;
    world_request(&world, &submit, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), 1);
    world_cancel(&world, 1);
    assert_true(id_is_zero(&delivery(&world)->job->source));
    submit = world_submit_message(JOB_KIND_CHARACTER, 2);
    submit.submit.webhook_events = 1u << EVENT_KIND_CANCELLED; /* without an address */
    world_request(&world, &submit, &facts);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    submit = world_submit_message(JOB_KIND_WEBHOOK, 3);
    world_request(&world, &submit, &facts);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    world_fini(&world);
}

static void a_receiver_that_is_gone_disables_its_endpoint(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    put(&world, 50, 0);
    uint64_t session = world_hello(&world, JOB_KIND_WEBHOOK, 11, 1, 0);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_cancel(&world, 1);
    struct message fail = {.type = MESSAGE_TYPE_FAIL};
    fail.fail = (struct message_fail){.job = delivery(&world)->id,
                                      .lease = 1,
                                      .credit = 2,
                                      .kind = FAIL_KIND_GONE,
                                      .code = SLICE_LITERAL("http_410"),
                                      .message = SLICE_LITERAL("gone")};
    world_tick(&world);
    world_actor(&world, 11, session, &fail);
    world_effect(&world, EFFECT_DISABLE_ENDPOINT);
    assert_int_equal(world_effect(&world, EFFECT_END)->job->state, JOB_STATE_FAILED);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    world_cancel(&world, 2);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), 0);
    put(&world, 50, 1); /* a change enables it again */
    world_submit(&world, JOB_KIND_CHARACTER, 3);
    world_cancel(&world, 3);
    delivery(&world);
    world_fini(&world);
}

static void no_change_of_an_endpoint_is_lost(void **state)
{
    struct world world;
    struct message again = put_message(50, 0);
    (void)state;
    world_init(&world, NULL);
    put(&world, 50, 1);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    put(&world, 50, 0);
    world_expect_reply(&world, REPLY_CODE_OK);
    put(&world, 50, 0);
    world_expect_reply(&world, REPLY_CODE_CONFLICT);
    again.put_endpoint.resent = true;
    world_request(&world, &again, NULL);
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_PUT_ENDPOINT), 0);
    put(&world, 50, 1);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->version, 2);
    delete (&world, 50);
    world_expect_reply(&world, REPLY_CODE_OK);
    delete (&world, 50);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    world_fini(&world);
}

static void a_user_has_ten_endpoints_at_most(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 0; number < ENDPOINTS_USER_MAX; number++) {
        put(&world, 50 + number, 0);
        world_expect_reply(&world, REPLY_CODE_OK);
    }
    put(&world, 70, 0);
    world_expect_reply(&world, REPLY_CODE_TOO_MANY_ENDPOINTS);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_cancel(&world, 1);
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), ENDPOINTS_USER_MAX);
    delete (&world, 55);
    put(&world, 70, 0);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

/* A store that has more, of a version whose limit was another one, is read all the same. */
static void the_stack_has_so_many_endpoints(void **state)
{
    static struct world world;
    struct core_options options = world_options();
    char owner[16];
    (void)state;
    world.now = WORLD_START;
    assert_int_equal(core_new(&options, WORLD_START - 2000, &world.core), STATUS_OK);
    for (uint32_t number = 1; number <= ENDPOINTS_MAX + 1; number++) {
        struct message_put_endpoint endpoint = put_message(number, 1).put_endpoint;
        snprintf(owner, sizeof owner, "%u", number / ENDPOINTS_USER_MAX);
        endpoint.owner = slice_from_string(owner);
        assert_int_equal(core_restore_endpoint(world.core, &endpoint, false), STATUS_OK);
    }
    world_tick(&world);
    put(&world, ENDPOINTS_MAX + 2, 0);
    world_expect_reply(&world, REPLY_CODE_TOO_MANY_ENDPOINTS);
    world_fini(&world);
}

static void bad_endpoints_are_refused(void **state)
{
    struct world world;
    struct message messages[5];
    (void)state;
    for (size_t index = 0; index < 5; index++) {
        messages[index] = put_message(50, 0);
    }
    messages[0].put_endpoint.events = 0;
    messages[1].put_endpoint.events = 1u << EVENT_KIND_PROGRESS;
    messages[2].put_endpoint.secret.size--;
    messages[3].put_endpoint.url = SLICE_EMPTY;
    messages[4].put_endpoint.owner = SLICE_EMPTY;
    world_init(&world, NULL);
    for (size_t index = 0; index < 5; index++) {
        world_request(&world, &messages[index], NULL);
        world_expect_reply(&world, REPLY_CODE_INVALID);
    }
    world_fini(&world);
}

static void what_cannot_be_delivered_does_not_fill_the_memory(void **state)
{
    struct world world;
    struct core_statistics statistics;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 0; number < ENDPOINTS_USER_MAX; number++) {
        put(&world, 50 + number, 0);
    }
    for (uint32_t number = 0; number <= DELIVERIES_USER_MAX / ENDPOINTS_USER_MAX; number++) {
        world_submit(&world, JOB_KIND_CHARACTER, 100 + number);
        world_cancel(&world, 100 + number);
    }
    assert_int_equal(world_effects(&world, EFFECT_ACCEPT), 0);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.live[JOB_KIND_WEBHOOK][JOB_STATE_WAITING], DELIVERIES_USER_MAX);
    assert_int_equal(statistics.undelivered, ENDPOINTS_USER_MAX);
    world_fini(&world);
}

static void endpoints_come_back_after_a_restart(void **state)
{
    struct core *core = NULL;
    struct core_options options = world_options();
    const struct message_put_endpoint first = put_message(50, 4).put_endpoint;
    const struct message_put_endpoint other = put_message(51, 1).put_endpoint;
    const struct message_put_endpoint unborn = put_message(52, 0).put_endpoint;
    (void)state;
    assert_int_equal(core_new(&options, WORLD_START, &core), STATUS_OK);
    assert_int_equal(core_restore_endpoint(core, &first, false), STATUS_OK);
    assert_int_equal(core_restore_endpoint(core, &other, true), STATUS_OK);
    assert_int_equal(core_restore_endpoint(core, &first, false), STATUS_MALFORMED);
    assert_int_equal(core_restore_endpoint(core, &unborn, false), STATUS_MALFORMED);
    core_check(core);
    core_destroy(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_becomes_a_delivery),
        cmocka_unit_test(a_delivery_has_the_same_id_in_every_run),
        cmocka_unit_test(a_delivery_makes_no_deliveries),
        cmocka_unit_test(a_delivery_that_was_taken_is_sent_again),
        cmocka_unit_test(a_repeated_replay_does_not_count_those_before),
        cmocka_unit_test(a_delivery_is_reached_by_its_endpoint_only),
        cmocka_unit_test(an_administrator_has_any_delivery_sent_again),
        cmocka_unit_test(a_job_can_have_a_webhook_of_its_own),
        cmocka_unit_test(a_receiver_that_is_gone_disables_its_endpoint),
        cmocka_unit_test(no_change_of_an_endpoint_is_lost),
        cmocka_unit_test(a_user_has_ten_endpoints_at_most),
        cmocka_unit_test(the_stack_has_so_many_endpoints),
        cmocka_unit_test(bad_endpoints_are_refused),
        cmocka_unit_test(what_cannot_be_delivered_does_not_fill_the_memory),
        cmocka_unit_test(endpoints_come_back_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
