#ifndef TROUPE_BROKER_OPTIONS_H
#define TROUPE_BROKER_OPTIONS_H

/* The broker's settings, read from the environment once. */

#include "base/status.h"
#include "broker/core/core.h"

struct broker_options {
    const char *gateway_endpoint; /* borrowed from the environment, as are all texts */
    const char *actor_endpoint;
    const char *data_directory;
    const char *metrics_address; /* NULL: nothing is told */
    struct core_options core;    /* limits; what comes from the store is filled in later */
    uint64_t space_floor;        /* bytes free, below which new work is refused */
    bool unsynced;               /* for tests (store.h), as the next two */
    uint64_t fault_commit;
    int64_t gap_ms;      /* query_gap; another than GAP_MS for tests */
    uint64_t fault_read; /* for tests, as the next one */
    char fault_read_kind;
};

/* Returns OK, or INVALID after logging everything that is wrong. */
enum status options_read(struct broker_options *out);

/* Reads the endpoint for gateways alone. Returns as above. */
enum status options_gateway_endpoint(const char **out);

/* Prints what --help says. */
void options_help(void);

#endif
