#ifndef TROUPE_ACTORS_STUDIO_DICE_H
#define TROUPE_ACTORS_STUDIO_DICE_H

/*
 * Repeatable chance: the same seed and purpose give the same numbers on every machine. A purpose of
 * its own for every question ("hair", "bokeh") keeps one answer from shifting all others when a
 * prompt says more. Pure (splitmix64).
 */

#include <stdint.h>

#include "base/slice.h"

struct dice {
    uint64_t state;
};

struct dice dice_make(uint64_t seed, const char *purpose);

/* A 64-bit FNV-1a hash with a final mix; for seeds from text, not for security. */
uint64_t dice_hash(struct slice text);

uint64_t dice_next(struct dice *dice);

/* 0 <= answer < 1. */
double dice_unit(struct dice *dice);

/* low <= answer < high. */
double dice_range(struct dice *dice, double low, double high);

/* 0 <= answer < count; count > 0. */
unsigned dice_pick(struct dice *dice, unsigned count);

#endif
