#ifndef TROUPE_GATEWAY_STREAM_H
#define TROUPE_GATEWAY_STREAM_H

/*
 * One event stream (Server-Sent Events): subscribes to live events first, reads history from the
 * broker, and goes on live, with every event once and in order. What it is owed is told by one
 * number, its position. A reader that cannot keep up, a missed batch and a new session all end in
 * the same state: behind, which reads again from the position. Lives in its request's pool.
 *
 *   STARTING -> LIVE                   the first page tells 404, 204 or 200
 *   LIVE     -> BEHIND                 no room for an event, or events were missed
 *   BEHIND   -> READING -> LIVE        what came live in the meantime was held
 */

#include "gateway/exchange.h"
#include "gateway/stream_queue.h"

enum stream_state {
    STREAM_STARTING,
    STREAM_BEHIND,
    STREAM_READING,
    STREAM_LIVE,
};

struct stream {
    h2o_generator_t generator; /* first: h2o hands it back */
    struct exchange *exchange;
    struct subscription subscription;
    struct request page; /* GET_EVENTS */
    struct list idle;    /* in streams.idle */
    struct list dirty;
    struct list behind;
    enum stream_state state;
    uint64_t position; /* everything up to this event number is queued or sent */
    int64_t due_ms;    /* of the next comment */
    struct stream_queue queue;
    struct stream_queue held; /* live events while history is read */
    struct buffer flight;     /* given to h2o until it proceeds */
    uint64_t held_last;       /* the last event that came while history was read */
    bool held_terminal;       /* it ended the job */
    bool started;             /* the response has begun */
    bool in_flight;
    bool held_lost; /* held had no room: read again */
    bool ended;     /* close when everything is sent */
    bool of_group;  /* subscription.job is a group: it ends with the last of its jobs */
    bool from_now;  /* no cursor, and no session yet that could tell what now is */
};

/* Starts a stream of one job (its owner's), from event number after. job and owner must live as
 * long as the request. */
void stream_open_job(struct exchange *exchange, const struct id *job, struct slice owner,
                     uint64_t after);

/* The same for all jobs of a group. */
void stream_open_group(struct exchange *exchange, const struct id *group, struct slice owner,
                       uint64_t after);

/* Starts a stream of all jobs of who asks: from after when has_cursor, from now otherwise. */
void stream_open_owner(struct exchange *exchange, bool has_cursor, uint64_t after);

/* For streams.c: asks for the next page (FULL when it could not); sends what is queued; a comment,
 * or the end of a stream whose token has expired; the end, with a comment that tells why. */
enum status stream_read(struct stream *stream);
void stream_send(struct stream *stream);
void stream_comment(struct stream *stream, int64_t now_ms);
void stream_end(struct stream *stream, struct slice comment);

#endif
