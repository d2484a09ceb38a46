#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "actors/studio/exchange_h2o.h"
#include "actors/studio/server.h"
#include "actors/studio/work.h"
#include "base/log.h"

enum {
    TICK_MS = 5,             /* how exact latencies are */
    DESERTED_EVERY_MS = 500, /* how soon a client that left is noticed */
    ACCEPT_COUNT = 16,       /* connections taken at one wakeup */
    BACKLOG = 128,
    WAKE_MS_MAX = 1000,
};

/* Kept for the end: an idle client must not hold the studio up. */
struct connection {
    struct server *server;
    h2o_socket_t *socket;
    h2o_linklist_t link;
};

struct server {
    struct studio *studio;
    h2o_globalconf_t config;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    h2o_socket_t *listener;
    h2o_socket_t *signals;
    h2o_multithread_receiver_t receiver;
    h2o_timeout_t tick;
    h2o_timeout_entry_t tick_entry;
    struct exchange *waiting; /* a list */
    int64_t deserted_at_ms;   /* when clients were last looked for */
    pthread_mutex_t mutex;
    struct work *returned; /* under mutex: done by the pool, newest first */
    uint16_t port;
    h2o_linklist_t connections;
    int64_t connection_count;
    bool context_made;
    bool stop;
};

static void on_tick(h2o_timeout_entry_t *entry);

/* ---- those that wait ---- */

void server_wait(struct server *server, struct exchange *exchange)
{
    exchange->previous = NULL;
    exchange->next = server->waiting;
    if (server->waiting != NULL) {
        server->waiting->previous = exchange;
    }
    server->waiting = exchange;
    exchange->waiting = true;
    if (!h2o_timeout_is_linked(&server->tick_entry)) {
        h2o_timeout_link(server->context.loop, &server->tick, &server->tick_entry);
    }
}

void server_forget(struct server *server, struct exchange *exchange)
{
    if (!exchange->waiting) {
        return;
    }
    if (exchange->previous != NULL) {
        exchange->previous->next = exchange->next;
    } else {
        server->waiting = exchange->next;
    }
    if (exchange->next != NULL) {
        exchange->next->previous = exchange->previous;
    }
    exchange->waiting = false;
}

static void on_tick(h2o_timeout_entry_t *entry)
{
    struct server *server = H2O_STRUCT_FROM_MEMBER(struct server, tick_entry, entry);
    int64_t now_ms = clock_monotonic_ms();
    bool look = now_ms - server->deserted_at_ms >= DESERTED_EVERY_MS;
    server->deserted_at_ms = look ? now_ms : server->deserted_at_ms;
    struct exchange *exchange = server->waiting;
    while (exchange != NULL) {
        struct exchange *next = exchange->next;
        bool due = exchange->due_ms <= now_ms;
        if (due && exchange->on_due != NULL) {
            server_forget(server, exchange);
            exchange->on_due(exchange);
        } else if (due || (look && exchange_is_deserted(exchange))) {
            server_forget(server, exchange);
            exchange_reset(exchange);
        }
        exchange = next;
    }
    if (server->waiting != NULL && !h2o_timeout_is_linked(entry)) {
        h2o_timeout_link(server->context.loop, &server->tick, entry);
    }
}

/* ---- work that comes back ---- */

void server_return(struct server *server, struct work *work)
{
    pthread_mutex_lock(&server->mutex);
    bool first = server->returned == NULL;
    work->next = server->returned;
    server->returned = work;
    pthread_mutex_unlock(&server->mutex);
    if (first) {
        /* Only a message, not a bare wake-up, makes h2o call the receiver. */
        h2o_multithread_message_t *message = calloc(1, sizeof *message);
        if (message == NULL) {
            abort();
        }
        h2o_multithread_send_message(&server->receiver, message);
    }
}

static void finish_returned(struct server *server)
{
    pthread_mutex_lock(&server->mutex);
    struct work *work = server->returned;
    server->returned = NULL;
    pthread_mutex_unlock(&server->mutex);
    while (work != NULL) {
        struct work *next = work->next;
        work->finish(server->studio, work);
        work = next;
    }
}

static void on_message(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    struct server *server = H2O_STRUCT_FROM_MEMBER(struct server, receiver, receiver);
    while (!h2o_linklist_is_empty(messages)) {
        h2o_multithread_message_t *message =
            H2O_STRUCT_FROM_MEMBER(h2o_multithread_message_t, link, messages->next);
        h2o_linklist_unlink(&message->link);
        free(message);
    }
    finish_returned(server);
}

/* ---- connections ---- */

static void on_close(void *data)
{
    struct connection *connection = data;
    connection->server->connection_count--;
    h2o_linklist_unlink(&connection->link);
    free(connection);
}

static void take_connection(struct server *server, h2o_socket_t *socket)
{
    bool full = server->connection_count >= server->studio->options.connection_count_max;
    struct connection *connection = full ? NULL : calloc(1, sizeof *connection);
    if (connection == NULL) {
        h2o_socket_close(socket);
        return;
    }
    connection->server = server;
    connection->socket = socket;
    h2o_linklist_insert(&server->connections, &connection->link);
    server->connection_count++;
    socket->on_close.cb = on_close;
    socket->on_close.data = connection;
    h2o_accept(&server->accept, socket);
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    struct server *server = listener->data;
    if (error != NULL) {
        return;
    }
    for (int count = 0; count < ACCEPT_COUNT; count++) {
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL) {
            return;
        }
        take_connection(server, socket);
    }
}

static void on_signal(h2o_socket_t *socket, const char *error)
{
    struct server *server = socket->data;
    (void)error;
    server->stop = true;
    h2o_socket_read_stop(socket);
}

static enum status status_of_errno(void)
{
    return errno == EADDRINUSE                         ? STATUS_BUSY
           : errno == EACCES || errno == EADDRNOTAVAIL ? STATUS_DENIED
                                                       : STATUS_IO;
}

static enum status open_listener(struct server *server, int *fd_out)
{
    const struct options *options = &server->studio->options;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    socklen_t size = sizeof address;
    int on = 1;
    inet_pton(AF_INET, options->host, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        enum status status = status_of_errno();
        log_error("cannot listen", "address=%s port=%u reason=\"%s\"", options->host, options->port,
                  strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    server->port = ntohs(address.sin_port);
    *fd_out = fd;
    return STATUS_OK;
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void configure(struct server *server)
{
    h2o_config_init(&server->config);
    server->config.server_name = h2o_iovec_init(H2O_STRLIT("troupe-studio"));
    server->config.max_request_entity_size = SERVER_REQUEST_SIZE_MAX;
    server->config.http1.req_timeout = SERVER_REQUEST_MS_MAX;
    server->config.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host =
        h2o_config_register_host(&server->config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_handler_t *handler = h2o_create_handler(path, sizeof *handler + sizeof(struct studio *));
    *(struct studio **)(handler + 1) = server->studio;
    handler->on_req = exchange_on_request;
}

enum status server_new(struct studio *studio, struct server **out)
{
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return STATUS_NO_MEMORY;
    }
    server->studio = studio;
    studio->server = server;
    pthread_mutex_init(&server->mutex, NULL);
    h2o_linklist_init_anchor(&server->connections);
    int fd = -1;
    enum status status = open_listener(server, &fd);
    int signal_fd = status == STATUS_OK ? open_signals() : -1;
    if (status == STATUS_OK && signal_fd < 0) {
        close(fd);
        status = STATUS_IO;
    }
    if (status != STATUS_OK) {
        studio->server = NULL;
        server_destroy(&server);
        return status;
    }
    configure(server);
    h2o_evloop_t *loop = h2o_evloop_create();
    h2o_context_init(&server->context, loop, &server->config);
    server->context_made = true;
    server->accept = (h2o_accept_ctx_t){.ctx = &server->context, .hosts = server->config.hosts};
    h2o_multithread_register_receiver(server->context.queue, &server->receiver, on_message);
    h2o_timeout_init(loop, &server->tick, TICK_MS);
    server->tick_entry.cb = on_tick;
    server->listener = h2o_evloop_socket_create(loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    server->listener->data = server;
    h2o_socket_read_start(server->listener, on_accept);
    server->signals = h2o_evloop_socket_create(loop, signal_fd, H2O_SOCKET_FLAG_DONT_READ);
    server->signals->data = server;
    h2o_socket_read_start(server->signals, on_signal);
    *out = server;
    return STATUS_OK;
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

static enum status run_once(struct server *server, int32_t wait_ms)
{
    if (h2o_evloop_run(server->context.loop, wait_ms) != 0 && errno != EINTR) {
        log_error("event loop failed", "reason=\"%s\"", strerror(errno));
        return STATUS_IO;
    }
    log_tell_level();
    return STATUS_OK;
}

/* Those that wait will not be answered any more. */
static void reset_waiting(struct server *server)
{
    while (server->waiting != NULL) {
        struct exchange *exchange = server->waiting;
        server_forget(server, exchange);
        exchange_reset(exchange);
    }
}

/* Nothing more is read: idle connections end now, others after the answer that is on its way. */
static void stop_reading(struct server *server)
{
    for (h2o_linklist_t *link = server->connections.next; link != &server->connections;
         link = link->next) {
        struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, link, link);
        shutdown(h2o_socket_get_fd(connection->socket), SHUT_RD);
    }
}

static enum status wind_down(struct server *server)
{
    enum status status = STATUS_OK;
    int64_t until_ms = clock_monotonic_ms() + SERVER_STOP_MS_MAX;
    h2o_socket_close(server->listener);
    server->listener = NULL;
    tasks_stop(&server->studio->tasks);
    reset_waiting(server);
    stop_reading(server);
    while (status == STATUS_OK && server->connection_count > 0 && clock_monotonic_ms() < until_ms) {
        status = run_once(server, 10);
        reset_waiting(server);
    }
    return status;
}

enum status server_run(struct server *server)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !server->stop) {
        status = run_once(server, WAKE_MS_MAX);
    }
    return status == STATUS_OK ? wind_down(server) : status;
}

void server_destroy(struct server **server)
{
    struct server *gone = *server;
    if (gone == NULL) {
        return;
    }
    if (gone->context_made) {
        run_once(gone, 0); /* takes the messages that the pool's end has left */
        h2o_socket_close(gone->signals);
        if (gone->listener != NULL) {
            h2o_socket_close(gone->listener);
        }
        h2o_timeout_unlink(&gone->tick_entry);
        h2o_timeout_dispose(gone->context.loop, &gone->tick);
        h2o_multithread_unregister_receiver(gone->context.queue, &gone->receiver);
        if (gone->connection_count == 0) {
            /* With connections left, which have had their time, the end of the process takes
             * all. */
            h2o_evloop_t *loop = gone->context.loop;
            h2o_multithread_queue_t *queue = gone->context.queue;
            h2o_context_dispose(&gone->context);
            free(queue); /* which h2o 2.2.5 closes and forgets */
            h2o_config_dispose(&gone->config);
            h2o_evloop_destroy(loop);
        }
    }
    pthread_mutex_destroy(&gone->mutex);
    free(gone);
    *server = NULL;
}
