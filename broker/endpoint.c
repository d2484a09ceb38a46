#include "broker/endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>
#include "base/address.h"
#include "base/file.h"
#include "proto/messages.h"

enum {
    ITEMS_MAX = 8, /* endpoints and descriptors in one wait */
};

struct endpoint {
    void *socket;
    int lock; /* -1 when there is none */
    zmq_msg_t routing;
    zmq_msg_t frame;
};

static void set_option(struct endpoint *endpoint, int option, int value)
{
    int result = zmq_setsockopt(endpoint->socket, option, &value, sizeof value);
    assert(result == 0);
}

static void set_options(struct endpoint *endpoint)
{
    const int64_t size_max = FRAME_SIZE_MAX;
    int result = zmq_setsockopt(endpoint->socket, ZMQ_MAXMSGSIZE, &size_max, sizeof size_max);
    assert(result == 0);
    set_option(endpoint, ZMQ_ROUTER_MANDATORY, 1);
    set_option(endpoint, ZMQ_SNDHWM, SEND_QUEUE_MAX);
    set_option(endpoint, ZMQ_RCVHWM, RECEIVE_QUEUE_MAX);
    set_option(endpoint, ZMQ_HEARTBEAT_IVL, CONNECTION_HEARTBEAT_MS);
    set_option(endpoint, ZMQ_HEARTBEAT_TIMEOUT, CONNECTION_TIMEOUT_MS);
    set_option(endpoint, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    set_option(endpoint, ZMQ_LINGER, LINGER_MS);
    set_option(endpoint, ZMQ_IPV6, 1);
}

/* ZeroMQ replaces a socket file without asking whose it is: a lock beside it tells. */
static enum status prepare_path(struct endpoint *endpoint, const char *path)
{
    char name[ADDRESS_PATH_SIZE_MAX + 6];
    char directory[ADDRESS_PATH_SIZE_MAX + 1];
    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    if (slash != NULL && slash != directory) {
        *slash = '\0';
        enum status status = directory_make(directory, 0700);
        if (status != STATUS_OK) {
            return status;
        }
    }
    snprintf(name, sizeof name, "%s.lock", path);
    return file_lock(name, &endpoint->lock);
}

static enum status bind_address(struct endpoint *endpoint, const char *address)
{
    /* The socket file is for its owner alone from the first moment on. */
    mode_t mask = umask(0177);
    int result = zmq_bind(endpoint->socket, address);
    int error = errno;
    umask(mask);
    if (result == 0) {
        return STATUS_OK;
    }
    errno = error;
    return error == EADDRINUSE ? STATUS_BUSY : error == EACCES ? STATUS_DENIED : STATUS_IO;
}

enum status endpoint_open(void *context, const char *address, struct endpoint **out, char **detail)
{
    const char *path = address_path(address);
    enum status status = STATUS_OK;
    *detail = NULL;
    *out = NULL;
    assert(address_problem(address) == NULL);
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL) {
        return STATUS_NO_MEMORY;
    }
    endpoint->lock = -1;
    zmq_msg_init(&endpoint->routing);
    zmq_msg_init(&endpoint->frame);
    endpoint->socket = zmq_socket(context, ZMQ_ROUTER);
    if (endpoint->socket == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status == STATUS_OK && path != NULL) {
        status = prepare_path(endpoint, path);
    }
    if (status == STATUS_OK) {
        set_options(endpoint);
        status = bind_address(endpoint, address);
    }
    if (status == STATUS_BUSY) {
        *detail = strdup("address in use by another process");
    } else if (status != STATUS_OK) {
        *detail = strdup(zmq_strerror(errno));
    }
    if (status != STATUS_OK) {
        endpoint_close(&endpoint);
    }
    *out = endpoint;
    return status;
}

void endpoint_close(struct endpoint **endpoint)
{
    struct endpoint *old = *endpoint;
    if (old == NULL) {
        return;
    }
    zmq_msg_close(&old->routing);
    zmq_msg_close(&old->frame);
    if (old->socket != NULL) {
        zmq_close(old->socket);
    }
    if (old->lock >= 0) {
        close(old->lock);
    }
    free(old);
    *endpoint = NULL;
}

static bool has_more(const zmq_msg_t *message)
{
    return zmq_msg_more(message) != 0;
}

enum status endpoint_receive(struct endpoint *endpoint, struct slice *routing, struct slice *frame)
{
    zmq_msg_t *first = &endpoint->routing;
    zmq_msg_t *second = &endpoint->frame;
    if (zmq_msg_recv(first, endpoint->socket, ZMQ_DONTWAIT) < 0) {
        return STATUS_AGAIN;
    }
    *routing = slice_make(zmq_msg_data(first), zmq_msg_size(first));
    /* The parts of a message come together: none of these reads waits. */
    bool is_whole =
        has_more(first) && zmq_msg_recv(second, endpoint->socket, 0) >= 0 && !has_more(second);
    if (is_whole) {
        *frame = slice_make(zmq_msg_data(second), zmq_msg_size(second));
        return STATUS_OK;
    }
    while (has_more(first) && has_more(second)) {
        if (zmq_msg_recv(second, endpoint->socket, 0) < 0) {
            break;
        }
    }
    return STATUS_MALFORMED;
}

enum status endpoint_send(struct endpoint *endpoint, struct slice routing, struct slice frame)
{
    if (zmq_send(endpoint->socket, routing.data, routing.size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return errno == EAGAIN ? STATUS_FULL : STATUS_CLOSED;
    }
    /* Once the routing id was taken the rest is taken too. */
    return zmq_send(endpoint->socket, frame.data, frame.size, ZMQ_DONTWAIT) < 0 ? STATUS_CLOSED
                                                                                : STATUS_OK;
}

void endpoint_wait(struct endpoint *const *endpoints, uint32_t endpoint_count,
                   const int *descriptors, uint32_t descriptor_count, int64_t timeout_ms)
{
    zmq_pollitem_t items[ITEMS_MAX] = {0};
    assert(endpoint_count + descriptor_count <= ITEMS_MAX);
    for (uint32_t index = 0; index < endpoint_count; index++) {
        items[index].socket = endpoints[index]->socket;
        items[index].events = ZMQ_POLLIN;
    }
    for (uint32_t index = 0; index < descriptor_count; index++) {
        items[endpoint_count + index].fd = descriptors[index];
        items[endpoint_count + index].events = ZMQ_POLLIN;
    }
    /* What became readable is found by reading; an interruption is a turn with nothing to do. */
    zmq_poll(items, (int)(endpoint_count + descriptor_count), (long)timeout_ms);
}
