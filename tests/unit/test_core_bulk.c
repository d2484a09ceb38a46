/* Bulks: how they begin, go on and end, and what they leave. */

#include "tests/unit/core_world.h"

static struct bulk_page page;

static struct message start_message(uint32_t bulk, enum job_action action)
{
    return (struct message){.type = MESSAGE_TYPE_START_BULK,
                            .start_bulk = {.request = 8,
                                           .bulk = world_id(bulk),
                                           .action = (uint8_t)action,
                                           .user = SLICE_LITERAL("boss")}};
}

static enum reply_code start(struct world *world, uint32_t bulk, enum job_action action)
{
    const struct message message = start_message(bulk, action);
    world_request(world, &message, NULL);
    return (enum reply_code)world_effect(world, EFFECT_REPLY)->reply.code;
}

static enum reply_code stop(struct world *world, uint32_t bulk)
{
    const struct message message = {
        .type = MESSAGE_TYPE_STOP_BULK,
        .stop_bulk = {.request = 9, .bulk = world_id(bulk), .user = SLICE_LITERAL("boss")}};
    world_request(world, &message, NULL);
    return (enum reply_code)world_effect(world, EFFECT_REPLY)->reply.code;
}

static struct message_bulk told(const struct world *world, uint32_t bulk)
{
    const struct id id = world_id(bulk);
    return bulk_told(bulks_find(core_bulks(world->core), &id));
}

/* A page begins where the bulk is. */
static void begin_page(const struct world *world, uint32_t bulk)
{
    memset(&page, 0, sizeof(page));
    page.bulk = world_id(bulk);
    page.place = told(world, bulk).place;
}

static struct bulk_item *add_job(const struct world *world, uint32_t job)
{
    struct bulk_item *item = &page.items[page.count++];
    item->job = world_id(job);
    item->found = true;
    item->place = page.place - page.count;
    item->scanned = page.count;
    item->facts = world_facts(world);
    page.scanned = page.count;
    return item;
}

static void take(struct world *world, uint64_t place_end)
{
    const struct core_event event = {.type = CORE_EVENT_PAGE, .page = &page};
    page.place_end = place_end;
    world_step(world, &event);
}

static void jobs_are_done_once_and_nobody_is_answered(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t job = 1; job <= 4; job++) {
        world_submit(&world, JOB_KIND_CHARACTER, job);
    }
    assert_int_equal(start(&world, 50, JOB_ACTION_CANCEL), REPLY_CODE_OK);
    assert_int_equal(told(&world, 50).first, 5);
    begin_page(&world, 50);
    add_job(&world, 4);
    add_job(&world, 3);
    take(&world, 3);
    assert_int_equal(world_effects(&world, EFFECT_END), 2);
    assert_int_equal(world_effects(&world, EFFECT_REPLY), 0);
    assert_int_equal(world_effects(&world, EFFECT_BULK), 1);
    assert_int_equal(told(&world, 50).place, 3);
    take(&world, 0); /* the same page again: it is there already */
    assert_int_equal(world.effects.count, 0);
    begin_page(&world, 50);
    add_job(&world, 2);
    add_job(&world, 3); /* ended meanwhile */
    page.items[1].place = 1;
    take(&world, 0);
    assert_int_equal(told(&world, 50).state, BULK_STATE_COMPLETED);
    assert_int_equal(told(&world, 50).done, 3);
    assert_int_equal(told(&world, 50).refused, 1);
    assert_int_equal(told(&world, 50).ended, 1);
    assert_int_equal(told(&world, 50).matched, 4);
    assert_int_equal(told(&world, 50).scanned, 4);
    world_expect_state(&world, 1, JOB_STATE_WAITING);
    assert_int_equal(stop(&world, 50), REPLY_CODE_ALREADY_ENDED);
    world_fini(&world);
}

/* The job waits already: nothing holds it back. */
static void what_is_refused_of_a_job_is_nobodys_request(void **state)
{
    struct world world;
    struct core_statistics statistics;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    assert_int_equal(start(&world, 50, JOB_ACTION_PROMOTE), REPLY_CODE_OK);
    begin_page(&world, 50);
    add_job(&world, 1);
    take(&world, 0);
    assert_int_equal(told(&world, 50).refused, 1);
    assert_int_equal(told(&world, 50).not_delayed, 1);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.refused, 0);
    world_fini(&world);
}

/* It may be no one that is meant, though it lives. */
static void a_damaged_job_is_refused_whatever_it_is(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    assert_int_equal(start(&world, 50, JOB_ACTION_CANCEL), REPLY_CODE_OK);
    begin_page(&world, 50);
    struct bulk_item *item = add_job(&world, 2);
    item->damaged = true;
    item->found = false;
    add_job(&world, 1);
    take(&world, 0);
    world_expect_state(&world, 2, JOB_STATE_WAITING);
    assert_int_equal(told(&world, 50).state, BULK_STATE_COMPLETED);
    assert_int_equal(told(&world, 50).matched, 2);
    assert_int_equal(told(&world, 50).done, 1);
    assert_int_equal(told(&world, 50).refused, 1);
    assert_int_equal(told(&world, 50).damaged, 1);
    assert_int_equal(told(&world, 50).ended, 0);
    world_fini(&world);
}

/* Cancels a job, and makes facts of how it ended. */
static void add_cancelled(struct world *world, uint32_t job)
{
    world_cancel(world, job);
    const struct job head = *world_effect(world, EFFECT_END)->job;
    world_tick(world);
    struct facts *facts = &add_job(world, job)->facts;
    facts->job_found = true;
    facts->head = head;
    facts->owner_size = (uint8_t)strlen("user");
    memcpy(facts->owner, "user", facts->owner_size);
    facts->commit = core_commit(world->core);
}

/* A group of one character job, of its own. */
static void submit_group(struct world *world, uint32_t job)
{
    struct message_submit item = world_submit_message(JOB_KIND_CHARACTER, job).submit;
    const struct message message = {.type = MESSAGE_TYPE_SUBMIT_GROUP,
                                    .submit_group = {.group = world_id(1000 + job),
                                                     .owner = SLICE_LITERAL("user"),
                                                     .kind = GROUP_KIND_BATCH,
                                                     .count = 1}};
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = WORLD_GATEWAY, .message = &message, .items = &item};
    item.group = world_id(1000 + job);
    world_step(world, &event);
    world_expect_reply(world, REPLY_CODE_OK);
}

/* The memory of groups grows with the second one: what effects say of the first one stays good. */
static void jobs_of_groups_are_revived_in_one_step(void **state)
{
    enum {
        MEMBERS = 64, /* for which there is room at first */
    };
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t job = 1; job <= MEMBERS; job++) {
        submit_group(&world, job);
    }
    start(&world, 50, JOB_ACTION_RETRY);
    begin_page(&world, 50);
    for (uint32_t job = MEMBERS; job > MEMBERS - 2; job--) {
        add_cancelled(&world, job);
        struct facts *facts = &page.items[page.count - 1].facts;
        facts->is_linked = true;
        facts->links.group = world_id(1000 + job);
    }
    submit_group(&world, MEMBERS + 1);
    take(&world, 0);
    assert_int_equal(world_effects(&world, EFFECT_REVIVE), 2);
    for (uint32_t index = 0; index < world.effects.count; index++) {
        const struct effect *effect = &world.effects.items[index];
        if (effect->type == EFFECT_REVIVE) {
            uint32_t job = id_equal(&effect->id, &page.items[0].job) ? MEMBERS : MEMBERS - 1;
            const struct id group = world_id(1000 + job);
            assert_true(id_equal(&effect->links->group, &group));
        }
    }
    world_fini(&world);
}

static void a_job_that_changed_since_ends_the_page_before_it(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    world_submit(&world, JOB_KIND_CHARACTER, 1);
    world_submit(&world, JOB_KIND_CHARACTER, 2);
    start(&world, 50, JOB_ACTION_RETRY);
    begin_page(&world, 50);
    add_cancelled(&world, 2);
    add_cancelled(&world, 1);
    page.items[1].facts.commit = 0;
    take(&world, 0);
    assert_int_equal(world_effects(&world, EFFECT_REVIVE), 1);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 0);
    assert_int_equal(told(&world, 50).done, 1);
    assert_int_equal(told(&world, 50).place, page.items[0].place);
    assert_int_equal(told(&world, 50).state, BULK_STATE_RUNNING);
    world_fini(&world);
}

static void a_job_that_does_not_suit_any_more_is_refused(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = start_message(50, JOB_ACTION_CANCEL);
    message.start_bulk.states = 1 << JOB_STATE_WAITING;
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_request(&world, &message, NULL);
    begin_page(&world, 50);
    add_job(&world, 1);
    take(&world, 0);
    assert_int_equal(told(&world, 50).refused, 1);
    assert_int_equal(told(&world, 50).changed, 1);
    assert_int_equal(told(&world, 50).ended, 0);
    assert_int_equal(world_job(&world, 1)->stop_by, 0);
    world_fini(&world);
}

/* It was found as failed, and tried again before its turn came. */
static void a_bulk_of_one_failure_meets_no_live_job(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = start_message(50, JOB_ACTION_CANCEL);
    message.start_bulk.error_group = world_id(60);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    world_request(&world, &message, NULL);
    begin_page(&world, 50);
    add_job(&world, 1);
    take(&world, 0);
    assert_int_equal(told(&world, 50).refused, 1);
    assert_int_equal(world_job(&world, 1)->stop_by, 0);
    world_fini(&world);
}

static void few_go_on_at_once_and_take_turns(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t bulk = 0; bulk < BULKS_LIVE_MAX; bulk++) {
        assert_int_equal(start(&world, 50 + bulk, JOB_ACTION_CANCEL), REPLY_CODE_OK);
    }
    assert_int_equal(start(&world, 60, JOB_ACTION_CANCEL), REPLY_CODE_TOO_MANY_BULKS);
    assert_int_equal(start(&world, 50, JOB_ACTION_CANCEL), REPLY_CODE_OK);
    assert_true(world_effect(&world, EFFECT_REPLY)->reply.replayed);
    const struct bulk *first = core_bulk_next(world.core);
    const struct bulk *second = core_bulk_next(world.core);
    assert_ptr_not_equal(first, second);
    assert_int_equal(stop(&world, 50), REPLY_CODE_OK);
    assert_int_equal(told(&world, 50).state, BULK_STATE_CANCELLED);
    assert_int_equal(stop(&world, 50), REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_BULK), 0);
    assert_int_equal(start(&world, 60, JOB_ACTION_CANCEL), REPLY_CODE_OK);
    assert_int_equal(stop(&world, 99), REPLY_CODE_NOT_FOUND);
    world_fini(&world);
}

static void the_oldest_that_has_ended_makes_room(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    start(&world, 1, JOB_ACTION_CANCEL); /* it goes on */
    for (uint32_t bulk = 2; bulk <= BULKS_MAX; bulk++) {
        start(&world, bulk, JOB_ACTION_CANCEL);
        stop(&world, bulk);
        world.now++;
    }
    start(&world, 500, JOB_ACTION_CANCEL);
    const struct id second = world_id(2);
    assert_memory_equal(&world_effect(&world, EFFECT_BULK_GONE)->id, &second, ID_SIZE);
    assert_int_equal(core_bulks(world.core)->count, BULKS_MAX);
    assert_null(bulks_find(core_bulks(world.core), &second));
    assert_int_equal(told(&world, 1).state, BULK_STATE_RUNNING);
    world_fini(&world);
}

/* Those that go on are the last three; it was the second one's turn. */
static void one_that_is_forgotten_skips_nobodys_turn(void **state)
{
    static struct bulks all;
    struct bulks *bulks = &all;
    struct id gone;
    (void)state;
    for (uint32_t number = 0; number < BULKS_MAX; number++) {
        const bool is_live = number + 3 >= BULKS_MAX;
        bulks_add(bulks, &(const struct message_bulk){.bulk = world_id(number),
                                                      .user = SLICE_LITERAL("boss"),
                                                      .state = is_live ? BULK_STATE_RUNNING
                                                                       : BULK_STATE_COMPLETED});
    }
    bulks_next(bulks);
    assert_ptr_equal(bulks_next(bulks), &bulks->items[BULKS_MAX - 2]);
    assert_true(bulks_forget(bulks, &gone));
    assert_ptr_equal(bulks_next(bulks), &bulks->items[BULKS_MAX - 2]); /* the third has its place */
}

static void each_tells_what_it_was_asked_for(void **state)
{
    static const char *const filters[] = {"{\"owner\":\"ada\"}", "", "{}"};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t bulk = 0; bulk < 3; bulk++) {
        struct message message = start_message(50 + bulk, JOB_ACTION_CANCEL);
        message.start_bulk.where = slice_from_string(filters[bulk]);
        world_request(&world, &message, NULL);
        world_expect_reply(&world, REPLY_CODE_OK);
    }
    stop(&world, 50);
    for (uint32_t bulk = 0; bulk < 3; bulk++) {
        world_expect_text(told(&world, 50 + bulk).where, filters[bulk]);
    }
    world_fini(&world);
}

static void what_is_no_bulk_is_refused(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    assert_int_equal(start(&world, 50, JOB_ACTION_PRIORITY), REPLY_CODE_INVALID);
    struct message message = start_message(50, JOB_ACTION_CANCEL);
    message.start_bulk.jobs = SLICE_LITERAL("half an id");
    world_request(&world, &message, NULL);
    world_expect_reply(&world, REPLY_CODE_INVALID);
    world_fini(&world);
}

static void a_bulk_is_kept_over_a_restart(void **state)
{
    struct world world;
    struct message_bulk stored = {.bulk = world_id(50),
                                  .user = SLICE_LITERAL("boss"),
                                  .where = SLICE_LITERAL("{\"owner\":\"ada\"}"),
                                  .started_at = WORLD_START,
                                  .first = 9,
                                  .place = 4,
                                  .matched = 3,
                                  .done = 2,
                                  .refused = 1,
                                  .not_delayed = 1};
    (void)state;
    struct core_options options = world_options();
    assert_int_equal(core_new(&options, WORLD_START, &world.core), STATUS_OK);
    assert_int_equal(core_restore_bulk(world.core, &stored), STATUS_OK);
    assert_int_equal(told(&world, 50).not_delayed, 1);
    world_expect_text(told(&world, 50).user, "boss");
    world_expect_text(told(&world, 50).where, "{\"owner\":\"ada\"}");
    stored.done = 3;
    assert_int_equal(core_restore_bulk(world.core, &stored), STATUS_MALFORMED);
    stored.done = 2;
    stored.damaged = 1; /* one more than were refused */
    assert_int_equal(core_restore_bulk(world.core, &stored), STATUS_MALFORMED);
    stored.damaged = 0;
    stored.not_delayed = 0;
    stored.ended = 2;
    assert_int_equal(core_restore_bulk(world.core, &stored), STATUS_MALFORMED);
    stored.ended = 1;
    stored.place = 10;
    assert_int_equal(core_restore_bulk(world.core, &stored), STATUS_MALFORMED);
    core_destroy(&world.core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_done_once_and_nobody_is_answered),
        cmocka_unit_test(what_is_refused_of_a_job_is_nobodys_request),
        cmocka_unit_test(a_damaged_job_is_refused_whatever_it_is),
        cmocka_unit_test(jobs_of_groups_are_revived_in_one_step),
        cmocka_unit_test(a_job_that_changed_since_ends_the_page_before_it),
        cmocka_unit_test(a_job_that_does_not_suit_any_more_is_refused),
        cmocka_unit_test(a_bulk_of_one_failure_meets_no_live_job),
        cmocka_unit_test(few_go_on_at_once_and_take_turns),
        cmocka_unit_test(the_oldest_that_has_ended_makes_room),
        cmocka_unit_test(one_that_is_forgotten_skips_nobodys_turn),
        cmocka_unit_test(each_tells_what_it_was_asked_for),
        cmocka_unit_test(what_is_no_bulk_is_refused),
        cmocka_unit_test(a_bulk_is_kept_over_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
