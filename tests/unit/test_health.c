/* Whether a broker works, asked by a health check. Method: the linker sends its calls of ZeroMQ
 * through the test, which answers or fails. */
#include "broker/health.h"

#include <errno.h>
#include <zmq.h>
#include "proto/codec.h"
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static int place; /* what a context and a socket point at */
static size_t calls;
static size_t failing_nth; /* 0 for none */
static int failing_errno;
static struct slice reply;
static bool said_hello;
static int open_sockets;
static int open_contexts;

void *__wrap_context_open(void);
void __wrap_context_close(void);
void *__wrap_zmq_socket(void *context, int type);
int __wrap_zmq_close(void *socket);
int __wrap_zmq_setsockopt(void *socket, int option, const void *value, size_t size);
int __wrap_zmq_connect(void *socket, const char *endpoint);
int __wrap_zmq_send(void *socket, const void *data, size_t size, int flags);
int __wrap_zmq_msg_recv(zmq_msg_t *message, void *socket, int flags);

static bool fails_now(void)
{
    calls++;
    errno = failing_errno;
    return calls == failing_nth;
}

void *__wrap_context_open(void)
{
    open_contexts++;
    return fails_now() ? NULL : &place;
}

void __wrap_context_close(void)
{
    open_contexts--;
}

void *__wrap_zmq_socket(void *context, int type)
{
    assert_ptr_equal(context, &place);
    assert_int_equal(type, ZMQ_DEALER);
    if (fails_now()) {
        return NULL;
    }
    open_sockets++;
    return &place;
}

int __wrap_zmq_close(void *socket)
{
    (void)socket;
    open_sockets--;
    return 0;
}

int __wrap_zmq_setsockopt(void *socket, int option, const void *value, size_t size)
{
    (void)socket;
    (void)option;
    (void)value;
    (void)size;
    return fails_now() ? -1 : 0;
}

int __wrap_zmq_connect(void *socket, const char *endpoint)
{
    (void)socket;
    assert_string_equal(endpoint, "ipc://broker");
    return fails_now() ? -1 : 0;
}

int __wrap_zmq_send(void *socket, const void *data, size_t size, int flags)
{
    struct frame_reader reader;
    struct message message;
    (void)socket;
    (void)flags;
    if (fails_now()) {
        return -1;
    }
    assert_int_equal(frame_open(&reader, slice_make(data, size)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_GATEWAY_HELLO);
    assert_int_equal(message.gateway_hello.host.size, 0);
    said_hello = true;
    return (int)size;
}

int __wrap_zmq_msg_recv(zmq_msg_t *message, void *socket, int flags)
{
    (void)socket;
    (void)flags;
    if (fails_now()) {
        return -1;
    }
    zmq_msg_close(message);
    zmq_msg_init_size(message, reply.size);
    if (reply.size > 0) {
        memcpy(zmq_msg_data(message), reply.data, reply.size);
    }
    return (int)reply.size;
}

/* What a check says when the nth call fails, and the broker's answer is this. */
static enum status check(size_t nth, struct slice answer)
{
    calls = 0;
    failing_nth = nth;
    said_hello = false;
    reply = answer;
    enum status status = health_check("ipc://broker");
    assert_int_equal(open_sockets, 0);
    assert_int_equal(open_contexts, 0);
    return status;
}

static void make_frame(struct buffer *out, const struct message *message)
{
    struct frame_writer writer;
    buffer_init(out, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, out, 1), STATUS_OK);
    assert_int_equal(frame_write(&writer, message), STATUS_OK);
    frame_end(&writer);
}

static void a_broker_that_welcomes_is_well(void **state)
{
    struct buffer frame;
    const struct message welcome = {.type = MESSAGE_TYPE_GATEWAY_WELCOME,
                                    .gateway_welcome = {.session = 1}};
    (void)state;
    make_frame(&frame, &welcome);
    assert_int_equal(check(0, buffer_slice(&frame)), STATUS_OK);
    assert_true(said_hello);
    buffer_fini(&frame);
}

static void anything_else_that_it_says_is_no_welcome(void **state)
{
    struct buffer frame;
    const struct message error = {.type = MESSAGE_TYPE_ERROR, .error = {.code = 1}};
    (void)state;
    make_frame(&frame, &error);
    assert_int_equal(check(0, buffer_slice(&frame)), STATUS_DENIED);
    buffer_fini(&frame);
    assert_int_equal(check(0, SLICE_EMPTY), STATUS_MALFORMED);
    assert_int_equal(check(0, SLICE_LITERAL("HTTP/1.1 400")), STATUS_MALFORMED);
    assert_int_equal(check(0, SLICE_LITERAL("\x93\x01\x01\x90")), STATUS_MALFORMED); /* nothing */
    assert_int_equal(check(0, slice_make("\x93\x02\x00\x90", 4)), STATUS_UNSUPPORTED);
}

static void whatever_fails_is_told_and_leaves_nothing_open(void **state)
{
    struct buffer frame;
    const struct message welcome = {.type = MESSAGE_TYPE_GATEWAY_WELCOME,
                                    .gateway_welcome = {.session = 1}};
    (void)state;
    make_frame(&frame, &welcome);
    assert_int_equal(check(0, buffer_slice(&frame)), STATUS_OK);
    size_t count = calls;
    for (size_t nth = 1; nth <= count; nth++) {
        enum status expected = nth == count - 2 ? STATUS_INVALID : STATUS_IO; /* it connects */
        failing_errno = EINTR;
        assert_int_equal(check(nth, buffer_slice(&frame)), expected);
    }
    failing_errno = EAGAIN; /* of the answer: the last call */
    assert_int_equal(check(count, buffer_slice(&frame)), STATUS_TIMEOUT);
    memory_fail_at(1);
    assert_int_equal(check(0, buffer_slice(&frame)), STATUS_NO_MEMORY);
    memory_fail_never();
    buffer_fini(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broker_that_welcomes_is_well),
        cmocka_unit_test(anything_else_that_it_says_is_no_welcome),
        cmocka_unit_test(whatever_fails_is_told_and_leaves_nothing_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
