#ifndef TROUPE_ACTORS_STUDIO_OPTIONS_H
#define TROUPE_ACTORS_STUDIO_OPTIONS_H

/* The studio's settings: from the environment, and two from the command line. Read once, by
 * main. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actors/studio/step.h"
#include "base/status.h"

enum {
    OPTIONS_HOST_SIZE = 64,
    OPTIONS_PORT = 8188, /* unless said otherwise */
};

struct options {
    char host[OPTIONS_HOST_SIZE]; /* a numeric IPv4 address */
    uint16_t port;                /* 0: any free one */
    const char *key;              /* NULL: no bearer key is asked for */
    const char *public_url;       /* what links begin with; NULL: what the request's Host says */
    bool faults;                  /* the control endpoints exist */
    const char *fault_rules;      /* JSON, or NULL */
    uint64_t fault_seed;
    int64_t latency_ms[STEP_COUNT]; /* least time from a request to its answer */
    int64_t film_latency_ms;        /* least time from a submit to the end of its task */
    int thread_count;
    int64_t memory_size_max; /* bytes of uploads, pictures and films kept */
    int64_t connection_count_max;
};

enum options_wish {
    OPTIONS_SERVE,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_CHECK, /* of the settings */
};

/* Reads the command line and the environment. Returns OK, or INVALID after saying on standard
 * error what is wrong. */
enum status options_read(int count, char **arguments, struct options *out, enum options_wish *wish);

/* Prints usage and the table of settings on standard output. */
void options_print_help(void);

#endif
