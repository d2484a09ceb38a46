/*
 * Requests on a real loop, to servers of the test's own. Method: the test moves to a network of its
 * own, whose loopback device has an address that anybody may be called at; names are looked up by
 * the getaddrinfo below, which libcurl finds before that of libc. Where no such network can be
 * made, the tests are skipped.
 */
#include "actors/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "actors/limits.h"
#include "tests/unit/test.h"

#define PUBLIC  "93.184.215.14"
#define PRIVATE "127.0.0.1"

enum {
    TIMEOUT_MS = 10000,
    CONNECTIONS_MAX = 4,
    ANSWER_SIZE = 512,
};

/* ---- names ---- */

/* glibc frees each entry with its address in one. */
static struct addrinfo *entry_new(const char *address, int port, struct addrinfo *next)
{
    struct addrinfo *entry = calloc(1, sizeof(*entry) + sizeof(struct sockaddr_in));
    assert_non_null(entry);
    struct sockaddr_in *to = (struct sockaddr_in *)(void *)(entry + 1);
    to->sin_family = AF_INET;
    to->sin_port = htons((uint16_t)port);
    assert_int_equal(inet_pton(AF_INET, address, &to->sin_addr), 1);
    entry->ai_family = AF_INET;
    entry->ai_socktype = SOCK_STREAM;
    entry->ai_addrlen = sizeof(*to);
    entry->ai_addr = (struct sockaddr *)(void *)to;
    entry->ai_next = next;
    return entry;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    (void)hints;
    int port = service == NULL ? 0 : (int)strtol(service, NULL, 10);
    if (strcmp(name, "both.test") == 0) {
        *out = entry_new(PRIVATE, port, entry_new(PUBLIC, port, NULL));
        return 0;
    }
    if (strcmp(name, "private.test") == 0) {
        *out = entry_new(PRIVATE, port, NULL);
        return 0;
    }
    return EAI_NONAME;
}

/* ---- a network ---- */

static bool has_network;

static bool network_make(void)
{
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        return false;
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq device = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    bool is_made = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &device) == 0;
    struct ifreq second = {.ifr_name = "lo:1"};
    struct sockaddr_in *address = (struct sockaddr_in *)(void *)&second.ifr_addr;
    address->sin_family = AF_INET;
    is_made = is_made && inet_pton(AF_INET, PUBLIC, &address->sin_addr) == 1 &&
              ioctl(fd, SIOCSIFADDR, &second) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_made;
}

/* ---- a server ---- */

struct server {
    struct loop *loop;
    struct loop_watch *watch;
    struct loop_watch *watches[CONNECTIONS_MAX];
    int fds[CONNECTIONS_MAX];
    int fd;
    int port;
    int connections;
    int requests;
    char answer[ANSWER_SIZE];
};

/* Answers whatever comes, on all connections alike. */
static void on_request(void *context, int events)
{
    struct server *server = context;
    char request[4096];
    (void)events;
    for (int index = 0; index < server->connections; index++) {
        ssize_t size = recv(server->fds[index], request, sizeof(request), MSG_DONTWAIT);
        if (size > 0) {
            size_t answer = strlen(server->answer);
            server->requests++;
            assert_int_equal(send(server->fds[index], server->answer, answer, MSG_NOSIGNAL),
                             answer);
        } else if (size == 0) {
            loop_unwatch(&server->watches[index]);
        }
    }
}

static void on_connection(void *context, int events)
{
    struct server *server = context;
    int index = server->connections;
    (void)events;
    assert_true(index < CONNECTIONS_MAX);
    server->fds[index] = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
    assert_true(server->fds[index] >= 0);
    server->connections++;
    assert_int_equal(loop_watch(server->loop, server->fds[index], LOOP_READABLE, on_request, server,
                                &server->watches[index]),
                     STATUS_OK);
}

static void server_init(struct server *server, struct loop *loop, const char *address)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof(at);
    *server = (struct server){.loop = loop};
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
    assert_int_equal(bind(server->fd, (struct sockaddr *)(void *)&at, size), 0);
    assert_int_equal(listen(server->fd, CONNECTIONS_MAX), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)(void *)&at, &size), 0);
    server->port = ntohs(at.sin_port);
    assert_int_equal(
        loop_watch(loop, server->fd, LOOP_READABLE, on_connection, server, &server->watch),
        STATUS_OK);
}

static void server_fini(struct server *server)
{
    for (int index = 0; index < server->connections; index++) {
        loop_unwatch(&server->watches[index]);
        close(server->fds[index]);
    }
    loop_unwatch(&server->watch);
    close(server->fd);
}

/* ---- a client ---- */

struct world {
    struct loop *loop;
    struct http *http;
    struct server outside;
    struct server inside;
    enum http_outcome outcome;
    long status;
    int64_t retry_after_ms;
};

static void on_response(void *context, const struct http_response *response)
{
    struct world *world = context;
    world->outcome = response->outcome;
    world->status = response->status;
    world->retry_after_ms = response->retry_after_ms;
    loop_stop(world->loop);
}

static void get(struct world *world, const char *address, int port, bool is_of_others)
{
    char url[128];
    struct http_transfer *transfer = NULL;
    snprintf(url, sizeof(url), "http://%s:%d/", address, port);
    const struct http_request request = {
        .url = url,
        .timeout_ms = TIMEOUT_MS,
        .answer_size_max = ANSWER_SIZE,
        .global_only = is_of_others,
        .follow = is_of_others,
    };
    assert_int_equal(http_start(world->http, &request, on_response, world, &transfer), STATUS_OK);
    loop_run(world->loop);
}

/* An answer whose bytes are not taken at first, and are none when they come again. */
struct late {
    struct world *world;
    struct http_transfer *transfer;
    struct timer resume;
    struct timer bound;
    bool was_asked;
};

static void on_late_response(void *context, const struct http_response *response)
{
    struct late *late = context;
    on_response(late->world, response);
}

static void on_resume(void *context)
{
    struct late *late = context;
    http_resume(late->transfer);
}

static void on_bound(void *context)
{
    struct late *late = context;
    loop_stop(late->world->loop);
}

static enum status refuse_late(void *context, struct slice bytes)
{
    struct late *late = context;
    (void)bytes;
    if (late->was_asked) {
        return STATUS_MALFORMED;
    }
    late->was_asked = true;
    loop_timer_start(late->world->loop, &late->resume, 0);
    return STATUS_AGAIN;
}

static void get_late(struct late *late)
{
    char url[128];
    snprintf(url, sizeof(url), "http://%s:%d/", PRIVATE, late->world->inside.port);
    const struct http_request request = {
        .url = url,
        .timeout_ms = TIMEOUT_MS,
        .answer_size_max = ANSWER_SIZE,
        .write = refuse_late,
        .write_context = late,
    };
    late->resume = (struct timer){.fire = on_resume, .context = late};
    late->bound = (struct timer){.fire = on_bound, .context = late};
    assert_int_equal(
        http_start(late->world->http, &request, on_late_response, late, &late->transfer),
        STATUS_OK);
    loop_timer_start(late->world->loop, &late->bound, TIMEOUT_MS / 4);
    loop_run(late->world->loop);
    loop_timer_stop(late->world->loop, &late->bound);
}

static void outside_leads_to(struct world *world, const char *host, int port)
{
    snprintf(world->outside.answer, ANSWER_SIZE,
             "HTTP/1.1 302 Found\r\nLocation: http://%s:%d/\r\nContent-Length: 0\r\n\r\n", host,
             port);
}

static void world_init(struct world *world)
{
    if (!has_network) {
        skip();
    }
    *world = (struct world){0};
    assert_int_equal(loop_new(&world->loop), STATUS_OK);
    assert_int_equal(loop_timers_reserve(world->loop, 8), STATUS_OK);
    assert_int_equal(http_new(world->loop, &world->http), STATUS_OK);
    server_init(&world->outside, world->loop, PUBLIC);
    server_init(&world->inside, world->loop, PRIVATE);
    snprintf(world->inside.answer, ANSWER_SIZE, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nus");
}

static void world_fini(struct world *world)
{
    server_fini(&world->outside);
    server_fini(&world->inside);
    http_destroy(&world->http);
    loop_destroy(&world->loop);
}

/* ---- tests ---- */

/* The connection was opened for a request that may go everywhere, and stays open after it. */
static void a_redirect_does_not_lead_to_a_kept_connection_within(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    get(&world, PRIVATE, world.inside.port, false);
    assert_int_equal(world.outcome, HTTP_OUTCOME_ANSWERED);
    assert_int_equal(world.inside.requests, 1);
    outside_leads_to(&world, PRIVATE, world.inside.port);
    get(&world, PUBLIC, world.outside.port, true);
    assert_int_equal(world.outside.requests, 1);
    assert_int_equal(world.inside.requests, 1);
    assert_int_equal(world.outcome, HTTP_OUTCOME_FORBIDDEN);
    world_fini(&world);
}

static void a_redirect_is_followed_among_what_anybody_may_call(void **state)
{
    struct world world;
    struct server third;
    (void)state;
    world_init(&world);
    server_init(&third, world.loop, PUBLIC);
    snprintf(third.answer, ANSWER_SIZE, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nus");
    outside_leads_to(&world, PUBLIC, third.port);
    get(&world, PUBLIC, world.outside.port, true);
    assert_int_equal(world.outcome, HTTP_OUTCOME_ANSWERED);
    assert_int_equal(world.status, 200);
    assert_int_equal(third.requests, 1);
    server_fini(&third);
    world_fini(&world);
}

static void where_only_forbidden_addresses_are_is_forbidden(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    outside_leads_to(&world, "private.test", world.inside.port);
    get(&world, PUBLIC, world.outside.port, true);
    assert_int_equal(world.outcome, HTTP_OUTCOME_FORBIDDEN);
    get(&world, "private.test", world.inside.port, true);
    assert_int_equal(world.outcome, HTTP_OUTCOME_FORBIDDEN);
    assert_int_equal(world.inside.connections, 0);
    world_fini(&world);
}

static void where_redirects_are_followed_an_address_that_is_none_is_forbidden(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    get(&world, "[none", world.inside.port, false);
    assert_int_equal(world.outcome, HTTP_OUTCOME_NOT_SENT);
    get(&world, "[none", world.inside.port, true);
    assert_int_equal(world.outcome, HTTP_OUTCOME_FORBIDDEN);
    world_fini(&world);
}

static bool has_six(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* What is at each decides nothing: nobody is asked. One that is mapped is the server within. */
static void addresses_of_version_6_are_held_to_the_same(void **state)
{
    static const struct {
        const char *address;
        bool is_forbidden;
    } cases[] = {
        {"[::1]", true},
        {"[::ffff:127.0.0.1]", true},
        {"[64:ff9b::7f00:1]", true},
        {"[fe80::1]", true},
        {"[fc00::1]", true},
        {"[2606:2800:220:1:248:1893:25c8:1946]", false},
    };
    (void)state;
    if (!has_six()) {
        printf("this machine has no IPv6\n");
        skip();
    }
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        bool is_forbidden = cases[index].is_forbidden;
        struct world world;
        world_init(&world);
        get(&world, cases[index].address, world.inside.port, true);
        assert_int_equal(world.outcome,
                         is_forbidden ? HTTP_OUTCOME_FORBIDDEN : HTTP_OUTCOME_NOT_SENT);
        outside_leads_to(&world, cases[index].address, world.inside.port);
        get(&world, PUBLIC, world.outside.port, true);
        assert_int_equal(world.outcome,
                         is_forbidden ? HTTP_OUTCOME_FORBIDDEN : HTTP_OUTCOME_BROKEN);
        assert_int_equal(world.outside.requests, 1);
        assert_int_equal(world.inside.connections, 0);
        world_fini(&world);
    }
}

/* Nobody listens at the address that may be called, for now. */
static void a_host_that_may_be_called_and_refuses_is_not_forbidden(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    outside_leads_to(&world, "both.test", world.inside.port);
    get(&world, PUBLIC, world.outside.port, true);
    assert_int_equal(world.outcome, HTTP_OUTCOME_BROKEN);
    get(&world, "both.test", world.inside.port, true);
    assert_int_equal(world.outcome, HTTP_OUTCOME_NOT_SENT);
    assert_int_equal(world.inside.connections, 0);
    world_fini(&world);
}

static void a_wish_to_wait_for_ever_is_bounded(void **state)
{
    static const struct {
        const char *wish;
        int64_t retry_after_ms;
    } cases[] = {
        {"retry-after-ms: 250", 250},
        {"retry-after-ms: 9223372036854775807", RETRY_AFTER_MS_MAX},
        {"retry-after-ms: 99999999999999999999", RETRY_AFTER_MS_MAX},
        {"retry-after: 7", 7000},
        {"retry-after: 999999999", RETRY_AFTER_MS_MAX},
        {"retry-after: 99999999999999999999", RETRY_AFTER_MS_MAX},
        {"retry-after: 18446744073709551617", RETRY_AFTER_MS_MAX},
        {"retry-after: Fri, 01 Jan 2100 00:00:00 GMT", RETRY_AFTER_MS_MAX},
        {"retry-after-ms: -1", -1},
        {"retry-after: 0", 0},
        {"retry-after: soon", -1},
        {"retry-after:", -1},
        {"retry-after: Thu, 01 Jan 1970 00:00:01 GMT", 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct world world;
        world_init(&world);
        snprintf(world.inside.answer, ANSWER_SIZE,
                 "HTTP/1.1 429 Slow\r\n%s\r\nContent-Length: 0\r\n\r\n", cases[index].wish);
        get(&world, PRIVATE, world.inside.port, false);
        assert_int_equal(world.status, 429);
        assert_int_equal(world.retry_after_ms, cases[index].retry_after_ms);
        world_fini(&world);
    }
}

static void a_date_to_come_is_waited_for(void **state)
{
    struct world world;
    char date[64];
    struct tm parts;
    time_t then = time(NULL) + 100;
    (void)state;
    world_init(&world);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &parts));
    snprintf(world.inside.answer, ANSWER_SIZE,
             "HTTP/1.1 503 Slow\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
    get(&world, PRIVATE, world.inside.port, false);
    assert_in_range(world.retry_after_ms, 80000, 100000);
    world_fini(&world);
}

/* Neither the end of its answer nor a word of its sender is needed. */
static void what_is_refused_when_it_goes_on_ends_at_once(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nus",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nus",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nus\r\n2\r\nus\r\n0\r\n\r\n",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(answers) / sizeof(answers[0]); index++) {
        struct world world;
        struct late late = {.world = &world};
        world_init(&world);
        snprintf(world.inside.answer, ANSWER_SIZE, "%s", answers[index]);
        get_late(&late);
        assert_true(late.was_asked);
        assert_int_equal(world.outcome, HTTP_OUTCOME_REFUSED);
        world_fini(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redirect_does_not_lead_to_a_kept_connection_within),
        cmocka_unit_test(a_redirect_is_followed_among_what_anybody_may_call),
        cmocka_unit_test(where_only_forbidden_addresses_are_is_forbidden),
        cmocka_unit_test(where_redirects_are_followed_an_address_that_is_none_is_forbidden),
        cmocka_unit_test(addresses_of_version_6_are_held_to_the_same),
        cmocka_unit_test(a_host_that_may_be_called_and_refuses_is_not_forbidden),
        cmocka_unit_test(a_wish_to_wait_for_ever_is_bounded),
        cmocka_unit_test(a_date_to_come_is_waited_for),
        cmocka_unit_test(what_is_refused_when_it_goes_on_ends_at_once),
    };
    has_network = network_make();
    if (!has_network) {
        printf("no network of the test's own can be made: %s\n", strerror(errno));
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
