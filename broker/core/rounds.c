#include "broker/core/rounds.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ROUNDS_CAPACITY_FIRST = 16,
};

void rounds_init(struct rounds *rounds)
{
    *rounds = (struct rounds){0};
}

void rounds_fini(struct rounds *rounds)
{
    free(rounds->sums);
    rounds_init(rounds);
}

enum status rounds_reserve(struct rounds *rounds, uint32_t jobs)
{
    uint32_t capacity = rounds->capacity == 0 ? ROUNDS_CAPACITY_FIRST : rounds->capacity;
    if (jobs <= rounds->capacity) {
        return STATUS_OK;
    }
    while (capacity < jobs) {
        capacity *= 2;
    }
    uint32_t *sums = realloc(rounds->sums, capacity * sizeof(*sums));
    if (sums == NULL) {
        return STATUS_NO_MEMORY;
    }
    rounds->sums = sums;
    rounds->capacity = capacity;
    return STATUS_OK;
}

static uint32_t lowest_bit(uint32_t round)
{
    return round & -round;
}

/* Adds the next round, still empty: its sum is that of the rounds before it that it covers. */
static void append(struct rounds *rounds)
{
    uint32_t round = rounds->count + 1;
    uint32_t first = round - lowest_bit(round);
    uint32_t sum = 0;
    for (uint32_t below = round - 1; below > first; below -= lowest_bit(below)) {
        sum += rounds->sums[below - 1];
    }
    rounds->sums[rounds->count] = sum;
    rounds->count = round;
}

static void change(struct rounds *rounds, uint32_t round, uint32_t change)
{
    for (; round <= rounds->count; round += lowest_bit(round)) {
        rounds->sums[round - 1] += change;
    }
}

void rounds_put(struct rounds *rounds, uint32_t jobs)
{
    assert(jobs > 0);
    assert(jobs <= rounds->count + 1);
    if (jobs > rounds->count) {
        assert(jobs <= rounds->capacity);
        append(rounds);
    }
    change(rounds, jobs, 1);
}

void rounds_remove(struct rounds *rounds, uint32_t jobs)
{
    assert(jobs > 0);
    assert(jobs <= rounds->count);
    change(rounds, jobs, UINT32_MAX);
}

uint32_t rounds_sum(const struct rounds *rounds, uint32_t round)
{
    uint32_t sum = 0;
    round = round < rounds->count ? round : rounds->count;
    for (; round > 0; round -= lowest_bit(round)) {
        sum += rounds->sums[round - 1];
    }
    return sum;
}
