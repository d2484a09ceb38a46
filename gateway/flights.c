#include "gateway/flights.h"

#include <sys/socket.h>
#include "base/clock.h"
#include "base/log.h"
#include "gateway/limits.h"

void flights_init(struct flights *flights, int64_t patience_ms)
{
    list_init(&flights->all);
    flights->patience_ms = patience_ms;
}

void flights_open_line(struct flights *flights, h2o_socket_t *socket)
{
    struct flight_line *line = h2o_mem_alloc_shared(NULL, sizeof(*line), NULL);
    *line = (struct flight_line){.flights = flights, .moved_ms = clock_monotonic_ms()};
    socket->on_close.data = line;
}

void flights_close_line(struct flight_line *line)
{
    h2o_mem_release_shared(line);
}

void flight_end(struct flight *flight)
{
    if (list_is_linked(&flight->node)) {
        list_remove(&flight->node);
        flight->line->moved_ms = clock_monotonic_ms();
    }
}

static void flight_dispose(void *memory)
{
    struct flight *flight = memory;
    flight_end(flight);
    h2o_mem_release_shared(flight->line);
}

struct flight *flight_new(h2o_req_t *request, struct slice name, const char *job)
{
    h2o_socket_t *socket = request->conn->callbacks->get_socket(request->conn);
    struct flight *flight = h2o_mem_alloc_shared(&request->pool, sizeof(*flight), flight_dispose);
    *flight = (struct flight){
        .line = socket->on_close.data, .request = request, .name = name, .job = job};
    h2o_mem_addref_shared(flight->line);
    return flight;
}

void flight_begin(struct flight *flight, size_t size)
{
    struct flights *flights = flight->line->flights;
    int64_t size_ms = (int64_t)(size * 1000 / FLIGHT_RATE_MIN);
    flight->late_ms = clock_monotonic_ms() + flights->patience_ms + size_ms;
    if (!list_is_linked(&flight->node)) {
        list_append(&flights->all, &flight->node);
    }
}

static void cut_off(struct flight *flight)
{
    h2o_conn_t *connection = flight->request->conn;
    log_info("slow reader cut off", "request=%.*s job=%s", SLICE_PRINT(flight->name), flight->job);
    list_remove(&flight->node);
    shutdown(h2o_socket_get_fd(connection->callbacks->get_socket(connection)), SHUT_RDWR);
}

void flights_tick(struct flights *flights, int64_t now_ms)
{
    struct list *node = flights->all.next;
    while (node != &flights->all) {
        struct flight *flight = LIST_OWNER(node, struct flight, node);
        node = node->next;
        if (now_ms >= flight->late_ms && now_ms >= flight->line->moved_ms + flights->patience_ms) {
            cut_off(flight);
        }
    }
}
