/* The turn's first half, and what becomes of the core's effects, in a shell whose turns the test
 * makes: whose connection is gone, who is silent, how much a turn takes, when the disk is full. */
#include "broker/intake.h"

#include "tests/unit/memory.h"
#include "tests/unit/shell.h"

static struct shell shell;
static struct broker *const broker = &shell.broker;
static uint64_t gateway;
static uint64_t actor;

static int set_up(void **state)
{
    (void)state;
    memory_fail_never();
    shell_open(&shell);
    gateway = shell_gateway(&shell, "gateway");
    actor = shell_actor(&shell, "actor", JOB_KIND_CHARACTER, 5);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    shell_close(&shell);
    return 0;
}

static void submit(uint32_t number)
{
    const struct message message = shell_submit(number, SHELL_INPUT_KEPT);
    shell_ask(&shell, "gateway", gateway, &message);
}

static void act(const struct message *message)
{
    shell_act(&shell, "actor", actor, message);
}

static uint32_t told(enum message_type type, struct message *last)
{
    return network_count("actor", type, last, NULL);
}

/* ---- peers that are gone ---- */

/* A frame that cannot be sent costs the peer once it has said nothing more; the lease lives on. */
static void a_worker_that_cannot_be_told_of_its_job_is_forgotten(void **state)
{
    const struct id id = shell_id(1);
    (void)state;
    submit(1);
    network_fail_send(2, STATUS_CLOSED); /* the reply goes first */
    shell_turn(&shell);
    network_fail_send(0, STATUS_OK);
    assert_int_equal(told(MESSAGE_TYPE_JOB, NULL), 0);
    assert_true(shell_peer(&broker->actors, "actor")->closed);
    shell_turn(&shell);
    assert_null(shell_peer(&broker->actors, "actor"));
    assert_int_equal(broker->actors.lost_count, 0);
    assert_int_equal(core_find(broker->core, &id)->lease, 1);
    /* It comes again and does not hold the lease: the job is leased anew. */
    uint64_t again = shell_actor(&shell, "actor", JOB_KIND_CHARACTER, 5);
    assert_int_not_equal(again, actor);
    struct message job;
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 1, &job);
    assert_int_equal(job.job.lease, 2);
}

static void a_worker_whose_connection_is_gone_is_given_no_more_jobs(void **state)
{
    const struct id second = shell_id(2);
    (void)state;
    submit(1);
    network_fail_send(2, STATUS_CLOSED);
    shell_turn(&shell);
    network_fail_send(0, STATUS_OK);
    submit(2);
    shell_turn(&shell);
    assert_int_equal(core_find(broker->core, &second)->state, JOB_STATE_WAITING);
}

/* It has ended: its connection is gone before the broker has read its last words. */
static void a_job_of_a_worker_that_has_just_gone_is_given_to_another_at_once(void **state)
{
    const struct message bye = {.type = MESSAGE_TYPE_BYE};
    struct message job;
    (void)state;
    submit(1);
    network_fail_send(2, STATUS_CLOSED); /* the reply goes first */
    shell_turn(&shell);
    network_fail_send(0, STATUS_OK);
    act(&bye);
    shell_actor(&shell, "other", JOB_KIND_CHARACTER, 5);
    shell_until(&shell, "other", MESSAGE_TYPE_JOB, 1, &job);
    assert_int_equal(job.job.lease, 2);
    assert_int_equal(job.job.attempt, 1);
    assert_int_equal(network_count("actor", MESSAGE_TYPE_ERROR, NULL, NULL), 0);
}

static void a_gateway_that_is_gone_is_forgotten(void **state)
{
    (void)state;
    port_lose(&broker->gateways, shell_peer(&broker->gateways, "gateway"), "a test");
    shell_turn(&shell);
    assert_null(shell_peer(&broker->gateways, "gateway"));
    assert_int_equal(broker->gateways.lost_count, 0);
}

static void who_never_opens_a_session_is_forgotten_after_a_while(void **state)
{
    const struct message message = shell_submit(1, SHELL_INPUT_KEPT);
    (void)state;
    shell_ask(&shell, "idle", 0, &message);
    shell_turn(&shell);
    shell.skipped_ms += PEER_IDLE_MS / 2;
    shell_turn(&shell);
    assert_non_null(shell_peer(&broker->gateways, "idle"));
    shell.skipped_ms += PEER_IDLE_MS / 2 + PING_MS;
    shell_turn(&shell);
    shell_turn(&shell);
    assert_null(shell_peer(&broker->gateways, "idle"));
    assert_non_null(shell_peer(&broker->gateways, "gateway"));
}

static void an_actor_that_was_not_spoken_to_is_pinged(void **state)
{
    (void)state;
    shell.skipped_ms += PING_MS / 2;
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_PING, NULL), 0);
    shell.skipped_ms += PING_MS;
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_PING, NULL), 1);
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_PING, NULL), 1);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_PING, NULL, NULL), 0);
}

/* ---- how much a turn takes ---- */

static void a_turn_takes_so_many_records_and_says_that_there_are_more(void **state)
{
    static struct message beats[TURN_RECORDS_MAX + 100];
    (void)state;
    for (uint32_t index = 0; index < TURN_RECORDS_MAX + 100; index++) {
        beats[index].type = MESSAGE_TYPE_HEARTBEAT;
        beats[index].heartbeat.credit = 5;
    }
    network_say_messages(broker->actors.endpoint, "actor", actor, beats, TURN_RECORDS_MAX + 100);
    submit(1);
    assert_true(intake_ports(broker));
    assert_int_equal(broker->actors.reader.left, 101); /* one was the gateway's */
    assert_false(intake_ports(broker));
    shell_turn(&shell);
}

static void a_turn_that_cannot_be_finished_takes_nothing_more(void **state)
{
    (void)state;
    submit(1);
    broker->failed = true;
    assert_true(intake_ports(broker)); /* it waits, but nobody takes it */
    broker->failed = false;
    assert_int_equal(broker->event_last, 0);
    shell_turn(&shell);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_REPLY, NULL, NULL), 1);
}

static void what_cannot_be_recorded_fails_the_turn(void **state)
{
    struct message message = shell_submit(1, SHELL_INPUT_KEPT);
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY,
        .peer = shell_peer(&broker->gateways, "gateway")->number,
        .message = &message,
    };
    (void)state;
    batch_clear(&broker->batch, core_commit(broker->core));
    buffer_fini(&broker->batch.bytes);
    buffer_init(&broker->batch.bytes, 0);
    broker_step(broker, &event, SLICE_EMPTY, NULL);
    assert_true(broker->failed);
}

static void a_message_that_waits_for_a_lost_peers_end_makes_another_turn(void **state)
{
    (void)state;
    port_lose(&broker->gateways, shell_peer(&broker->gateways, "gateway"), "a test");
    submit(1);
    assert_true(intake_ports(broker));
    assert_true(broker->gateways.held);
    shell_turn(&shell); /* now it is of a peer without a session */
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_ERROR, NULL, NULL), 1);
}

/* ---- records of actors ---- */

static void what_only_gateways_say_costs_an_actor_its_session(void **state)
{
    const struct message message = shell_submit(1, SHELL_INPUT_KEPT);
    struct message error;
    (void)state;
    act(&message);
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_ERROR, &error), 1);
    assert_int_equal(error.error.code, ERROR_CODE_FORBIDDEN);
    shell_turn(&shell);
    assert_null(shell_peer(&broker->actors, "actor"));
    assert_int_equal(broker->event_last, 0);
}

static void an_error_of_an_actor_is_answered_by_nothing(void **state)
{
    const struct message error = {.type = MESSAGE_TYPE_ERROR, .error = {.code = 1}};
    (void)state;
    size_t sent = network_sent_count();
    act(&error);
    shell_turn(&shell);
    assert_int_equal(network_sent_count(), sent);
    assert_non_null(shell_peer(&broker->actors, "actor"));
}

/* ---- effects ---- */

static void a_result_is_acknowledged_once_it_is_durable(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    struct message answer;
    (void)state;
    submit(1);
    shell_turn(&shell);
    message.operation = (struct message_operation){
        .job = shell_id(1),
        .lease = 1,
        .credit = 5,
        .operation = 0,
        .state = OPERATION_STATE_INTENT,
        .provider = SLICE_LITERAL("p"),
    };
    act(&message);
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_OPERATION_ACK, &answer), 1);
    assert_int_equal(answer.operation_ack.lease, 1);
    assert_true(id_equal(&answer.operation_ack.job, &message.operation.job));
    message = (struct message){.type = MESSAGE_TYPE_DONE};
    message.done = (struct message_done){
        .job = shell_id(1), .lease = 1, .credit = 6, .document = SLICE_LITERAL("{}")};
    act(&message);
    batch_clear(&broker->batch, core_commit(broker->core));
    intake_ports(broker);
    assert_int_equal(told(MESSAGE_TYPE_ACK, NULL), 0);
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_ACK, &answer), 1);
    assert_int_equal(answer.ack.lease, 1);
    assert_int_equal(broker->inputs.size, 0);
}

static void a_record_of_another_session_is_told_so(void **state)
{
    const struct message beat = {.type = MESSAGE_TYPE_HEARTBEAT, .heartbeat = {.credit = 5}};
    struct message error;
    (void)state;
    shell_act(&shell, "actor", actor + 7, &beat);
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_ERROR, &error), 1);
    assert_int_equal(error.error.code, ERROR_CODE_SESSION);
}

static void a_cancel_of_a_job_at_work_is_told_to_its_worker(void **state)
{
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB, .cancel_job = {.request = 2}};
    struct message told_cancel;
    (void)state;
    submit(1);
    shell_turn(&shell);
    cancel.cancel_job.job = shell_id(1);
    cancel.cancel_job.owner = SLICE_LITERAL("ada");
    shell_ask(&shell, "gateway", gateway, &cancel);
    shell_turn(&shell);
    assert_int_equal(told(MESSAGE_TYPE_CANCEL, &told_cancel), 1);
    assert_int_equal(told_cancel.cancel.lease, 1);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_REPLY, NULL, NULL), 2);
}

static void the_input_of_a_job_that_never_starts_is_forgotten(void **state)
{
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB, .cancel_job = {.request = 9}};
    (void)state;
    for (uint32_t number = 1; number <= 6; number++) { /* one more than the worker takes */
        submit(number);
    }
    shell_turn(&shell);
    assert_int_equal(broker->inputs.size, SHELL_INPUT_KEPT);
    cancel.cancel_job.owner = SLICE_LITERAL("ada");
    for (uint32_t number = 1; number <= 6; number++) {
        cancel.cancel_job.job = shell_id(number);
        shell_ask(&shell, "gateway", gateway, &cancel);
    }
    shell_turn(&shell);
    assert_int_equal(broker->inputs.size, 0);
}

/* ---- space ---- */

static void a_full_disk_refuses_new_jobs_until_there_is_room(void **state)
{
    struct message reply;
    (void)state;
    shell.options.space_floor = UINT64_MAX;
    shell_turn(&shell);
    submit(1);
    shell_turn(&shell);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_REPLY, NULL, NULL), 1);
    shell.skipped_ms += SPACE_CHECK_MS;
    shell_turn(&shell);
    submit(2);
    shell_turn(&shell);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_REPLY, &reply, NULL), 2);
    assert_int_equal(reply.reply.code, REPLY_CODE_DISK_FULL);
    shell.options.space_floor = 0;
    shell.skipped_ms += SPACE_CHECK_MS;
    shell_turn(&shell);
    submit(3);
    shell_turn(&shell);
    assert_int_equal(network_count("gateway", MESSAGE_TYPE_REPLY, &reply, NULL), 3);
    assert_int_equal(reply.reply.code, REPLY_CODE_OK);
}

/* ---- opening ---- */

static void what_was_accepted_lives_on_after_a_restart(void **state)
{
    struct message job;
    (void)state;
    submit(1);
    submit(2);
    shell_turn(&shell);
    uint64_t event_last = broker->event_last;
    broker_close(broker);
    network_forget_sent();
    assert_int_equal(broker_open(broker, &shell.options), STATUS_OK);
    assert_int_equal(broker->event_last, event_last);
    uint64_t again = shell_actor(&shell, "actor", JOB_KIND_CHARACTER, 5);
    assert_true(again > actor);
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 2, &job);
    assert_int_equal(job.job.payload.size, SHELL_INPUT_KEPT);
    assert_int_equal(job.job.lease, 2);
}

static void a_broker_that_cannot_be_opened_is_closed_like_any_other(void **state)
{
    static struct broker other;
    struct broker_options options = shell.options;
    char path[5000];
    (void)state;
    assert_int_equal(broker_open(&other, &options), STATUS_BUSY); /* the store is ours */
    broker_close(&other);
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    options.data_directory = path;
    assert_int_equal(broker_open(&other, &options), STATUS_INVALID);
    broker_close(&other);
    broker_close(broker);
    for (size_t nth = 1; nth <= 2; nth++) {
        network_refuse(nth == 1 ? STATUS_DENIED : STATUS_BUSY);
        assert_int_equal(broker_open(&other, &shell.options),
                         nth == 1 ? STATUS_DENIED : STATUS_BUSY);
        broker_close(&other);
    }
    network_refuse(STATUS_OK);
    options = shell.options;
    options.fault_commit = 1;
    assert_int_equal(broker_open(&other, &options), STATUS_IO);
    broker_close(&other);
    for (options.fault_commit = 0, options.fault_read = 1; options.fault_read <= 3;
         options.fault_read++) {
        assert_int_not_equal(broker_open(&other, &options), STATUS_OK);
        broker_close(&other);
    }
    /* Every allocation of ours can fail. */
    enum status status = STATUS_NO_MEMORY;
    for (size_t nth = 1; status != STATUS_OK; nth++) {
        memory_fail_at(nth);
        status = broker_open(&other, &shell.options);
        memory_fail_never();
        broker_close(&other);
    }
    assert_int_equal(broker_open(broker, &shell.options), STATUS_OK);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_worker_that_cannot_be_told_of_its_job_is_forgotten),
        TEST(a_worker_whose_connection_is_gone_is_given_no_more_jobs),
        TEST(a_job_of_a_worker_that_has_just_gone_is_given_to_another_at_once),
        TEST(a_gateway_that_is_gone_is_forgotten),
        TEST(who_never_opens_a_session_is_forgotten_after_a_while),
        TEST(an_actor_that_was_not_spoken_to_is_pinged),
        TEST(a_turn_takes_so_many_records_and_says_that_there_are_more),
        TEST(a_turn_that_cannot_be_finished_takes_nothing_more),
        TEST(what_cannot_be_recorded_fails_the_turn),
        TEST(a_message_that_waits_for_a_lost_peers_end_makes_another_turn),
        TEST(what_only_gateways_say_costs_an_actor_its_session),
        TEST(an_error_of_an_actor_is_answered_by_nothing),
        TEST(a_result_is_acknowledged_once_it_is_durable),
        TEST(a_record_of_another_session_is_told_so),
        TEST(a_cancel_of_a_job_at_work_is_told_to_its_worker),
        TEST(the_input_of_a_job_that_never_starts_is_forgotten),
        TEST(a_full_disk_refuses_new_jobs_until_there_is_room),
        TEST(what_was_accepted_lives_on_after_a_restart),
        TEST(a_broker_that_cannot_be_opened_is_closed_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
