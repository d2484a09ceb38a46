/* The connection to the broker, of which the test is the other end: frames go both ways, changes
 * are told, a reset forgets what was under way. Method: a ROUTER on a socket file in a directory of
 * the test; the linker sends the calls that can fail through the test. */
#include "actors/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>
#include "base/clock.h"
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    WAIT_MS = 60000, /* for the other thread of ZeroMQ on a busy machine */
};

/* ---- calls that can fail ---- */

static size_t calls;
static size_t failing_nth; /* 0 for none */
static int failing_errno;  /* of the next sends; 0 for none */
static int failing_sends;

static bool fails_now(void)
{
    calls++;
    errno = EINVAL;
    return calls == failing_nth;
}

static void fail_at(size_t nth)
{
    calls = 0;
    failing_nth = nth;
}

void *__real_zmq_ctx_new(void);
void *__wrap_zmq_ctx_new(void);
void *__real_zmq_socket(void *context, int type);
void *__wrap_zmq_socket(void *context, int type);
int __real_zmq_setsockopt(void *socket, int option, const void *value, size_t size);
int __wrap_zmq_setsockopt(void *socket, int option, const void *value, size_t size);
int __real_zmq_getsockopt(void *socket, int option, void *value, size_t *size);
int __wrap_zmq_getsockopt(void *socket, int option, void *value, size_t *size);
int __real_zmq_connect(void *socket, const char *address);
int __wrap_zmq_connect(void *socket, const char *address);
int __real_zmq_socket_monitor(void *socket, const char *address, int events);
int __wrap_zmq_socket_monitor(void *socket, const char *address, int events);
int __real_zmq_send(void *socket, const void *data, size_t size, int flags);
int __wrap_zmq_send(void *socket, const void *data, size_t size, int flags);
enum status __real_loop_watch(struct loop *loop, int fd, int events, loop_watch_function *function,
                              void *context, struct loop_watch **out);
enum status __wrap_loop_watch(struct loop *loop, int fd, int events, loop_watch_function *function,
                              void *context, struct loop_watch **out);

void *__wrap_zmq_ctx_new(void)
{
    return fails_now() ? NULL : __real_zmq_ctx_new();
}

void *__wrap_zmq_socket(void *context, int type)
{
    return fails_now() ? NULL : __real_zmq_socket(context, type);
}

int __wrap_zmq_setsockopt(void *socket, int option, const void *value, size_t size)
{
    return fails_now() ? -1 : __real_zmq_setsockopt(socket, option, value, size);
}

int __wrap_zmq_getsockopt(void *socket, int option, void *value, size_t *size)
{
    return option == ZMQ_FD && fails_now() ? -1
                                           : __real_zmq_getsockopt(socket, option, value, size);
}

int __wrap_zmq_connect(void *socket, const char *address)
{
    return fails_now() ? -1 : __real_zmq_connect(socket, address);
}

int __wrap_zmq_socket_monitor(void *socket, const char *address, int events)
{
    return address != NULL && fails_now() ? -1 : __real_zmq_socket_monitor(socket, address, events);
}

int __wrap_zmq_send(void *socket, const void *data, size_t size, int flags)
{
    if (failing_sends > 0) {
        failing_sends--;
        errno = failing_errno;
        return -1;
    }
    return __real_zmq_send(socket, data, size, flags);
}

enum status __wrap_loop_watch(struct loop *loop, int fd, int events, loop_watch_function *function,
                              void *context, struct loop_watch **out)
{
    return fails_now() ? STATUS_IO : __real_loop_watch(loop, fd, events, function, context, out);
}

/* ---- both ends ---- */

static char directory[32];
static char endpoint[64];
static void *context; /* the broker's */
static void *router;
static struct loop *loop;
static struct link *link_of_actor;
static uint32_t connects;
static uint32_t disconnects;
static uint32_t frames;
static char last_frame[64];
static bool resets_on_frame;

static void on_frame(void *owner, struct slice frame)
{
    (void)owner;
    frames++;
    assert_true(frame.size < sizeof last_frame);
    snprintf(last_frame, sizeof last_frame, "%.*s", SLICE_PRINT(frame));
    if (resets_on_frame) {
        assert_int_equal(link_reset(link_of_actor), STATUS_OK);
    }
}

static void on_change(void *owner, bool connected)
{
    (void)owner;
    connects += connected;
    disconnects += !connected;
}

static void listen_at_endpoint(void)
{
    router = zmq_socket(context, ZMQ_ROUTER);
    assert_non_null(router);
    const int mandatory = 1;
    assert_int_equal(
        __real_zmq_setsockopt(router, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory), 0);
    assert_int_equal(zmq_bind(router, endpoint), 0);
}

static void close_router(void)
{
    const int linger = 0;
    if (router != NULL) {
        __real_zmq_setsockopt(router, ZMQ_LINGER, &linger, sizeof linger);
        zmq_close(router);
        router = NULL;
    }
}

static enum status open_link(struct link **out)
{
    const struct link_options options = {
        .endpoint = endpoint, .on_frame = on_frame, .on_change = on_change};
    return link_new(loop, &options, out);
}

/* One turn of the loop, which waits at most a moment. */
static void stop_loop(void *owner)
{
    loop_stop(owner);
}

static void turn(void)
{
    struct timer timer = {.fire = stop_loop, .context = loop};
    loop_timer_start(loop, &timer, 5);
    loop_run(loop);
    loop_timer_stop(loop, &timer);
    link_receive(link_of_actor, 100);
}

static void turn_until(const uint32_t *count, uint32_t wanted)
{
    int64_t end = clock_monotonic_ms() + WAIT_MS;
    while (*count < wanted) {
        assert_true(clock_monotonic_ms() < end);
        turn();
    }
}

static int set_up(void **state)
{
    (void)state;
    memory_fail_never();
    fail_at(0);
    snprintf(directory, sizeof directory, "/tmp/troupe-link-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(endpoint, sizeof endpoint, "ipc://%s/broker", directory);
    context = zmq_ctx_new();
    assert_non_null(context);
    listen_at_endpoint();
    assert_int_equal(loop_new(&loop), STATUS_OK);
    assert_int_equal(loop_timers_reserve(loop, 1), STATUS_OK);
    connects = 0;
    disconnects = 0;
    frames = 0;
    resets_on_frame = false;
    return open_link(&link_of_actor) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    memory_fail_never();
    fail_at(0);
    failing_sends = 0;
    link_destroy(&link_of_actor, 0);
    link_destroy(&link_of_actor, 0);
    loop_destroy(&loop);
    close_router();
    zmq_ctx_term(context);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

/* Receives one message of the actor: who it is, and what it says. */
static void expect_at_router(zmq_msg_t *routing, const char *text)
{
    const int timeout = WAIT_MS;
    char bytes[64] = "";
    __real_zmq_setsockopt(router, ZMQ_RCVTIMEO, &timeout, sizeof timeout);
    assert_true(zmq_msg_recv(routing, router, 0) >= 0);
    assert_true(zmq_recv(router, bytes, sizeof bytes - 1, 0) >= 0);
    assert_string_equal(bytes, text);
}

static enum status send_text(const char *text)
{
    return link_send(link_of_actor, slice_from_string(text));
}

static void answer(zmq_msg_t *routing, const char *first, const char *second)
{
    zmq_msg_t copy;
    zmq_msg_init(&copy);
    zmq_msg_copy(&copy, routing);
    assert_true(zmq_msg_send(&copy, router, ZMQ_SNDMORE) >= 0);
    int more = second == NULL ? 0 : ZMQ_SNDMORE;
    assert_true(__real_zmq_send(router, first, strlen(first), more) >= 0);
    if (second != NULL) {
        assert_true(__real_zmq_send(router, second, strlen(second), 0) >= 0);
    }
}

/* ---- tests ---- */

static void frames_go_both_ways_and_the_connection_is_told(void **state)
{
    zmq_msg_t routing;
    (void)state;
    turn_until(&connects, 1);
    assert_int_equal(send_text("hello"), STATUS_OK);
    zmq_msg_init(&routing);
    expect_at_router(&routing, "hello");
    answer(&routing, "welcome", NULL);
    turn_until(&frames, 1);
    assert_string_equal(last_frame, "welcome");
    answer(&routing, "two", "parts");
    turn_until(&frames, 3);
    assert_string_equal(last_frame, "parts");
    zmq_msg_close(&routing);
    close_router();
    turn_until(&disconnects, 1);
    listen_at_endpoint();
    turn_until(&connects, 2);
}

static void no_more_is_taken_at_a_time_than_asked_for(void **state)
{
    zmq_msg_t routing;
    (void)state;
    turn_until(&connects, 1);
    assert_int_equal(send_text("hello"), STATUS_OK);
    zmq_msg_init(&routing);
    expect_at_router(&routing, "hello");
    for (int count = 0; count < 4; count++) {
        answer(&routing, "again", NULL);
    }
    zmq_msg_close(&routing);
    int64_t end = clock_monotonic_ms() + WAIT_MS;
    while (frames < 4) {
        uint32_t before = frames;
        bool took = link_receive(link_of_actor, 1);
        assert_int_equal(frames - before, took);
        assert_true(clock_monotonic_ms() < end);
    }
    assert_false(link_receive(link_of_actor, 1));
}

static void without_a_connection_nothing_is_kept_to_be_sent(void **state)
{
    struct link *alone = NULL;
    (void)state;
    snprintf(endpoint, sizeof endpoint, "ipc://%s/nobody", directory);
    assert_int_equal(open_link(&alone), STATUS_OK);
    assert_int_equal(link_send(alone, SLICE_LITERAL("into the void")), STATUS_AGAIN);
    link_destroy(&alone, 0);
}

static void a_send_that_fails_says_how(void **state)
{
    zmq_msg_t routing;
    (void)state;
    turn_until(&connects, 1);
    failing_sends = 1;
    failing_errno = EINTR;
    assert_int_equal(send_text("after an interruption"), STATUS_OK);
    zmq_msg_init(&routing);
    expect_at_router(&routing, "after an interruption");
    zmq_msg_close(&routing);
    failing_sends = 1;
    failing_errno = EAGAIN;
    assert_int_equal(send_text("not now"), STATUS_AGAIN);
    failing_sends = 1;
    failing_errno = ETERM;
    assert_int_equal(send_text("never"), STATUS_IO);
}

/* The frames behind the one that made it reset are gone with the socket. */
static void a_reset_forgets_what_was_under_way_and_connects_again(void **state)
{
    zmq_msg_t routing;
    (void)state;
    turn_until(&connects, 1);
    assert_int_equal(send_text("hello"), STATUS_OK);
    zmq_msg_init(&routing);
    expect_at_router(&routing, "hello");
    for (int count = 0; count < 5; count++) {
        answer(&routing, "reset", NULL);
    }
    resets_on_frame = true;
    turn_until(&frames, 1);
    resets_on_frame = false;
    turn_until(&connects, 2);
    assert_int_equal(frames, 1);
    assert_int_equal(send_text("hello again"), STATUS_OK);
    zmq_msg_t other;
    zmq_msg_init(&other);
    expect_at_router(&other, "hello again");
    assert_true(zmq_msg_size(&other) != zmq_msg_size(&routing) ||
                memcmp(zmq_msg_data(&other), zmq_msg_data(&routing), zmq_msg_size(&other)) != 0);
    zmq_msg_close(&other);
    zmq_msg_close(&routing);
}

static void a_link_that_cannot_be_made_leaves_nothing(void **state)
{
    struct link *none = NULL;
    (void)state;
    for (size_t nth = 1; nth <= 2; nth++) { /* itself, what the loop needs */
        memory_fail_at(nth);
        assert_int_equal(open_link(&none), STATUS_NO_MEMORY);
        assert_null(none);
    }
    memory_fail_never();
    fail_at(0);
    assert_int_equal(open_link(&none), STATUS_OK);
    size_t count = calls;
    link_destroy(&none, 0);
    for (size_t nth = 1; nth <= count; nth++) {
        fail_at(nth);
        assert_int_not_equal(open_link(&none), STATUS_OK);
        assert_null(none);
    }
    fail_at(0);
    snprintf(endpoint, sizeof endpoint, "nonsense");
    assert_int_equal(open_link(&none), STATUS_INVALID);
    assert_null(none);
}

/* It can be tried again, and until then nothing is sent and nothing comes. */
static void a_reset_that_fails_leaves_a_link_without_sockets(void **state)
{
    (void)state;
    turn_until(&connects, 1);
    fail_at(0);
    assert_int_equal(link_reset(link_of_actor), STATUS_OK);
    size_t count = calls;
    for (size_t nth = 2; nth <= count; nth++) { /* the first one sets how the old socket closes */
        fail_at(0);
        assert_int_equal(link_reset(link_of_actor), STATUS_OK);
        fail_at(nth);
        assert_int_not_equal(link_reset(link_of_actor), STATUS_OK);
        assert_int_equal(send_text("nobody"), STATUS_IO);
        assert_false(link_receive(link_of_actor, 10));
    }
    fail_at(0);
    uint32_t before = connects;
    assert_int_equal(link_reset(link_of_actor), STATUS_OK);
    turn_until(&connects, before + 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_go_both_ways_and_the_connection_is_told),
        TEST(no_more_is_taken_at_a_time_than_asked_for),
        TEST(without_a_connection_nothing_is_kept_to_be_sent),
        TEST(a_send_that_fails_says_how),
        TEST(a_reset_forgets_what_was_under_way_and_connects_again),
        TEST(a_link_that_cannot_be_made_leaves_nothing),
        TEST(a_reset_that_fails_leaves_a_link_without_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
