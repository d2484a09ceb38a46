#ifndef TROUPE_BASE_METRICS_LISTENER_H
#define TROUPE_BASE_METRICS_LISTENER_H

/*
 * GET /metrics for programs that have no HTTP server. A thread of its own answers from the last
 * snapshot of the numbers that the program's loop has published: no client, however slow or
 * hostile, and no reading of /proc or RocksDB takes any of the loop's time; and a loop that stands
 * still is seen from the snapshot's age, where an answer of its own would not come at all.
 * Opaque; owned by main.
 */

#include "base/metrics.h"

enum {
    METRICS_CLIENTS_MAX = 8,       /* at once; the rest waits in the kernel's backlog */
    METRICS_CLIENT_MS = 5000,      /* from the connection to its end */
    METRICS_PUBLISH_MS = 1000,     /* between two snapshots */
    METRICS_ADDRESS_SIZE_MAX = 64, /* bytes of an address, the port included */
};

struct metrics_listener;

/* Writes everything; called in the thread. snapshot: a copy that is its own. */
typedef void metrics_render(void *context, const void *snapshot, struct metrics_writer *writer);

/* Whether metrics_listener_new would take the address. Returns OK, or INVALID after logging. */
enum status metrics_address_check(const char *address);

/* Listens on a numeric address, 127.0.0.1:9464 or [::1]:9464, and starts the thread. size: bytes of
 * a snapshot. Returns OK, INVALID (the address), BUSY (in use), DENIED, NO_MEMORY or IO, after
 * logging. */
enum status metrics_listener_new(const char *address, size_t size, metrics_render *render,
                                 void *context, struct metrics_listener **out);

/* Ends the thread and closes everything. */
void metrics_listener_destroy(struct metrics_listener **listener);

/* Hands over the numbers as they are. Never waits: while the thread copies the last ones these are
 * dropped. */
void metrics_listener_publish(struct metrics_listener *listener, const void *snapshot);

#endif
