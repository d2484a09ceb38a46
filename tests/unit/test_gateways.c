/* The broker's side of its gateways, in a shell whose turns the test makes: their sessions, that
 * each request is answered once and each event published once, also when something fails. */
#include "broker/gateways.h"

#include "tests/unit/memory.h"
#include "tests/unit/shell.h"

static struct shell shell;
static struct broker *const broker = &shell.broker;
static uint64_t session;

static int set_up(void **state)
{
    (void)state;
    memory_fail_never();
    shell_open(&shell);
    session = shell_gateway(&shell, "gateway");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    shell_close(&shell);
    return 0;
}

static void ask(const struct message *message)
{
    shell_ask(&shell, "gateway", session, message);
}

static uint32_t replies(struct message *last)
{
    return network_count("gateway", MESSAGE_TYPE_REPLY, last, NULL);
}

static uint8_t error_to(const char *who)
{
    struct message error;
    return network_count(who, MESSAGE_TYPE_ERROR, &error, NULL) == 0 ? 0 : error.error.code;
}

/* ---- sessions ---- */

static void a_gateway_is_welcomed_behind_what_was_published(void **state)
{
    struct message message = shell_submit(1, SHELL_INPUT_KEPT);
    (void)state;
    ask(&message);
    uint64_t other = shell_gateway(&shell, "other");
    assert_true(other > session);
    assert_int_equal(network_count("other", MESSAGE_TYPE_GATEWAY_WELCOME, &message, NULL), 1);
    assert_int_equal(message.gateway_welcome.batch, broker->publication.batch);
    assert_int_equal(message.gateway_welcome.event_last, broker->event_last);
    assert_int_equal(network_count("other", MESSAGE_TYPE_EVENT, NULL, NULL), 0);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_EVENT, NULL, NULL), 1);
}

static void who_has_no_session_or_another_one_is_told_so(void **state)
{
    const struct message message = shell_submit(1, SHELL_INPUT_KEPT);
    (void)state;
    shell_ask(&shell, "nobody", session, &message);
    shell_ask(&shell, "no one", 0, &message);
    shell_turn(&shell);
    assert_int_equal(error_to("nobody"), ERROR_CODE_SESSION);
    assert_int_equal(error_to("no one"), ERROR_CODE_SESSION);
    shell_ask(&shell, "gateway", session + 1, &message);
    shell_turn(&shell);
    assert_int_equal(error_to("gateway"), ERROR_CODE_SESSION);
    assert_int_equal(replies(NULL), 0);
    ask(&message); /* it has lost nothing */
    shell_turn(&shell);
    assert_int_equal(replies(NULL), 1);
}

static void what_only_actors_say_costs_the_session(void **state)
{
    const struct message beat = {.type = MESSAGE_TYPE_HEARTBEAT};
    (void)state;
    ask(&beat);
    shell_turn(&shell);
    assert_int_equal(error_to("gateway"), ERROR_CODE_FORBIDDEN);
    shell_turn(&shell);
    assert_null(shell_peer(&broker->gateways, "gateway"));
}

static void an_error_of_a_gateway_is_answered_by_nothing(void **state)
{
    const struct message error = {.type = MESSAGE_TYPE_ERROR, .error = {.code = 1}};
    size_t sent = network_sent_count();
    (void)state;
    ask(&error);
    shell_turn(&shell);
    assert_int_equal(network_sent_count(), sent);
    assert_non_null(shell_peer(&broker->gateways, "gateway"));
}

static void say_hello(const char *who, uint8_t instance)
{
    struct message hello = {.type = MESSAGE_TYPE_GATEWAY_HELLO};
    hello.gateway_hello.instance.bytes[0] = instance;
    shell_ask(&shell, who, 0, &hello);
}

/* What is on the way to a gateway's old connection must not come after what it asks anew. */
static void a_gateway_that_comes_again_ends_its_earlier_session(void **state)
{
    struct message message = shell_submit(1, SHELL_INPUT_KEPT);
    (void)state;
    say_hello("old", 9);
    shell_turn(&shell);
    assert_int_equal(network_count("old", MESSAGE_TYPE_GATEWAY_WELCOME, &message, NULL), 1);
    uint64_t old = message.gateway_welcome.session;
    message = shell_submit(1, SHELL_INPUT_KEPT);
    shell_ask(&shell, "old", old, &message);
    say_hello("new", 9);
    message = shell_submit(2, SHELL_INPUT_KEPT);
    shell_ask(&shell, "old", old, &message);
    shell_turn(&shell);
    assert_int_equal(network_count("new", MESSAGE_TYPE_GATEWAY_WELCOME, NULL, NULL), 1);
    assert_int_equal(network_count("old", MESSAGE_TYPE_REPLY, NULL, NULL), 0);
    assert_int_equal(error_to("old"), ERROR_CODE_SESSION);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_EVENT, NULL, NULL), 1);
}

static void of_two_that_come_in_one_turn_the_later_is_welcomed(void **state)
{
    (void)state;
    say_hello("old", 9);
    say_hello("new", 9);
    shell_turn(&shell);
    assert_int_equal(network_count("new", MESSAGE_TYPE_GATEWAY_WELCOME, NULL, NULL), 1);
    assert_int_equal(network_count("old", MESSAGE_TYPE_GATEWAY_WELCOME, NULL, NULL), 0);
}

/* ---- reads ---- */

struct question {
    struct message message;
    enum message_type answer;
    size_t code; /* offset of the answer's */
};

static struct question questions[] = {
    {{.type = MESSAGE_TYPE_GET_JOB, .get_job = {.request = 1}},
     MESSAGE_TYPE_JOB_STATE,
     offsetof(struct message, job_state.code)},
    {{.type = MESSAGE_TYPE_LIST_JOBS, .list_jobs = {.request = 2, .kinds = 1, .limit = 5}},
     MESSAGE_TYPE_LIST_PAGE,
     offsetof(struct message, list_page.code)},
    {{.type = MESSAGE_TYPE_GET_EVENTS, .get_events = {.request = 3, .limit = 5}},
     MESSAGE_TYPE_EVENT_PAGE,
     offsetof(struct message, event_page.code)},
    {{.type = MESSAGE_TYPE_GET_DOCUMENT, .get_document = {.request = 4}},
     MESSAGE_TYPE_DOCUMENT,
     offsetof(struct message, document.code)},
    {{.type = MESSAGE_TYPE_GET_GROUP, .get_group = {.request = 5}},
     MESSAGE_TYPE_GROUP_STATE,
     offsetof(struct message, group_state.code)},
    {{.type = MESSAGE_TYPE_LIST_DOCUMENTS, .list_documents = {.request = 6, .limit = 5}},
     MESSAGE_TYPE_DOCUMENT_PAGE,
     offsetof(struct message, document_page.code)},
    {{.type = MESSAGE_TYPE_LIST_ENDPOINTS, .list_endpoints = {.request = 7}},
     MESSAGE_TYPE_ENDPOINT_PAGE,
     offsetof(struct message, endpoint_page.code)},
    {{.type = MESSAGE_TYPE_LIST_DELIVERIES, .list_deliveries = {.request = 8, .limit = 5}},
     MESSAGE_TYPE_DELIVERY_PAGE,
     offsetof(struct message, delivery_page.code)},
    {{.type = MESSAGE_TYPE_SEARCH_JOBS, .search_jobs = {.request = 9, .limit = 5}},
     MESSAGE_TYPE_SEARCH_PAGE,
     offsetof(struct message, search_page.code)},
    {{.type = MESSAGE_TYPE_GET_FAILURES, .get_failures = {.request = 11, .limit = 5}},
     MESSAGE_TYPE_FAILURE_PAGE,
     offsetof(struct message, failure_page.code)},
    {{.type = MESSAGE_TYPE_GET_INPUT, .get_input = {.request = 10}},
     MESSAGE_TYPE_INPUT,
     offsetof(struct message, input.code)},
};

enum {
    QUESTION_COUNT = sizeof questions / sizeof questions[0],
};

static void name_owners(void)
{
    const struct slice owner = SLICE_LITERAL("ada");
    questions[1].message.list_jobs.owner = owner;
    questions[2].message.get_events.owner = owner;
    questions[5].message.list_documents.owner = owner;
    questions[6].message.list_endpoints.owner = owner;
    questions[7].message.list_deliveries.owner = owner;
}

/* The code of the only answer to a question. */
static uint8_t code_of_answer(const struct question *question)
{
    struct message answer;
    assert_int_equal(network_count("gateway", question->answer, &answer, NULL), 1);
    return *((const uint8_t *)&answer + question->code);
}

static void each_read_is_answered_once(void **state)
{
    (void)state;
    name_owners();
    for (int index = 0; index < QUESTION_COUNT; index++) {
        ask(&questions[index].message);
    }
    for (int index = 0; index < QUESTION_COUNT; index++) {
        shell_until(&shell, "gateway", questions[index].answer, 1, NULL);
        assert_int_not_equal(code_of_answer(&questions[index]), REPLY_CODE_BUSY);
    }
}

static void a_read_of_a_store_that_fails_is_answered_by_busy(void **state)
{
    (void)state;
    name_owners();
    shell.is_deaf = true;
    for (int index = 0; index < QUESTION_COUNT; index++) {
        ask(&questions[index].message);
        shell_turn(&shell);
        struct read *read = shell_wait_for_read(&shell);
        read->status = STATUS_IO;
        gateways_answered(broker, read);
        shell_turn(&shell);
        assert_int_equal(code_of_answer(&questions[index]), REPLY_CODE_BUSY);
    }
}

/* Takes all reads that clients may have, or that there are. */
static struct read *taken[READS_MAX];

static uint32_t take_reads(enum read_type type)
{
    uint32_t count = 0;
    while (count < READS_MAX &&
           (taken[count] = readers_take(broker->readers, type, SLICE_EMPTY)) != NULL) {
        count++;
    }
    return count;
}

static void give_reads(uint32_t count)
{
    while (count > 0) {
        readers_give(broker->readers, taken[--count]);
    }
}

static void more_reads_than_the_readers_take_are_answered_by_busy(void **state)
{
    (void)state;
    name_owners();
    uint32_t count = take_reads(READ_REQUEST);
    for (int index = 0; index < QUESTION_COUNT; index++) {
        ask(&questions[index].message);
    }
    shell_turn(&shell);
    for (int index = 0; index < QUESTION_COUNT; index++) {
        assert_int_equal(code_of_answer(&questions[index]), REPLY_CODE_BUSY);
    }
    give_reads(count);
}

/* ---- requests that need a look at the store ---- */

static struct message submit_with_key(uint32_t number)
{
    struct message message = shell_submit(number, SHELL_INPUT_KEPT);
    static const uint8_t hash[HASH_SIZE] = {1};
    message.submit.key = SLICE_LITERAL("key");
    message.submit.key_hash = slice_make(hash, sizeof hash);
    return message;
}

static void of_two_requests_with_one_key_in_one_turn_one_is_accepted(void **state)
{
    const struct message one = submit_with_key(1);
    const struct message two = submit_with_key(2);
    struct message reply;
    (void)state;
    ask(&one);
    ask(&two);
    shell_until(&shell, "gateway", MESSAGE_TYPE_REPLY, 2, &reply);
    assert_int_equal(reply.reply.code, REPLY_CODE_OK);
    assert_true(reply.reply.replayed);
    assert_int_equal(broker->event_last, 1);
    shell_turn(&shell);
    assert_int_equal(replies(NULL), 2);
}

static void a_request_whose_facts_cannot_be_read_is_answered_by_busy(void **state)
{
    const struct message message = submit_with_key(1);
    struct message reply;
    (void)state;
    shell.is_deaf = true;
    ask(&message);
    shell_turn(&shell);
    struct read *read = shell_wait_for_read(&shell);
    read->status = STATUS_IO;
    gateways_answered(broker, read);
    shell_turn(&shell);
    assert_int_equal(replies(&reply), 1);
    assert_int_equal(reply.reply.code, REPLY_CODE_BUSY);
    assert_int_equal(reply.reply.request, 1);
    assert_int_equal(broker->event_last, 0);
}

static void a_request_that_no_reader_takes_is_answered_by_busy(void **state)
{
    struct message requests[] = {
        submit_with_key(1),
        {.type = MESSAGE_TYPE_CANCEL_JOB, .cancel_job = {.request = 2}},
        {.type = MESSAGE_TYPE_CANCEL_GROUP, .cancel_group = {.request = 3}},
    };
    struct message reply;
    (void)state;
    requests[1].cancel_job.owner = SLICE_LITERAL("ada");
    requests[1].cancel_job.job = shell_id(77);
    requests[2].cancel_group.owner = SLICE_LITERAL("ada");
    requests[2].cancel_group.group = shell_id(78);
    uint32_t count = take_reads(READ_FACTS);
    assert_int_equal(count, READS_MAX);
    for (uint32_t index = 0; index < 3; index++) {
        ask(&requests[index]);
        shell_turn(&shell);
        assert_int_equal(replies(&reply), index + 1);
        assert_int_equal(reply.reply.code, REPLY_CODE_BUSY);
        assert_int_equal(reply.reply.request, index + 1);
    }
    give_reads(count);
}

static void answers_for_a_session_that_is_over_are_dropped(void **state)
{
    const struct message get = {.type = MESSAGE_TYPE_GET_JOB, .get_job = {.request = 1}};
    const struct message submit = submit_with_key(1);
    struct peer *peer = shell_peer(&broker->gateways, "gateway");
    (void)state;
    shell.is_deaf = true;
    ask(&get);
    ask(&submit);
    shell_turn(&shell);
    peer->session++;
    for (int count = 0; count < 2; count++) {
        gateways_answered(broker, shell_wait_for_read(&shell));
    }
    shell_turn(&shell);
    assert_int_equal(replies(NULL), 0);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_JOB_STATE, NULL, NULL), 0);
    assert_int_equal(broker->event_last, 0);
}

/* ---- groups ---- */

static void say_group(uint32_t count, uint32_t told)
{
    struct message messages[4] = {{.type = MESSAGE_TYPE_SUBMIT_GROUP}};
    messages[0].submit_group = (struct message_submit_group){
        .request = 1, .group = shell_id(50), .owner = SLICE_LITERAL("ada"), .count = told};
    for (uint32_t index = 1; index <= count; index++) {
        messages[index] = shell_submit(index, SHELL_INPUT_KEPT);
        messages[index].submit.group = shell_id(50);
    }
    network_say_messages(broker->gateways.endpoint, "gateway", session, messages, count + 1);
}

static void a_group_is_answered_once_and_as_a_whole(void **state)
{
    struct message reply;
    (void)state;
    broker->leftovers.wanted = false;
    say_group(3, 3);
    shell_until(&shell, "gateway", MESSAGE_TYPE_REPLY, 1, &reply);
    assert_int_equal(reply.reply.code, REPLY_CODE_OK);
    assert_int_equal(broker->event_last, 3);
    assert_false(broker->leftovers.wanted); /* nothing is deleted by it */
    say_group(2, 3);
    shell_turn(&shell);
    assert_int_equal(error_to("gateway"), ERROR_CODE_MALFORMED);
    assert_int_equal(replies(NULL), 1);
    assert_int_equal(broker->event_last, 3);
}

/* ---- what is published ---- */

static uint64_t batch_told(const char *who)
{
    struct message events = {0};
    network_count(who, MESSAGE_TYPE_EVENTS, &events, NULL);
    return events.events.batch;
}

static void every_gateway_gets_every_event_and_the_number_again(void **state)
{
    const struct message message = shell_submit(1, SHELL_INPUT_KEPT);
    (void)state;
    shell_gateway(&shell, "other");
    ask(&message);
    shell_turn(&shell);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_EVENT, NULL, NULL), 1);
    assert_int_equal(network_count("other", MESSAGE_TYPE_EVENT, NULL, NULL), 1);
    assert_int_equal(batch_told("other"), 1);
    network_forget_sent();
    shell.skipped_ms += PUBLISH_MS;
    shell_turn(&shell);
    assert_int_equal(network_count("other", MESSAGE_TYPE_EVENTS, NULL, NULL), 1);
    assert_int_equal(network_count("other", MESSAGE_TYPE_EVENT, NULL, NULL), 0);
    assert_int_equal(batch_told("other"), 1);
}

static void a_gateway_that_takes_nothing_is_lost_alone(void **state)
{
    static const char *const names[] = {"gateway", "b", "c"};
    (void)state;
    shell_gateway(&shell, "b");
    shell_gateway(&shell, "c");
    for (uint32_t nth = 2; nth <= 3; nth++) {
        const struct message message = shell_submit(nth, SHELL_INPUT_KEPT);
        network_forget_sent();
        ask(&message);
        network_fail_send(nth, STATUS_FULL);
        shell_turn(&shell);
        for (uint32_t index = 0; index < 3; index++) {
            assert_int_equal(network_count(names[index], MESSAGE_TYPE_EVENT, NULL, NULL),
                             index != nth - 1);
        }
        assert_int_equal(replies(NULL), 1);
        shell_turn(&shell);
        assert_null(shell_peer(&broker->gateways, names[nth - 1]));
        shell_gateway(&shell, names[nth - 1]);
    }
}

/* The commit stands: the number that is left out tells every gateway of the gap. */
static void events_that_find_no_memory_leave_a_gap(void **state)
{
    const struct message one = shell_submit(1, SHELL_INPUT_KEPT);
    const struct message two = shell_submit(2, SHELL_INPUT_KEPT);
    (void)state;
    assert_int_equal(record_write(&broker->frame, &one), STATUS_OK);
    assert_int_equal(publication_add(&broker->publication, buffer_slice(&broker->frame)),
                     STATUS_OK);
    outbox_fini(&broker->publication.outbox);
    buffer_init(&broker->publication.outbox.records, OUTBOX_SIZE_MAX);
    memory_fail_at(1);
    gateways_send(broker);
    memory_fail_never();
    ask(&two);
    shell_turn(&shell);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_EVENT, NULL, NULL), 1);
    assert_int_equal(batch_told("gateway"), 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gateway_is_welcomed_behind_what_was_published),
        TEST(who_has_no_session_or_another_one_is_told_so),
        TEST(what_only_actors_say_costs_the_session),
        TEST(an_error_of_a_gateway_is_answered_by_nothing),
        TEST(a_gateway_that_comes_again_ends_its_earlier_session),
        TEST(of_two_that_come_in_one_turn_the_later_is_welcomed),
        TEST(each_read_is_answered_once),
        TEST(a_read_of_a_store_that_fails_is_answered_by_busy),
        TEST(more_reads_than_the_readers_take_are_answered_by_busy),
        TEST(of_two_requests_with_one_key_in_one_turn_one_is_accepted),
        TEST(a_request_whose_facts_cannot_be_read_is_answered_by_busy),
        TEST(a_request_that_no_reader_takes_is_answered_by_busy),
        TEST(answers_for_a_session_that_is_over_are_dropped),
        TEST(a_group_is_answered_once_and_as_a_whole),
        TEST(every_gateway_gets_every_event_and_the_number_again),
        TEST(a_gateway_that_takes_nothing_is_lost_alone),
        TEST(events_that_find_no_memory_leave_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
