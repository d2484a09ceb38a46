#include <assert.h>

#include "actors/studio/dice.h"

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

uint64_t dice_hash(struct slice text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t index = 0; index < text.size; index++) {
        hash = (hash ^ text.data[index]) * 0x100000001b3u;
    }
    return mix(hash);
}

struct dice dice_make(uint64_t seed, const char *purpose)
{
    return (struct dice){mix(seed + 0x9e3779b97f4a7c15u) ^ dice_hash(slice_from_string(purpose))};
}

uint64_t dice_next(struct dice *dice)
{
    dice->state += 0x9e3779b97f4a7c15u;
    return mix(dice->state);
}

double dice_unit(struct dice *dice)
{
    return (double)(dice_next(dice) >> 11) * 0x1p-53;
}

double dice_range(struct dice *dice, double low, double high)
{
    return low + (high - low) * dice_unit(dice);
}

unsigned dice_pick(struct dice *dice, unsigned count)
{
    assert(count > 0);
    return (unsigned)(dice_next(dice) % count);
}
