/* DELETE_DOCUMENT: the jobs that are made from it, races with other requests, what is written. */

#include "tests/unit/core_world.h"

enum {
    CHARACTER = 5000,
    SOURCE = 6000,
};

static void submit(struct world *world, enum job_kind kind, uint32_t number)
{
    struct message message = world_submit_message(kind, number);
    const struct facts facts = world_facts(world);
    message.submit.character = world_id(CHARACTER);
    if (kind == JOB_KIND_VIDEO) {
        message.submit.source = world_id(SOURCE);
    }
    world_request(world, &message, &facts);
    world_expect_reply(world, REPLY_CODE_OK);
}

static struct message deletion(bool of_media)
{
    struct message message = {.type = MESSAGE_TYPE_DELETE_DOCUMENT};
    message.delete_document.request = 77;
    message.delete_document.owner = SLICE_LITERAL("user");
    message.delete_document.id = world_id(of_media ? SOURCE : CHARACTER);
    if (of_media) {
        message.delete_document.character = world_id(CHARACTER);
    }
    return message;
}

static struct facts found(const struct world *world, bool of_media)
{
    struct facts facts = world_facts(world);
    facts.document.found = true;
    facts.document.type = of_media ? DOCUMENT_TYPE_IMAGE : DOCUMENT_TYPE_CHARACTER;
    facts.document.number = 9;
    return facts;
}

/* The facts live as long as the looks at the effects. */
static void delete_it(struct world *world, bool of_media)
{
    static struct facts facts;
    const struct message message = deletion(of_media);
    facts = found(world, of_media);
    world_request(world, &message, &facts);
}

static void asks_for_facts_and_refuses_what_is_not_there(void **state)
{
    const struct message message = deletion(false);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_request(&world, &message, NULL);
    world_effect(&world, EFFECT_RESOLVE);
    struct facts facts = found(&world, false);
    facts.document.found = false;
    world_request(&world, &message, &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    assert_int_equal(world.effects.count, 1);
    world_fini(&world);
}

static void fails_the_jobs_of_a_character_and_removes_it(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    submit(&world, JOB_KIND_IMAGE, 1);
    submit(&world, JOB_KIND_VIDEO, 2);
    world_submit(&world, JOB_KIND_IMAGE, 3); /* of another character */
    delete_it(&world, false);
    world_expect_reply(&world, REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_END), 2);
    for (uint32_t number = 1; number <= 2; number++) {
        const struct message_event *event = world_expect_event(&world, number, EVENT_KIND_FAILED);
        world_expect_text(event->error_code, "character_deleted");
    }
    struct id character = world_id(CHARACTER);
    const struct effect *gone = world_effect(&world, EFFECT_DELETE);
    assert_true(id_equal(&gone->id, &character));
    assert_int_equal(gone->deleted->number, 9);
    world_expect_state(&world, 3, JOB_STATE_WAITING);
    world_fini(&world);
}

static void fails_only_the_videos_of_a_media_entry(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    submit(&world, JOB_KIND_IMAGE, 1);
    submit(&world, JOB_KIND_VIDEO, 2);
    delete_it(&world, true);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_expect_text(world_expect_event(&world, 2, EVENT_KIND_FAILED)->error_code,
                      "media_deleted");
    assert_int_equal(world_effects(&world, EFFECT_END), 1);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    world_fini(&world);
}

static void stops_the_worker_of_an_active_job(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_hello(&world, JOB_KIND_IMAGE, 10, 2, 0);
    submit(&world, JOB_KIND_IMAGE, 1);
    submit(&world, JOB_KIND_IMAGE, 2);
    world_tick(&world);
    world_expect_state(&world, 1, JOB_STATE_ACTIVE);
    world_cancel(&world, 2);
    delete_it(&world, false);
    world_expect_event(&world, 1, EVENT_KIND_FAILED);
    world_expect_event(&world, 2, EVENT_KIND_CANCELLED); /* as was asked for */
    assert_int_equal(world_effects(&world, EFFECT_CANCEL), 2);
    world_done(&world, 10, session, 1, 1); /* too late: nothing comes back */
    assert_int_equal(world.effects.count, 1);
    world_effect(&world, EFFECT_ACK);
    world_fini(&world);
}

static void facts_of_before_a_deletion_are_looked_up_again(void **state)
{
    struct message image = world_submit_message(JOB_KIND_IMAGE, 1);
    struct message again = deletion(false);
    struct message media = deletion(true);
    struct world world;
    (void)state;
    world_init(&world, NULL);
    image.submit.character = world_id(CHARACTER);
    const struct facts before = found(&world, false);
    delete_it(&world, false);
    world_expect_reply(&world, REPLY_CODE_OK);
    const struct message *const messages[] = {&image, &again, &media};
    for (size_t index = 0; index < sizeof(messages) / sizeof(messages[0]); index++) {
        world_request(&world, messages[index], &before);
        world_effect(&world, EFFECT_RESOLVE);
        assert_int_equal(world.effects.count, 1);
    }
    world_fini(&world);
}

static void more_jobs_than_fit_into_a_step_take_several(void **state)
{
    enum {
        COUNT = 600
    };
    struct world world;
    uint32_t ended = 0;
    uint32_t steps = 0;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= COUNT; number++) {
        submit(&world, JOB_KIND_IMAGE, number);
        world_tick(&world); /* facts are of the turn before */
    }
    do {
        delete_it(&world, false);
        ended += world_effects(&world, EFFECT_END);
        steps++;
        assert_int_equal(world_effects(&world, EFFECT_DELETE), ended == COUNT);
        assert_int_equal(world_effects(&world, EFFECT_REPLY), ended == COUNT);
        assert_int_equal(world_effects(&world, EFFECT_RESOLVE), ended < COUNT);
        world_tick(&world);
    } while (ended < COUNT);
    assert_int_equal(steps, 2);
    world_fini(&world);
}

static void takes_confirmations_of_whole_ids_only(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_REMOVED};
    const uint8_t ids[2 * ID_SIZE] = {1};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    message.removed.ids = slice_make(ids, sizeof(ids));
    world_request(&world, &message, NULL);
    assert_int_equal(world_effect(&world, EFFECT_REMOVED)->document.size, sizeof(ids));
    world_expect_reply(&world, REPLY_CODE_OK);
    message.removed.ids.size--;
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    assert_int_equal(world.effects.count, 1);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_facts_and_refuses_what_is_not_there),
        cmocka_unit_test(fails_the_jobs_of_a_character_and_removes_it),
        cmocka_unit_test(fails_only_the_videos_of_a_media_entry),
        cmocka_unit_test(stops_the_worker_of_an_active_job),
        cmocka_unit_test(facts_of_before_a_deletion_are_looked_up_again),
        cmocka_unit_test(more_jobs_than_fit_into_a_step_take_several),
        cmocka_unit_test(takes_confirmations_of_whole_ids_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
