#include "base/metrics_listener.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics_head.h"

enum {
    FULL_PAUSE_MS = 100, /* before another try when the process has no descriptor left */
};

struct client {
    int fd; /* -1: the place is free */
    bool answering;
    int64_t deadline_ms;
    struct buffer head;
    struct buffer answer;
};

struct metrics_listener {
    int fd;
    int stop; /* an eventfd */
    pthread_t thread;
    bool started;
    metrics_render *render;
    void *context;
    size_t size;
    pthread_mutex_t mutex; /* of the next two */
    bool published;
    void *snapshot;
    void *copy; /* the thread's own */
    struct client clients[METRICS_CLIENTS_MAX];
};

/* ---- answers ---- */

/* Puts the head of an answer before its body. */
static void answer(struct client *client, const char *status, const char *type, struct slice body)
{
    client->answering = true;
    buffer_clear(&client->answer);
    enum status result = buffer_append_format(
        &client->answer,
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        status, type, body.size);
    if (result == STATUS_OK) {
        result = buffer_append_slice(&client->answer, body);
    }
    if (result != STATUS_OK) {
        buffer_clear(&client->answer); /* memory is short: the connection's end must do */
    }
}

static void refuse(struct client *client, const char *status)
{
    answer(client, status, "text/plain; charset=utf-8", SLICE_EMPTY);
}

/* Takes the last snapshot. Returns whether there is one. */
static bool take_snapshot(struct metrics_listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    bool published = listener->published;
    memcpy(listener->copy, listener->snapshot, listener->size);
    pthread_mutex_unlock(&listener->mutex);
    return published;
}

static void serve(struct metrics_listener *listener, struct client *client, struct slice accept)
{
    struct buffer body;
    struct metrics_writer writer;
    enum metrics_format format = metrics_format_of(accept);
    buffer_init(&body, METRICS_SIZE_MAX);
    metrics_init(&writer, format, &body);
    if (!take_snapshot(listener)) {
        refuse(client, "503 Service Unavailable");
        return;
    }
    listener->render(listener->context, listener->copy, &writer);
    if (metrics_end(&writer) == STATUS_OK) {
        answer(client, "200 OK", metrics_content_type(format), buffer_slice(&body));
    } else {
        log_error("cannot write the metrics", "status=%s", status_name(writer.status));
        refuse(client, "500 Internal Server Error");
    }
    buffer_fini(&body);
}

/* Answers once the head is there. */
static void take_head(struct metrics_listener *listener, struct client *client)
{
    struct metrics_head head;
    enum status status = metrics_head_read(buffer_slice(&client->head), &head);
    if (status == STATUS_AGAIN) {
        return;
    }
    if (status == STATUS_TOO_LARGE) {
        refuse(client, "431 Request Header Fields Too Large");
    } else if (status != STATUS_OK) {
        refuse(client, "400 Bad Request");
    } else if (!slice_equal(head.path, SLICE_LITERAL("/metrics"))) {
        refuse(client, "404 Not Found");
    } else if (!slice_equal(head.method, SLICE_LITERAL("GET"))) {
        refuse(client, "405 Method Not Allowed\r\nAllow: GET");
    } else {
        serve(listener, client, head.accept);
    }
}

/* ---- clients ---- */

static void client_close(struct client *client)
{
    close(client->fd);
    buffer_fini(&client->head);
    buffer_fini(&client->answer);
    client->fd = -1;
}

static void client_read(struct metrics_listener *listener, struct client *client)
{
    uint8_t *room;
    size_t left = METRICS_HEAD_SIZE_MAX - client->head.size;
    if (buffer_reserve(&client->head, left, &room) != STATUS_OK) {
        client_close(client);
        return;
    }
    ssize_t size = recv(client->fd, room, left, 0);
    if (size > 0) {
        buffer_commit(&client->head, (size_t)size);
        take_head(listener, client);
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        client_close(client);
    }
}

static void client_write(struct client *client)
{
    ssize_t size = send(client->fd, client->answer.data, client->answer.size, MSG_NOSIGNAL);
    if (size > 0) {
        buffer_consume(&client->answer, (size_t)size);
    } else if (errno != EAGAIN && errno != EINTR) {
        client_close(client);
        return;
    }
    if (client->answer.size == 0) {
        client_close(client);
    }
}

static struct client *find_place(struct metrics_listener *listener)
{
    for (size_t index = 0; index < METRICS_CLIENTS_MAX; index++) {
        if (listener->clients[index].fd < 0) {
            return &listener->clients[index];
        }
    }
    return NULL;
}

static void client_open(struct metrics_listener *listener)
{
    struct client *client = find_place(listener);
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
        poll(&(struct pollfd){listener->stop, POLLIN, 0}, 1, FULL_PAUSE_MS);
    }
    if (fd < 0) {
        return;
    }
    client->fd = fd;
    client->answering = false;
    client->deadline_ms = clock_monotonic_ms() + METRICS_CLIENT_MS;
    buffer_init(&client->head, METRICS_HEAD_SIZE_MAX);
    buffer_init(&client->answer, METRICS_SIZE_MAX + METRICS_HEAD_SIZE_MAX);
}

/* Closes those whose time is over. Returns how long the rest has, -1 when there is none. */
static int expire(struct metrics_listener *listener)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t left_ms = -1;
    for (size_t index = 0; index < METRICS_CLIENTS_MAX; index++) {
        struct client *client = &listener->clients[index];
        if (client->fd >= 0 && client->deadline_ms <= now_ms) {
            client_close(client);
        } else if (client->fd >= 0 && (left_ms < 0 || client->deadline_ms - now_ms < left_ms)) {
            left_ms = client->deadline_ms - now_ms;
        }
    }
    return (int)left_ms;
}

static void *work(void *context)
{
    enum {
        STOP = METRICS_CLIENTS_MAX,
        LISTENER,
        COUNT,
    };
    struct metrics_listener *listener = context;
    struct pollfd polls[COUNT];
    while (true) {
        int timeout_ms = expire(listener);
        for (size_t index = 0; index < METRICS_CLIENTS_MAX; index++) {
            const struct client *client = &listener->clients[index];
            polls[index] = (struct pollfd){client->fd, client->answering ? POLLOUT : POLLIN, 0};
        }
        polls[STOP] = (struct pollfd){listener->stop, POLLIN, 0};
        polls[LISTENER] =
            (struct pollfd){find_place(listener) == NULL ? -1 : listener->fd, POLLIN, 0};
        if (poll(polls, COUNT, timeout_ms) < 0) {
            continue; /* a signal */
        }
        if (polls[STOP].revents != 0) {
            return NULL;
        }
        for (size_t index = 0; index < METRICS_CLIENTS_MAX; index++) {
            struct client *client = &listener->clients[index];
            if (polls[index].revents != 0 && client->answering) {
                client_write(client);
            } else if (polls[index].revents != 0) {
                client_read(listener, client);
            }
        }
        if (polls[LISTENER].revents != 0) {
            client_open(listener);
        }
    }
}

/* ---- life ---- */

static enum status status_of_errno(void)
{
    if (errno == EADDRINUSE) {
        return STATUS_BUSY;
    }
    return errno == EACCES ? STATUS_DENIED : STATUS_IO;
}

/* Splits host:port, the host perhaps in brackets. */
static bool split(const char *address, char text[METRICS_ADDRESS_SIZE_MAX], const char **host,
                  const char **port)
{
    size_t size = strlen(address);
    if (size >= METRICS_ADDRESS_SIZE_MAX) {
        return false;
    }
    memcpy(text, address, size + 1);
    char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text) {
        return false;
    }
    *colon = '\0';
    *port = colon + 1;
    bool brackets = text[0] == '[' && colon[-1] == ']';
    if (brackets) {
        colon[-1] = '\0';
    }
    *host = brackets ? text + 1 : text;
    return true;
}

static enum status listen_on(const struct addrinfo *info, int *out)
{
    int on = 1;
    *out = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*out < 0) {
        return STATUS_IO;
    }
    setsockopt(*out, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(*out, info->ai_addr, info->ai_addrlen) != 0 || listen(*out, SOMAXCONN) != 0) {
        return status_of_errno();
    }
    return STATUS_OK;
}

/* Finds the address's host, a part of text, and what to listen on, the caller's. Logs a failure. */
static enum status find(const char *address, char text[METRICS_ADDRESS_SIZE_MAX], const char **host,
                        struct addrinfo **found)
{
    const char *port;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    if (!split(address, text, host, &port) || getaddrinfo(*host, port, &hints, found) != 0) {
        log_error("bad setting",
                  "name=TROUPE_METRICS value=\"%s\" need=\"a numeric address and a port\"",
                  address);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status metrics_address_check(const char *address)
{
    char text[METRICS_ADDRESS_SIZE_MAX];
    const char *host;
    struct addrinfo *found = NULL;
    enum status status = find(address, text, &host, &found);
    if (status == STATUS_OK) {
        freeaddrinfo(found);
    }
    return status;
}

/* Logs where it is: the port may be one that the system chose. */
static enum status open_socket(const char *address, int *out)
{
    char text[METRICS_ADDRESS_SIZE_MAX];
    const char *host;
    struct addrinfo *found = NULL;
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    char service[NI_MAXSERV] = "";
    enum status status = find(address, text, &host, &found);
    if (status != STATUS_OK) {
        return status;
    }
    status = listen_on(found, out);
    freeaddrinfo(found);
    if (status != STATUS_OK) {
        log_error("cannot listen for metrics", "address=%s status=%s", address,
                  status_name(status));
        return status;
    }
    getsockname(*out, (struct sockaddr *)&name, &size);
    getnameinfo((struct sockaddr *)&name, size, NULL, 0, service, sizeof service, NI_NUMERICSERV);
    log_info("metrics", "host=%s port=%s", host, service);
    return STATUS_OK;
}

/* Signals are the loop's. */
static enum status start(struct metrics_listener *listener)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    listener->started = pthread_create(&listener->thread, NULL, work, listener) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return listener->started ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status metrics_listener_new(const char *address, size_t size, metrics_render *render,
                                 void *context, struct metrics_listener **out)
{
    struct metrics_listener *listener = calloc(1, sizeof *listener);
    *out = NULL;
    if (listener == NULL) {
        return STATUS_NO_MEMORY;
    }
    listener->fd = -1;
    listener->render = render;
    listener->context = context;
    listener->size = size;
    for (size_t index = 0; index < METRICS_CLIENTS_MAX; index++) {
        listener->clients[index].fd = -1;
    }
    pthread_mutex_init(&listener->mutex, NULL);
    listener->stop = eventfd(0, EFD_CLOEXEC);
    listener->snapshot = calloc(1, size);
    listener->copy = calloc(1, size);
    enum status status = listener->stop < 0 || listener->snapshot == NULL || listener->copy == NULL
                             ? STATUS_NO_MEMORY
                             : open_socket(address, &listener->fd);
    if (status == STATUS_OK) {
        status = start(listener);
    }
    if (status != STATUS_OK) {
        metrics_listener_destroy(&listener);
    }
    *out = listener;
    return status;
}

void metrics_listener_destroy(struct metrics_listener **listener_in)
{
    struct metrics_listener *listener = *listener_in;
    if (listener == NULL) {
        return;
    }
    if (listener->started) {
        eventfd_write(listener->stop, 1);
        pthread_join(listener->thread, NULL);
    }
    for (size_t index = 0; index < METRICS_CLIENTS_MAX; index++) {
        if (listener->clients[index].fd >= 0) {
            client_close(&listener->clients[index]);
        }
    }
    if (listener->fd >= 0) {
        close(listener->fd);
    }
    if (listener->stop >= 0) {
        close(listener->stop);
    }
    pthread_mutex_destroy(&listener->mutex);
    free(listener->snapshot);
    free(listener->copy);
    free(listener);
    *listener_in = NULL;
}

void metrics_listener_publish(struct metrics_listener *listener, const void *snapshot)
{
    if (pthread_mutex_trylock(&listener->mutex) != 0) {
        return;
    }
    memcpy(listener->snapshot, snapshot, listener->size);
    listener->published = true;
    pthread_mutex_unlock(&listener->mutex);
}
