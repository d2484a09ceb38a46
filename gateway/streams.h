#ifndef TROUPE_GATEWAY_STREAMS_H
#define TROUPE_GATEWAY_STREAMS_H

/*
 * All event streams of the process: their heartbeats, their turns, and how many of them may ask the
 * broker for history at once. A single stream is stream.c's. Embedded by the gateway.
 */

#include <h2o.h>
#include "gateway/list.h"

struct gateway;
struct stream;

struct streams {
    struct gateway *gateway;
    struct list idle;   /* by when their next comment is due */
    struct list dirty;  /* have something to send in this turn */
    struct list behind; /* must read from the broker when it is their turn */
    h2o_timeout_entry_t turn;
    size_t count;
    size_t read_count; /* pages under way */
};

void streams_init(struct streams *streams, struct gateway *gateway);
void streams_fini(struct streams *streams);

/* Comments, and lets those read that are behind. */
void streams_tick(struct streams *streams, int64_t now_ms);

/* Lets those read that are behind, as far as STREAM_READS_MAX allows. */
void streams_read(struct streams *streams);

/* Asks for the dirty ones to be sent at the end of this turn. */
void streams_wake(struct streams *streams);

/* Ends all of them with a last comment, for a shutdown. */
void streams_end(struct streams *streams);

#endif
