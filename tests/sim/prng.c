#include "tests/sim/prng.h"
#include <assert.h>
#include <string.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t value = (*state += 0x9e3779b97f4a7c15U);
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

void prng_init(struct prng *prng, uint64_t seed)
{
    for (int index = 0; index < 4; index++) {
        prng->state[index] = splitmix(&seed);
    }
}

static uint64_t rotate(uint64_t value, int count)
{
    return (value << count) | (value >> (64 - count));
}

uint64_t prng_next(struct prng *prng)
{
    uint64_t *state = prng->state;
    uint64_t result = rotate(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 45);
    return result;
}

uint32_t prng_below(struct prng *prng, uint32_t bound)
{
    assert(bound > 0);
    return (uint32_t)(((prng_next(prng) >> 32) * bound) >> 32);
}

int64_t prng_between(struct prng *prng, int64_t low, int64_t high)
{
    assert(low <= high);
    return low + (int64_t)(prng_next(prng) % (uint64_t)(high - low + 1));
}

bool prng_chance(struct prng *prng, uint32_t per_mille)
{
    return per_mille > 0 && prng_below(prng, 1000) < per_mille;
}

int64_t prng_wait(struct prng *prng, int64_t mean)
{
    int64_t wait = prng_between(prng, 0, mean);
    while (wait < mean * 8 && prng_chance(prng, 250)) {
        wait += prng_between(prng, 0, mean * 2);
    }
    return wait;
}

void prng_fill(struct prng *prng, uint8_t *out, uint32_t size)
{
    while (size > 0) {
        uint64_t value = prng_next(prng);
        uint32_t part = size < sizeof(value) ? size : (uint32_t)sizeof(value);
        memcpy(out, &value, part);
        out += part;
        size -= part;
    }
}
