/* RETRY_JOB: ended jobs that wait again. */

#include "tests/unit/core_world.h"

static struct message retry_message(const char *owner)
{
    struct message message = {.type = MESSAGE_TYPE_RETRY_JOB};
    message.retry_job = (struct message_retry_job){
        .request = 7, .job = world_id(1), .owner = slice_from_string(owner)};
    return message;
}

/* What a reader finds of a job that ended as the last step says. */
static struct facts facts_of_end(const struct world *world)
{
    struct facts facts = world_facts(world);
    facts.job_found = true;
    facts.owner_size = 4;
    memcpy(facts.owner, "user", 4);
    memcpy(&facts.head, world_effect(world, EFFECT_END)->job, JOB_HEAD_SIZE);
    return facts;
}

/* Job 1 of this kind has failed at its first lease, in an earlier turn. */
static struct facts fail_first(struct world *world, enum job_kind kind)
{
    world_init(world, NULL);
    uint64_t session = world_lease(world, kind, 1, 10);
    world_progress(world, 10, session, 1, 1, 30, "rendering");
    world_fail(world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    struct facts facts = facts_of_end(world);
    world_tick(world);
    facts.commit = core_commit(world->core) - 1;
    return facts;
}

static void makes_a_failed_job_wait_again(void **state)
{
    struct message retry = retry_message("user");
    struct core_statistics statistics;
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    world.now += 5000;
    world_request(&world, &retry, &facts);
    const struct effect *revive = world_effect(&world, EFFECT_REVIVE);
    assert_int_equal(revive->state_before, JOB_STATE_FAILED);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_WAITING);
    assert_int_equal(event->retries, 1);
    assert_int_equal(event->version, facts.head.version + 1);
    assert_int_equal(event->completed_at, 0);
    assert_int_equal(event->error_code.size, 0);
    const struct message_reply *reply = world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(reply->state, JOB_STATE_WAITING);
    assert_int_equal(reply->version, event->version);
    const struct job *job = world_job(&world, 1);
    assert_int_equal(job->attempt, 1);
    assert_int_equal(job->attempts_made, 0);
    assert_int_equal(job->progress, 0);
    assert_int_equal(job->step[0], '\0');
    assert_int_equal(job->deadline, world.now + DEADLINE_MS);
    assert_int_equal(job->accepted, facts.head.accepted);
    assert_int_equal(job->started_at, facts.head.started_at);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.revived, 1);
    assert_int_equal(statistics.accepted, 1);
    world_fini(&world);
}

/* Its lease could not be closed: the worker was lost with a task at the provider. */
static void knows_of_a_task_that_an_earlier_life_has_left(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_VIDEO, 1, 10);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_INTENT);
    world_operation(&world, 10, session, 1, 1, OPERATION_STATE_SUBMITTED);
    world_fail(&world, 10, session, 1, 1, FAIL_KIND_PERMANENT, 0);
    struct facts facts = facts_of_end(&world);
    world_tick(&world);
    facts.commit = core_commit(world.core) - 1;
    world_heartbeat(&world, 10, session, 0);
    world_request(&world, &retry, &facts);
    world_heartbeat(&world, 10, session, 5);
    world_cancel(&world, 1);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, 2); /* who drops it */
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_fini(&world);
}

static void gives_it_three_attempts_under_new_lease_numbers(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    world_request(&world, &retry, &facts);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 11, 5, 0);
    for (uint32_t attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        world_pass_until(&world, EFFECT_DISPATCH, 10000);
        assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, attempt + 1);
        assert_int_equal(world_job(&world, 1)->attempt, attempt);
        world_fail(&world, 11, session, 1, attempt + 1, FAIL_KIND_RETRY, 0);
    }
    world_expect_event(&world, 1, EVENT_KIND_FAILED);
    world_fini(&world);
}

static void makes_a_job_that_was_cancelled_before_it_began_wait_again(void **state)
{
    struct message submit = world_submit_message(JOB_KIND_CHARACTER, 1);
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    world_init(&world, NULL);
    submit.submit.start_by = world.now + 1000;
    submit.submit.deadline = world.now + 2000;
    world_request(&world, &submit, NULL);
    world_cancel(&world, 1);
    struct facts facts = facts_of_end(&world);
    world_tick(&world);
    facts.commit = core_commit(world.core) - 1;
    world.now += 3000;
    world_request(&world, &retry, &facts);
    assert_int_equal(world_effect(&world, EFFECT_REVIVE)->state_before, JOB_STATE_CANCELLED);
    world_pass(&world, 3000); /* the times of its first life are over and nothing of it */
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_hello(&world, JOB_KIND_CHARACTER, 10, 1, 0);
    world_tick(&world);
    assert_int_equal(world_effect(&world, EFFECT_DISPATCH)->lease, 1);
    world_fini(&world);
}

static void looks_in_the_store_first(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_request(&world, &retry, NULL);
    assert_int_equal(world_effect(&world, EFFECT_RESOLVE)->peer, WORLD_GATEWAY);
    struct facts facts = world_facts(&world);
    world_request(&world, &retry, &facts);
    assert_true(
        id_equal(&world_expect_reply(&world, REPLY_CODE_NOT_FOUND)->job, &retry.retry_job.job));
    world_fini(&world);
}

static void looks_again_when_the_job_ended_in_this_turn(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_cancel(&world, 1);
    struct facts facts = facts_of_end(&world);
    world_request(&world, &retry, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    facts.head.state = JOB_STATE_WAITING; /* as the store has it still */
    world_request(&world, &retry, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    world_fini(&world);
}

static void looks_again_when_its_documents_changed(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_VIDEO);
    struct message other = world_submit_message(JOB_KIND_CHARACTER, 2);
    other.submit.character = facts.head.character; /* a document of this id changes */
    world_request(&world, &other, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_CHARACTER, 20, 1, 0);
    world_tick(&world);
    world_done(&world, 20, session, 2, 1);
    world_request(&world, &retry, &facts);
    world_effect(&world, EFFECT_RESOLVE);
    world_fini(&world);
}

static void refuses_what_is_live_or_completed_or_spent(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    facts.head.state = JOB_STATE_COMPLETED;
    world_request(&world, &retry, &facts);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_NOT_RETRYABLE)->state,
                     JOB_STATE_COMPLETED);
    facts.head.state = JOB_STATE_FAILED;
    facts.head.retries = RETRIES_MAX;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_RETRYABLE);
    facts.head.retries = RETRIES_MAX - 1;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_request(&world, &retry, &facts); /* another one in the same turn */
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_NOT_RETRYABLE)->state,
                     JOB_STATE_WAITING);
    assert_int_equal(world.effects.count, 1);
    world_fini(&world);
}

static void carries_a_repeated_request_out_once(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    retry.retry_job.resent = true; /* its first copy never came */
    world_request(&world, &retry, &facts);
    world_effect(&world, EFFECT_REVIVE);
    world_request(&world, &retry, &facts);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->state, JOB_STATE_WAITING);
    assert_int_equal(world.effects.count, 1);
    world_cancel(&world, 1);
    facts = facts_of_end(&world);
    world_tick(&world);
    facts.commit = core_commit(world.core) - 1;
    world_request(&world, &retry, &facts);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->state, JOB_STATE_CANCELLED);
    assert_int_equal(world.effects.count, 1);
    world_fini(&world);
}

static void refuses_what_could_not_be_accepted_anew(void **state)
{
    struct message retry = retry_message("user");
    struct core_options options = world_options();
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_VIDEO);
    facts.source = FACT_UNSUITABLE;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_SOURCE_UNSUITABLE);
    facts.source = FACT_UNKNOWN;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_MEDIA_NOT_FOUND);
    facts.character = FACT_UNKNOWN;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_CHARACTER_NOT_FOUND);
    facts.character = FACT_OWNED;
    facts.source = FACT_OWNED;
    world_step(&world, &(struct core_event){.type = CORE_EVENT_SPACE, .space_low = true});
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_DISK_FULL);
    world_fini(&world);
    options.jobs_max = 1;
    world_init(&world, &options);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    facts.commit = core_commit(world.core) - 1;
    world_request(&world, &retry, &facts);
    world_expect_reply(&world, REPLY_CODE_TOO_MANY_JOBS);
    world_fini(&world);
}

static void hides_jobs_of_others_and_keeps_their_owner(void **state)
{
    struct message stranger = retry_message("another");
    struct message admin = retry_message("operator");
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    admin.retry_job.admin = true;
    world_request(&world, &admin, &facts);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_expect_text(core_owner(world.core, world_job(&world, 1)), "user");
    world_request(&world, &stranger, NULL);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_NOT_FOUND)->version, 0);
    world_request(&world, &admin, NULL);
    world_expect_reply(&world, REPLY_CODE_NOT_RETRYABLE);
    world_fini(&world);
}

static void uses_a_late_success_of_the_life_before(void **state)
{
    struct message retry = retry_message("user");
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    world_request(&world, &retry, &facts);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    world_done(&world, 10, session, 1, 1);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
    assert_int_equal(event->attempts_made, 1);
    world_fini(&world);
}

/* Its asset may have been swept between the two lives. */
static void uses_no_success_of_the_life_before_that_is_too_old(void **state)
{
    struct message retry = retry_message("user");
    (void)state;
    for (int64_t age_ms = LATE_RESULT_MS - 1; age_ms <= LATE_RESULT_MS; age_ms++) {
        struct world world;
        struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
        world.now += 2 * LATE_RESULT_MS;
        world_request(&world, &retry, &facts);
        uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
        struct message done = {.type = MESSAGE_TYPE_DONE,
                               .done = {.job = world_id(1),
                                        .lease = 1,
                                        .document = SLICE_LITERAL("{}"),
                                        .at = world.now - age_ms}};
        world_actor(&world, 10, session, &done);
        if (age_ms < LATE_RESULT_MS) {
            world_expect_event(&world, 1, EVENT_KIND_COMPLETED);
        } else {
            assert_int_equal(world_job(&world, 1)->attempts_made, 0);
        }
        world_fini(&world);
    }
}

static void brings_its_group_back_to_life(void **state)
{
    struct message retry = retry_message("user");
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_GROUP};
    struct world world;
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    facts.is_linked = true;
    facts.links.group = world_id(77);
    world_request(&world, &retry, &facts);
    const struct message_event *event = world_expect_event(&world, 1, EVENT_KIND_WAITING);
    assert_true(id_equal(&event->group, &facts.links.group));
    assert_int_equal(event->group_left, 1);
    assert_non_null(world_effect(&world, EFFECT_REVIVE)->links);
    cancel.cancel_group = (struct message_cancel_group){
        .request = 8, .group = facts.links.group, .owner = SLICE_LITERAL("user")};
    world_request(&world, &cancel, NULL);
    world_expect_event(&world, 1, EVENT_KIND_CANCELLED);
    world_fini(&world);
}

static void is_restored_as_it_is(void **state)
{
    struct message retry = retry_message("user");
    struct core_options options = world_options();
    struct world world;
    struct core *other;
    struct job head = {0};
    (void)state;
    struct facts facts = fail_first(&world, JOB_KIND_IMAGE);
    world_request(&world, &retry, &facts);
    memcpy(&head, world_effect(&world, EFFECT_REVIVE)->job, JOB_HEAD_SIZE);
    options.event_last = head.version + head.accepted;
    assert_int_equal(core_new(&options, world.now, &other), STATUS_OK);
    head.retries = RETRIES_MAX + 1;
    assert_int_equal(core_restore(other, &head, SLICE_LITERAL("user"), NULL, world.now),
                     STATUS_MALFORMED);
    head.retries = 1;
    assert_int_equal(core_restore(other, &head, SLICE_LITERAL("user"), NULL, world.now), STATUS_OK);
    core_check(other);
    core_destroy(&other);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_failed_job_wait_again),
        cmocka_unit_test(knows_of_a_task_that_an_earlier_life_has_left),
        cmocka_unit_test(gives_it_three_attempts_under_new_lease_numbers),
        cmocka_unit_test(makes_a_job_that_was_cancelled_before_it_began_wait_again),
        cmocka_unit_test(looks_in_the_store_first),
        cmocka_unit_test(looks_again_when_the_job_ended_in_this_turn),
        cmocka_unit_test(looks_again_when_its_documents_changed),
        cmocka_unit_test(refuses_what_is_live_or_completed_or_spent),
        cmocka_unit_test(carries_a_repeated_request_out_once),
        cmocka_unit_test(refuses_what_could_not_be_accepted_anew),
        cmocka_unit_test(hides_jobs_of_others_and_keeps_their_owner),
        cmocka_unit_test(uses_a_late_success_of_the_life_before),
        cmocka_unit_test(uses_no_success_of_the_life_before_that_is_too_old),
        cmocka_unit_test(brings_its_group_back_to_life),
        cmocka_unit_test(is_restored_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
