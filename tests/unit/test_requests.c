/* The table of unanswered requests: answers, deadlines, repetition, its limit. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include "gateway/requests.h"

struct asker {
    struct request request;
    int told;
    bool answered;
    bool maybe_done;
};

static void on_done(struct request *request, const struct answer *answer)
{
    struct asker *asker = LIST_OWNER(request, struct asker, request);
    asker->told++;
    asker->answered = answer->message != NULL;
    asker->maybe_done = answer->maybe_done;
}

static void ask(struct requests *requests, struct asker *asker, enum message_type type,
                int64_t now_ms)
{
    *asker = (struct asker){.request = {.done = on_done, .message = {.type = type}}};
    assert_int_equal(requests_add(requests, &asker->request, now_ms), STATUS_OK);
}

static struct message reply_to(const struct asker *asker)
{
    return (struct message){.type = MESSAGE_TYPE_REPLY,
                            .reply = {.request = asker->request.message.submit.request}};
}

static int setup(void **state)
{
    struct requests *requests = calloc(1, sizeof(*requests));
    *state = requests;
    return requests_init(requests) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    requests_fini(*state);
    free(*state);
    return 0;
}

static void test_an_answer_reaches_its_request_once(void **state)
{
    struct asker first;
    struct asker second;
    struct frame_reader none = {0};
    ask(*state, &first, MESSAGE_TYPE_SUBMIT, 0);
    ask(*state, &second, MESSAGE_TYPE_SUBMIT, 0);
    struct message reply = reply_to(&second);
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_OK);
    assert_int_equal(first.told, 0);
    assert_int_equal(second.told, 1);
    assert_true(second.answered);
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_NOT_FOUND);
    assert_int_equal(requests_count(*state), 1);
}

static void test_answers_that_are_nobodys_are_refused(void **state)
{
    struct asker asker;
    struct frame_reader none = {0};
    ask(*state, &asker, MESSAGE_TYPE_SUBMIT, 0);
    struct message reply = reply_to(&asker);
    reply.reply.request += BROKER_REQUESTS_MAX;
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_NOT_FOUND);
    struct message wrong = {.type = MESSAGE_TYPE_JOB_STATE,
                            .job_state = {.request = asker.request.message.submit.request}};
    assert_int_equal(requests_answer(*state, &wrong, none), STATUS_NOT_FOUND);
    struct message event = {.type = MESSAGE_TYPE_EVENT};
    assert_int_equal(requests_answer(*state, &event, none), STATUS_NOT_FOUND);
    assert_int_equal(asker.told, 0);
}

static void test_requests_whose_asker_is_gone_are_forgotten(void **state)
{
    struct asker asker;
    struct frame_reader none = {0};
    ask(*state, &asker, MESSAGE_TYPE_SUBMIT, 0);
    struct message reply = reply_to(&asker);
    requests_remove(*state, &asker.request);
    requests_remove(*state, &asker.request);
    assert_int_equal(requests_count(*state), 0);
    assert_null(requests_unsent(*state));
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_NOT_FOUND);
    assert_int_equal(asker.told, 0);
}

static void test_what_is_over_its_deadline_is_told_whether_it_may_have_happened(void **state)
{
    struct asker sent;
    struct asker unsent;
    struct asker later;
    ask(*state, &sent, MESSAGE_TYPE_SUBMIT, 1000);
    requests_sent(requests_unsent(*state));
    ask(*state, &unsent, MESSAGE_TYPE_SUBMIT, 1000);
    ask(*state, &later, MESSAGE_TYPE_SUBMIT, 1001);
    requests_expire(*state, 1000 + BROKER_TIMEOUT_MS - 1);
    assert_int_equal(sent.told, 0);
    requests_expire(*state, 1000 + BROKER_TIMEOUT_MS);
    assert_int_equal(sent.told, 1);
    assert_true(sent.maybe_done);
    assert_false(sent.answered);
    assert_int_equal(unsent.told, 1);
    assert_false(unsent.maybe_done);
    assert_int_equal(later.told, 0);
}

static void test_resending_marks_only_what_was_sent(void **state)
{
    struct asker sent;
    struct asker unsent;
    ask(*state, &sent, MESSAGE_TYPE_SUBMIT, 0);
    requests_sent(requests_unsent(*state));
    ask(*state, &unsent, MESSAGE_TYPE_SUBMIT, 0);
    requests_resend(*state);
    assert_ptr_equal(requests_unsent(*state), &sent.request);
    assert_true(sent.request.message.submit.resent);
    requests_sent(requests_unsent(*state));
    assert_ptr_equal(requests_unsent(*state), &unsent.request);
    assert_false(unsent.request.message.submit.resent);
    requests_sent(requests_unsent(*state));
    assert_null(requests_unsent(*state));
}

static void test_a_retry_that_was_sent_is_marked_too_and_has_its_answer(void **state)
{
    struct asker asker;
    struct frame_reader none = {0};
    ask(*state, &asker, MESSAGE_TYPE_RETRY_JOB, 0);
    requests_sent(requests_unsent(*state));
    requests_resend(*state);
    assert_true(asker.request.message.retry_job.resent);
    const struct message reply = {.type = MESSAGE_TYPE_REPLY,
                                  .reply = {.request = asker.request.message.retry_job.request}};
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_OK);
    assert_true(asker.answered);
}

static void test_the_table_is_bounded(void **state)
{
    struct asker *askers = calloc(BROKER_REQUESTS_MAX, sizeof(*askers));
    struct asker more = {.request = {.done = on_done, .message = {.type = MESSAGE_TYPE_GET_JOB}}};
    for (size_t index = 0; index < BROKER_REQUESTS_MAX; index++) {
        ask(*state, &askers[index], MESSAGE_TYPE_GET_JOB, 0);
    }
    assert_int_equal(requests_add(*state, &more.request, 0), STATUS_FULL);
    requests_remove(*state, &askers[17].request);
    assert_int_equal(requests_add(*state, &more.request, 0), STATUS_OK);
    free(askers);
}

static void test_groups_are_asked_for_like_jobs(void **state)
{
    struct asker asker;
    struct frame_reader none = {0};
    ask(*state, &asker, MESSAGE_TYPE_SUBMIT_GROUP, 0);
    struct message reply = reply_to(&asker);
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_OK);
    ask(*state, &asker, MESSAGE_TYPE_CANCEL_GROUP, 0);
    reply = reply_to(&asker);
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_OK);
    ask(*state, &asker, MESSAGE_TYPE_GET_GROUP, 0);
    reply = reply_to(&asker);
    assert_int_equal(requests_answer(*state, &reply, none), STATUS_NOT_FOUND);
    const struct message group = {
        .type = MESSAGE_TYPE_GROUP_STATE,
        .group_state = {.request = asker.request.message.get_group.request}};
    assert_int_equal(requests_answer(*state, &group, none), STATUS_OK);
    ask(*state, &asker, MESSAGE_TYPE_SUBMIT_GROUP, 0);
    requests_sent(requests_unsent(*state));
    requests_resend(*state);
    assert_true(asker.request.message.submit_group.resent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_groups_are_asked_for_like_jobs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_answer_reaches_its_request_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers_that_are_nobodys_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_requests_whose_asker_is_gone_are_forgotten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_what_is_over_its_deadline_is_told_whether_it_may_have_happened, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resending_marks_only_what_was_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_retry_that_was_sent_is_marked_too_and_has_its_answer,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_table_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
