#include "gateway/broker_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>
#include "base/log.h"
#include "gateway/limits.h"
#include "proto/messages.h"

struct broker_link {
    struct broker_link_options options;
    void *zmq;
    void *socket;
    void *monitor;          /* tells of the connection */
    h2o_socket_t *readable; /* duplicates of their ZMQ_FDs: h2o closes them */
    h2o_socket_t *changes;
    h2o_socket_t *again; /* an eventfd: go on in the next turn */
    h2o_timeout_entry_t turn;
};

struct build_library broker_link_library(void)
{
    int major;
    int minor;
    int patch;
    zmq_version(&major, &minor, &patch);
    return build_library("libzmq", "%d.%d.%d", major, minor, patch);
}

/* Takes what has arrived, at most BROKER_FRAMES_MAX frames. Returns whether there may be more. */
static bool frames_take(struct broker_link *link)
{
    for (int count = 0; count < BROKER_FRAMES_MAX; count++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, link->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            return errno == EINTR;
        }
        link->options.on_frame(link->options.owner,
                               slice_make(zmq_msg_data(&message), zmq_msg_size(&message)));
        zmq_msg_close(&message);
    }
    return true;
}

/* The descriptor tells changes only once, and sending swallows some: look after every send. */
static void work(struct broker_link *link)
{
    bool more = frames_take(link);
    link->options.on_turn(link->options.owner);
    int events = 0;
    size_t size = sizeof(events);
    zmq_getsockopt(link->socket, ZMQ_EVENTS, &events, &size);
    if (more || (events & ZMQ_POLLIN) != 0) {
        eventfd_write(h2o_socket_get_fd(link->again), 1);
    }
}

static void on_readable(h2o_socket_t *socket, const char *error)
{
    (void)error;
    work(socket->data);
}

/* A monitor's event is two parts: its number in the first two bytes of one, the address in the
 * other (zmq_socket_monitor(3)). Returns whether there was one. */
static bool change_take(struct broker_link *link)
{
    uint16_t event = 0;
    uint8_t part[256];
    int size = zmq_recv(link->monitor, part, sizeof(part), ZMQ_DONTWAIT);
    if (size < (int)sizeof(event)) {
        return false;
    }
    memcpy(&event, part, sizeof(event));
    zmq_recv(link->monitor, part, sizeof(part), ZMQ_DONTWAIT);
    link->options.on_change(link->options.owner, event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    return true;
}

static void on_changes(h2o_socket_t *socket, const char *error)
{
    struct broker_link *link = socket->data;
    (void)error;
    while (change_take(link)) {
    }
    work(link);
}

static void on_again(h2o_socket_t *socket, const char *error)
{
    (void)error;
    eventfd_t value;
    eventfd_read(h2o_socket_get_fd(socket), &value);
    work(socket->data);
}

static void on_turn(h2o_timeout_entry_t *entry)
{
    work(H2O_STRUCT_FROM_MEMBER(struct broker_link, turn, entry));
}

static enum status option_set(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0 ? STATUS_OK : STATUS_IO;
}

static enum status monitor_open(struct broker_link *link)
{
    static const char address[] = "inproc://broker-link";
    link->monitor = zmq_socket(link->zmq, ZMQ_PAIR);
    if (link->monitor == NULL || option_set(link->monitor, ZMQ_LINGER, 0) != STATUS_OK ||
        zmq_socket_monitor(link->socket, address,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0 ||
        zmq_connect(link->monitor, address) != 0) {
        return STATUS_IO;
    }
    change_take(link); /* there is none, but only an empty socket's descriptor tells of the next */
    return STATUS_OK;
}

static enum status socket_open(struct broker_link *link)
{
    static const struct {
        int option;
        int value;
    } settings[] = {
        {ZMQ_LINGER, 0},
        {ZMQ_IMMEDIATE, 1}, /* nothing is queued for a broker that is not there */
        {ZMQ_SNDHWM, BROKER_QUEUE_MAX},
        {ZMQ_RCVHWM, BROKER_QUEUE_MAX},
        {ZMQ_HEARTBEAT_IVL, BROKER_HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, BROKER_HEARTBEAT_TIMEOUT_MS},
        {ZMQ_RECONNECT_IVL, BROKER_RECONNECT_MS},
        {ZMQ_RECONNECT_IVL_MAX, BROKER_RECONNECT_MS_MAX},
    };
    link->zmq = zmq_ctx_new();
    link->socket = link->zmq == NULL ? NULL : zmq_socket(link->zmq, ZMQ_DEALER);
    if (link->socket == NULL) {
        return STATUS_IO;
    }
    for (size_t index = 0; index < sizeof(settings) / sizeof(settings[0]); index++) {
        if (option_set(link->socket, settings[index].option, settings[index].value) != STATUS_OK) {
            return STATUS_IO;
        }
    }
    int64_t size_max = FRAME_SIZE_MAX;
    if (zmq_setsockopt(link->socket, ZMQ_MAXMSGSIZE, &size_max, sizeof(size_max)) != 0) {
        return STATUS_IO;
    }
    if (monitor_open(link) != STATUS_OK) {
        return STATUS_IO;
    }
    if (zmq_connect(link->socket, link->options.endpoint) != 0) {
        log_error("bad broker endpoint", "endpoint=%s error=\"%s\"", link->options.endpoint,
                  zmq_strerror(errno));
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* Puts a descriptor of ours into the loop; h2o closes it with the socket. */
static h2o_socket_t *loop_add(struct broker_link *link, int fd, h2o_socket_cb callback)
{
    h2o_socket_t *socket =
        h2o_evloop_socket_create(link->options.context->loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    socket->data = link;
    h2o_socket_read_start(socket, callback);
    return socket;
}

/* A duplicate of a ZeroMQ socket's descriptor, or -1. */
static int descriptor_of(void *socket)
{
    int fd = -1;
    size_t size = sizeof(fd);
    return zmq_getsockopt(socket, ZMQ_FD, &fd, &size) == 0 ? dup(fd) : -1;
}

static void descriptor_close(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

static enum status loop_join(struct broker_link *link)
{
    int frames = descriptor_of(link->socket);
    int changes = descriptor_of(link->monitor);
    int again = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (frames < 0 || changes < 0 || again < 0) {
        log_error("cannot watch the broker's socket", "errno=%d", errno);
        descriptor_close(frames);
        descriptor_close(changes);
        descriptor_close(again);
        return STATUS_IO;
    }
    link->readable = loop_add(link, frames, on_readable);
    link->changes = loop_add(link, changes, on_changes);
    link->again = loop_add(link, again, on_again);
    link->turn.cb = on_turn;
    return STATUS_OK;
}

enum status broker_link_new(const struct broker_link_options *options, struct broker_link **out)
{
    struct broker_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return STATUS_NO_MEMORY;
    }
    link->options = *options;
    enum status status = socket_open(link);
    if (status == STATUS_OK) {
        status = loop_join(link);
    }
    if (status != STATUS_OK) {
        broker_link_destroy(&link);
        return status;
    }
    broker_link_wake(link);
    *out = link;
    return STATUS_OK;
}

void broker_link_destroy(struct broker_link **link)
{
    if (*link == NULL) {
        return;
    }
    h2o_timeout_unlink(&(*link)->turn);
    if ((*link)->readable != NULL) {
        h2o_socket_close((*link)->readable);
        h2o_socket_close((*link)->changes);
        h2o_socket_close((*link)->again);
    }
    if ((*link)->socket != NULL) {
        zmq_socket_monitor((*link)->socket, NULL, 0);
        zmq_close((*link)->socket);
    }
    if ((*link)->monitor != NULL) {
        zmq_close((*link)->monitor);
    }
    if ((*link)->zmq != NULL) {
        zmq_ctx_term((*link)->zmq);
    }
    free(*link);
    *link = NULL;
}

void broker_link_wake(struct broker_link *link)
{
    if (!h2o_timeout_is_linked(&link->turn)) {
        h2o_timeout_link(link->options.context->loop, &link->options.context->zero_timeout,
                         &link->turn);
    }
}

enum status broker_link_send(struct broker_link *link, struct slice frame)
{
    if (zmq_send(link->socket, frame.data, frame.size, ZMQ_DONTWAIT) >= 0) {
        return STATUS_OK;
    }
    return STATUS_AGAIN;
}
