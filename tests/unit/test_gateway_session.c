/* The gateway's session with a broker that is this test: what it says when, and what it makes of
 * gaps, silence and refusals. */
#include "gateway/session.h"

#include <string.h>
#include "tests/unit/test.h"

struct world {
    struct session session;
    struct requests requests;
    struct cache *cache;
    struct hub hub;
    bool full; /* nothing can be sent */
    int frames;
    uint64_t frame_session;
    int hellos;
    int submits;
    int resent;
    struct request request;
    int answers;
    struct subscription subscription;
    int gaps;
    int events;
};

static enum status take_frame(void *owner, struct slice frame)
{
    struct world *world = owner;
    struct frame_reader reader;
    struct message message;
    if (world->full) {
        return STATUS_AGAIN;
    }
    assert_int_equal(frame_open(&reader, frame), STATUS_OK);
    world->frames++;
    world->frame_session = reader.session;
    while (frame_next(&reader, &message) == STATUS_OK) {
        world->hellos += message.type == MESSAGE_TYPE_GATEWAY_HELLO;
        world->submits += message.type == MESSAGE_TYPE_SUBMIT;
        world->resent += message.type == MESSAGE_TYPE_SUBMIT && message.submit.resent;
    }
    return STATUS_OK;
}

static void on_done(struct request *request, const struct answer *answer)
{
    struct world *world = LIST_OWNER(request, struct world, request);
    world->answers += answer->message != NULL;
}

static void on_event(struct subscription *subscription, const struct message_event *event,
                     struct slice text)
{
    (void)event;
    (void)text;
    LIST_OWNER(subscription, struct world, subscription)->events++;
}

static void on_gap(struct subscription *subscription, uint64_t seen)
{
    (void)seen;
    LIST_OWNER(subscription, struct world, subscription)->gaps++;
}

static int setup(void **state)
{
    static struct world world; /* of the test program */
    memset(&world, 0, sizeof(world));
    *state = &world;
    if (requests_init(&world.requests) != STATUS_OK || cache_new(1, &world.cache) != STATUS_OK ||
        hub_init(&world.hub, 1) != STATUS_OK) {
        return -1;
    }
    world.session.requests = &world.requests;
    world.session.cache = world.cache;
    world.session.hub = &world.hub;
    world.session.send = take_frame;
    world.session.owner = &world;
    world.session.host = "here";
    session_init(&world.session);
    world.subscription = (struct subscription){
        .on_event = on_event, .on_gap = on_gap, .owner = SLICE_LITERAL("ada")};
    hub_subscribe(&world.hub, &world.subscription);
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    session_fini(&world->session);
    hub_fini(&world->hub);
    cache_destroy(&world->cache);
    requests_fini(&world->requests);
    return 0;
}

/* The broker says something, in a frame of the given session. */
static void say(struct world *world, uint64_t session, const struct message *messages, size_t count,
                int64_t now_ms)
{
    struct buffer frame;
    struct frame_writer writer;
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, session), STATUS_OK);
    for (size_t index = 0; index < count; index++) {
        assert_int_equal(frame_write(&writer, &messages[index]), STATUS_OK);
    }
    frame_end(&writer);
    session_receive(&world->session, buffer_slice(&frame), now_ms);
    buffer_fini(&frame);
}

static void say_welcome(struct world *world, uint64_t session, uint64_t batch, int64_t now_ms)
{
    const struct message welcome = {
        .type = MESSAGE_TYPE_GATEWAY_WELCOME,
        .gateway_welcome = {.session = session, .batch = batch, .event_last = 5},
    };
    say(world, session, &welcome, 1, now_ms);
}

/* EVENTS, with an event of ada's when count is 1. */
static void say_events(struct world *world, uint64_t session, uint64_t batch, uint32_t count,
                       int64_t now_ms)
{
    const struct message messages[2] = {
        {.type = MESSAGE_TYPE_EVENTS, .events = {.batch = batch, .count = count, .event_last = 6}},
        {.type = MESSAGE_TYPE_EVENT,
         .event = {.event = 6, .job = {{1}}, .version = 2, .at = 1, .owner = SLICE_LITERAL("ada")}},
    };
    say(world, session, messages, 1 + count, now_ms);
}

static void say_error_in(struct world *world, uint64_t session, enum error_code code)
{
    const struct message error = {.type = MESSAGE_TYPE_ERROR, .error = {.code = (uint8_t)code}};
    say(world, session, &error, 1, 0);
}

static void say_error(struct world *world, enum error_code code)
{
    say_error_in(world, 0, code);
}

static void submit(struct world *world)
{
    world->request.done = on_done;
    world->request.message = (struct message){
        .type = MESSAGE_TYPE_SUBMIT,
        .submit = {.job = {{1}},
                   .owner = SLICE_LITERAL("ada"),
                   .character = {{2}},
                   .media = {{3}},
                   .payload = SLICE_LITERAL("{}")},
    };
    assert_int_equal(requests_add(&world->requests, &world->request, 0), STATUS_OK);
}

static void test_a_removed_job_leaves_the_cache_and_no_stream_hears_of_it(void **state)
{
    struct world *world = *state;
    const struct id job = {{1}};
    const struct message_job_state known = {
        .job = job, .version = 1, .owner = SLICE_LITERAL("ada"), .state = JOB_STATE_FAILED};
    const struct message messages[2] = {
        {.type = MESSAGE_TYPE_EVENTS, .events = {.batch = 2, .count = 1, .event_last = 6}},
        {.type = MESSAGE_TYPE_EVENT,
         .event = {.event = 6,
                   .job = job,
                   .version = 2,
                   .at = 50,
                   .owner = SLICE_LITERAL("ada"),
                   .state = JOB_STATE_FAILED,
                   .expires_at = 50,
                   .removed = true}},
    };
    struct cached_job cached;
    say_welcome(world, 7, 1, 0);
    uint64_t ticket = cache_fill_begin(world->cache, &job);
    cache_fill_end(world->cache, ticket, &job, &known);
    say(world, 7, messages, 2, 10);
    assert_true(cache_find(world->cache, &job, &cached));
    assert_int_equal(cached.state->expires_at, 50);
    assert_int_equal(world->events, 0);
}

static void test_it_says_hello_until_it_is_welcomed(void **state)
{
    struct world *world = *state;
    world->full = true;
    session_tick(&world->session, 1000);
    world->full = false;
    session_tick(&world->session, 1100);
    assert_int_equal(world->hellos, 1);
    session_tick(&world->session, 1100 + BROKER_HELLO_MS - 1);
    assert_int_equal(world->hellos, 1);
    session_tick(&world->session, 1100 + BROKER_HELLO_MS);
    assert_int_equal(world->hellos, 2);
    assert_false(session_is_current(&world->session, 3000));
    assert_string_equal(session_problem(&world->session, 3000), "no session with the broker");
    say_welcome(world, 7, 1, 3000);
    assert_true(session_is_current(&world->session, 3000));
    assert_string_equal(session_problem(&world->session, 3000), "");
    session_tick(&world->session, 3100);
    assert_int_equal(world->hellos, 2);
}

static void test_requests_wait_for_a_session_and_share_a_frame(void **state)
{
    struct world *world = *state;
    struct request second = {.done = on_done};
    submit(world);
    second.message = world->request.message;
    assert_int_equal(requests_add(&world->requests, &second, 0), STATUS_OK);
    session_flush(&world->session);
    assert_int_equal(world->frames, 0);
    say_welcome(world, 7, 1, 0);
    session_flush(&world->session);
    assert_int_equal(world->frames, 1);
    assert_int_equal(world->submits, 2);
    assert_int_equal(world->frame_session, 7);
    requests_remove(&world->requests, &second);
}

static void test_a_frame_that_cannot_be_sent_goes_later(void **state)
{
    struct world *world = *state;
    say_welcome(world, 7, 1, 0);
    submit(world);
    world->full = true;
    session_flush(&world->session);
    session_flush(&world->session);
    world->full = false;
    session_flush(&world->session);
    session_flush(&world->session);
    assert_int_equal(world->submits, 1);
}

static void test_a_new_session_repeats_what_is_unanswered(void **state)
{
    struct world *world = *state;
    say_welcome(world, 7, 1, 0);
    submit(world);
    session_flush(&world->session);
    assert_int_equal(world->resent, 0);
    say_error(world, ERROR_CODE_SESSION);
    session_flush(&world->session);
    assert_int_equal(world->submits, 1);
    session_tick(&world->session, 1);
    assert_int_equal(world->hellos, 1);
    say_welcome(world, 8, 1, 2);
    session_flush(&world->session);
    assert_int_equal(world->submits, 2);
    assert_int_equal(world->resent, 1);
    assert_int_equal(world->frame_session, 8);
    const struct message reply = {
        .type = MESSAGE_TYPE_REPLY,
        .reply = {.request = world->request.message.submit.request},
    };
    say(world, 7, &reply, 1, 2);
    assert_int_equal(world->answers, 0); /* of the session before */
    say(world, 8, &reply, 1, 2);
    assert_int_equal(world->answers, 1);
}

static void test_records_of_a_request_follow_it_in_its_frame(void **state)
{
    struct world *world = *state;
    struct buffer records;
    const struct message job = {.type = MESSAGE_TYPE_SUBMIT,
                                .submit = {.owner = SLICE_LITERAL("u")}};
    buffer_init(&records, 4096);
    assert_int_equal(record_write(&records, &job), STATUS_OK);
    assert_int_equal(record_write(&records, &job), STATUS_OK);
    say_welcome(world, 7, 1, 0);
    world->request = (struct request){.done = on_done,
                                      .message = {.type = MESSAGE_TYPE_SUBMIT_GROUP},
                                      .records = buffer_slice(&records),
                                      .record_count = 2};
    world->request.message.submit_group.owner = SLICE_LITERAL("u");
    world->request.message.submit_group.count = 2;
    assert_int_equal(requests_add(&world->requests, &world->request, 0), STATUS_OK);
    int frames = world->frames;
    session_flush(&world->session);
    assert_int_equal(world->submits, 2);
    assert_int_equal(world->frames, frames + 1);
    buffer_fini(&records);
}

static void test_batches_are_counted(void **state)
{
    struct world *world = *state;
    say_welcome(world, 7, 10, 0);
    assert_int_equal(world->gaps, 1);
    say_events(world, 7, 10, 0, 1);
    say_events(world, 7, 11, 1, 1);
    say_events(world, 7, 11, 0, 1);
    assert_int_equal(world->gaps, 1);
    assert_int_equal(world->events, 1);
    assert_int_equal(world->hub.seen, 6);
    say_events(world, 7, 13, 1, 1); /* 12 is missing */
    assert_int_equal(world->gaps, 2);
    say_events(world, 7, 14, 0, 1); /* so is 14 */
    assert_int_equal(world->gaps, 3);
    say_events(world, 7, 2, 0, 1); /* and this is no order at all */
    assert_int_equal(world->gaps, 4);
}

static void test_events_that_are_not_there_are_a_gap(void **state)
{
    struct world *world = *state;
    const struct message events = {.type = MESSAGE_TYPE_EVENTS, .events = {.batch = 2, .count = 3}};
    say_welcome(world, 7, 1, 0);
    say(world, 7, &events, 1, 0);
    assert_int_equal(world->gaps, 2);
}

static void test_silence_makes_it_say_hello_again(void **state)
{
    struct world *world = *state;
    say_welcome(world, 7, 1, 1000);
    say_events(world, 7, 1, 0, 2000);
    session_tick(&world->session, 2000 + BROKER_SILENCE_MS);
    assert_int_equal(world->hellos, 0);
    session_tick(&world->session, 2001 + BROKER_SILENCE_MS);
    assert_int_equal(world->hellos, 1);
    assert_string_equal(session_problem(&world->session, 2001 + BROKER_SILENCE_MS),
                        "the broker is silent");
    say_events(world, 7, 1, 0, 4000);
    assert_true(session_is_current(&world->session, 4000));
}

static void test_a_new_connection_is_greeted_at_once(void **state)
{
    struct world *world = *state;
    session_connection(&world->session, true, 500);
    assert_int_equal(world->hellos, 1);
    session_tick(&world->session, 600);
    assert_int_equal(world->hellos, 1);
    say_welcome(world, 7, 1, 700);
    submit(world);
    session_flush(&world->session);
    session_connection(&world->session, false, 800);
    assert_false(session_is_current(&world->session, 800));
    assert_string_equal(session_problem(&world->session, 800), "no session with the broker");
    session_connection(&world->session, true, 900);
    assert_int_equal(world->hellos, 2);
    assert_int_equal(world->submits, 1);
    say_welcome(world, 8, 1, 901);
    session_flush(&world->session);
    assert_int_equal(world->resent, 1);
}

static void test_another_version_is_told(void **state)
{
    struct world *world = *state;
    say_error(world, ERROR_CODE_VERSION);
    assert_string_equal(session_problem(&world->session, 0),
                        "the broker speaks another version of the protocol");
    say_error(world, ERROR_CODE_LIMIT);
    assert_string_equal(session_problem(&world->session, 0), "the broker refused the session");
    say_welcome(world, 7, 1, 0);
    say_error(world, ERROR_CODE_UNKNOWN);
    assert_string_equal(session_problem(&world->session, 0), "");
}

static void test_an_error_of_an_earlier_session_does_not_end_this_one(void **state)
{
    struct world *world = *state;
    say_welcome(world, 8, 1, 0);
    say_error_in(world, 7, ERROR_CODE_SESSION);
    assert_int_equal(world->session.number, 8);
    say_error_in(world, 8, ERROR_CODE_SESSION);
    assert_int_equal(world->session.number, 0);
}

static void test_records_without_a_session_are_ignored(void **state)
{
    struct world *world = *state;
    say_events(world, 7, 2, 1, 0);
    assert_int_equal(world->events, 0);
    session_receive(&world->session, SLICE_LITERAL("garbage"), 0);
    session_receive(&world->session, SLICE_EMPTY, 0);
    assert_int_equal(world->gaps, 0);
}

/* An answer of which one record is said to follow, and does not. */
struct cut_answer {
    struct message question;
    struct message answer;
};

static const struct cut_answer cut_answers[] = {
    {{.type = MESSAGE_TYPE_LIST_JOBS}, {.type = MESSAGE_TYPE_LIST_PAGE, .list_page.count = 1}},
    {{.type = MESSAGE_TYPE_GET_EVENTS}, {.type = MESSAGE_TYPE_EVENT_PAGE, .event_page.count = 1}},
    {{.type = MESSAGE_TYPE_LIST_DOCUMENTS},
     {.type = MESSAGE_TYPE_DOCUMENT_PAGE, .document_page.count = 1}},
    {{.type = MESSAGE_TYPE_GET_POSITION}, {.type = MESSAGE_TYPE_POSITION, .position.count = 1}},
    {{.type = MESSAGE_TYPE_GET_GROUP}, {.type = MESSAGE_TYPE_GROUP_STATE, .group_state.count = 1}},
    {{.type = MESSAGE_TYPE_LIST_ENDPOINTS},
     {.type = MESSAGE_TYPE_ENDPOINT_PAGE, .endpoint_page.count = 1}},
    {{.type = MESSAGE_TYPE_LIST_DELIVERIES},
     {.type = MESSAGE_TYPE_DELIVERY_PAGE, .delivery_page.count = 1}},
    {{.type = MESSAGE_TYPE_SEARCH_JOBS},
     {.type = MESSAGE_TYPE_SEARCH_PAGE, .search_page.count = 1}},
    {{.type = MESSAGE_TYPE_GET_FAILURES},
     {.type = MESSAGE_TYPE_FAILURE_PAGE, .failure_page.count = 1}},
    {{.type = MESSAGE_TYPE_LIST_REMOVALS},
     {.type = MESSAGE_TYPE_REMOVAL_PAGE, .removal_page.count = 1}},
    {{.type = MESSAGE_TYPE_GET_QUEUES}, {.type = MESSAGE_TYPE_ADMIN_PAGE, .admin_page.count = 1}},
    {{.type = MESSAGE_TYPE_LIST_BACKUPS},
     {.type = MESSAGE_TYPE_BACKUP_PAGE, .backup_page.count = 1}},
    {{.type = MESSAGE_TYPE_GET_AUDIT}, {.type = MESSAGE_TYPE_AUDIT_PAGE, .audit_page.count = 1}},
    {{.type = MESSAGE_TYPE_GET_USAGE}, {.type = MESSAGE_TYPE_USAGE, .usage.count = 1}},
    {{.type = MESSAGE_TYPE_GET_HISTORY}, {.type = MESSAGE_TYPE_HISTORY, .history.count = 1}},
};

/* A page that is new in the protocol must be in the table above. */
static void test_every_page_is_tried_without_its_records(void **state)
{
    static const struct {
        enum message_type type;
        const char *name;
    } types[] = {
#define TYPE(number, name, NAME) {MESSAGE_TYPE_##NAME, #name},
        MESSAGE_TABLE(TYPE)
#undef TYPE
    };
    size_t pages = 0;
    (void)state;
    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++) {
        size_t size = strlen(types[index].name);
        size_t answer = 0;
        if (size < sizeof "_page" || strcmp(types[index].name + size - 5, "_page") != 0) {
            continue;
        }
        while (answer < sizeof cut_answers / sizeof cut_answers[0] &&
               cut_answers[answer].answer.type != types[index].type) {
            answer++;
        }
        assert_true(answer < sizeof cut_answers / sizeof cut_answers[0]);
        pages++;
    }
    assert_true(pages >= 11);
}

/* Each of them begins with the number of its request. */
static void test_an_answer_without_its_records_is_none(void **state)
{
    struct world *world = *state;
    say_welcome(world, 7, 1, 0);
    for (size_t index = 0; index < sizeof(cut_answers) / sizeof(cut_answers[0]); index++) {
        struct message answer = cut_answers[index].answer;
        world->request = (struct request){.done = on_done, .message = cut_answers[index].question};
        assert_int_equal(requests_add(&world->requests, &world->request, 0), STATUS_OK);
        answer.list_page.request = world->request.message.list_jobs.request;
        say(world, 7, &answer, 1, 0);
        assert_int_equal(world->answers, 0);
        assert_int_equal(requests_count(&world->requests), 1);
        requests_remove(&world->requests, &world->request);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_records_of_a_request_follow_it_in_its_frame, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_a_removed_job_leaves_the_cache_and_no_stream_hears_of_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_says_hello_until_it_is_welcomed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_requests_wait_for_a_session_and_share_a_frame, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_frame_that_cannot_be_sent_goes_later, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_new_session_repeats_what_is_unanswered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_batches_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events_that_are_not_there_are_a_gap, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence_makes_it_say_hello_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_new_connection_is_greeted_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_version_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_error_of_an_earlier_session_does_not_end_this_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_records_without_a_session_are_ignored, setup,
                                        teardown),
        cmocka_unit_test(test_every_page_is_tried_without_its_records),
        cmocka_unit_test_setup_teardown(test_an_answer_without_its_records_is_none, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
