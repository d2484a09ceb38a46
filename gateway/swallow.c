#include "gateway/swallow.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "gateway/limits.h"

struct swallow {
    struct swallows *swallows;
    h2o_socket_t *socket;
    struct list node;
    int64_t since_ms;
    size_t left; /* bytes that it still swallows */
};

void swallows_init(struct swallows *swallows, h2o_context_t *context)
{
    swallows->context = context;
    swallows->count = 0;
    list_init(&swallows->all);
}

static void swallow_close(struct swallow *swallow)
{
    swallow->swallows->count--;
    list_remove(&swallow->node);
    h2o_socket_close(swallow->socket);
    free(swallow);
}

void swallows_fini(struct swallows *swallows)
{
    while (!list_is_empty(&swallows->all)) {
        swallow_close(LIST_OWNER(swallows->all.next, struct swallow, node));
    }
}

static void on_readable(h2o_socket_t *socket, const char *error)
{
    char swallowed[SWALLOW_PIECE_SIZE];
    struct swallow *swallow = socket->data;
    (void)error;
    ssize_t size = read(h2o_socket_get_fd(socket), swallowed, sizeof(swallowed));
    if (size > 0 && (size_t)size <= swallow->left) {
        swallow->left -= (size_t)size;
    } else {
        swallow_close(swallow);
    }
}

void swallows_add(struct swallows *swallows, h2o_req_t *request)
{
    swallows->refused++;
    if (request->version >= 0x200 || swallows->count == SWALLOWS_MAX) {
        return;
    }
    h2o_socket_t *socket = request->conn->callbacks->get_socket(request->conn);
    struct swallow *swallow = calloc(1, sizeof(*swallow));
    int fd = dup(h2o_socket_get_fd(socket));
    if (swallow == NULL || fd < 0) {
        free(swallow);
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    swallow->swallows = swallows;
    swallow->since_ms = clock_monotonic_ms();
    swallow->left = SWALLOW_SIZE_MAX;
    swallow->socket =
        h2o_evloop_socket_create(swallows->context->loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    swallow->socket->data = swallow;
    h2o_socket_read_start(swallow->socket, on_readable);
    list_append(&swallows->all, &swallow->node);
    swallows->count++;
}

void swallows_tick(struct swallows *swallows, int64_t now_ms)
{
    struct list *node = swallows->all.next;
    while (node != &swallows->all) {
        struct swallow *swallow = LIST_OWNER(node, struct swallow, node);
        node = node->next;
        if (now_ms - swallow->since_ms >= SWALLOW_MS) {
            swallow_close(swallow);
        } else if (now_ms - swallow->since_ms >= TICK_MS) {
            shutdown(h2o_socket_get_fd(swallow->socket), SHUT_WR); /* as often as you like */
        }
    }
}
