#ifndef TROUPE_GATEWAY_SWALLOW_H
#define TROUPE_GATEWAY_SWALLOW_H

/*
 * Lets a refused client read its refusal. h2o closes a connection whose body it will not read while
 * the client still sends; the kernel answers such bytes with a reset, which many clients see
 * instead of the 413. A second descriptor of the connection keeps it open and swallows what
 * comes, within limits. Embedded by the server.
 */

#include <h2o.h>
#include "gateway/list.h"

struct swallows {
    h2o_context_t *context; /* borrowed */
    struct list all;        /* the oldest first */
    size_t count;
    uint64_t refused; /* requests that the library refused, since the start */
};

void swallows_init(struct swallows *swallows, h2o_context_t *context);

/* Closes all of them. */
void swallows_fini(struct swallows *swallows);

/* Starts to swallow what the client of an HTTP/1 request still sends. h2o must have stopped to read
 * it. Does nothing when that is not possible. */
void swallows_add(struct swallows *swallows, h2o_req_t *request);

/* Tells those that are answered that nothing more comes, and closes those whose time is over. */
void swallows_tick(struct swallows *swallows, int64_t now_ms);

#endif
