#ifndef TROUPE_GATEWAY_BROKER_LINK_H
#define TROUPE_GATEWAY_BROKER_LINK_H

/*
 * The ZeroMQ DEALER to the broker, living in the h2o loop: frames in and out, one frame out a turn
 * of the loop. It knows nothing of what is in them: that is session.c. The only file that knows
 * ZeroMQ. Opaque; owned by the gateway.
 */

#include <h2o.h>
#include "base/build.h"
#include "base/slice.h"
#include "base/status.h"

struct broker_link;

/* libzmq, for --version. */
struct build_library broker_link_library(void);

/* Told of every frame, inside a callback of the loop (so that it may send responses). */
typedef void broker_link_frame(void *owner, struct slice frame);

/* Told when the connection comes and goes, inside a callback of the loop. The peer knows nothing of
 * what an earlier connection said. */
typedef void broker_link_change(void *owner, bool connected);

/* Told when frames may be sent: at the end of a turn that asked for it, and when room may have
 * come. */
typedef void broker_link_turn(void *owner);

struct broker_link_options {
    h2o_context_t *context; /* borrowed */
    const char *endpoint;
    broker_link_frame *on_frame;
    broker_link_change *on_change;
    broker_link_turn *on_turn;
    void *owner;
};

/* Connects (in the background). Returns OK, INVALID (the endpoint) or IO, after logging. */
enum status broker_link_new(const struct broker_link_options *options, struct broker_link **out);

/* Frames not sent yet are dropped. */
void broker_link_destroy(struct broker_link **link);

/* Asks for on_turn at the end of this turn. Cheap when it was asked for already. */
void broker_link_wake(struct broker_link *link);

/* Sends one frame; for on_turn and timers. Returns OK or AGAIN. */
enum status broker_link_send(struct broker_link *link, struct slice frame);

#endif
