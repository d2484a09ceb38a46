#include "gateway/server.h"

#include <errno.h>
#include <fcntl.h>
#include <h2o/version.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "base/log.h"
#include "gateway/envelope_filter.h"
#include "gateway/exchange.h"
#include "gateway/flights.h"
#include "gateway/limits.h"
#include "gateway/swallow.h"
#include "gateway/uploads.h"

struct server {
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    struct swallows swallows;
    struct flights flights;
    struct uploads uploads;
    h2o_socket_t *listener;
    h2o_socket_t *ticker;
    h2o_socket_t *signals;
    struct gateway *gateway;
    size_t connection_count;
    size_t connection_count_max;
    bool stopping;
    int64_t stop_at_ms; /* when it stops in any case */
};

/* The one handler of every path: routes.c has the rest. */
struct api_handler {
    h2o_handler_t super;
    struct server *server;
};

struct build_library server_library(void)
{
    return build_library("h2o", "%s", H2O_VERSION);
}

static int on_request(h2o_handler_t *handler, h2o_req_t *request)
{
    struct api_handler *api = (struct api_handler *)handler;
    exchange_begin(api->server->gateway, request);
    return 0;
}

/* ---- connections ---- */

static void on_listener_readable(h2o_socket_t *listener, const char *error);

static void on_connection_close(void *data)
{
    struct flight_line *line = data;
    struct server *server = H2O_STRUCT_FROM_MEMBER(struct server, flights, line->flights);
    flights_close_line(line);
    server->connection_count--;
    if (server->listener != NULL && !h2o_socket_is_reading(server->listener)) {
        h2o_socket_read_start(server->listener, on_listener_readable);
    }
}

static void connection_begin(struct server *server, h2o_socket_t *socket)
{
    unsigned timeout_ms = (unsigned)server->flights.patience_ms;
    int fd = h2o_socket_get_fd(socket);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
    server->connection_count++;
    socket->on_close.cb = on_connection_close;
    flights_open_line(&server->flights, socket);
    h2o_accept(&server->accept, socket);
}

/* At the cap the rest waits in the kernel's backlog until a connection closes. */
static void on_listener_readable(h2o_socket_t *listener, const char *error)
{
    struct server *server = listener->data;
    if (error != NULL) {
        return;
    }
    for (int count = 0; count < ACCEPTS_MAX; count++) {
        if (server->connection_count >= server->connection_count_max) {
            h2o_socket_read_stop(listener);
            return;
        }
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL) {
            return;
        }
        connection_begin(server, socket);
    }
}

/* As many connections as the limit of open files has room for, after raising it. */
static size_t connection_count_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return CONNECTION_FILES_SPARE;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    size_t reserve = CONNECTION_FILES_SPARE + ASSETS_OPEN_MAX;
    size_t room = limit.rlim_cur > 2 * reserve ? limit.rlim_cur - reserve : limit.rlim_cur / 2;
    return room < CONNECTIONS_MAX ? room : CONNECTIONS_MAX;
}

/* ---- the end ---- */

/* h2o shows every connection of HTTP/1 as a request: one without a method waits for its next. */
static int idle_close(h2o_req_t *request, void *data)
{
    (void)data;
    if (request->input.method.base == NULL) {
        h2o_socket_t *socket = request->conn->callbacks->get_socket(request->conn);
        shutdown(h2o_socket_get_fd(socket), SHUT_RDWR);
    }
    return 0;
}

/* Ends what would go on by itself. Again and again until nothing is left: a stream may begin and a
 * connection become idle only after the first time. A client that is busy asks once more within
 * STOP_IDLE_MS and is told to close; only what is idle for longer is cut off. */
static void stop_go_on(struct server *server)
{
    streams_end(&server->gateway->streams);
    watch_end(&server->gateway->watch);
    if (clock_monotonic_ms() < server->stop_at_ms - SHUTDOWN_TIMEOUT_MS + STOP_IDLE_MS) {
        return;
    }
    server->config.http1.callbacks.foreach_request(&server->context, idle_close, NULL);
}

static void stop_begin(struct server *server)
{
    log_info("stopping", "connections=%zu", server->connection_count);
    server->stopping = true;
    server->stop_at_ms = clock_monotonic_ms() + SHUTDOWN_TIMEOUT_MS;
    h2o_socket_close(server->listener);
    server->listener = NULL;
    waits_stop(&server->gateway->waits);
    h2o_context_request_shutdown(&server->context);
    stop_go_on(server);
}

static bool stop_is_over(const struct server *server)
{
    return server->stopping &&
           (server->connection_count == 0 || clock_monotonic_ms() >= server->stop_at_ms);
}

/* ---- signals and time ---- */

static void on_signal(h2o_socket_t *socket, const char *error)
{
    struct server *server = socket->data;
    struct signalfd_siginfo info;
    (void)error;
    while (read(h2o_socket_get_fd(socket), &info, sizeof(info)) == sizeof(info)) {
        if (!server->stopping) {
            stop_begin(server);
        }
    }
}

static void on_tick(h2o_socket_t *socket, const char *error)
{
    struct server *server = socket->data;
    uint64_t count;
    (void)error;
    if (read(h2o_socket_get_fd(socket), &count, sizeof(count)) == sizeof(count)) {
        server->gateway->traffic = (struct traffic){
            server->connection_count, server->connection_count_max, server->swallows.refused};
        gateway_tick(server->gateway);
        flights_tick(&server->flights, clock_monotonic_ms());
        swallows_tick(&server->swallows, clock_monotonic_ms());
        uploads_tick(&server->uploads, &server->context, clock_monotonic_ms());
        if (server->stopping) {
            stop_go_on(server);
        }
    }
}

static h2o_socket_t *descriptor_watch(struct server *server, int fd, h2o_socket_cb callback)
{
    if (fd < 0) {
        log_error("cannot make a descriptor", "errno=%d", errno);
        return NULL;
    }
    h2o_socket_t *socket =
        h2o_evloop_socket_create(server->context.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    socket->data = server;
    h2o_socket_read_start(socket, callback);
    return socket;
}

static int ticker_open(void)
{
    struct itimerspec period = {0};
    period.it_interval.tv_nsec = TICK_MS * 1000000L;
    period.it_value.tv_nsec = 1;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd >= 0) {
        timerfd_settime(fd, 0, &period, NULL);
    }
    return fd;
}

static int signals_open(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* ---- listening ---- */

/* Splits host:port, the host perhaps in brackets. Returns OK or INVALID. */
static enum status address_split(const char *address, char host[NI_MAXHOST], char port[NI_MAXSERV])
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL || colon == address || strlen(colon + 1) == 0 ||
        strlen(colon + 1) >= NI_MAXSERV || (size_t)(colon - address) >= NI_MAXHOST) {
        return STATUS_INVALID;
    }
    bool brackets = address[0] == '[' && colon[-1] == ']';
    size_t begin = brackets ? 1 : 0;
    size_t size = (size_t)(colon - address) - 2 * begin;
    memcpy(host, address + begin, size);
    host[size] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return STATUS_OK;
}

static enum status listener_bind(const struct addrinfo *info, int *fd, uint16_t *port)
{
    int on = 1;
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    *fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0) {
        return STATUS_IO;
    }
    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(*fd, info->ai_addr, info->ai_addrlen) != 0 || listen(*fd, SOMAXCONN) != 0) {
        enum status status = errno == EADDRINUSE ? STATUS_BUSY : STATUS_IO;
        close(*fd);
        return status;
    }
    getsockname(*fd, (struct sockaddr *)&name, &size);
    *port = (uint16_t)h2o_socket_getport((struct sockaddr *)&name);
    return STATUS_OK;
}

/* What is found is the caller's, for freeaddrinfo. */
static bool address_find(const char *address, struct addrinfo **found)
{
    char host[NI_MAXHOST];
    char service[NI_MAXSERV];
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    return address_split(address, host, service) == STATUS_OK &&
           getaddrinfo(host, service, &hints, found) == 0;
}

bool server_address_is_good(const char *address)
{
    struct addrinfo *found = NULL;
    bool is_good = address_find(address, &found);
    if (is_good) {
        freeaddrinfo(found);
    }
    return is_good;
}

static enum status listener_open(const char *address, int *fd, uint16_t *port)
{
    struct addrinfo *found = NULL;
    if (!address_find(address, &found)) {
        log_error("bad address to listen on", "address=%s expected=host:port", address);
        return STATUS_INVALID;
    }
    enum status status = listener_bind(found, fd, port);
    if (status != STATUS_OK) {
        log_error(status == STATUS_BUSY ? "the address is in use" : "cannot listen",
                  "address=%s errno=%d", address, errno);
    }
    freeaddrinfo(found);
    return status;
}

static enum status loop_join(struct server *server, int fd)
{
    server->listener = descriptor_watch(server, fd, on_listener_readable);
    server->ticker = descriptor_watch(server, ticker_open(), on_tick);
    server->signals = descriptor_watch(server, signals_open(), on_signal);
    return server->ticker == NULL || server->signals == NULL ? STATUS_IO : STATUS_OK;
}

enum status server_listen(struct server *server, struct gateway *gateway, const char *address,
                          uint16_t *port)
{
    int fd = -1;
    server->gateway = gateway;
    enum status status = listener_open(address, &fd, port);
    return status == STATUS_OK ? loop_join(server, fd) : status;
}

enum status server_inherit(struct server *server, struct gateway *gateway, int fd, uint16_t *port)
{
    int listens = 0;
    socklen_t size = sizeof(listens);
    struct sockaddr_storage name;
    socklen_t name_size = sizeof(name);
    server->gateway = gateway;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0 ||
        getsockname(fd, (struct sockaddr *)&name, &name_size) != 0) {
        log_error("the inherited descriptor is no socket that listens", "fd=%d", fd);
        return STATUS_INVALID;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    *port = (uint16_t)h2o_socket_getport((struct sockaddr *)&name);
    return loop_join(server, fd);
}

/* ---- life ---- */

static void config_fill(struct server *server)
{
    h2o_globalconf_t *config = &server->config;
    h2o_config_init(config);
    config->server_name = h2o_iovec_init(H2O_STRLIT("troupe"));
    config->max_request_entity_size = ENTITY_SIZE_MAX;
    config->http1.req_timeout = REQUEST_TIMEOUT_MS;
    config->http2.idle_timeout = REQUEST_TIMEOUT_MS;
    config->http2.graceful_shutdown_timeout = 1000;
    h2o_hostconf_t *host =
        h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    envelope_filter_register(host, &server->swallows, &server->gateway);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    struct api_handler *api = (struct api_handler *)h2o_create_handler(path, sizeof(*api));
    api->super.on_req = on_request;
    api->server = server;
}

enum status server_new(int64_t write_timeout_ms, struct server **out)
{
    struct server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return STATUS_NO_MEMORY;
    }
    server->connection_count_max = connection_count_max();
    config_fill(server);
    h2o_context_init(&server->context, h2o_evloop_create(), &server->config);
    flights_init(&server->flights, write_timeout_ms);
    swallows_init(&server->swallows, &server->context);
    server->accept.ctx = &server->context;
    server->accept.hosts = server->config.hosts;
    *out = server;
    return STATUS_OK;
}

h2o_context_t *server_context(struct server *server)
{
    return &server->context;
}

void server_run(struct server *server)
{
    while (!stop_is_over(server)) {
        h2o_evloop_run(server->context.loop, INT32_MAX); /* its failure is an interrupted wait */
        log_tell_level();
    }
    if (server->connection_count > 0) {
        log_warn("stopped with open connections", "connections=%zu", server->connection_count);
    }
}

static void socket_close(h2o_socket_t **socket)
{
    if (*socket != NULL) {
        h2o_socket_close(*socket);
        *socket = NULL;
    }
}

void server_destroy(struct server **server)
{
    if (*server == NULL) {
        return;
    }
    swallows_fini(&(*server)->swallows);
    socket_close(&(*server)->listener);
    socket_close(&(*server)->ticker);
    socket_close(&(*server)->signals);
    if ((*server)->connection_count == 0) { /* otherwise the process ends with them */
        h2o_loop_t *loop = (*server)->context.loop;
        h2o_timeout_unlink(&(*server)->context.http2._graceful_shutdown_timeout);
        h2o_context_dispose(&(*server)->context);
        h2o_config_dispose(&(*server)->config);
        h2o_evloop_destroy(loop);
        free(*server);
    }
    *server = NULL;
}
