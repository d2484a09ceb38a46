/* The table of what gateways ask of the disk: every row's refusal is a whole record of the answer's
 * type that says which request it is for. What the rows read is tested with readers and queries. */
#include "broker/questions.h"

#include "proto/layout.h"
#include "tests/unit/test.h"

/* A request whose ids are all nines. */
static struct message request_of(enum message_type type)
{
    struct message message = {.type = type};
    const struct layout *layout = layout_find(type);
    for (uint32_t number = 1; number <= layout->field_max; number++) {
        const struct field *field = &layout->fields[number];
        if (field->type == WIRE_ID) {
            memset(field_place(field, &message), 9, ID_SIZE);
        }
    }
    message.get_job.request = 7; /* each has it in this place */
    return message;
}

/* The first record of the refusal, encoded and read again. */
static struct message refusal_of(enum message_type type)
{
    struct buffer bytes;
    struct message answer = {0};
    const struct message request = request_of(type);
    const struct message refusal = question_refuse(&request, REPLY_CODE_BUSY);
    buffer_init(&bytes, FRAME_SIZE_MAX);
    assert_int_equal(question_number(&request), 7);
    assert_int_equal(record_write(&bytes, &refusal), STATUS_OK);
    struct slice rest = buffer_slice(&bytes);
    assert_int_equal(record_read(&rest, &answer), STATUS_OK);
    buffer_fini(&bytes);
    return answer;
}

static void every_question_can_be_refused(void **state)
{
    uint32_t count = 0;
    (void)state;
    for (uint32_t type = 0; type < 256; type++) {
        const struct question *question = question_find((enum message_type)type);
        if (question == NULL) {
            continue;
        }
        const struct message answer = refusal_of((enum message_type)type);
        assert_int_equal(answer.type, question->answer);
        assert_int_equal(question_number(&answer), 7);
        count++;
    }
    assert_true(count >= 14);
}

static void a_refusal_says_which_job_or_group_it_is_about(void **state)
{
    const struct message job = refusal_of(MESSAGE_TYPE_GET_JOB);
    const struct message group = refusal_of(MESSAGE_TYPE_GET_GROUP);
    (void)state;
    assert_int_equal(job.job_state.code, REPLY_CODE_BUSY);
    assert_int_equal(job.job_state.job.bytes[0], 9);
    assert_int_equal(group.group_state.code, REPLY_CODE_BUSY);
    assert_int_equal(group.group_state.group.bytes[15], 9);
}

static void what_looks_at_many_jobs_is_long(void **state)
{
    (void)state;
    assert_int_equal(question_find(MESSAGE_TYPE_LIST_JOBS)->length, READ_LONG);
    assert_int_equal(question_find(MESSAGE_TYPE_SEARCH_JOBS)->length, READ_SCAN);
    assert_int_equal(question_find(MESSAGE_TYPE_GET_AUDIT)->length, READ_SCAN);
    assert_int_equal(question_find(MESSAGE_TYPE_GET_FAILURES)->length, READ_SCAN);
    assert_int_equal(question_find(MESSAGE_TYPE_GET_JOB)->length, READ_SHORT);
    assert_int_equal(question_find(MESSAGE_TYPE_GET_EVENTS)->length, READ_SHORT);
}

static void what_is_decided_or_known_by_the_loop_is_no_question(void **state)
{
    static const uint32_t others[] = {MESSAGE_TYPE_SUBMIT, MESSAGE_TYPE_GET_QUEUES,
                                      MESSAGE_TYPE_GET_POSITION, MESSAGE_TYPE_HELLO};
    (void)state;
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        assert_null(question_find((enum message_type)others[index]));
    }
    assert_null(question_find((enum message_type)UINT32_MAX));
}

static void what_a_request_is_about_is_found_in_its_fields(void **state)
{
    struct message message = request_of(MESSAGE_TYPE_SUBMIT);
    (void)state;
    message.submit.request_id = SLICE_LITERAL("asked-by-ada");
    const struct id job = question_job(&message);
    assert_int_equal(job.bytes[0], 9);
    assert_true(slice_equal(question_asker(&message), SLICE_LITERAL("asked-by-ada")));
    assert_int_equal(question_searcher(&message).size, 0);
    message = request_of(MESSAGE_TYPE_GET_AUDIT);
    message.get_audit.searcher = SLICE_LITERAL("ada");
    assert_true(slice_equal(question_searcher(&message), SLICE_LITERAL("ada")));
    message = request_of(MESSAGE_TYPE_LIST_JOBS);
    const struct id none = question_job(&message);
    assert_true(id_is_zero(&none));
    assert_int_equal(question_asker(&message).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_can_be_refused),
        cmocka_unit_test(a_refusal_says_which_job_or_group_it_is_about),
        cmocka_unit_test(what_looks_at_many_jobs_is_long),
        cmocka_unit_test(what_a_request_is_about_is_found_in_its_fields),
        cmocka_unit_test(what_is_decided_or_known_by_the_loop_is_no_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
