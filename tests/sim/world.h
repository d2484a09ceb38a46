#ifndef TROUPE_TESTS_SIM_WORLD_H
#define TROUPE_TESTS_SIM_WORLD_H

/*
 * One simulated world: a broker with its store, gateways, actors, providers, a network between
 * them, and a checker that watches. One thread, virtual time, one seed. Its parts call each other
 * through this header.
 */

#include <stdio.h>
#include <stdlib.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/coverage.h"
#include "tests/sim/gateway_model.h"
#include "tests/sim/model.h"
#include "tests/sim/network.h"
#include "tests/sim/settings.h"
#include "tests/sim/shell.h"
#include "tests/sim/store_memory.h"
#include "tests/sim/trace.h"

#define WORLD_START_MS INT64_C(1700006280000) /* milliseconds since 1970: two minutes to midnight */

struct world {
    uint64_t seed;
    int64_t now;
    uint64_t steps;
    bool calm; /* faults are over: everything must end */
    struct prng prng;
    struct settings settings;
    struct coverage *coverage;
    struct trace trace;
    struct schedule schedule;
    struct network network;
    struct store_memory store;
    struct shell shell;
    struct ledger ledger;
    struct exchanges exchanges;
    struct model model;
    struct gateway gateways[GATEWAYS_MAX];
    struct actor actors[ACTORS_MAX];
    int64_t space_low_until;
    int64_t provider_down_until[WORLD_PROVIDERS_MAX];
};

/* Runs one seed for at least `steps` steps of faults, then until all jobs have ended. A broken
 * invariant ends the process with a report. Returns the run's digest. */
uint64_t world_run(uint64_t seed, uint64_t steps, bool verbose, struct coverage *coverage);

/* Notes something in the trace; both texts are literals (trace.h). */
void world_trace(struct world *world, const char *what, const char *word, int64_t first,
                 int64_t second, int64_t third, int64_t fourth);

void world_fault(struct world *world, enum fault fault);
void world_seen(struct world *world, enum seen seen);

/* A time to wait for the next regular thing: longer while the broker is down for long, so that an
 * outage does not cost as many wakes as a busy time. */
int64_t world_pause(const struct world *world, int64_t usual);

/* Where a client keeps frames that it could not send. */
struct frame **world_late(struct world *world, enum client_type type, uint32_t client);

/* Reports a broken invariant and ends the process. */
_Noreturn void world_fail(struct world *world, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints the trace of this world when the process aborts (an assertion of the core), or when its
 * seed takes too long; NULL: no more. */
void world_on_abort(struct world *world);

#define world_check(world, invariant, condition, ...)      \
    do {                                                   \
        if (__builtin_expect(!(condition), 0)) {           \
            world_fail((world), (invariant), __VA_ARGS__); \
        }                                                  \
    } while (0)

/* ---- faults.c ---- */

/* Breaks something, perhaps. */
void world_break(struct world *world);

#endif
