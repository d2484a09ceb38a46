/* Who did what: each action that is answered has one line, and nothing else has. */

#include "tests/unit/core_world.h"

enum {
    REQUEST = 7,
};

/* What each of these messages says of who asks. */
#define BY_ROOT(who)                                                                  \
    .request = REQUEST, .who = SLICE_LITERAL("root"), .role = SLICE_LITERAL("admin"), \
    .request_id = SLICE_LITERAL("r-1")

static const struct message_audit_line *line_of(const struct world *world)
{
    return &world_effect(world, EFFECT_AUDIT)->line;
}

static void expect_line(const struct world *world, const char *action, const char *target,
                        enum audit_outcome outcome, enum reply_code code)
{
    const struct message_audit_line *line = line_of(world);
    world_expect_text(line->user, "root");
    world_expect_text(line->role, "admin");
    world_expect_text(line->action, action);
    world_expect_text(line->target, target);
    world_expect_text(line->request_id, "r-1");
    assert_int_equal(line->at, world->now);
    assert_int_equal(line->outcome, outcome);
    assert_int_equal(line->code, code);
}

static void set_queue(struct world *world, const char *action, bool paused)
{
    const struct message message = {
        .type = MESSAGE_TYPE_SET_QUEUE,
        .set_queue = {BY_ROOT(user), .kind = JOB_KIND_IMAGE, .paused = paused,
                      .action = slice_from_string(action)},
    };
    world_request(world, &message, NULL);
}

static void set_worker(struct world *world, uint32_t worker, enum worker_orders orders)
{
    const struct message message = {
        .type = MESSAGE_TYPE_SET_WORKER,
        .set_worker = {BY_ROOT(user), .worker = world_id(worker), .orders = (uint8_t)orders,
                       .action = SLICE_LITERAL("drain")},
    };
    world_request(world, &message, NULL);
}

static void cancel(struct world *world, uint32_t job, const struct facts *facts)
{
    const struct message message = {
        .type = MESSAGE_TYPE_CANCEL_JOB,
        .cancel_job = {BY_ROOT(owner), .job = world_id(job), .admin = true,
                       .action = SLICE_LITERAL("cancel")},
    };
    world_request(world, &message, facts);
}

static void a_change_of_a_queue_has_a_line(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    set_queue(&world, "pause", true);
    expect_line(&world, "pause", "image", AUDIT_OUTCOME_OK, REPLY_CODE_OK);
    assert_int_equal(line_of(&world)->number, 1);
    set_queue(&world, "pause", true);
    expect_line(&world, "pause", "image", AUDIT_OUTCOME_UNCHANGED, REPLY_CODE_OK);
    assert_int_equal(line_of(&world)->number, 2);
    assert_int_equal(core_audit_last(world.core), 2);
    world_fini(&world);
}

static void what_nobody_acts_in_has_none(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    set_queue(&world, "", true);
    assert_int_equal(world_effects(&world, EFFECT_QUEUE), 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_submit(&world, JOB_KIND_IMAGE, 1);
    world_cancel(&world, 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_fini(&world);
}

static void orders_of_a_worker_have_a_line(void **state)
{
    struct world world;
    char text[ID_TEXT_SIZE];
    const struct id here = world_id(10), away = world_id(11);
    (void)state;
    world_init(&world, NULL);
    world_hello(&world, JOB_KIND_IMAGE, 10, 1, 0);
    set_worker(&world, 10, WORKER_ORDERS_STOP);
    id_format(&here, text);
    expect_line(&world, "drain", text, AUDIT_OUTCOME_OK, REPLY_CODE_OK);
    set_worker(&world, 10, WORKER_ORDERS_STOP);
    expect_line(&world, "drain", text, AUDIT_OUTCOME_UNCHANGED, REPLY_CODE_OK);
    set_worker(&world, 10, WORKER_ORDERS_WORK);
    expect_line(&world, "drain", text, AUDIT_OUTCOME_FAILED, REPLY_CODE_CONFLICT);
    set_worker(&world, 11, WORKER_ORDERS_DRAIN);
    id_format(&away, text);
    expect_line(&world, "drain", text, AUDIT_OUTCOME_FAILED, REPLY_CODE_NOT_FOUND);
    world_fini(&world);
}

static void a_cancel_has_its_line_when_it_is_answered(void **state)
{
    struct world world;
    char text[ID_TEXT_SIZE];
    const struct id job = world_id(1);
    (void)state;
    world_init(&world, NULL);
    id_format(&job, text);
    cancel(&world, 1, NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    struct facts facts = world_facts(&world);
    cancel(&world, 1, &facts);
    expect_line(&world, "cancel", text, AUDIT_OUTCOME_FAILED, REPLY_CODE_NOT_FOUND);
    world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    cancel(&world, 1, NULL);
    expect_line(&world, "cancel", text, AUDIT_OUTCOME_OK, REPLY_CODE_OK);
    cancel(&world, 1, NULL);
    expect_line(&world, "cancel", text, AUDIT_OUTCOME_UNCHANGED, REPLY_CODE_OK);
    world_fini(&world);
}

/* A group of one job of "user". */
static void submit_group(struct world *world, uint32_t group, uint32_t job)
{
    struct message_submit item = world_submit_message(JOB_KIND_CHARACTER, job).submit;
    const struct message message = {
        .type = MESSAGE_TYPE_SUBMIT_GROUP,
        .submit_group = {.request = REQUEST,
                         .group = world_id(group),
                         .owner = SLICE_LITERAL("user"),
                         .kind = GROUP_KIND_BATCH,
                         .count = 1},
    };
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = WORLD_GATEWAY, .message = &message, .items = &item};
    item.group = world_id(group);
    world_step(world, &event);
    world_expect_reply(world, REPLY_CODE_OK);
}

static void cancel_group(struct world *world, uint32_t group, const char *action,
                         const struct facts *facts)
{
    const struct message message = {
        .type = MESSAGE_TYPE_CANCEL_GROUP,
        .cancel_group = {BY_ROOT(owner), .group = world_id(group), .admin = true,
                         .action = slice_from_string(action)},
    };
    world_request(world, &message, facts);
}

static void a_cancel_of_a_group_has_one_line(void **state)
{
    struct world world;
    char text[ID_TEXT_SIZE];
    const struct id group = world_id(70);
    (void)state;
    world_init(&world, NULL);
    id_format(&group, text);
    submit_group(&world, 70, 1);
    cancel_group(&world, 70, "cancel_batch", NULL);
    assert_int_equal(world_effects(&world, EFFECT_END), 1);
    expect_line(&world, "cancel_batch", text, AUDIT_OUTCOME_OK, REPLY_CODE_OK);
    cancel_group(&world, 70, "cancel_batch", NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_tick(&world); /* facts are of the turn before */
    struct facts facts = world_facts(&world);
    facts.group_found = true;
    cancel_group(&world, 70, "cancel_batch", &facts);
    expect_line(&world, "cancel_batch", text, AUDIT_OUTCOME_FAILED, REPLY_CODE_ALREADY_ENDED);
    submit_group(&world, 71, 2);
    cancel_group(&world, 71, "", NULL);
    assert_int_equal(world_effects(&world, EFFECT_END), 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_fini(&world);
}

static void delete_character(struct world *world, const char *action, const struct facts *facts)
{
    const struct message message = {
        .type = MESSAGE_TYPE_DELETE_DOCUMENT,
        .delete_document = {BY_ROOT(owner), .id = world_id(80), .admin = true,
                            .action = slice_from_string(action)},
    };
    world_request(world, &message, facts);
}

static struct facts facts_of(const struct world *world, const char *owner)
{
    struct facts facts = world_facts(world);
    facts.document.found = true;
    facts.document.type = DOCUMENT_TYPE_CHARACTER;
    facts.document.owner_size = (uint8_t)strlen(owner);
    memcpy(facts.document.owner, owner, strlen(owner));
    return facts;
}

static void a_deletion_has_a_line_when_it_is_of_what_is_anothers(void **state)
{
    struct world world;
    char text[ID_TEXT_SIZE];
    const struct id character = world_id(80);
    (void)state;
    world_init(&world, NULL);
    id_format(&character, text);
    delete_character(&world, "delete_character", NULL);
    assert_int_equal(world_effects(&world, EFFECT_RESOLVE), 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    struct facts facts = facts_of(&world, "ada");
    delete_character(&world, "delete_character", &facts);
    assert_int_equal(world_effects(&world, EFFECT_DELETE), 1);
    expect_line(&world, "delete_character", text, AUDIT_OUTCOME_OK, REPLY_CODE_OK);
    world_tick(&world);
    facts = facts_of(&world, "root");
    delete_character(&world, "delete_character", &facts);
    assert_int_equal(world_effects(&world, EFFECT_DELETE), 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_tick(&world);
    facts = facts_of(&world, "ada");
    delete_character(&world, "", &facts);
    assert_int_equal(world_effects(&world, EFFECT_DELETE), 1);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_tick(&world);
    facts = facts_of(&world, "ada");
    facts.document.found = false;
    delete_character(&world, "delete_character", &facts);
    world_expect_reply(&world, REPLY_CODE_NOT_FOUND);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_fini(&world);
}

static void a_note_is_written_as_it_is(void **state)
{
    struct world world;
    const struct message message = {
        .type = MESSAGE_TYPE_NOTE_AUDIT,
        .note_audit = {BY_ROOT(user), .action = SLICE_LITERAL("login"),
                       .target = SLICE_LITERAL("dashboard"), .outcome = AUDIT_OUTCOME_NOT_MEANT,
                       .left_out = 4},
    };
    (void)state;
    struct core_options options = world_options();
    options.audit_last = 41;
    world_init(&world, &options);
    world_request(&world, &message, NULL);
    assert_int_equal(world_expect_reply(&world, REPLY_CODE_OK)->request, REQUEST);
    expect_line(&world, "login", "dashboard", AUDIT_OUTCOME_NOT_MEANT, REPLY_CODE_OK);
    assert_int_equal(line_of(&world)->left_out, 4);
    assert_int_equal(line_of(&world)->number, 42);
    world_fini(&world);
}

static void make_backup(struct world *world, const char *action, enum reply_code code)
{
    const struct message message = {
        .type = MESSAGE_TYPE_MAKE_BACKUP,
        .make_backup = {BY_ROOT(user), .name = SLICE_LITERAL("nightly"),
                        .action = slice_from_string(action)},
    };
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = WORLD_GATEWAY, .message = &message, .code = code};
    world_step(world, &event);
    assert_int_equal(world_effects(world, EFFECT_REPLY), 0);
}

static void a_backup_has_a_line_and_is_answered_elsewhere(void **state)
{
    struct world world;
    (void)state;
    world_init(&world, NULL);
    make_backup(&world, "backup", REPLY_CODE_OK);
    expect_line(&world, "backup", "nightly", AUDIT_OUTCOME_OK, REPLY_CODE_OK);
    make_backup(&world, "backup", REPLY_CODE_DISK_FULL);
    expect_line(&world, "backup", "nightly", AUDIT_OUTCOME_FAILED, REPLY_CODE_DISK_FULL);
    make_backup(&world, "", REPLY_CODE_OK);
    assert_int_equal(world_effects(&world, EFFECT_AUDIT), 0);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_a_queue_has_a_line),
        cmocka_unit_test(what_nobody_acts_in_has_none),
        cmocka_unit_test(orders_of_a_worker_have_a_line),
        cmocka_unit_test(a_cancel_has_its_line_when_it_is_answered),
        cmocka_unit_test(a_cancel_of_a_group_has_one_line),
        cmocka_unit_test(a_deletion_has_a_line_when_it_is_of_what_is_anothers),
        cmocka_unit_test(a_note_is_written_as_it_is),
        cmocka_unit_test(a_backup_has_a_line_and_is_answered_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
