#ifndef TROUPE_GATEWAY_SWEEPS_H
#define TROUPE_GATEWAY_SWEEPS_H

/*
 * Looks at the start and once a day for what actors that were killed left half written, in the
 * directory or in the bucket, and removes what is a day old: no write takes so long. Every gateway
 * does; two that do the same at once do no harm. What was written whole and is not used goes by
 * unused.h. Embedded by the gateway.
 */

#include "gateway/assets_sweep.h"
#include "gateway/bucket_sweep.h"
#include "gateway/unused.h"

struct gateway;

struct sweeps {
    struct gateway *gateway;
    struct assets_sweep files;
    struct bucket_sweep uploads;
    struct unused unused;
    int64_t due_ms;
};

void sweeps_init(struct sweeps *sweeps, struct gateway *gateway);

/* Accepts zeroed ones; may be called twice. */
void sweeps_fini(struct sweeps *sweeps);

/* To be called every TICK_MS. */
void sweeps_tick(struct sweeps *sweeps, int64_t now_ms);

#endif
