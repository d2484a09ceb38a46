#include "tests/unit/actor_world.h"

#include "tests/unit/memory.h"

static struct actor_wire wire;
static size_t ended;

enum status __wrap_link_new(struct loop *loop, const struct link_options *options,
                            struct link **out);
void __wrap_link_destroy(struct link **link, int linger_ms);
enum status __wrap_link_send(struct link *link, struct slice frame);
bool __wrap_link_receive(struct link *link, int frames_max);
enum status __wrap_link_reset(struct link *link);

/* ---- the connection ---- */

struct actor_wire *actor_wire(void)
{
    return &wire;
}

enum status __wrap_link_new(struct loop *loop, const struct link_options *options,
                            struct link **out)
{
    (void)loop;
    wire.options = *options;
    wire.send_status = STATUS_OK;
    wire.reset_status = STATUS_OK;
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
        assert_true(wire.sent_count < ACTOR_SENT_MAX);
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
    return wire.reset_status;
}

void actor_forget_sent(void)
{
    for (size_t index = 0; index < wire.sent_count; index++) {
        buffer_fini(&wire.sent[index]);
    }
    wire.sent_count = 0;
}

size_t actor_count_sent(enum message_type type, struct message *last)
{
    size_t count = 0;
    for (size_t index = 0; index < wire.sent_count; index++) {
        struct frame_reader reader;
        struct message message;
        assert_int_equal(frame_open(&reader, buffer_slice(&wire.sent[index])), STATUS_OK);
        while (frame_next(&reader, &message) == STATUS_OK) {
            if (message.type != type) {
                continue;
            }
            count++;
            if (last != NULL) {
                *last = message;
            }
        }
    }
    return count;
}

void actor_say_bytes(struct slice frame)
{
    if (wire.failing > 0) {
        memory_fail_at(wire.failing);
        wire.failing = 0;
    }
    wire.options.on_frame(wire.options.context, frame);
    memory_fail_never();
}

void actor_say_in(uint64_t session, const struct message *messages, uint32_t count)
{
    struct buffer frame;
    struct frame_writer writer;
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, session), STATUS_OK);
    for (uint32_t index = 0; index < count; index++) {
        assert_int_equal(frame_write(&writer, &messages[index]), STATUS_OK);
    }
    frame_end(&writer);
    actor_say_bytes(buffer_slice(&frame));
    buffer_fini(&frame);
}

void actor_say(struct message message)
{
    actor_say_in(ACTOR_SESSION, &message, 1);
}

/* ---- the role ---- */

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

size_t actor_tasks_ended(void)
{
    return ended;
}

/* ---- a runtime in a session ---- */

static void stop_loop(void *context)
{
    loop_stop(context);
}

void actor_turn(struct runtime *runtime)
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

void actor_open_session(struct runtime *runtime)
{
    struct message message = {.type = MESSAGE_TYPE_WELCOME};
    message.welcome = (struct message_welcome){
        .session = ACTOR_SESSION, .lease_ms = 30000, .heartbeat_ms = 60000};
    wire.options.on_change(wire.options.context, true);
    actor_turn(runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_HELLO, NULL), 1);
    actor_say(message);
    assert_int_equal(runtime->session.state, SESSION_STATE_OPEN);
}

void actor_start(struct runtime *runtime)
{
    struct runtime_options options = {
        .role = &role, .endpoint = "inproc://none", .slots = ACTOR_SLOTS, .ready = ready};
    ended = 0;
    wire.failing = 0;
    assert_int_equal(runtime_init(runtime, &options), STATUS_OK);
    actor_open_session(runtime);
    actor_forget_sent();
}

void actor_stop(struct runtime *runtime)
{
    runtime_stop(runtime, "the test is over");
    actor_turn(runtime);
    actor_turn(runtime);
    assert_int_equal(runtime->phase, RUNTIME_PHASE_OVER);
    runtime_fini(runtime);
    actor_forget_sent();
}

struct id actor_job(uint32_t number)
{
    struct id id = {{0}};
    memcpy(id.bytes + ID_SIZE - sizeof(number), &number, sizeof(number));
    return id;
}

struct message actor_job_message(uint32_t number, bool ends)
{
    struct message message = {.type = MESSAGE_TYPE_JOB};
    message.job = (struct message_job){
        .job = actor_job(number),
        .lease = 1,
        .attempt = 1,
        .kind = JOB_KIND_IMAGE,
        .timeout_ms = 60000,
        .owner = SLICE_LITERAL("ada"),
        .payload = ends ? SLICE_LITERAL("{}") : SLICE_EMPTY,
    };
    return message;
}

void actor_give_job(uint32_t number, bool ends)
{
    actor_say(actor_job_message(number, ends));
}

void actor_acknowledge(uint32_t number)
{
    actor_say(
        (struct message){.type = MESSAGE_TYPE_ACK, .ack = {.job = actor_job(number), .lease = 1}});
}
