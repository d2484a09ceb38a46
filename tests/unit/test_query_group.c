/* A group in the store: written by the recorder, read as state, events and facts. */

#include "broker/query.h"

#include "broker/keys.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    JOBS = 3,
};

static const struct id group_id = {{9, 9}};
static struct ledger ledger;
static const struct retention retention;
static struct job jobs[JOBS];
static struct message_submit items[GROUP_JOBS_MAX];
static struct buffer frame;
static struct frame_reader reader;

static struct message_submit_group group_of(const char *key)
{
    static const uint8_t hash[HASH_SIZE] = {0x77};
    return (struct message_submit_group){.request = 3,
                                         .group = group_id,
                                         .owner = SLICE_LITERAL("ann"),
                                         .kind = GROUP_KIND_BATCH,
                                         .count = JOBS,
                                         .key = slice_from_string(key),
                                         .key_hash = slice_make(hash, sizeof hash)};
}

static void write_event(struct job *job, enum event_kind kind, uint32_t left)
{
    const struct job_links links = {.group = group_id};
    const struct effect event = {.type = EFFECT_EVENT,
                                 .event = {.event = ++ledger.event_last,
                                           .job = job->id,
                                           .version = ++job->version,
                                           .kind = (uint8_t)kind,
                                           .at = ledger.now,
                                           .owner = SLICE_LITERAL("ann"),
                                           .job_kind = job->kind,
                                           .state = job->state,
                                           .group = group_id,
                                           .group_left = left}};
    const struct effect save = {
        .type = EFFECT_SAVE, .job = job, .owner = SLICE_LITERAL("ann"), .links = &links};
    ledger_effect(&ledger, &event);
    ledger_effect(&ledger, &save);
}

static int set_up(void **state)
{
    const struct message_submit_group group = group_of("key");
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    for (uint32_t index = 0; index < JOBS; index++) {
        jobs[index] = ledger_job(JOB_KIND_CHARACTER, index + 1);
        items[index] = (struct message_submit){.job = jobs[index].id,
                                               .group = group_id,
                                               .owner = SLICE_LITERAL("ann"),
                                               .payload = SLICE_LITERAL("{}")};
    }
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_GROUP, .group = &group, .items = items});
    for (uint32_t index = 0; index < JOBS; index++) {
        const struct job_links links = {.group = group_id};
        jobs[index].accepted = ledger.event_last + 1;
        ledger_effect(&ledger, &(struct effect){.type = EFFECT_ACCEPT,
                                                .job = &jobs[index],
                                                .owner = SLICE_LITERAL("ann"),
                                                .links = &links,
                                                .submit = &items[index]});
        write_event(&jobs[index], EVENT_KIND_QUEUED, index + 1);
    }
    ledger_commit(&ledger);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static struct frame_writer begin(void)
{
    struct frame_writer writer;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    return writer;
}

static struct message next(enum message_type type)
{
    struct message message;
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, type);
    return message;
}

static struct message_group_state ask(const struct id *group, uint32_t skip, uint32_t limit)
{
    const struct message_get_group request = {
        .request = 8, .group = *group, .skip = skip, .limit = limit};
    struct frame_writer writer = begin();
    assert_int_equal(query_group(&ledger.memory.view, &request, &retention, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    return next(MESSAGE_TYPE_GROUP_STATE).group_state;
}

static struct message_event_page ask_events(const char *owner, uint64_t after)
{
    const struct message_get_events request = {.request = 4,
                                               .group = group_id,
                                               .owner = slice_from_string(owner),
                                               .after = after,
                                               .limit = 10};
    struct frame_writer writer = begin();
    assert_int_equal(query_events(&ledger.memory.view, &request, ledger.now, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    return next(MESSAGE_TYPE_EVENT_PAGE).event_page;
}

static void a_group_is_the_sum_of_its_jobs(void **state)
{
    (void)state;
    jobs[0].state = JOB_STATE_ACTIVE;
    jobs[0].started_at = ledger.now;
    jobs[0].progress = 50;
    write_event(&jobs[0], EVENT_KIND_ACTIVE, 3);
    jobs[1].state = JOB_STATE_CANCELLED;
    jobs[1].completed_at = ledger.now + 4;
    write_event(&jobs[1], EVENT_KIND_CANCELLED, 2);
    ledger_commit(&ledger);
    const struct message_group_state found = ask(&group_id, 0, 0);
    assert_int_equal(found.code, REPLY_CODE_OK);
    assert_true(slice_equal(found.owner, SLICE_LITERAL("ann")));
    assert_int_equal(found.total, 3);
    assert_int_equal(found.active, 1);
    assert_int_equal(found.cancelled, 1);
    assert_int_equal(found.waiting, 1);
    assert_int_equal(found.progress, 50);
    assert_int_equal(found.version, 5);
    assert_int_equal(found.completed_at, 0);
    assert_true(found.started);
    assert_int_equal(found.count, 0);
}

static void it_has_ended_with_its_last_job(void **state)
{
    (void)state;
    assert_false(ask(&group_id, 0, 0).started);
    for (uint32_t index = 0; index < JOBS; index++) {
        jobs[index].state = JOB_STATE_FAILED;
        jobs[index].completed_at = ledger.now + index;
        write_event(&jobs[index], EVENT_KIND_FAILED, JOBS - 1 - index);
    }
    ledger_commit(&ledger);
    const struct message_group_state found = ask(&group_id, 0, 0);
    assert_int_equal(found.failed, 3);
    assert_int_equal(found.progress, 100);
    assert_int_equal(found.completed_at, ledger.now + 2);
}

static void its_jobs_come_in_pages_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(ask(&group_id, 1, 5).count, 2);
    for (uint32_t index = 1; index < JOBS; index++) {
        const struct message message = next(MESSAGE_TYPE_JOB_STATE);
        assert_true(id_equal(&message.job_state.job, &jobs[index].id));
        assert_true(id_equal(&message.job_state.group, &group_id));
    }
    assert_int_equal(ask(&group_id, 3, 5).count, 0);
    assert_int_equal(ask(&group_id, 900, 5).count, 0);
    assert_int_equal(ask(&group_id, 0, 2).count, 2);
}

static void an_unknown_group_is_not_found(void **state)
{
    static const struct id other = {{1}};
    (void)state;
    assert_int_equal(ask(&other, 0, 1).code, REPLY_CODE_NOT_FOUND);
}

static void its_events_are_those_of_all_its_jobs(void **state)
{
    (void)state;
    struct job stranger = ledger_job(JOB_KIND_IMAGE, 50);
    ledger_accept(&ledger, &stranger, "ann", "{}");
    jobs[2].state = JOB_STATE_ACTIVE;
    write_event(&jobs[2], EVENT_KIND_ACTIVE, 3);
    jobs[0].state = JOB_STATE_ACTIVE;
    write_event(&jobs[0], EVENT_KIND_ACTIVE, 3);
    write_event(&jobs[2], EVENT_KIND_PROGRESS, 3);
    ledger_commit(&ledger);
    static const uint64_t expected[] = {1, 2, 3, 5, 6, 7};
    struct message_event_page page = ask_events("ann", 0);
    assert_int_equal(page.count, 6);
    for (uint32_t index = 0; index < page.count; index++) {
        assert_int_equal(next(MESSAGE_TYPE_EVENT).event.event, expected[index]);
    }
    page = ask_events("ann", 5);
    assert_int_equal(page.count, 2);
    assert_false(page.ended);
    assert_int_equal(ask_events("bob", 0).code, REPLY_CODE_NOT_FOUND);
    page = ask_events("ann", 900);
    assert_true(page.reset);
    assert_int_equal(page.count, 6);
}

static void its_events_end_when_all_its_jobs_have(void **state)
{
    (void)state;
    for (uint32_t index = 0; index < JOBS; index++) {
        jobs[index].state = JOB_STATE_CANCELLED;
        write_event(&jobs[index], EVENT_KIND_CANCELLED, JOBS - 1 - index);
    }
    ledger_commit(&ledger);
    assert_true(ask_events("ann", 0).ended);
    assert_true(ask_events("ann", 6).ended);
}

static void facts_tell_the_group_its_key_and_its_documents(void **state)
{
    const struct message_submit_group group = group_of("key");
    struct item_facts found[JOBS];
    struct facts facts;
    (void)state;
    struct job maker = ledger_job(JOB_KIND_CHARACTER, 70);
    ledger_ended(&ledger, &maker, "ann", JOB_STATE_COMPLETED, "{}", "{}");
    items[1].kind = JOB_KIND_IMAGE;
    items[1].character = maker.character;
    items[2].kind = JOB_KIND_VIDEO;
    items[2].character = maker.character;
    items[2].source = maker.media;
    assert_int_equal(
        query_group_facts(&ledger.memory.view, &group, items, ledger.now, &facts, found),
        STATUS_OK);
    assert_true(facts.group_found);
    assert_true(facts.key_found);
    assert_true(id_equal(&facts.key_job, &group_id));
    assert_int_equal(facts.key_hash[0], 0x77);
    assert_ptr_equal(facts.items, found);
    assert_int_equal(found[1].character, FACT_OWNED);
    assert_int_equal(found[2].source, FACT_OWNED);
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_GROUP,
                             .cancel_group = {1, group_id, SLICE_LITERAL("bob"), false}};
    assert_int_equal(query_facts(&ledger.memory.view, &cancel, ledger.now, &facts), STATUS_OK);
    assert_false(facts.group_found);
    cancel.cancel_group.admin = true;
    assert_int_equal(query_facts(&ledger.memory.view, &cancel, ledger.now, &facts), STATUS_OK);
    assert_true(facts.group_found);
}

static void a_damaged_job_is_left_out_of_its_group(void **state)
{
    struct view_damage damage = {0};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    ledger.memory.view.damage = &damage;
    memory_view_put(&ledger.memory, key_job(key, &jobs[1].id), SLICE_LITERAL("nonsense"));
    struct message_group_state group = ask(&group_id, 0, JOBS);
    assert_int_equal(group.total, JOBS - 1);
    assert_int_equal(group.count, JOBS - 1);
    struct id first = next(MESSAGE_TYPE_JOB_STATE).job_state.job;
    assert_true(id_equal(&first, &jobs[0].id));
    assert_int_equal(damage.count, 1);
    assert_true(id_equal(&damage.ids[0], &jobs[1].id));
}

static void a_damaged_group_is_an_error(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message_get_group request = {.request = 8, .group = group_id};
    (void)state;
    memory_view_put(&ledger.memory, key_group(key, &group_id), SLICE_LITERAL("x"));
    struct frame_writer writer = begin();
    assert_int_equal(query_group(&ledger.memory.view, &request, &retention, &writer),
                     STATUS_MALFORMED);
}

/* Nobody would be told that it has ended. */
static void the_events_of_a_group_end_though_a_job_is_damaged(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct message message;
    const struct message_get_events request = {
        .request = 8, .group = group_id, .owner = SLICE_LITERAL("ann"), .limit = 100};
    (void)state;
    for (uint32_t index = 1; index < JOBS; index++) {
        jobs[index].state = JOB_STATE_FAILED;
        write_event(&jobs[index], EVENT_KIND_FAILED, 0);
    }
    ledger_commit(&ledger);
    memory_view_damage(&ledger.memory, key_job(key, &jobs[0].id));
    struct frame_writer writer = begin();
    assert_int_equal(query_events(&ledger.memory.view, &request, ledger.now, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    message = next(MESSAGE_TYPE_EVENT_PAGE);
    assert_int_equal(message.event_page.count, 2 * JOBS - 1);
    assert_true(message.event_page.ended);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_group_is_the_sum_of_its_jobs),
        TEST(it_has_ended_with_its_last_job),
        TEST(its_jobs_come_in_pages_in_their_order),
        TEST(an_unknown_group_is_not_found),
        TEST(its_events_are_those_of_all_its_jobs),
        TEST(its_events_end_when_all_its_jobs_have),
        TEST(facts_tell_the_group_its_key_and_its_documents),
        TEST(a_damaged_job_is_left_out_of_its_group),
        TEST(a_damaged_group_is_an_error),
        TEST(the_events_of_a_group_end_though_a_job_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
