#ifndef TROUPE_ACTORS_STUDIO_EXCHANGE_H2O_H
#define TROUPE_ACTORS_STUDIO_EXCHANGE_H2O_H

/* The side of an exchange that the server sees. Only server.c and exchange*.c include this. */

#include <h2o.h>

#include "actors/studio/exchange.h"
#include "actors/studio/routes.h"

struct exchange {
    struct studio *studio;
    h2o_req_t *request; /* NULL once the client or the connection is gone */
    const struct route *route;
    struct answer answer;
    struct fault fault;
    h2o_generator_t generator; /* of an answer that is sent in pieces */
    size_t sent;               /* bytes of it */
    int64_t started_ms;        /* on the monotonic clock, as is due_ms */
    int64_t due_ms;
    void (*on_due)(
        struct exchange *exchange); /* NULL: it hangs until the client leaves or due_ms */
    struct exchange *previous;      /* in the server's list of those that wait */
    struct exchange *next;
    bool waiting;
    bool finished;  /* the handler is done with it */
    bool answering; /* h2o has been given an answer, or its first piece */
    char base_url[EXCHANGE_URL_SIZE];
};

/* Called by h2o for every request. */
int exchange_on_request(h2o_handler_t *handler, h2o_req_t *request);

/* Ends an exchange by resetting its connection; it frees itself when h2o lets go of the request. */
void exchange_reset(struct exchange *exchange);

/* Whether the client of a waiting exchange has closed: h2o does not read while a request is
 * being answered. */
bool exchange_is_deserted(const struct exchange *exchange);

/* Sends the answer, spoiled as its fault says. exchange_send.c. */
void exchange_send(struct exchange *exchange);

/* Sends all that is left of an answer in pieces whose last piece is out. exchange_send.c. */
void exchange_send_rest(struct exchange *exchange);

#endif
