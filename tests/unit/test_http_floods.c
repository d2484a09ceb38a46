/*
 * Answers whose headers do not end. Method: a server of the test's own, on the same loop, sends a
 * beginning once and then a block again and again, for as long as somebody reads.
 */
#include "actors/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "actors/limits.h"
#include "tests/unit/test.h"

enum {
    TIMEOUT_MS = 3000,
    ANSWER_SIZE = 512,
    BLOCK_SIZE = 1024,
    BLOCKS_MAX = 1 << 20,
};

struct world {
    struct loop *loop;
    struct http *http;
    struct loop_watch *listening;
    struct loop_watch *sending;
    int fd;
    int peer;
    int port;
    const char *begin; /* sent once */
    const char *block; /* sent block_count times */
    const char *end;   /* sent once */
    int block_count;
    char block_bytes[BLOCK_SIZE];
    enum http_outcome outcome;
    long status;
    char header[64];
    char error[256];
};

/* ---- the server ---- */

/* A block of which a part was taken goes on with its beginning: its lines are long or short, no
 * matter. */
static void on_writable(void *context, int events)
{
    struct world *world = context;
    char request[4096];
    (void)events;
    if (recv(world->peer, request, sizeof(request), MSG_DONTWAIT) == 0) {
        loop_unwatch(&world->sending);
        return;
    }
    const char *text = world->begin;
    world->begin = NULL;
    if (text == NULL && world->block_count > 0) {
        text = world->block;
        world->block_count--;
    } else if (text == NULL) {
        text = world->end;
        loop_unwatch(&world->sending);
    }
    if (send(world->peer, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) {
        loop_unwatch(&world->sending);
    }
}

static void on_connection(void *context, int events)
{
    struct world *world = context;
    (void)events;
    world->peer = accept4(world->fd, NULL, NULL, SOCK_CLOEXEC);
    assert_true(world->peer >= 0);
    assert_int_equal(
        loop_watch(world->loop, world->peer, LOOP_WRITABLE, on_writable, world, &world->sending),
        STATUS_OK);
}

/* ---- the client ---- */

static void world_init(struct world *world)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    *world = (struct world){.peer = -1, .block_count = BLOCKS_MAX, .end = ""};
    memset(world->block_bytes, 'a', sizeof(world->block_bytes) - 1);
    memcpy(world->block_bytes, "X-One: ", 7);
    memcpy(world->block_bytes + sizeof(world->block_bytes) - 3, "\r\n", 3);
    world->block = world->block_bytes;
    assert_int_equal(loop_new(&world->loop), STATUS_OK);
    assert_int_equal(loop_timers_reserve(world->loop, 8), STATUS_OK);
    assert_int_equal(http_new(world->loop, &world->http), STATUS_OK);
    world->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(world->fd, (struct sockaddr *)(void *)&at, size), 0);
    assert_int_equal(listen(world->fd, 1), 0);
    assert_int_equal(getsockname(world->fd, (struct sockaddr *)(void *)&at, &size), 0);
    world->port = ntohs(at.sin_port);
    assert_int_equal(
        loop_watch(world->loop, world->fd, LOOP_READABLE, on_connection, world, &world->listening),
        STATUS_OK);
}

static void world_fini(struct world *world)
{
    loop_unwatch(&world->sending);
    loop_unwatch(&world->listening);
    close(world->fd);
    if (world->peer >= 0) {
        close(world->peer);
    }
    http_destroy(&world->http);
    loop_destroy(&world->loop);
}

static void on_response(void *context, const struct http_response *response)
{
    struct world *world = context;
    world->outcome = response->outcome;
    world->status = response->status;
    snprintf(world->error, sizeof(world->error), "%s", response->error);
    snprintf(world->header, sizeof(world->header), "%.*s",
             SLICE_PRINT(http_header(response, "x-kept")));
    loop_stop(world->loop);
}

static enum status take(void *context, struct slice bytes)
{
    (void)context;
    (void)bytes;
    return STATUS_OK;
}

static void get(struct world *world, http_write_function *write)
{
    char url[64];
    struct http_transfer *transfer = NULL;
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", world->port);
    const struct http_request request = {
        .url = url,
        .timeout_ms = TIMEOUT_MS,
        .answer_size_max = ANSWER_SIZE,
        .write = write,
    };
    assert_int_equal(http_start(world->http, &request, on_response, world, &transfer), STATUS_OK);
    loop_run(world->loop);
}

/* ---- tests ---- */

static const char chunks[] =
    "HTTP/1.1 200 OK\r\nX-Kept: yes\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nus\r\n0\r\n";

static void headers_without_end_are_too_large(void **state)
{
    static const char interim[] = "HTTP/1.1 103 Early Hints\r\nLink: </one>\r\n\r\n";
    const struct {
        const char *begin;
        const char *block; /* NULL: a long line of a header */
        long status;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n", NULL, 200},
        {interim, interim, 103},
        {chunks, NULL, 200},
    };
    (void)state;
    for (size_t index = 0; index < 2 * sizeof(cases) / sizeof(cases[0]); index++) {
        struct world world;
        world_init(&world);
        world.begin = cases[index / 2].begin;
        world.block = cases[index / 2].block != NULL ? cases[index / 2].block : world.block;
        get(&world, index % 2 == 0 ? NULL : take);
        assert_int_equal(world.outcome, HTTP_OUTCOME_TOO_LARGE);
        assert_int_equal(world.status, cases[index / 2].status);
        assert_string_equal(world.error, "the headers of the answer are too large");
        world_fini(&world);
    }
}

static void a_few_trailers_are_passed_over(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    world.begin = chunks;
    world.block_count = HTTP_HEADERS_SIZE_MAX / BLOCK_SIZE - 1;
    world.end = "\r\n";
    get(&world, NULL);
    assert_int_equal(world.outcome, HTTP_OUTCOME_ANSWERED);
    assert_int_equal(world.status, 200);
    assert_string_equal(world.header, "yes");
    world_fini(&world);
}

static void a_body_above_its_limit_is_told_as_such(void **state)
{
    struct world world;
    (void)state;
    world_init(&world);
    world.begin = "HTTP/1.1 200 OK\r\n\r\n";
    get(&world, NULL);
    assert_int_equal(world.outcome, HTTP_OUTCOME_TOO_LARGE);
    assert_string_equal(world.error, "the answer is too large");
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_without_end_are_too_large),
        cmocka_unit_test(a_few_trailers_are_passed_over),
        cmocka_unit_test(a_body_above_its_limit_is_told_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
