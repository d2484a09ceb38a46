#ifndef TROUPE_GATEWAY_HTTP_METER_H
#define TROUPE_GATEWAY_HTTP_METER_H

/*
 * Counts answers by route, method and class of status, and how long they took: numbers in an array,
 * found by the route's place in the table. Routes are templates, so that nobody can make new ones.
 * Pure but for allocation. Embedded by the gateway.
 */

#include "base/metrics.h"
#include "gateway/router.h"

enum {
    HTTP_CLASSES = 4, /* 2xx to 5xx */
};

struct http_meter_route {
    uint64_t counts[HTTP_CLASSES];
    struct histogram durations; /* microseconds from the whole request to the answer's head */
};

struct http_meter {
    const struct route *routes; /* borrowed */
    size_t count;
    struct http_meter_route *items; /* count, and one for what is no route; owned */
};

/* Returns OK or NO_MEMORY. */
enum status http_meter_init(struct http_meter *meter, const struct route *routes, size_t count);
void http_meter_fini(struct http_meter *meter);

/* Counts an answer. route: NULL when none was found. took_us: negative when the request waited
 * because it asked to; then its time says nothing. */
void http_meter_count(struct http_meter *meter, const struct route *route, int status,
                      int64_t took_us);

/* Writes them; routes that nobody has asked for are left out. */
void http_meter_write(const struct http_meter *meter, struct metrics_writer *writer);

#endif
