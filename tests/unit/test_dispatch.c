/* How a leased job reaches its worker, in a shell whose turns the test makes: it is told once,
 * under the session that it was leased to, or the core learns that it was not. */
#include "broker/dispatch.h"

#include <stdlib.h>
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

static void submit(uint32_t number, size_t size)
{
    const struct message message = shell_submit(number, size);
    shell_ask(&shell, "gateway", gateway, &message);
}

static uint32_t jobs_to(const char *who, struct message *last)
{
    return network_count(who, MESSAGE_TYPE_JOB, last, NULL);
}

/* Leases job 1, whose input is not at hand, and stops before it is told. */
static void lease_unread(void)
{
    shell.is_deaf = true;
    submit(1, SHELL_INPUT_READ);
    shell_turn(&shell);
    const struct id id = shell_id(1);
    assert_int_equal(core_find(broker->core, &id)->state, JOB_STATE_ACTIVE);
    assert_int_equal(jobs_to("actor", NULL), 0);
}

/* The type of the nth record, from 0, that the last frame to the actor has. */
static enum message_type last_told(uint32_t nth)
{
    struct frame_reader reader;
    struct message message = {0};
    const struct sent *sent = network_sent(network_sent_count() - 1);
    assert_true(slice_equal(buffer_slice(&sent->routing), SLICE_LITERAL("actor")));
    assert_int_equal(frame_open(&reader, buffer_slice(&sent->frame)), STATUS_OK);
    for (uint32_t index = 0; index <= nth; index++) {
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    }
    return message.type;
}

/* ---- told ---- */

static void a_fresh_job_is_told_in_the_turn_that_accepts_it(void **state)
{
    struct message job;
    (void)state;
    submit(1, SHELL_INPUT_KEPT);
    shell_turn(&shell);
    assert_int_equal(jobs_to("actor", &job), 1);
    assert_int_equal(job.job.lease, 1);
    assert_int_equal(job.job.payload.size, SHELL_INPUT_KEPT);
    assert_int_equal(broker->inputs.size, 0);
    shell_turn(&shell);
    assert_int_equal(jobs_to("actor", NULL), 1);
}

static void a_job_whose_input_is_not_at_hand_is_told_once_it_was_read(void **state)
{
    struct message job;
    uint64_t session = 0;
    (void)state;
    lease_unread();
    shell.is_deaf = false;
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 1, &job);
    assert_int_equal(network_count("actor", MESSAGE_TYPE_JOB, NULL, &session), 1);
    assert_int_equal(session, actor);
    assert_int_equal(job.job.payload.size, SHELL_INPUT_READ);
    assert_int_equal(job.job.lease, 1);
    assert_int_equal(network_count("actor", MESSAGE_TYPE_CANCEL, NULL, NULL), 0);
    assert_int_equal(network_count("actor", MESSAGE_TYPE_ACK, NULL, NULL), 0);
}

static void a_job_that_was_handed_back_is_told_with_its_input_again(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_RELEASE};
    (void)state;
    submit(1, SHELL_INPUT_KEPT);
    shell_turn(&shell);
    message.release.job = shell_id(1);
    message.release.lease = 1;
    shell_act(&shell, "actor", actor, &message);
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 2, &message);
    assert_int_equal(message.job.lease, 2);
    assert_int_equal(message.job.payload.size, SHELL_INPUT_KEPT);
}

/* ---- what happens while it is read ---- */

static void a_cancel_that_came_first_is_told_behind_the_job(void **state)
{
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB};
    (void)state;
    lease_unread();
    cancel.cancel_job.request = 2;
    cancel.cancel_job.job = shell_id(1);
    cancel.cancel_job.owner = SLICE_LITERAL("ada");
    shell_ask(&shell, "gateway", gateway, &cancel);
    shell_turn(&shell);
    assert_int_equal(network_count("actor", MESSAGE_TYPE_CANCEL, NULL, NULL), 1);
    shell.is_deaf = false;
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 1, NULL);
    assert_int_equal(last_told(0), MESSAGE_TYPE_JOB);
    assert_int_equal(last_told(1), MESSAGE_TYPE_CANCEL);
}

/* The worker counts what it receives against its credit: it gets the job, and that it is over. */
static void a_lease_that_ended_first_is_over_behind_the_job(void **state)
{
    const struct message fail = shell_cancelled(1, 1);
    const struct id id = shell_id(1);
    (void)state;
    lease_unread();
    shell_act(&shell, "actor", actor, &fail);
    shell_turn(&shell);
    const struct job *job = core_find(broker->core, &id);
    assert_true(job == NULL || job->state != JOB_STATE_ACTIVE);
    shell.is_deaf = false;
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 1, NULL);
    assert_int_equal(last_told(0), MESSAGE_TYPE_JOB);
    assert_int_equal(last_told(1), MESSAGE_TYPE_ACK);
}

static void a_worker_that_is_lost_or_has_a_new_session_is_told_nothing(void **state)
{
    (void)state;
    lease_unread();
    struct read *read = shell_wait_for_read(&shell);
    struct peer *peer = shell_peer(&broker->actors, "actor");
    assert_int_equal(read->status, STATUS_OK);
    peer->session++;
    dispatch_fetched(broker, read);
    assert_true(outbox_is_empty(&peer->outbox));
    peer->session--;
    port_lose(&broker->actors, peer, "a test");
    dispatch_fetched(broker, read);
    assert_true(outbox_is_empty(&peer->outbox));
    read->peer = 0;
    dispatch_fetched(broker, read);
    readers_give(broker->readers, read);
}

/* ---- failures ---- */

/* The attempt has failed; the worker goes on, and so does the job, which the same one gets. */
static void a_job_that_cannot_be_read_fails_its_attempt(void **state)
{
    struct message job;
    const struct id id = shell_id(1);
    (void)state;
    lease_unread();
    struct read *read = shell_wait_for_read(&shell);
    read->status = STATUS_MALFORMED;
    dispatch_fetched(broker, read);
    readers_give(broker->readers, read);
    assert_false(shell_peer(&broker->actors, "actor")->lost);
    assert_int_equal(core_find(broker->core, &id)->state, JOB_STATE_WAITING);
    assert_int_equal(core_find(broker->core, &id)->attempts_made, 1);
    shell.is_deaf = false;
    shell_turn(&shell);
    shell.skipped_ms += BACKOFF_BASE_MS;
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 1, &job);
    assert_int_equal(job.job.lease, 2);
    assert_int_equal(job.job.attempt, 2);
}

/* A disk that fails ends no job, however often. */
static void a_job_that_the_disk_does_not_give_waits_without_a_failed_attempt(void **state)
{
    struct message job;
    const struct id id = shell_id(1);
    (void)state;
    lease_unread();
    struct read *read = shell_wait_for_read(&shell);
    read->status = STATUS_IO;
    dispatch_fetched(broker, read);
    readers_give(broker->readers, read);
    assert_false(shell_peer(&broker->actors, "actor")->lost);
    assert_int_equal(core_find(broker->core, &id)->state, JOB_STATE_WAITING);
    assert_int_equal(core_find(broker->core, &id)->attempts_made, 0);
    assert_true(core_find(broker->core, &id)->next_attempt_at >= broker->now + DISPATCH_AGAIN_MS);
    shell.is_deaf = false;
    shell_turn(&shell);
    shell.skipped_ms += DISPATCH_AGAIN_MS;
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 1, &job);
    assert_int_equal(job.job.lease, 2);
    assert_int_equal(job.job.attempt, 1);
}

/* What the reader of the job comes to. Returns how long the job is to wait. */
static int64_t come_to(uint32_t number, enum status status)
{
    const struct id id = shell_id(number);
    struct read *read = shell_wait_for_read(&shell);
    assert_int_equal(read->type, READ_DISPATCH);
    read->status = status;
    dispatch_fetched(broker, read);
    readers_give(broker->readers, read);
    return core_find(broker->core, &id)->next_attempt_at - broker->now;
}

static void a_job_waits_longer_while_the_disk_keeps_failing(void **state)
{
    const struct id id = shell_id(1);
    int64_t expected = DISPATCH_AGAIN_MS;
    (void)state;
    lease_unread();
    for (uint32_t turn = 0; turn < 9; turn++) {
        assert_int_equal(come_to(1, STATUS_IO), expected);
        shell.skipped_ms += expected;
        expected = 2 * expected < DISPATCH_AGAIN_MS_MAX ? 2 * expected : DISPATCH_AGAIN_MS_MAX;
        shell_turn(&shell);
        assert_int_equal(core_find(broker->core, &id)->state, JOB_STATE_ACTIVE);
    }
    assert_int_equal(expected, DISPATCH_AGAIN_MS_MAX);
    come_to(1, STATUS_OK); /* what comes later is another failure */
    struct message message = {.type = MESSAGE_TYPE_RELEASE};
    message.release.job = id;
    message.release.lease = 10;
    shell_act(&shell, "actor", actor, &message);
    shell_turn(&shell);
    assert_int_equal(come_to(1, STATUS_IO), DISPATCH_AGAIN_MS);
}

/* A disk that fails for all jobs is not asked the more often the more there are. */
static void jobs_of_one_place_wait_as_one(void **state)
{
    (void)state;
    lease_unread();
    assert_int_equal(come_to(1, STATUS_IO), DISPATCH_AGAIN_MS);
    submit(2, SHELL_INPUT_READ);
    shell_turn(&shell);
    assert_int_equal(come_to(2, STATUS_IO), 2 * DISPATCH_AGAIN_MS);
}

/* Its worker, which has not got it, has the place for another one. */
static void a_lease_that_has_ended_does_not_fail_for_want_of_its_input(void **state)
{
    const struct message fail = shell_cancelled(1, 1);
    struct message job;
    (void)state;
    actor = shell_actor(&shell, "actor", JOB_KIND_CHARACTER, 1);
    lease_unread();
    shell_act(&shell, "actor", actor, &fail);
    shell_turn(&shell);
    struct read *read = shell_wait_for_read(&shell);
    uint64_t event_last = broker->event_last;
    read->status = STATUS_NOT_FOUND;
    dispatch_fetched(broker, read);
    readers_give(broker->readers, read);
    assert_int_equal(broker->event_last, event_last);
    shell.is_deaf = false;
    submit(2, SHELL_INPUT_KEPT);
    shell_until(&shell, "actor", MESSAGE_TYPE_JOB, 1, &job);
    assert_memory_equal(&job.job.job, &(struct id[]){shell_id(2)}, sizeof job.job.job);
}

/* A DISPATCH of the core, made up: the job of a kind whose input is always read. */
static void dispatch(uint32_t lease)
{
    const struct job job = {.id = shell_id(7), .kind = JOB_KIND_IMAGE, .lease = lease};
    const struct peer *peer = shell_peer(&broker->actors, "actor");
    const struct effect effect = {
        .type = EFFECT_DISPATCH, .peer = peer->number, .session = actor, .job = &job};
    dispatch_job(broker, &effect);
}

static void without_memory_for_the_row_the_worker_is_lost(void **state)
{
    (void)state;
    memory_fail_at(1);
    dispatch(1);
    memory_fail_never();
    assert_true(shell_peer(&broker->actors, "actor")->lost);
    assert_int_equal(broker->dispatches.count, 0);
    dispatch(2); /* nothing more is taken for one that is lost */
    assert_int_equal(broker->dispatches.count, 0);
}

static void without_memory_for_the_record_a_fresh_job_is_read(void **state)
{
    const struct job job = {.id = shell_id(7), .kind = JOB_KIND_CHARACTER, .lease = 1};
    const struct job_input input = {.payload = SLICE_LITERAL("{}")};
    const struct peer *peer = shell_peer(&broker->actors, "actor");
    const struct effect effect = {
        .type = EFFECT_DISPATCH, .peer = peer->number, .session = actor, .job = &job};
    (void)state;
    inputs_put(&broker->inputs, &job.id, &input);
    buffer_fini(&broker->frame);
    memory_fail_at(1);
    dispatch_job(broker, &effect);
    memory_fail_never();
    assert_int_equal(broker->dispatches.count, 1);
    assert_true(outbox_is_empty(&peer->outbox));
    assert_false(peer->lost);
    dispatch_job(broker, &effect); /* as if it had been told so now: from what is kept */
    assert_int_equal(broker->dispatches.count, 1);
    assert_false(outbox_is_empty(&peer->outbox));
}

static void the_row_is_bounded(void **state)
{
    (void)state;
    for (uint32_t lease = 1; lease <= DISPATCHES_MAX; lease++) {
        dispatch(lease);
    }
    assert_int_equal(broker->dispatches.count, DISPATCHES_MAX);
    assert_false(shell_peer(&broker->actors, "actor")->lost);
    dispatch(DISPATCHES_MAX + 1);
    assert_int_equal(broker->dispatches.count, DISPATCHES_MAX);
    assert_true(shell_peer(&broker->actors, "actor")->lost);
    dispatches_fini(&broker->dispatches);
    dispatches_fini(&broker->dispatches);
}

/* Takes count reads and marks their leases as seen, each once. */
static void see(bool *seen, uint32_t count)
{
    while (count-- > 0) {
        struct read *read = shell_wait_for_read(&shell);
        assert_false(seen[read->lease]);
        seen[read->lease] = true;
        readers_give(broker->readers, read);
    }
}

/* The row moves round and grows while its first does not stand at the front. */
static void what_waits_for_a_reader_is_read_once(void **state)
{
    static struct read *taken[READS_MAX];
    static bool seen[1001];
    uint32_t count = 0;
    (void)state;
    while (count < READS_MAX - 100) {
        taken[count++] = readers_take(broker->readers, READ_FACTS, SLICE_LITERAL("x"));
    }
    for (uint32_t lease = 1; lease <= 250; lease++) {
        dispatch(lease);
    }
    dispatch_push(broker);
    assert_int_equal(broker->dispatches.count, 150);
    for (uint32_t lease = 251; lease <= 1000; lease++) {
        dispatch(lease);
    }
    assert_int_equal(broker->dispatches.items[broker->dispatches.first].lease, 101);
    see(seen, 100);
    while (count > 0) {
        readers_give(broker->readers, taken[--count]);
    }
    dispatch_push(broker);
    assert_int_equal(broker->dispatches.count, 0);
    see(seen, 900);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fresh_job_is_told_in_the_turn_that_accepts_it),
        TEST(a_job_whose_input_is_not_at_hand_is_told_once_it_was_read),
        TEST(a_job_that_was_handed_back_is_told_with_its_input_again),
        TEST(a_cancel_that_came_first_is_told_behind_the_job),
        TEST(a_lease_that_ended_first_is_over_behind_the_job),
        TEST(a_worker_that_is_lost_or_has_a_new_session_is_told_nothing),
        TEST(a_job_that_cannot_be_read_fails_its_attempt),
        TEST(a_job_that_the_disk_does_not_give_waits_without_a_failed_attempt),
        TEST(a_job_waits_longer_while_the_disk_keeps_failing),
        TEST(jobs_of_one_place_wait_as_one),
        TEST(a_lease_that_has_ended_does_not_fail_for_want_of_its_input),
        TEST(without_memory_for_the_row_the_worker_is_lost),
        TEST(without_memory_for_the_record_a_fresh_job_is_read),
        TEST(the_row_is_bounded),
        TEST(what_waits_for_a_reader_is_read_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
