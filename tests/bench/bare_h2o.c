/*
 * Method: the least that libh2o can do, as the yardstick for the gateway: one thread, one loop, one
 * handler that answers the bytes of a file given on the command line, for GET and POST alike.
 * Prints its port; ends with SIGTERM.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <h2o.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ACCEPTS_PER_TURN = 16,
    BODY_SIZE_MAX = 65536,
};

/* The whole state of this program. */
struct bare {
    h2o_handler_t handler;
    h2o_iovec_t body;
};

static h2o_accept_ctx_t accept_context;

static int on_request(h2o_handler_t *handler, h2o_req_t *request)
{
    static h2o_generator_t generator = {NULL, NULL};
    struct bare *bare = (struct bare *)handler;
    request->res.status = 200;
    request->res.reason = "OK";
    request->res.content_length = bare->body.len;
    h2o_add_header(&request->pool, &request->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                   H2O_STRLIT("application/json"));
    h2o_start_response(request, &generator);
    h2o_send(request, &bare->body, 1, H2O_SEND_STATE_FINAL);
    return 0;
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    if (error != NULL) {
        return;
    }
    for (int count = 0; count < ACCEPTS_PER_TURN; count++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL) {
            return;
        }
        h2o_accept(&accept_context, socket);
    }
}

static int listen_on_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("bare_h2o");
        exit(1);
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **words)
{
    static h2o_globalconf_t config;
    static h2o_context_t context;
    static char body[BODY_SIZE_MAX];
    FILE *file = count == 2 ? fopen(words[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: bare_h2o FILE\n");
        return 2;
    }
    size_t size = fread(body, 1, sizeof body, file);
    fclose(file);
    signal(SIGPIPE, SIG_IGN);
    h2o_config_init(&config);
    h2o_hostconf_t *host =
        h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct bare *bare = (struct bare *)h2o_create_handler(path, sizeof *bare);
    bare->handler.on_req = on_request;
    bare->body = h2o_iovec_init(body, size);
    h2o_loop_t *loop = h2o_evloop_create();
    h2o_context_init(&context, loop, &config);
    accept_context.ctx = &context;
    accept_context.hosts = config.hosts;
    h2o_socket_t *listener =
        h2o_evloop_socket_create(loop, listen_on_free_port(), H2O_SOCKET_FLAG_DONT_READ);
    h2o_socket_read_start(listener, on_accept);
    while (h2o_evloop_run(loop, INT32_MAX) == 0 || errno == EINTR) {
    }
    return 1;
}
