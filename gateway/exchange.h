#ifndef TROUPE_GATEWAY_EXCHANGE_H
#define TROUPE_GATEWAY_EXCHANGE_H

/*
 * One HTTP request on its way to its answer. Lives in the request's pool: it is gone when the
 * client is, so whoever holds it across turns of the loop must be in that pool too, with a dispose
 * function that lets go (exchange_hold).
 */

#include <h2o.h>
#include "base/id.h"
#include "gateway/flights.h"
#include "gateway/gateway.h"
#include "gateway/router.h"

struct exchange {
    h2o_req_t *request;
    struct gateway *gateway;
    struct route_match match;
    struct slice request_id;
    char job[ID_TEXT_SIZE]; /* what it is about, or has made: for the log; empty while none is */
    struct slice owner;     /* who asks; empty on routes without authentication */
    uint16_t slot;          /* the owner's hash slot */
    enum token_role role;
    bool admin;                /* the role is that */
    int64_t expires_at_ms;     /* of the token; INT64_MAX for never */
    bool is_waiting;           /* it asked to be answered later */
    int64_t begun_us;          /* when the request was there, of the monotonic clock */
    struct flight *flight;     /* what of the answer has not left yet */
    h2o_generator_t generator; /* of answers that are sent whole: it has nothing to go on with */
    void *handler_data;        /* the handler's own, in the request's pool */
};

/* Takes a request from h2o: finds its route, checks its token and size, calls its handler, or
 * refuses it. */
void exchange_begin(struct gateway *gateway, h2o_req_t *request);

/* The answer has told which job it is about, or has made. */
void exchange_note_job(struct exchange *exchange, const struct id *job);

/* Memory of the request, zeroed. With dispose: it is called when the request ends, however it
 * does. */
void *exchange_allocate(struct exchange *exchange, size_t size);
void *exchange_hold(struct exchange *exchange, size_t size, void (*dispose)(void *));

/* Hands the next part of the answer to h2o, as h2o_send does. Who goes on when h2o asks for more
 * says so first: until then the part is in flight. */
void exchange_send(struct exchange *exchange, h2o_iovec_t *parts, size_t count,
                   h2o_send_state_t state);
void exchange_sent(struct exchange *exchange);

/* A request header's value, borrowed; empty when there is none. name is in lower case. */
struct slice exchange_header(const struct exchange *exchange, const h2o_token_t *token);
struct slice exchange_header_named(const struct exchange *exchange, const char *name);

/* Whether the request has that header, be it empty. */
bool exchange_has_header(const struct exchange *exchange, const char *name);

/* Whether If-None-Match (RFC 9110, 13.1.2) names etag, which has its quotes: a list of tags, weak
 * or strong, or "*". */
bool exchange_has_etag(const struct exchange *exchange, struct slice etag);

/* The text after "?", borrowed. */
struct slice exchange_query(const struct exchange *exchange);

/* Reads the route's parameter as an id. Returns OK or MALFORMED. */
enum status exchange_id(const struct exchange *exchange, size_t index, struct id *out);

/* Whether the token with which it began counts no longer. */
bool exchange_is_expired(const struct exchange *exchange, int64_t now_ms);

/* Whether who asked sends nothing any more on this connection: gone, most likely, which only what
 * is sent there finds out. h2o does not look while it answers over HTTP/1. */
bool exchange_is_left(const struct exchange *exchange);

/* Whether who asks may see what belongs to owner. */
bool exchange_may_see(const struct exchange *exchange, struct slice owner);

#endif
