#ifndef TROUPE_ACTORS_LINK_H
#define TROUPE_ACTORS_LINK_H

/*
 * The connection to the broker: one ZeroMQ DEALER that carries frames and knows nothing of what is
 * in them. The owner of libzmq: nobody else includes zmq.h. It tells when the connection comes and
 * goes (from the socket's monitor), so that a session ends with its connection and not some
 * heartbeats later. The runtime owns the one instance.
 */

#include "actors/loop.h"
#include "base/build.h"
#include "base/slice.h"

struct link;

/* libzmq, for --version. */
struct build_library link_library(void);

/* Called from link_receive only. frame is valid until the function returns. */
typedef void link_frame_function(void *context, struct slice frame);
typedef void link_change_function(void *context, bool connected);

struct link_options {
    const char *endpoint;
    link_frame_function *on_frame;
    link_change_function *on_change;
    void *context;
};

/* Begins to connect. The strings of options are copied. Returns OK, NO_MEMORY, INVALID (the
 * endpoint) or IO. */
enum status link_new(struct loop *loop, const struct link_options *options, struct link **out);

/* Waits up to linger_ms for frames under way to leave. */
void link_destroy(struct link **link, int linger_ms);

/* Sends a copy of frame. Never blocks. Returns OK, AGAIN (not connected, or the peer does not
 * take any more) or IO. */
enum status link_send(struct link *link, struct slice frame);

/* Takes what has arrived, at most frames_max frames, and reports changes of the connection. Must
 * be called at the end of each turn and after sends: ZMQ_FD only tells of changes since it was
 * last looked at. Returns whether any frame was taken. */
bool link_receive(struct link *link, int frames_max);

/* Throws the socket away with all that it holds and makes a new one. Reports no change: the
 * caller knows. Returns OK, NO_MEMORY or IO; then it has no socket: nothing is sent and nothing
 * comes until a reset succeeds. */
enum status link_reset(struct link *link);

#endif
