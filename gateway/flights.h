#ifndef TROUPE_GATEWAY_FLIGHTS_H
#define TROUPE_GATEWAY_FLIGHTS_H

/*
 * What was handed to h2o and has not left: h2o waits for ever for a client that takes nothing, and
 * of HTTP/2's windows TCP knows nothing. A connection is cut off when something of it is in flight
 * for longer than its time, and nothing else of it has left within the patience: one answer of many
 * may wait behind the others, or in a player that stands still. Embedded by the server; what is in
 * flight lives in its request's pool.
 */

#include <h2o.h>
#include "base/slice.h"
#include "gateway/list.h"

struct flights {
    struct list all;
    int64_t patience_ms;
};

/* One connection. It lives as long as the socket and every flight of it. */
struct flight_line {
    struct flights *flights;
    int64_t moved_ms; /* when something of it left last */
};

struct flight {
    struct list node; /* in flights.all, while it is in flight */
    struct flight_line *line;
    h2o_req_t *request;
    struct slice name; /* of the request, for the log; may be empty */
    const char *job;   /* that it is about, likewise */
    int64_t late_ms;
};

/* A client that takes nothing for patience_ms is cut off. */
void flights_init(struct flights *flights, int64_t patience_ms);

/* Makes the line of a connection that was accepted: its socket's on_close.data is that from now on,
 * and given back by flights_close_line from there. */
void flights_open_line(struct flights *flights, h2o_socket_t *socket);
void flights_close_line(struct flight_line *line);

/* Makes one that is not in flight yet. name and job must live as long as the request; the text of
 * job may come later. */
struct flight *flight_new(h2o_req_t *request, struct slice name, const char *job);

/* Bytes are handed to h2o, and: it asks for more. The end of the request lands what flies. */
void flight_begin(struct flight *flight, size_t size);
void flight_end(struct flight *flight);

/* Cuts off who is late. */
void flights_tick(struct flights *flights, int64_t now_ms);

#endif
