#ifndef TROUPE_GATEWAY_UPLOADS_H
#define TROUPE_GATEWAY_UPLOADS_H

/*
 * Requests of HTTP/2 that have begun and not come to their end. HTTP/1 has a time for that; of
 * HTTP/2 h2o knows only when a connection was silent, which a PING ends, and keeps a body of up to
 * ENTITY_SIZE_MAX for each of 100 streams of a connection before anybody is asked for a token.
 * Embedded by the server.
 */

#include <h2o.h>

struct uploads {
    int64_t due_ms; /* of the next look */
};

/* Once in UPLOADS_LOOK_MS: cuts off connections of which a request takes longer than
 * REQUEST_TIMEOUT_MS to arrive, and of those that take longer than UPLOAD_SLOW_MS all beyond
 * UPLOADS_SLOW_MAX, which the addresses that they come from have in equal shares. */
void uploads_tick(struct uploads *uploads, h2o_context_t *context, int64_t now_ms);

#endif
