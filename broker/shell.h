#ifndef TROUPE_BROKER_SHELL_H
#define TROUPE_BROKER_SHELL_H

/*
 * The thin shell around the core: sockets in, one commit a turn, sockets out. Persist, then speak:
 * whatever a turn has to say is gathered in the endpoints and leaves only after store_commit.
 */

#include "base/clock.h"
#include "broker/core/core.h"

enum {
    TURN_RECORDS_MAX = 512,        /* records that one turn takes from the sockets */
    TURN_READS_SIZE_MAX = 8 << 20, /* bytes of answers that one turn takes from the readers; less
                                      than a peer gets in a turn (endpoint.h) */
    SPACE_CHECK_MS = 1000,
};

struct shell_options {
    void *context;         /* of ZeroMQ; borrowed */
    const char *directory; /* of the store */
    const char *gateway_endpoint;
    const char *actor_endpoint;
    struct core_options core; /* rates and limits; the rest is filled in from the store */
    int64_t space_floor;      /* bytes: below it new work is refused */
    int signals;              /* a descriptor that is readable when the broker is to stop */
};

struct shell;

/* Opens the store, restores the live jobs, binds the endpoints. Returns OK, BUSY (the store or an
 * address is in use), DENIED, INVALID, MALFORMED, NO_MEMORY or IO, after a log line. */
enum status shell_new(const struct shell_options *options, struct shell **out);
void shell_destroy(struct shell **shell);

/* Runs until the stop descriptor is readable. Returns OK, or why it cannot go on. */
enum status shell_run(struct shell *shell);

#endif
