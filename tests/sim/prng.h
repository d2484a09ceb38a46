#ifndef TROUPE_TESTS_SIM_PRNG_H
#define TROUPE_TESTS_SIM_PRNG_H

/*
 * The one source of chance in a simulated world: xoshiro256** (Blackman and Vigna), seeded through
 * splitmix64. Everything that happens in a run follows from its seed.
 */

#include <stdbool.h>
#include <stdint.h>

struct prng {
    uint64_t state[4];
};

void prng_init(struct prng *prng, uint64_t seed);
uint64_t prng_next(struct prng *prng);

/* Returns 0..bound-1; bound is at least 1. */
uint32_t prng_below(struct prng *prng, uint32_t bound);

/* Returns low..high, both included. */
int64_t prng_between(struct prng *prng, int64_t low, int64_t high);

/* True this many times in a thousand. */
bool prng_chance(struct prng *prng, uint32_t per_mille);

/* A time from 0 to about 8 * mean, most often below mean: waits that are usually short and
 * sometimes long. */
int64_t prng_wait(struct prng *prng, int64_t mean);

void prng_fill(struct prng *prng, uint8_t *out, uint32_t size);

#endif
