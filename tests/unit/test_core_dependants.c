/* Jobs of a pipeline: each starts when what it is made from is there, and fails when it never will
 * be. */

#include "tests/unit/core_world.h"

enum {
    GROUP = 77, /* number of the group's id */
    CHARACTER = 1,
    IMAGE = 2,
    OTHER_IMAGE = 3,
    VIDEO = 4,
    COUNT = 4,
    WORKER = 700,
};

static struct message_submit items[COUNT];

/* A character, two pictures of it, and a video of the first picture. */
static struct message pipeline_message(void)
{
    static const enum job_kind kinds[COUNT] = {JOB_KIND_CHARACTER, JOB_KIND_IMAGE, JOB_KIND_IMAGE,
                                               JOB_KIND_VIDEO};
    struct message message = {.type = MESSAGE_TYPE_SUBMIT_GROUP};
    message.submit_group = (struct message_submit_group){.request = 31,
                                                         .group = world_id(GROUP),
                                                         .owner = SLICE_LITERAL("user"),
                                                         .kind = GROUP_KIND_PIPELINE,
                                                         .count = COUNT};
    for (uint32_t index = 0; index < COUNT; index++) {
        items[index] = world_submit_message(kinds[index], index + 1).submit;
        items[index].group = world_id(GROUP);
        items[index].character = items[0].character;
    }
    items[IMAGE - 1].parent = world_id(CHARACTER);
    items[OTHER_IMAGE - 1].parent = world_id(CHARACTER);
    items[VIDEO - 1].parent = world_id(IMAGE);
    items[VIDEO - 1].source = items[IMAGE - 1].media;
    return message;
}

static void request(struct world *world, const struct message *message)
{
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = WORLD_GATEWAY, .message = message, .items = items};
    world_step(world, &event);
}

static void begin(struct world *world)
{
    const struct message message = pipeline_message();
    world_init(world, NULL);
    request(world, &message);
    world_expect_reply(world, REPLY_CODE_OK);
}

static uint64_t lease(struct world *world, enum job_kind kind, uint32_t worker)
{
    uint64_t session = world_hello(world, kind, worker, 1, 0);
    world_tick(world);
    return session;
}

static void nothing_starts_before_what_it_is_made_from(void **state)
{
    struct world world;
    struct position position;
    (void)state;
    begin(&world);
    world_expect_state(&world, CHARACTER, JOB_STATE_WAITING);
    for (uint32_t number = IMAGE; number <= VIDEO; number++) {
        const struct id id = world_id(number);
        world_expect_state(&world, number, JOB_STATE_PENDING);
        core_position(world.core, &id, world.now, &position);
        assert_int_equal(position.reason, WAIT_REASON_DEPENDENCY);
        assert_int_equal(position.position, 0);
        assert_int_equal(position.eta_seconds, 0);
    }
    uint64_t session = lease(&world, JOB_KIND_CHARACTER, WORKER);
    world_done(&world, WORKER, session, CHARACTER, 1);
    world_expect_event(&world, IMAGE, EVENT_KIND_WAITING);
    world_expect_event(&world, OTHER_IMAGE, EVENT_KIND_WAITING);
    world_expect_state(&world, VIDEO, JOB_STATE_PENDING);
    session = lease(&world, JOB_KIND_IMAGE, WORKER + 1);
    uint32_t first = world_job(&world, IMAGE)->state == JOB_STATE_ACTIVE ? IMAGE : OTHER_IMAGE;
    world_done(&world, WORKER + 1, session, first, 1);
    if (first == OTHER_IMAGE) {
        world_heartbeat(&world, WORKER + 1, session, 2);
        world_tick(&world);
        world_done(&world, WORKER + 1, session, IMAGE, 1);
    }
    world_expect_event(&world, VIDEO, EVENT_KIND_WAITING);
    world_fini(&world);
}

static void what_waits_for_a_job_has_no_less_time_than_that(void **state)
{
    const struct {
        int64_t run_at;
        int64_t deadline;
        int64_t expected;
    } cases[] = {
        {0, 0, WORLD_START + DEADLINE_MS},
        {WORLD_START + RUN_AT_MAX_MS, 0, WORLD_START + RUN_AT_MAX_MS + DEADLINE_MS},
        {0, WORLD_START + 2 * DEADLINE_MS, WORLD_START + 2 * DEADLINE_MS},
        {0, WORLD_START + 60000, WORLD_START + DEADLINE_MS},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct world world;
        const struct message message = pipeline_message();
        items[CHARACTER - 1].run_at = cases[index].run_at;
        items[CHARACTER - 1].deadline = cases[index].deadline;
        items[OTHER_IMAGE - 1].deadline = WORLD_START + 90000;
        world_init(&world, NULL);
        request(&world, &message);
        world_expect_reply(&world, REPLY_CODE_OK);
        assert_int_equal(world_job(&world, IMAGE)->deadline, cases[index].expected);
        assert_int_equal(world_job(&world, VIDEO)->deadline, cases[index].expected);
        assert_int_equal(world_job(&world, OTHER_IMAGE)->deadline, WORLD_START + 90000);
        world_fini(&world);
    }
}

static void expect_failed(const struct world *world, uint32_t number)
{
    const struct message_event *event = world_expect_event(world, number, EVENT_KIND_FAILED);
    world_expect_text(event->error_code, "dependency_failed");
    assert_true(event->error_message.size > 0);
}

static void all_that_depends_fails_in_the_turn_of_its_parent(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    uint64_t session = lease(&world, JOB_KIND_CHARACTER, WORKER);
    world_fail(&world, WORKER, session, CHARACTER, 1, FAIL_KIND_PERMANENT, 0);
    assert_int_equal(core_wake(world.core), world.now);
    world_tick(&world);
    expect_failed(&world, IMAGE);
    expect_failed(&world, OTHER_IMAGE);
    expect_failed(&world, VIDEO);
    assert_int_equal(world_effects(&world, EFFECT_END), 3);
    assert_true(core_wake(world.core) > world.now);
    world_fini(&world);
}

static void the_rest_goes_on_when_a_picture_is_cancelled(void **state)
{
    struct world world;
    (void)state;
    begin(&world);
    uint64_t session = lease(&world, JOB_KIND_CHARACTER, WORKER);
    world_cancel(&world, IMAGE);
    world_tick(&world);
    expect_failed(&world, VIDEO);
    world_done(&world, WORKER, session, CHARACTER, 1);
    world_expect_state(&world, OTHER_IMAGE, JOB_STATE_WAITING);
    world_fini(&world);
}

static void a_deadline_ends_what_waits_and_what_depends_on_it(void **state)
{
    struct world world;
    struct message message = pipeline_message();
    (void)state;
    world_init(&world, NULL);
    items[IMAGE - 1].deadline = world.now + 1000;
    request(&world, &message);
    world_pass_until(&world, EFFECT_END, 2000);
    world_expect_text(world_expect_event(&world, IMAGE, EVENT_KIND_FAILED)->error_code, "deadline");
    expect_failed(&world, VIDEO);
    world_expect_state(&world, CHARACTER, JOB_STATE_WAITING);
    world_fini(&world);
}

static void it_is_cancelled_as_one(void **state)
{
    struct world world;
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_GROUP};
    (void)state;
    begin(&world);
    lease(&world, JOB_KIND_CHARACTER, WORKER);
    cancel.cancel_group = (struct message_cancel_group){
        .request = 32, .group = world_id(GROUP), .owner = SLICE_LITERAL("user")};
    request(&world, &cancel);
    world_expect_reply(&world, REPLY_CODE_OK);
    for (uint32_t number = IMAGE; number <= VIDEO; number++) {
        world_expect_event(&world, number, EVENT_KIND_CANCELLED);
    }
    world_expect_event(&world, CHARACTER, EVENT_KIND_CANCEL_REQUESTED);
    world_fini(&world);
}

static void links_that_make_no_sense_are_refused(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    for (int broken = 0; broken < 6; broken++) {
        struct message message = pipeline_message();
        struct message_submit *image = &items[IMAGE - 1];
        switch (broken) {
        case 0:
            image->parent = world_id(VIDEO); /* comes later */
            break;
        case 1:
            image->parent = world_id(99);
            break;
        case 2:
            image->character = world_id(99);
            break;
        case 3:
            image->run_at = world.now + 1000;
            break;
        case 4:
            image->kind = JOB_KIND_CHARACTER;
            break;
        default:
            message.submit_group.kind = GROUP_KIND_BATCH;
            break;
        }
        request(&world, &message);
        assert_int_equal(world_expect_reply(&world, REPLY_CODE_INVALID)->item, IMAGE);
    }
    struct message message = pipeline_message();
    items[VIDEO - 1].source = items[OTHER_IMAGE - 1].media;
    request(&world, &message);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_INVALID)->item, VIDEO);
    world_fini(&world);
}

static void no_more_than_the_limit_may_depend(void **state)
{
    static struct message_submit many[DEPENDANTS_MAX + 2];
    struct world world;
    (void)state;
    world_init(&world, NULL);
    struct message message = pipeline_message();
    many[0] = items[0];
    for (uint32_t index = 1; index < DEPENDANTS_MAX + 2; index++) {
        many[index] = items[IMAGE - 1];
        many[index].job = world_id(index + 1);
        many[index].media = world_id(5000 + index);
    }
    struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = WORLD_GATEWAY, .message = &message, .items = many};
    message.submit_group.count = DEPENDANTS_MAX + 2;
    world_step(&world, &event);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_INVALID)->item, DEPENDANTS_MAX + 2);
    message.submit_group.count = DEPENDANTS_MAX + 1;
    world_step(&world, &event);
    world_expect_reply(&world, REPLY_CODE_OK);
    world_fini(&world);
}

static enum status restore(struct core *core, uint32_t number, enum job_kind kind,
                           enum job_state job_state, uint32_t parent)
{
    const struct job_links links = {world_id(GROUP),
                                    parent == 0 ? (struct id){{0}} : world_id(parent)};
    struct job head = {.version = 1,
                       .attempt = 1,
                       .kind = (uint8_t)kind,
                       .state = (uint8_t)job_state,
                       .accepted = number,
                       .deadline = 100000000};
    head.id = world_id(number);
    enum status status = core_restore(core, &head, SLICE_LITERAL("user"), &links, WORLD_START);
    core_check(core);
    return status;
}

/* The broker died between the end of a parent and that of its dependants. */
static void what_lost_its_parent_before_a_crash_fails_after_it(void **state)
{
    struct core_options options = world_options();
    struct world world;
    (void)state;
    options.event_last = 4;
    world_init(&world, &options);
    struct core *fresh = world.core;
    assert_int_equal(core_new(&options, WORLD_START, &world.core), STATUS_OK);
    assert_int_equal(restore(world.core, IMAGE, JOB_KIND_IMAGE, JOB_STATE_PENDING, CHARACTER),
                     STATUS_OK);
    assert_int_equal(restore(world.core, OTHER_IMAGE, JOB_KIND_IMAGE, JOB_STATE_WAITING, CHARACTER),
                     STATUS_OK);
    assert_int_equal(restore(world.core, VIDEO, JOB_KIND_VIDEO, JOB_STATE_PENDING, IMAGE),
                     STATUS_OK);
    assert_true(core_wake(world.core) <= world.now);
    world_tick(&world);
    expect_failed(&world, IMAGE);
    expect_failed(&world, VIDEO);
    world_expect_state(&world, OTHER_IMAGE, JOB_STATE_WAITING);
    world_fini(&world);
    core_destroy(&fresh);
}

static void a_restart_goes_on_waiting(void **state)
{
    struct core_options options = world_options();
    struct world world;
    (void)state;
    options.event_last = 4;
    world_init(&world, &options);
    struct core *fresh = world.core;
    assert_int_equal(core_new(&options, WORLD_START, &world.core), STATUS_OK);
    assert_int_equal(restore(world.core, CHARACTER, JOB_KIND_CHARACTER, JOB_STATE_WAITING, 0),
                     STATUS_OK);
    assert_int_equal(restore(world.core, IMAGE, JOB_KIND_IMAGE, JOB_STATE_PENDING, CHARACTER),
                     STATUS_OK);
    assert_int_equal(restore(world.core, VIDEO, JOB_KIND_VIDEO, JOB_STATE_PENDING, 0),
                     STATUS_MALFORMED);
    uint64_t session = lease(&world, JOB_KIND_CHARACTER, WORKER);
    world_expect_state(&world, IMAGE, JOB_STATE_PENDING);
    world_done(&world, WORKER, session, CHARACTER, 1);
    world_expect_event(&world, IMAGE, EVENT_KIND_WAITING);
    world_fini(&world);
    core_destroy(&fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_starts_before_what_it_is_made_from),
        cmocka_unit_test(what_waits_for_a_job_has_no_less_time_than_that),
        cmocka_unit_test(all_that_depends_fails_in_the_turn_of_its_parent),
        cmocka_unit_test(the_rest_goes_on_when_a_picture_is_cancelled),
        cmocka_unit_test(a_deadline_ends_what_waits_and_what_depends_on_it),
        cmocka_unit_test(it_is_cancelled_as_one),
        cmocka_unit_test(links_that_make_no_sense_are_refused),
        cmocka_unit_test(no_more_than_the_limit_may_depend),
        cmocka_unit_test(what_lost_its_parent_before_a_crash_fails_after_it),
        cmocka_unit_test(a_restart_goes_on_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
