/* What those who run the stack do with one job: promote, priority, remove. */

#include "tests/unit/core_world.h"

static struct message change(uint32_t job, enum job_action action, uint8_t priority)
{
    return (struct message){.type = MESSAGE_TYPE_CHANGE_JOB,
                            .change_job = {.request = 7,
                                           .job = world_id(job),
                                           .action = (uint8_t)action,
                                           .user = SLICE_LITERAL("boss"),
                                           .priority = priority}};
}

static enum reply_code ask(struct world *world, uint32_t job, enum job_action action,
                           uint8_t priority)
{
    const struct message message = change(job, action, priority);
    world_request(world, &message, NULL);
    return (enum reply_code)world_effect(world, EFFECT_REPLY)->reply.code;
}

static void submit_later(struct world *world, uint32_t number)
{
    struct message message = world_submit_message(JOB_KIND_CHARACTER, number);
    const struct facts facts = world_facts(world);
    message.submit.run_at = world->now + 3600000;
    world_request(world, &message, &facts);
    world_expect_state(world, number, JOB_STATE_PENDING);
}

static void a_scheduled_job_may_start_at_once(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    submit_later(&world, 1);
    assert_int_equal(ask(&world, 1, JOB_ACTION_PROMOTE, 0), REPLY_CODE_OK);
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_WAITING)->next_attempt_at, 0);
    assert_int_equal(world_effects(&world, EFFECT_SAVE), 1);
    assert_int_equal(ask(&world, 1, JOB_ACTION_PROMOTE, 0), REPLY_CODE_NOT_DELAYED);
    world_hello(&world, JOB_KIND_CHARACTER, 10, 1, 0);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    assert_int_equal(ask(&world, 1, JOB_ACTION_PROMOTE, 0), REPLY_CODE_NOT_DELAYED);
    world_fini(&world);
}

static void a_job_in_its_backoff_may_start_at_once(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 600000);
    world_heartbeat(&world, 10, session, 2);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    assert_int_equal(ask(&world, 1, JOB_ACTION_PROMOTE, 0), REPLY_CODE_OK);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void expect_error(const struct world *world, const char *code, const char *message)
{
    const struct effect *save = world_effect(world, EFFECT_SAVE);
    const struct message_event *event = &world_effect(world, EFFECT_EVENT)->event;
    world_expect_text(save->error_code, code);
    world_expect_text(save->error_message, message);
    world_expect_text(event->error_code, code);
    world_expect_text(event->error_message, message);
}

static void a_job_in_its_backoff_keeps_its_error_until_it_is_tried_again(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 600000);
    expect_error(&world, "provider_failed", "no luck");
    assert_int_equal(ask(&world, 1, JOB_ACTION_PRIORITY, 5), REPLY_CODE_OK);
    expect_error(&world, "provider_failed", "no luck");
    assert_int_equal(ask(&world, 1, JOB_ACTION_PRIORITY, 6), REPLY_CODE_OK);
    expect_error(&world, "provider_failed", "no luck");
    assert_int_equal(ask(&world, 1, JOB_ACTION_PROMOTE, 0), REPLY_CODE_OK);
    expect_error(&world, "provider_failed", "no luck");
    world_heartbeat(&world, 10, session, 2);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    expect_error(&world, "", "");
    world_release(&world, 10, session, 1, 2);
    expect_error(&world, "", "");
    assert_int_equal(ask(&world, 1, JOB_ACTION_PRIORITY, 7), REPLY_CODE_OK);
    expect_error(&world, "", "");
    world_fini(&world);
}

/* A provider's task that is told of late. */
static void a_late_operation_leaves_the_error_as_it_is(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_RETRY, 600000);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    world_expect_event(&world, 1, EVENT_KIND_PROVIDER);
    expect_error(&world, "provider_failed", "no luck");
    world_fini(&world);
}

static void a_job_goes_to_its_new_place(void **state)
{
    struct position position;
    struct world world;
    const struct id second = world_id(2);
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    assert_int_equal(ask(&world, 2, JOB_ACTION_PRIORITY, 5), REPLY_CODE_OK);
    assert_int_equal(world_expect_event(&world, 2, EVENT_KIND_WAITING)->priority, 5);
    core_position(world.core, &second, world.now, &position);
    assert_int_equal(position.position, 1);
    assert_int_equal(ask(&world, 2, JOB_ACTION_PRIORITY, 5), REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_EVENT), 0);
    submit_later(&world, 3);
    assert_int_equal(ask(&world, 3, JOB_ACTION_PRIORITY, 5), REPLY_CODE_OK);
    world_expect_event(&world, 3, EVENT_KIND_QUEUED);
    assert_int_equal(ask(&world, 3, JOB_ACTION_PRIORITY, 0), REPLY_CODE_INVALID);
    assert_int_equal(ask(&world, 3, JOB_ACTION_RETRY, 0), REPLY_CODE_INVALID);
    world_fini(&world);
}

static void a_job_at_work_keeps_its_place(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    assert_int_equal(ask(&world, 1, JOB_ACTION_PRIORITY, 5), REPLY_CODE_STARTED);
    assert_int_equal(ask(&world, 1, JOB_ACTION_REMOVE, 0), REPLY_CODE_NOT_ENDED);
    world_fini(&world);
}

static void what_is_not_live_is_looked_up(void **state)
{
    struct swept swept = {.kind = SWEPT_JOB, .retained = RETAINED_FAILED};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = change(1, JOB_ACTION_REMOVE, 0);
    world_request(&world, &message, NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    struct facts facts = world_facts(&world);
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    facts.job_expired = true;
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_EXPIRED);
    facts.job_expired = false;
    facts.job_found = true;
    facts.head = (struct job){.id = world_id(1), .state = JOB_STATE_FAILED, .version = 3};
    swept.head = facts.head;
    facts.swept = &swept;
    message.change_job.action = JOB_ACTION_PROMOTE;
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_ALREADY_ENDED);
    message.change_job.action = JOB_ACTION_REMOVE;
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    const struct effect *gone = world_effect(&world, EFFECT_EXPIRE);
    assert_true(gone->event.removed);
    assert_int_equal(gone->event.version, 4);
    assert_int_equal(gone->event.expires_at, world.now);
    world_request(&world, &message, &facts); /* they are out of date now */
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    world_fini(&world);
}

static void a_job_with_many_events_goes_in_parts(void **state)
{
    struct swept swept = {.kind = SWEPT_EVENTS, .retained = RETAINED_FAILED};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct facts facts = world_facts(&world);
    facts.job_found = true;
    facts.head = (struct job){.id = world_id(1), .state = JOB_STATE_FAILED};
    swept.head = facts.head;
    facts.swept = &swept;
    const struct message message = change(1, JOB_ACTION_REMOVE, 0);
    world_request(&world, &message, &facts);
    assert_int_equal(world_effects(&world, EFFECT_EXPIRE), 1);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    assert_int_equal(world_effects(&world, EFFECT_REPLY), 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scheduled_job_may_start_at_once),
        cmocka_unit_test(a_job_in_its_backoff_may_start_at_once),
        cmocka_unit_test(a_job_in_its_backoff_keeps_its_error_until_it_is_tried_again),
        cmocka_unit_test(a_late_operation_leaves_the_error_as_it_is),
        cmocka_unit_test(a_job_goes_to_its_new_place),
        cmocka_unit_test(a_job_at_work_keeps_its_place),
        cmocka_unit_test(what_is_not_live_is_looked_up),
        cmocka_unit_test(a_job_with_many_events_goes_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
