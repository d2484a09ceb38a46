/* The runtime in one process, between a connection that the test is the other end of and a role
 * that ends at once or waits for ever (actor_world.h). */

#include "tests/unit/actor_world.h"

static void what_ends_in_one_turn_leaves_in_one_frame(void **state)
{
    struct runtime runtime;
    (void)state;
    actor_start(&runtime);
    for (uint32_t number = 1; number <= 100; number++) {
        actor_give_job(number, true);
    }
    actor_turn(&runtime);
    assert_int_equal(actor_wire()->sent_count, 1);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_DONE, NULL), 100);
    assert_int_equal(actor_tasks_ended(), 100);
    for (uint32_t number = 1; number <= 100; number++) {
        actor_acknowledge(number);
    }
    assert_int_equal(runtime.leases.count, 0);
    actor_stop(&runtime);
}

static void a_frame_that_cannot_leave_ends_the_session_and_loses_nothing(void **state)
{
    struct runtime runtime;
    (void)state;
    actor_start(&runtime);
    actor_give_job(1, true);
    actor_wire()->send_status = STATUS_AGAIN;
    actor_turn(&runtime);
    assert_int_equal(actor_wire()->resets, 1);
    assert_int_equal(runtime.session.state, SESSION_STATE_DOWN);
    actor_wire()->send_status = STATUS_OK;
    actor_open_session(&runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_HOLD, NULL), 1);
    actor_turn(&runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_DONE, NULL), 1);
    actor_acknowledge(1);
    actor_stop(&runtime);
}

static void wait_for_resets(struct runtime *runtime, size_t count)
{
    for (int turns = 0; actor_wire()->resets < count; turns++) {
        assert_true(turns < 100);
        runtime->reopen.due_ms = loop_now_ms(runtime->loop); /* its time has come */
        actor_turn(runtime);
    }
}

static void sockets_that_cannot_be_made_are_tried_again_until_they_can(void **state)
{
    struct runtime runtime;
    (void)state;
    actor_start(&runtime);
    actor_wire()->reset_status = STATUS_IO;
    actor_wire()->send_status = STATUS_IO;
    actor_give_job(1, true);
    actor_turn(&runtime);
    assert_int_equal(actor_wire()->resets, 1);
    assert_true(timer_is_running(&runtime.reopen));
    actor_turn(&runtime);
    assert_int_equal(actor_wire()->resets, 1); /* not in every turn */
    wait_for_resets(&runtime, 3);
    actor_wire()->reset_status = STATUS_OK;
    actor_wire()->send_status = STATUS_OK;
    wait_for_resets(&runtime, 4);
    assert_false(timer_is_running(&runtime.reopen));
    actor_open_session(&runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_HOLD, NULL), 1);
    actor_acknowledge(1);
    actor_stop(&runtime);
}

static void more_holds_than_a_frame_takes_go_in_several(void **state)
{
    struct runtime runtime;
    (void)state;
    actor_start(&runtime);
    for (uint32_t number = 1; number <= ACTOR_SLOTS; number++) {
        actor_give_job(number, false);
    }
    actor_turn(&runtime);
    actor_forget_sent();
    actor_wire()->options.on_change(actor_wire()->options.context, false);
    actor_open_session(&runtime);
    assert_true(actor_wire()->sent_count >= 2);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_HOLD, NULL), ACTOR_SLOTS);
    actor_stop(&runtime);
    assert_int_equal(actor_tasks_ended(), ACTOR_SLOTS);
}

static void a_job_that_finds_no_memory_is_handed_back(void **state)
{
    struct runtime runtime;
    size_t handed_back = 0;
    (void)state;
    actor_start(&runtime);
    for (uint32_t nth = 1; nth <= 12; nth++) {
        actor_forget_sent();
        actor_wire()->failing = nth;
        actor_give_job(nth, true);
        actor_turn(&runtime);
        size_t done = actor_count_sent(MESSAGE_TYPE_DONE, NULL);
        size_t released = actor_count_sent(MESSAGE_TYPE_RELEASE, NULL);
        assert_int_equal(done + released, 1);
        handed_back += released;
        if (done > 0) {
            actor_acknowledge(nth);
        }
        assert_int_equal(runtime.leases.count, 0);
        assert_int_equal(runtime.leases.working, 0);
    }
    assert_true(handed_back >= 2);
    actor_stop(&runtime);
}

static void every_task_is_ended_once(void **state)
{
    struct runtime runtime;
    (void)state;
    actor_start(&runtime);
    actor_give_job(1, false); /* cancelled */
    actor_give_job(2, false); /* lost */
    actor_give_job(3, false); /* handed back */
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL};
    cancel.cancel.lease = 1;
    cancel.cancel.job.bytes[ID_SIZE - 4] = 1;
    actor_say(cancel);
    actor_say(cancel);
    actor_acknowledge(2);
    actor_turn(&runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_FAIL, NULL), 1);
    assert_int_equal(actor_tasks_ended(), 2);
    actor_stop(&runtime);
    assert_int_equal(actor_tasks_ended(), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ends_in_one_turn_leaves_in_one_frame),
        cmocka_unit_test(a_frame_that_cannot_leave_ends_the_session_and_loses_nothing),
        cmocka_unit_test(sockets_that_cannot_be_made_are_tried_again_until_they_can),
        cmocka_unit_test(more_holds_than_a_frame_takes_go_in_several),
        cmocka_unit_test(a_job_that_finds_no_memory_is_handed_back),
        cmocka_unit_test(every_task_is_ended_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
