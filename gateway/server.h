#ifndef TROUPE_GATEWAY_SERVER_H
#define TROUPE_GATEWAY_SERVER_H

/*
 * The HTTP server: h2o set up on one loop, the listening socket with its cap of connections, the
 * tick, and the two ways to the end. Opaque; owned by main.
 */

#include <h2o.h>
#include "base/build.h"
#include "gateway/gateway.h"

struct server;

/* h2o, for --version. */
struct build_library server_library(void);

/* Makes the loop and its context. A client that takes nothing for write_timeout_ms is cut off.
 * Returns OK or NO_MEMORY. */
enum status server_new(int64_t write_timeout_ms, struct server **out);
void server_destroy(struct server **server);

/* For gateway_init. */
h2o_context_t *server_context(struct server *server);

/* Uses a socket that listens already, of socket activation (sd_listen_fds(3)), and hands requests
 * to gateway. It may have other users: what this one does not accept, they do. Returns OK,
 * INVALID (it does not listen) or IO, after logging. */
enum status server_inherit(struct server *server, struct gateway *gateway, int fd, uint16_t *port);

/* Whether it is host:port of an address that there is here, or of a name that is known. May wait
 * for the name's answer. */
bool server_address_is_good(const char *address);

/* Listens on host:port (port 0 picks one) and hands requests to gateway. *port is the one that
 * it listens on. Returns OK, INVALID (no such address), BUSY (in use) or IO, after logging. */
enum status server_listen(struct server *server, struct gateway *gateway, const char *address,
                          uint16_t *port);

/* Serves until SIGTERM or SIGINT, then finishes what runs, at most SHUTDOWN_TIMEOUT_MS. Both
 * signals must be blocked in every thread. */
void server_run(struct server *server);

#endif
