/* Questions about waiting jobs, gathered: one message for many, and each told its own. */
#include "tests/unit/test.h"

#include <string.h>
#include "gateway/position_asks.h"

struct asker {
    struct position_ask ask;
    uint32_t told; /* times */
    uint32_t position;
};

static struct requests requests;
static struct position_asks asks;
static struct buffer frame;

static int set_up(void **unused)
{
    (void)unused;
    buffer_init(&frame, FRAME_SIZE_MAX);
    position_asks_init(&asks, &requests);
    return requests_init(&requests) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **unused)
{
    (void)unused;
    position_asks_fini(&asks);
    requests_fini(&requests);
    buffer_fini(&frame);
    return 0;
}

static struct id id_of(uint32_t number)
{
    struct id id = {{1}};
    memcpy(id.bytes + 8, &number, sizeof(number));
    return id;
}

static void on_done(struct position_ask *ask, const struct message_position *position)
{
    struct asker *asker = LIST_OWNER(ask, struct asker, ask);
    asker->told++;
    asker->position = position == NULL ? 0 : position->queue_position;
}

static void ask_about(struct asker *asker, uint32_t number)
{
    struct id job = id_of(number);
    *asker = (struct asker){.ask = {.done = on_done}};
    assert_int_equal(position_asks_add(&asks, &asker->ask, &job, 0), STATUS_OK);
}

/* Sends the next question. Returns how many jobs it is about. */
static size_t send(struct message_get_position *out)
{
    struct request *request = requests_unsent(&requests);
    assert_non_null(request);
    requests_sent(request);
    *out = request->message.get_position;
    return out->jobs.size / ID_SIZE;
}

/* Answers for count jobs, from number on: the position of a job is its number. */
static void answer(const struct message_get_position *question, uint32_t number, uint32_t count)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message first;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    for (uint32_t index = 0; index < count; index++) {
        const struct message message = {.type = MESSAGE_TYPE_POSITION,
                                        .position = {.request = question->request,
                                                     .job = id_of(number + index),
                                                     .count = index == 0 ? count - 1 : 0,
                                                     .queue_position = number + index}};
        assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    }
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &first), STATUS_OK);
    assert_int_equal(requests_answer(&requests, &first, reader), STATUS_OK);
}

static void test_what_is_asked_before_it_is_sent_goes_together(void **unused)
{
    struct asker askers[4];
    struct message_get_position question;
    (void)unused;
    for (uint32_t index = 0; index < 3; index++) {
        ask_about(&askers[index], index + 1);
    }
    assert_int_equal(send(&question), 3);
    ask_about(&askers[3], 4);
    answer(&question, 1, 3);
    for (uint32_t index = 0; index < 3; index++) {
        assert_int_equal(askers[index].told, 1);
        assert_int_equal(askers[index].position, index + 1);
    }
    assert_int_equal(askers[3].told, 0);
    assert_int_equal(send(&question), 1);
    answer(&question, 4, 1);
    assert_int_equal(askers[3].position, 4);
    assert_int_equal(requests_count(&requests), 0);
}

static void test_a_question_takes_a_bounded_number_of_jobs(void **unused)
{
    struct asker askers[LIST_LIMIT_MAX + 1];
    struct message_get_position question;
    (void)unused;
    for (uint32_t index = 0; index <= LIST_LIMIT_MAX; index++) {
        ask_about(&askers[index], index + 1);
    }
    assert_int_equal(requests_count(&requests), 2);
    assert_int_equal(send(&question), LIST_LIMIT_MAX);
    answer(&question, 1, LIST_LIMIT_MAX);
    assert_int_equal(askers[LIST_LIMIT_MAX - 1].position, LIST_LIMIT_MAX);
    assert_int_equal(askers[LIST_LIMIT_MAX].told, 0);
    assert_int_equal(send(&question), 1);
    answer(&question, LIST_LIMIT_MAX + 1, 1);
    assert_int_equal(askers[LIST_LIMIT_MAX].told, 1);
}

static void test_what_ends_early_tells_nobody(void **unused)
{
    struct asker asker;
    (void)unused;
    ask_about(&asker, 1);
    position_asks_fini(&asks);
    position_asks_remove(&asker.ask);
    assert_int_equal(asker.told, 0);
    assert_int_equal(requests_count(&requests), 0);
}

static void test_who_is_gone_is_not_told(void **unused)
{
    struct asker askers[2];
    struct message_get_position question;
    (void)unused;
    ask_about(&askers[0], 1);
    ask_about(&askers[1], 2);
    position_asks_remove(&askers[0].ask);
    position_asks_remove(&askers[0].ask);
    assert_int_equal(send(&question), 2);
    answer(&question, 1, 2);
    assert_int_equal(askers[0].told, 0);
    assert_int_equal(askers[1].position, 2);
}

static void test_no_answer_and_one_that_is_short_are_told(void **unused)
{
    struct asker askers[2];
    struct message_get_position question;
    (void)unused;
    ask_about(&askers[0], 1);
    requests_expire(&requests, BROKER_TIMEOUT_MS);
    assert_int_equal(askers[0].told, 1);
    assert_int_equal(askers[0].position, 0);
    ask_about(&askers[0], 1);
    ask_about(&askers[1], 2);
    send(&question);
    answer(&question, 1, 1);
    assert_int_equal(askers[0].position, 1);
    assert_int_equal(askers[1].told, 1);
    assert_int_equal(askers[1].position, 0);
}

static void test_a_full_table_refuses(void **unused)
{
    static struct asker askers[2];
    struct message_get_position question;
    struct id job = id_of(1);
    (void)unused;
    for (uint32_t count = 0; count < BROKER_REQUESTS_MAX; count++) {
        struct asker gone;
        ask_about(&gone, count);
        position_asks_remove(&gone.ask);
        send(&question);
    }
    askers[0] = (struct asker){.ask = {.done = on_done}};
    assert_int_equal(position_asks_add(&asks, &askers[0].ask, &job, 0), STATUS_FULL);
    assert_int_equal(askers[0].told, 0);
}

#define ASKS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASKS_TEST(test_what_is_asked_before_it_is_sent_goes_together),
        ASKS_TEST(test_a_question_takes_a_bounded_number_of_jobs),
        ASKS_TEST(test_what_ends_early_tells_nobody),
        ASKS_TEST(test_who_is_gone_is_not_told),
        ASKS_TEST(test_no_answer_and_one_that_is_short_are_told),
        ASKS_TEST(test_a_full_table_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
