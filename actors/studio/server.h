#ifndef TROUPE_ACTORS_STUDIO_SERVER_H
#define TROUPE_ACTORS_STUDIO_SERVER_H

/*
 * The HTTP server: an h2o loop on one thread, a listener, signals, and the way back from the pool's
 * threads. HTTP/1.1 only, plain: it stands beside its clients.
 */

#include "actors/studio/studio.h"

struct exchange;
struct work;

enum {
    SERVER_REQUEST_SIZE_MAX =
        32 * 1024 * 1024, /* bytes of a body that h2o takes in before a route can refuse it */
    SERVER_REQUEST_MS_MAX = 30000, /* for a whole request to arrive, and for an idle connection */
    SERVER_HANG_MS_MAX =
        900000, /* a hanging answer ends with a reset after that: longer than any client waits */
    SERVER_STOP_MS_MAX = 2000, /* for answers on their way when the studio stops */
};

/* Listens. Returns OK, BUSY (the address is taken), DENIED, NO_MEMORY or IO, after logging why. */
enum status server_new(struct studio *studio, struct server **out);

/* The port that it listens on. */
uint16_t server_port(const struct server *server);

/* Serves until SIGTERM or SIGINT, which must be blocked in all threads. Returns OK or IO. */
enum status server_run(struct server *server);

/* Accepts a pointer to NULL. */
void server_destroy(struct server **server);

/* Calls exchange->on_due at its due_ms. */
void server_wait(struct server *server, struct exchange *exchange);
void server_forget(struct server *server, struct exchange *exchange);

/* Gives work that is done back to the loop's thread. From any thread. */
void server_return(struct server *server, struct work *work);

#endif
