/* The gateway's connection to the broker, of which the test is the other end. Method: a ROUTER on a
 * socket file in a directory of the test, and a loop of h2o that the test turns; the linker sends
 * the calls that can fail through the test. */
#include "gateway/broker_link.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>
#include "base/clock.h"
#include "gateway/limits.h"
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    WAIT_MS = 60000, /* for the other thread of ZeroMQ on a busy machine */
};

/* ---- calls that can fail ---- */

static size_t calls;
static size_t failing_nth; /* 0 for none */

static bool fails_now(void)
{
    calls++;
    errno = EMFILE;
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
int __real_dup(int fd);
int __wrap_dup(int fd);
int __real_eventfd(unsigned int count, int flags);
int __wrap_eventfd(unsigned int count, int flags);

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

int __wrap_dup(int fd)
{
    return fails_now() ? -1 : __real_dup(fd);
}

int __wrap_eventfd(unsigned int count, int flags)
{
    return fails_now() ? -1 : __real_eventfd(count, flags);
}

/* ---- both ends ---- */

static char directory[40];
static char endpoint[64];
static void *broker_context;
static void *router;
static h2o_globalconf_t config;
static h2o_context_t context;
static struct broker_link *link_of_gateway;
static uint32_t connects;
static uint32_t disconnects;
static uint32_t frames;
static uint32_t turns;
static char last_frame[64];

static void on_frame(void *owner, struct slice frame)
{
    (void)owner;
    frames++;
    snprintf(last_frame, sizeof(last_frame), "%.*s", SLICE_PRINT(frame));
}

static void on_change(void *owner, bool connected)
{
    (void)owner;
    connects += connected;
    disconnects += !connected;
}

static void on_turn(void *owner)
{
    (void)owner;
    turns++;
}

static void listen_at_endpoint(void)
{
    router = __real_zmq_socket(broker_context, ZMQ_ROUTER);
    assert_non_null(router);
    assert_int_equal(zmq_bind(router, endpoint), 0);
}

static void close_router(void)
{
    const int linger = 0;
    if (router != NULL) {
        __real_zmq_setsockopt(router, ZMQ_LINGER, &linger, sizeof(linger));
        zmq_close(router);
        router = NULL;
    }
}

static enum status open_link(const char *address, struct broker_link **out)
{
    const struct broker_link_options options = {
        .context = &context,
        .endpoint = address,
        .on_frame = on_frame,
        .on_change = on_change,
        .on_turn = on_turn,
    };
    return broker_link_new(&options, out);
}

static void turn_until(const uint32_t *count, uint32_t wanted)
{
    int64_t end = clock_monotonic_ms() + WAIT_MS;
    while (*count < wanted) {
        assert_true(clock_monotonic_ms() < end);
        h2o_evloop_run(context.loop, 5);
    }
}

static int open_context(void **state)
{
    (void)state;
    h2o_config_init(&config);
    h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_context_init(&context, h2o_evloop_create(), &config);
    return 0;
}

static int close_context(void **state)
{
    (void)state;
    h2o_evloop_run(context.loop, 0);
    h2o_context_dispose(&context);
    h2o_config_dispose(&config);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    memory_fail_never();
    fail_at(0);
    snprintf(directory, sizeof(directory), "/tmp/troupe-broker-link-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(endpoint, sizeof(endpoint), "ipc://%s/broker", directory);
    broker_context = __real_zmq_ctx_new();
    listen_at_endpoint();
    connects = 0;
    disconnects = 0;
    frames = 0;
    turns = 0;
    return open_link(endpoint, &link_of_gateway) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    memory_fail_never();
    fail_at(0);
    broker_link_destroy(&link_of_gateway);
    broker_link_destroy(&link_of_gateway);
    close_router();
    zmq_ctx_term(broker_context);
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command);
}

static enum status send_text(const char *text)
{
    return broker_link_send(link_of_gateway, slice_from_string(text));
}

/* Receives one message of the gateway: who it is, and what it says. */
static void expect_at_router(zmq_msg_t *routing, const char *text)
{
    const int timeout = WAIT_MS;
    char bytes[64] = "";
    __real_zmq_setsockopt(router, ZMQ_RCVTIMEO, &timeout, sizeof(timeout));
    assert_true(zmq_msg_recv(routing, router, 0) >= 0);
    assert_true(zmq_recv(router, bytes, sizeof(bytes) - 1, 0) >= 0);
    assert_string_equal(bytes, text);
}

static void answer(zmq_msg_t *routing, const char *text)
{
    zmq_msg_t copy;
    zmq_msg_init(&copy);
    zmq_msg_copy(&copy, routing);
    assert_true(zmq_msg_send(&copy, router, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(router, text, strlen(text), 0) >= 0);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *stream = opendir("/proc/self/fd");
    assert_non_null(stream);
    while (readdir(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count;
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
    answer(&routing, "welcome");
    turn_until(&frames, 1);
    assert_string_equal(last_frame, "welcome");
    zmq_msg_close(&routing);
    close_router();
    turn_until(&disconnects, 1);
    listen_at_endpoint();
    turn_until(&connects, 2);
    assert_int_equal(send_text("hello again"), STATUS_OK);
}

static void without_a_connection_nothing_is_kept_to_be_sent(void **state)
{
    struct broker_link *alone = NULL;
    char nobody[64];
    (void)state;
    snprintf(nobody, sizeof(nobody), "ipc://%s/nobody", directory);
    assert_int_equal(open_link(nobody, &alone), STATUS_OK);
    assert_int_equal(broker_link_send(alone, SLICE_LITERAL("into the void")), STATUS_AGAIN);
    broker_link_destroy(&alone);
}

/* The descriptor tells of a change only once, however many frames came with it. */
static void more_than_a_turn_takes_comes_without_another_wake(void **state)
{
    zmq_msg_t routing;
    (void)state;
    turn_until(&connects, 1);
    assert_int_equal(send_text("hello"), STATUS_OK);
    zmq_msg_init(&routing);
    expect_at_router(&routing, "hello");
    for (int count = 0; count < 5 * BROKER_FRAMES_MAX; count++) {
        answer(&routing, "one of many");
    }
    zmq_msg_close(&routing);
    turn_until(&frames, 5 * BROKER_FRAMES_MAX);
    assert_int_equal(frames, 5 * BROKER_FRAMES_MAX);
}

static void a_turn_comes_once_for_all_who_asked(void **state)
{
    (void)state;
    turn_until(&connects, 1);
    uint32_t before = turns;
    broker_link_wake(link_of_gateway);
    broker_link_wake(link_of_gateway);
    turn_until(&turns, before + 1);
    assert_int_equal(turns, before + 1);
}

/* Where nobody listens: the other end of a connection closes when it likes. */
static void a_link_that_cannot_be_made_leaves_nothing_open(void **state)
{
    struct broker_link *none = NULL;
    char nobody[64];
    (void)state;
    snprintf(nobody, sizeof(nobody), "ipc://%s/nobody", directory);
    turn_until(&connects, 1);
    memory_fail_at(1);
    assert_int_equal(open_link(nobody, &none), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_int_equal(open_link("nonsense", &none), STATUS_INVALID);
    fail_at(0);
    assert_int_equal(open_link(nobody, &none), STATUS_OK);
    size_t count = calls;
    broker_link_destroy(&none);
    h2o_evloop_run(context.loop, 0);
    int before = open_descriptors();
    for (size_t nth = 1; nth <= count; nth++) {
        fail_at(nth);
        assert_int_not_equal(open_link(nobody, &none), STATUS_OK);
        assert_null(none);
        assert_int_equal(open_descriptors(), before);
    }
    fail_at(0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_go_both_ways_and_the_connection_is_told),
        TEST(without_a_connection_nothing_is_kept_to_be_sent),
        TEST(more_than_a_turn_takes_comes_without_another_wake),
        TEST(a_turn_comes_once_for_all_who_asked),
        TEST(a_link_that_cannot_be_made_leaves_nothing_open),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
