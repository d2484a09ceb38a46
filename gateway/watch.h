#ifndef TROUPE_GATEWAY_WATCH_H
#define TROUPE_GATEWAY_WATCH_H

/*
 * The live stream of the dashboard. What is told is made once a tick for all who look, and nothing
 * is asked or made while nobody does. Each of them has at most one piece under way: one that reads
 * slowly gets the queues as they are when it comes back, and misses what jobs did meanwhile. It
 * keeps no history. While the broker is away there is no stream, or it would tell for live what is
 * of long ago. Embedded by the gateway; a single stream lives in its request's pool.
 */

#include <h2o.h>
#include "gateway/hub.h"
#include "gateway/job_news.h"
#include "gateway/requests.h"
#include "gateway/router.h"

struct gateway;

/* One kind of event as it was told last. */
struct watch_topic {
    struct buffer text; /* its SSE form; empty before the first */
    uint64_t version;   /* grows with each text */
};

struct watch {
    struct gateway *gateway;
    struct list streams;
    size_t count;
    struct request ask; /* GET_QUEUES */
    bool asking;
    int64_t told_at_ms;               /* when jobs were told, and queues asked for */
    int64_t current_at_ms;            /* the session with the broker was */
    int64_t ticked_at_ms;             /* watch_tick() was called */
    struct subscription subscription; /* to all events, while somebody looks */
    struct job_news news;
    struct watch_topic queues;
    struct watch_topic jobs;
    struct watch_topic workers; /* that something of them is another than before */
    struct buffer scratch;
};

void watch_init(struct watch *watch, struct gateway *gateway);
void watch_fini(struct watch *watch);

/* To be called every TICK_MS, in a callback of the loop. */
void watch_tick(struct watch *watch, int64_t now_ms);

/* Ends all streams, for a shutdown, or because the broker is away. */
void watch_end(struct watch *watch);

/* Handler. */
route_handler watch_open;

#endif
