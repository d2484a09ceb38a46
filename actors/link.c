#include "actors/link.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>
#include "actors/limits.h"

enum {
    MONITOR_NAME_SIZE = 64,
};

struct link {
    struct loop *loop;
    void *context; /* libzmq's */
    void *socket;
    void *monitor;
    struct loop_watch *socket_watch;
    struct loop_watch *monitor_watch;
    char *endpoint;
    struct link_options options;
    uint64_t generation; /* of sockets: a monitor's name is used once */
};

struct build_library link_library(void)
{
    int major;
    int minor;
    int patch;
    zmq_version(&major, &minor, &patch);
    return build_library("libzmq", "%d.%d.%d", major, minor, patch);
}

/* The work is done at the turn's end; waking the loop is all that the descriptors are for. */
static void wake(void *context, int events)
{
    (void)context;
    (void)events;
}

static void close_sockets(struct link *link, int linger_ms)
{
    loop_unwatch(&link->socket_watch);
    loop_unwatch(&link->monitor_watch);
    if (link->socket != NULL) {
        zmq_socket_monitor(link->socket, NULL, 0);
        zmq_setsockopt(link->socket, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
        zmq_close(link->socket);
        link->socket = NULL;
    }
    if (link->monitor != NULL) {
        zmq_close(link->monitor);
        link->monitor = NULL;
    }
}

static enum status watch_socket(struct link *link, void *socket, struct loop_watch **out)
{
    int fd = -1;
    size_t size = sizeof(fd);
    if (zmq_getsockopt(socket, ZMQ_FD, &fd, &size) != 0) {
        return STATUS_IO;
    }
    return loop_watch(link->loop, fd, LOOP_READABLE, wake, NULL, out);
}

static bool set_options(void *socket)
{
    int64_t frame_size_max = FRAME_SIZE_MAX;
    struct {
        int option;
        int value;
    } settings[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_IMMEDIATE,
         1}, /* no queue for a broker that is not there: records belong to a session */
        {ZMQ_SNDHWM, LINK_FRAMES_QUEUED_MAX},
        {ZMQ_RCVHWM, LINK_FRAMES_QUEUED_MAX},
        {ZMQ_RECONNECT_IVL, RECONNECT_MS_MIN},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX},
        {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS_DEFAULT},
        {ZMQ_HEARTBEAT_TIMEOUT, SILENCE_HEARTBEATS * HEARTBEAT_MS_DEFAULT},
        {ZMQ_HEARTBEAT_TTL, SILENCE_HEARTBEATS * HEARTBEAT_MS_DEFAULT},
        {ZMQ_CONNECT_TIMEOUT, HTTP_CONNECT_MS},
    };
    for (size_t index = 0; index < sizeof(settings) / sizeof(settings[0]); index++) {
        int value = settings[index].value;
        if (zmq_setsockopt(socket, settings[index].option, &value, sizeof(value)) != 0) {
            return false;
        }
    }
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_size_max, sizeof(frame_size_max)) == 0;
}

static enum status open_sockets(struct link *link)
{
    enum status status = STATUS_IO;
    char name[MONITOR_NAME_SIZE];
    link->generation++;
    snprintf(name, sizeof(name), "inproc://link-%llu", (unsigned long long)link->generation);
    link->socket = zmq_socket(link->context, ZMQ_DEALER);
    link->monitor = zmq_socket(link->context, ZMQ_PAIR);
    if (link->socket == NULL || link->monitor == NULL || !set_options(link->socket)) {
        goto out;
    }
    if (zmq_socket_monitor(link->socket, name,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0 ||
        zmq_connect(link->monitor, name) != 0) {
        goto out;
    }
    status = watch_socket(link, link->socket, &link->socket_watch);
    if (status != STATUS_OK) {
        goto out;
    }
    status = watch_socket(link, link->monitor, &link->monitor_watch);
    if (status != STATUS_OK) {
        goto out;
    }
    status = zmq_connect(link->socket, link->endpoint) == 0 ? STATUS_OK : STATUS_INVALID;
out:
    if (status != STATUS_OK) {
        close_sockets(link, 0);
    }
    return status;
}

enum status link_new(struct loop *loop, const struct link_options *options, struct link **out)
{
    struct link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = STATUS_NO_MEMORY;
    link->loop = loop;
    link->options = *options;
    link->endpoint = strdup(options->endpoint);
    link->context = zmq_ctx_new();
    if (link->endpoint != NULL && link->context != NULL) {
        status = open_sockets(link);
    }
    if (status != STATUS_OK) {
        link_destroy(&link, 0);
        return status;
    }
    *out = link;
    return STATUS_OK;
}

void link_destroy(struct link **link_in, int linger_ms)
{
    struct link *link = *link_in;
    if (link == NULL) {
        return;
    }
    close_sockets(link, linger_ms);
    if (link->context != NULL) {
        zmq_ctx_term(link->context);
    }
    free(link->endpoint);
    free(link);
    *link_in = NULL;
}

enum status link_send(struct link *link, struct slice frame)
{
    for (;;) {
        if (zmq_send(link->socket, frame.data, frame.size, ZMQ_DONTWAIT) >= 0) {
            return STATUS_OK;
        }
        if (errno != EINTR) {
            return errno == EAGAIN ? STATUS_AGAIN : STATUS_IO;
        }
    }
}

static bool is_readable(void *socket)
{
    int events = 0;
    size_t size = sizeof(events);
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

/* An event comes in two parts: its number and a value, then the address. */
static void receive_changes(struct link *link)
{
    void *monitor = link->monitor;
    while (link->monitor == monitor && is_readable(monitor)) {
        uint8_t head[6] = {0};
        char address[256];
        int head_size = zmq_recv(monitor, head, sizeof(head), ZMQ_DONTWAIT);
        int more = 0;
        size_t more_size = sizeof(more);
        while (zmq_getsockopt(monitor, ZMQ_RCVMORE, &more, &more_size) == 0 && more != 0) {
            if (zmq_recv(monitor, address, sizeof(address), ZMQ_DONTWAIT) < 0) {
                break;
            }
        }
        if (head_size != (int)sizeof(head)) {
            continue;
        }
        uint16_t event = 0;
        memcpy(&event, head, sizeof(event));
        link->options.on_change(link->options.context, event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    }
}

/* A frame is one part. What comes in more parts is passed on part by part and refused as it
 * deserves. */
static bool receive_frame(struct link *link)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    int size = zmq_msg_recv(&message, link->socket, ZMQ_DONTWAIT);
    if (size >= 0) {
        link->options.on_frame(link->options.context,
                               slice_make(zmq_msg_data(&message), (size_t)size));
    }
    zmq_msg_close(&message);
    return size >= 0;
}

bool link_receive(struct link *link, int frames_max)
{
    receive_changes(link);
    void *socket = link->socket;
    int count = 0;
    if (socket == NULL || !is_readable(socket)) {
        return false;
    }
    /* on_frame may reset the link: then what the old socket held is gone. */
    while (count < frames_max && link->socket == socket && receive_frame(link)) {
        count++;
    }
    return count > 0;
}

enum status link_reset(struct link *link)
{
    close_sockets(link, 0);
    return open_sockets(link);
}
