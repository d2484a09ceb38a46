/* The runtime in one process, between a connection that the test is the other end of and a role
 * that ends at once or waits for ever. Method: the linker sends calls of link.h to the test. */

#include "actors/runtime.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    SLOTS = 10000,
    SENT_MAX = 64,
    SESSION = 7,
};

/* ---- the connection ---- */

static struct {
    struct link_options options;
    struct buffer sent[SENT_MAX]; /* frames */
    size_t sent_count;
    enum status send_status;
    size_t resets;
} wire;

enum status __wrap_link_new(struct loop *loop, const struct link_options *options,
                            struct link **out);
void __wrap_link_destroy(struct link **link, int linger_ms);
enum status __wrap_link_send(struct link *link, struct slice frame);
bool __wrap_link_receive(struct link *link, int frames_max);
enum status __wrap_link_reset(struct link *link);

enum status __wrap_link_new(struct loop *loop, const struct link_options *options,
                            struct link **out)
{
    (void)loop;
    wire.options = *options;
    wire.send_status = STATUS_OK;
    wire.resets = 0;
    *out = NULL;
    return STATUS_OK;
}

void __wrap_link_destroy(struct link **link, int linger_ms)
{
    (void)link;
    (void)linger_ms;
}

enum status __wrap_link_send(struct link *link, struct slice frame)
{
    (void)link;
    if (wire.send_status == STATUS_OK) {
        assert_true(wire.sent_count < SENT_MAX);
        struct buffer *bytes = &wire.sent[wire.sent_count++];
        memory_fail_never();
        buffer_init(bytes, FRAME_SIZE_MAX);
        assert_int_equal(buffer_append_slice(bytes, frame), STATUS_OK);
    }
    return wire.send_status;
}

bool __wrap_link_receive(struct link *link, int frames_max)
{
    (void)link;
    (void)frames_max;
    return false;
}

enum status __wrap_link_reset(struct link *link)
{
    (void)link;
    wire.resets++;
    return STATUS_OK;
}

static void forget_sent(void)
{
    for (size_t index = 0; index < wire.sent_count; index++) {
        buffer_fini(&wire.sent[index]);
    }
    wire.sent_count = 0;
}

/* Counts the records of a type in all frames sent since forget_sent. */
static size_t count_sent(enum message_type type)
{
    size_t count = 0;
    for (size_t index = 0; index < wire.sent_count; index++) {
        struct frame_reader reader;
        struct message message;
        assert_int_equal(frame_open(&reader, buffer_slice(&wire.sent[index])), STATUS_OK);
        while (frame_next(&reader, &message) == STATUS_OK) {
            count += message.type == type;
        }
    }
    return count;
}

/* The broker says something; the allocation of that number fails while it is taken, 0 for none. */
static size_t failing;

static void say(struct message message)
{
    struct buffer frame;
    struct frame_writer writer;
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, SESSION), STATUS_OK);
    assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    frame_end(&writer);
    if (failing > 0) {
        memory_fail_at(failing);
    }
    wire.options.on_frame(wire.options.context, buffer_slice(&frame));
    memory_fail_never();
    buffer_fini(&frame);
}

/* ---- the role ---- */

static size_t ended;

static void finish_or_wait(struct task *task)
{
    if (task_job(task)->payload.size > 0) {
        task_done(task, SLICE_EMPTY, SLICE_LITERAL("{}"), SLICE_EMPTY);
    }
}

static void count_end(struct task *task)
{
    (void)task;
    ended++;
}

static const struct step steps[] = {{100, "completed", finish_or_wait}};

static const struct role role = {
    .name = "test",
    .kind = JOB_KIND_IMAGE,
    .state_size = 16,
    .steps = steps,
    .step_count = 1,
    .end = count_end,
};

/* ---- a runtime in a session ---- */

static void stop_loop(void *context)
{
    loop_stop(context);
}

static void turn(struct runtime *runtime)
{
    struct timer timer = {.fire = stop_loop, .context = runtime->loop};
    loop_timer_start(runtime->loop, &timer, 0);
    loop_run(runtime->loop);
    loop_timer_stop(runtime->loop, &timer); /* the runtime may have ended the loop before it */
}

static void ready(void *context)
{
    (void)context;
}

static void welcome(void)
{
    struct message message = {.type = MESSAGE_TYPE_WELCOME};
    message.welcome =
        (struct message_welcome){.session = SESSION, .lease_ms = 30000, .heartbeat_ms = 60000};
    say(message);
}

static void open_session(struct runtime *runtime)
{
    wire.options.on_change(wire.options.context, true);
    turn(runtime);
    assert_int_equal(count_sent(MESSAGE_TYPE_HELLO), 1);
    welcome();
    assert_int_equal(runtime->session.state, SESSION_STATE_OPEN);
}

static void start(struct runtime *runtime)
{
    struct runtime_options options = {
        .role = &role, .endpoint = "inproc://none", .slots = SLOTS, .ready = ready};
    ended = 0;
    assert_int_equal(runtime_init(runtime, &options), STATUS_OK);
    open_session(runtime);
    forget_sent();
}

static void stop(struct runtime *runtime)
{
    runtime_stop(runtime, "the test is over");
    turn(runtime);
    turn(runtime);
    assert_int_equal(runtime->phase, RUNTIME_PHASE_OVER);
    runtime_fini(runtime);
    forget_sent();
}

static void give_job(uint32_t number, bool ends)
{
    struct message message = {.type = MESSAGE_TYPE_JOB};
    message.job = (struct message_job){
        .lease = 1,
        .attempt = 1,
        .kind = JOB_KIND_IMAGE,
        .timeout_ms = 60000,
        .owner = SLICE_LITERAL("ada"),
        .payload = ends ? SLICE_LITERAL("{}") : SLICE_EMPTY,
    };
    memcpy(message.job.job.bytes + ID_SIZE - sizeof(number), &number, sizeof(number));
    say(message);
}

static void acknowledge(uint32_t number)
{
    struct message message = {.type = MESSAGE_TYPE_ACK};
    message.ack.lease = 1;
    memcpy(message.ack.job.bytes + ID_SIZE - sizeof(number), &number, sizeof(number));
    say(message);
}

/* ---- tests ---- */

static void what_ends_in_one_turn_leaves_in_one_frame(void **state)
{
    struct runtime runtime;
    (void)state;
    start(&runtime);
    for (uint32_t number = 1; number <= 100; number++) {
        give_job(number, true);
    }
    turn(&runtime);
    assert_int_equal(wire.sent_count, 1);
    assert_int_equal(count_sent(MESSAGE_TYPE_DONE), 100);
    assert_int_equal(ended, 100);
    for (uint32_t number = 1; number <= 100; number++) {
        acknowledge(number);
    }
    assert_int_equal(runtime.leases.count, 0);
    stop(&runtime);
}

static void a_frame_that_cannot_leave_ends_the_session_and_loses_nothing(void **state)
{
    struct runtime runtime;
    (void)state;
    start(&runtime);
    give_job(1, true);
    wire.send_status = STATUS_AGAIN;
    turn(&runtime);
    assert_int_equal(wire.resets, 1);
    assert_int_equal(runtime.session.state, SESSION_STATE_DOWN);
    wire.send_status = STATUS_OK;
    open_session(&runtime);
    assert_int_equal(count_sent(MESSAGE_TYPE_HOLD), 1);
    turn(&runtime);
    assert_int_equal(count_sent(MESSAGE_TYPE_DONE), 1);
    acknowledge(1);
    stop(&runtime);
}

static void more_holds_than_a_frame_takes_go_in_several(void **state)
{
    struct runtime runtime;
    (void)state;
    start(&runtime);
    for (uint32_t number = 1; number <= SLOTS; number++) {
        give_job(number, false);
    }
    turn(&runtime);
    forget_sent();
    wire.options.on_change(wire.options.context, false);
    open_session(&runtime);
    assert_true(wire.sent_count >= 2);
    assert_int_equal(count_sent(MESSAGE_TYPE_HOLD), SLOTS);
    stop(&runtime);
    assert_int_equal(ended, SLOTS);
}

static void a_job_that_finds_no_memory_is_handed_back(void **state)
{
    struct runtime runtime;
    size_t handed_back = 0;
    (void)state;
    start(&runtime);
    for (uint32_t nth = 1; nth <= 12; nth++) {
        forget_sent();
        failing = nth;
        give_job(nth, true);
        failing = 0;
        turn(&runtime);
        size_t done = count_sent(MESSAGE_TYPE_DONE);
        size_t released = count_sent(MESSAGE_TYPE_RELEASE);
        assert_int_equal(done + released, 1);
        handed_back += released;
        if (done > 0) {
            acknowledge(nth);
        }
        assert_int_equal(runtime.leases.count, 0);
        assert_int_equal(runtime.leases.working, 0);
    }
    assert_true(handed_back >= 2);
    stop(&runtime);
}

static void every_task_is_ended_once(void **state)
{
    struct runtime runtime;
    (void)state;
    start(&runtime);
    give_job(1, false); /* cancelled */
    give_job(2, false); /* lost */
    give_job(3, false); /* handed back */
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL};
    cancel.cancel.lease = 1;
    cancel.cancel.job.bytes[ID_SIZE - 4] = 1;
    say(cancel);
    say(cancel);
    acknowledge(2);
    turn(&runtime);
    assert_int_equal(count_sent(MESSAGE_TYPE_FAIL), 1);
    assert_int_equal(ended, 2);
    stop(&runtime);
    assert_int_equal(ended, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ends_in_one_turn_leaves_in_one_frame),
        cmocka_unit_test(a_frame_that_cannot_leave_ends_the_session_and_loses_nothing),
        cmocka_unit_test(more_holds_than_a_frame_takes_go_in_several),
        cmocka_unit_test(a_job_that_finds_no_memory_is_handed_back),
        cmocka_unit_test(every_task_is_ended_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
