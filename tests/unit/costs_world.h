#ifndef TROUPE_TESTS_UNIT_COSTS_WORLD_H
#define TROUPE_TESTS_UNIT_COSTS_WORLD_H

/* What the tests of money in the core share: prices, a worker that declares them, operations. */

#include "tests/unit/core_world.h"

enum {
    DAY_MS = 86400000,
    CHAT = 1000,
    IMAGE = 20000,
    VIDEO = 500000,
};

void costs_declare(struct world *world, uint64_t peer, const char *name, enum provider_use use,
                   uint8_t rank, uint32_t price);

/* Worker 10, who calls one provider for everything. Returns its session. */
uint64_t costs_worker(struct world *world);

/* What worker 10 tells of an operation of job 1. */
void costs_operate(struct world *world, uint64_t session, uint32_t lease, uint8_t number,
                   enum operation_state state, enum charge charged, uint32_t price);

/* Fails unless "user" has spent and reserved this. */
void costs_expect(const struct world *world, uint64_t spent, uint64_t reserved);

/* Starts a core in which image job 1, estimated, is at work under lease 1 of worker 10. Returns the
 * session. */
uint64_t costs_lease(struct world *world, const struct core_options *options);

#endif
