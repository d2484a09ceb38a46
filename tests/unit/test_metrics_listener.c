/* The listener on a real socket of loopback: its answers, and that no client holds up another. */
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/log.h"
#include "base/metrics_head.h"
#include "base/metrics_listener.h"
#include "tests/unit/memory.h"

static const struct metric answer = {"answer", METRIC_GAUGE, NULL, "It.", {0}, NULL};

static void render(void *context, const void *snapshot, struct metrics_writer *writer)
{
    (void)context;
    metrics_one(writer, &answer, *(const uint64_t *)snapshot);
}

/* A port that was free a moment ago. */
static uint16_t free_port(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    close(fd);
    return ntohs(name.sin_port);
}

static struct metrics_listener *open_at(uint16_t port)
{
    char address[METRICS_ADDRESS_SIZE_MAX];
    struct metrics_listener *listener;
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    assert_int_equal(metrics_listener_new(address, sizeof(uint64_t), render, NULL, &listener),
                     STATUS_OK);
    return listener;
}

static int connect_to(uint16_t port)
{
    const struct timeval limit = {10, 0};
    const struct sockaddr_in name = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof name), 0);
    return fd;
}

/* Sends a request and reads until the end. */
static void ask(uint16_t port, const char *request, char out[4096])
{
    size_t size = 0;
    ssize_t got;
    int fd = connect_to(port);
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
    while ((got = recv(fd, out + size, 4095 - size, 0)) > 0) {
        size += (size_t)got;
    }
    out[size] = '\0';
    close(fd);
}

static void test_requests_get_their_answers(void **state)
{
    static const struct {
        const char *request;
        const char *begin;
    } cases[] = {
        {"GET /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Type: text/plain"},
        {"GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text"},
        {"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
        {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
    };
    char text[4096];
    uint64_t value = 41;
    uint16_t port = free_port();
    struct metrics_listener *listener = open_at(port);
    (void)state;
    ask(port, "GET /metrics HTTP/1.1\r\n\r\n", text);
    assert_memory_equal(text, "HTTP/1.1 503 ", 13);
    metrics_listener_publish(listener, &value);
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        ask(port, cases[index].request, text);
        assert_memory_equal(text, cases[index].begin, strlen(cases[index].begin));
    }
    value = 42;
    metrics_listener_publish(listener, &value);
    ask(port, "GET /metrics HTTP/1.1\r\n\r\n", text);
    assert_non_null(strstr(text, "\r\n\r\n# HELP answer It.\n# TYPE answer gauge\nanswer 42\n"));
    metrics_listener_destroy(&listener);
    metrics_listener_destroy(&listener);
}

static void test_too_large_a_head_is_refused(void **state)
{
    char text[4096];
    uint16_t port = free_port();
    struct metrics_listener *listener = open_at(port);
    char *request = calloc(1, METRICS_HEAD_SIZE_MAX + 1);
    (void)state;
    memset(request, 'a', METRICS_HEAD_SIZE_MAX);
    ask(port, request, text);
    assert_memory_equal(text, "HTTP/1.1 431 ", 13);
    free(request);
    metrics_listener_destroy(&listener);
}

static void test_silent_clients_hold_up_nobody_for_long(void **state)
{
    int silent[METRICS_CLIENTS_MAX + 4];
    char text[4096];
    uint64_t value = 1;
    uint16_t port = free_port();
    struct metrics_listener *listener = open_at(port);
    (void)state;
    metrics_listener_publish(listener, &value);
    for (size_t index = 0; index < sizeof silent / sizeof silent[0]; index++) {
        silent[index] = connect_to(port);
    }
    for (size_t index = 4; index < sizeof silent / sizeof silent[0]; index++) {
        close(silent[index]);
    }
    ask(port, "GET /metrics HTTP/1.1\r\n\r\n", text); /* after METRICS_CLIENT_MS at the latest */
    assert_memory_equal(text, "HTTP/1.1 200 ", 13);
    for (size_t index = 0; index < 4; index++) {
        close(silent[index]);
    }
    metrics_listener_destroy(&listener);
}

static void test_bad_addresses_are_refused(void **state)
{
    static const char *const addresses[] = {
        "", "9464", ":9464", "localhost:9464", "127.0.0.1", "127.0.0.1:http", "[::1:9464"};
    struct metrics_listener *listener;
    (void)state;
    for (size_t index = 0; index < sizeof addresses / sizeof addresses[0]; index++) {
        assert_int_equal(metrics_listener_new(addresses[index], 8, render, NULL, &listener),
                         STATUS_INVALID);
        assert_null(listener);
        assert_int_equal(metrics_address_check(addresses[index]), STATUS_INVALID);
    }
    assert_int_equal(metrics_address_check("127.0.0.1:9464"), STATUS_OK);
    assert_int_equal(metrics_address_check("[::1]:9464"), STATUS_OK);
}

static void test_a_taken_address_is_told(void **state)
{
    char address[METRICS_ADDRESS_SIZE_MAX];
    uint16_t port = free_port();
    struct metrics_listener *first = open_at(port);
    struct metrics_listener *second;
    (void)state;
    snprintf(address, sizeof address, "127.0.0.1:%u", port);
    assert_int_equal(metrics_listener_new(address, 8, render, NULL, &second), STATUS_BUSY);
    assert_null(second);
    metrics_listener_destroy(&first);
}

static void test_want_of_memory_opens_nothing(void **state)
{
    struct metrics_listener *listener;
    (void)state;
    for (size_t nth = 1; nth <= 3; nth++) {
        memory_fail_at(nth);
        assert_int_equal(metrics_listener_new("127.0.0.1:0", 8, render, NULL, &listener),
                         STATUS_NO_MEMORY);
        assert_null(listener);
    }
    memory_fail_never();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_get_their_answers),
        cmocka_unit_test(test_too_large_a_head_is_refused),
        cmocka_unit_test(test_silent_clients_hold_up_nobody_for_long),
        cmocka_unit_test(test_bad_addresses_are_refused),
        cmocka_unit_test(test_a_taken_address_is_told),
        cmocka_unit_test(test_want_of_memory_opens_nothing),
    };
    log_init("test", LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
