/* What jobs wait for, asked by a gateway in a shell whose turns the test makes. */
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

static void ask(struct slice jobs)
{
    struct message message = {.type = MESSAGE_TYPE_GET_POSITION, .get_position = {.request = 4}};
    message.get_position.jobs = jobs;
    shell_ask(&shell, "gateway", session, &message);
}

static uint32_t positions(struct message *last)
{
    return network_count("gateway", MESSAGE_TYPE_POSITION, last, NULL);
}

static void each_job_is_answered_in_the_turn_that_is_asked(void **state)
{
    const struct message submit = shell_submit(2, SHELL_INPUT_KEPT);
    struct id ids[2] = {shell_id(1), shell_id(2)};
    struct message last;
    (void)state;
    shell_ask(&shell, "gateway", session, &submit);
    ask(slice_make(ids, sizeof ids));
    shell_turn(&shell);
    assert_int_equal(positions(&last), 2);
    assert_int_equal(last.position.request, 4);
    assert_int_equal(last.position.count, 0);
    assert_true(id_equal(&last.position.job, &ids[1]));
    assert_int_equal(last.position.queue_position, 1);
}

static void what_is_no_list_of_ids_is_refused(void **state)
{
    static const struct slice bad[] = {{(const uint8_t *)"", 0}, {(const uint8_t *)"0123456", 7}};
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        struct message error;
        network_forget_sent();
        ask(bad[index]);
        shell_turn(&shell);
        assert_int_equal(network_count("gateway", MESSAGE_TYPE_ERROR, &error, NULL), 1);
        assert_int_equal(error.error.code, ERROR_CODE_MALFORMED);
        assert_int_equal(positions(NULL), 0);
        shell_turn(&shell);
        session = shell_gateway(&shell, "gateway");
    }
}

static void without_memory_there_is_no_answer(void **state)
{
    struct id id = shell_id(1);
    (void)state;
    ask(slice_make(&id, sizeof id));
    buffer_fini(&broker->frame);
    memory_fail_at(1);
    shell_turn(&shell);
    memory_fail_never();
    assert_int_equal(positions(NULL), 0);
    ask(slice_make(&id, sizeof id));
    shell_turn(&shell);
    assert_int_equal(positions(NULL), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_job_is_answered_in_the_turn_that_is_asked),
        TEST(what_is_no_list_of_ids_is_refused),
        TEST(without_memory_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
