#ifndef TROUPE_BROKER_ENDPOINT_H
#define TROUPE_BROKER_ENDPOINT_H

/*
 * One ROUTER socket. It moves frames; what is in them is not its matter. Nothing here blocks but
 * endpoint_wait. Opaque; owned by a port.
 */

#include "base/slice.h"
#include "base/status.h"

enum {
    ROUTING_SIZE_MAX = 255, /* bytes of a ZeroMQ routing id */
    SEND_QUEUE_MAX = 1000, /* frames to one peer: one that falls further behind loses its session */
    RECEIVE_QUEUE_MAX = 256,        /* frames of one peer: then its own queue fills */
    CONNECTION_HEARTBEAT_MS = 2000, /* of ZMTP: finds connections that died without a word */
    CONNECTION_TIMEOUT_MS = 6000,
    HANDSHAKE_MS = 5000,
    LINGER_MS = 200, /* for what was sent before the broker stops */
};

struct endpoint;

/* Binds the address (address.h has accepted it). context: of ZeroMQ (context.h). A socket file is
 * made with mode 0600 in a directory made with 0700 if needed, and guarded by a lock file beside
 * it. Returns OK, BUSY (another process has the address), DENIED or IO; *detail is then a text for
 * people, to be freed by the caller. */
enum status endpoint_open(void *context, const char *address, struct endpoint **out, char **detail);
void endpoint_close(struct endpoint **endpoint);

/* Gives the next message: who sent it, and its one part. Both are valid until the next call.
 * Returns OK, AGAIN (there is none), or MALFORMED for a message that does not have one part:
 * *routing is valid, *frame is not. */
enum status endpoint_receive(struct endpoint *endpoint, struct slice *routing, struct slice *frame);

/* Sends a copy. Returns OK, CLOSED (the peer is gone) or FULL (it does not keep up). */
enum status endpoint_send(struct endpoint *endpoint, struct slice routing, struct slice frame);

/* Waits until one of the endpoints or descriptors can be read, or for so many milliseconds. */
void endpoint_wait(struct endpoint *const *endpoints, uint32_t endpoint_count,
                   const int *descriptors, uint32_t descriptor_count, int64_t timeout_ms);

#endif
