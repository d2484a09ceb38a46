#include "broker/busiest.h"

#include <assert.h>
#include <string.h>

_Static_assert(BUSIEST_MAX <= UINT8_MAX, "places fit");

void busiest_begin(struct busiest *busiest, const struct busiest_place *after)
{
    busiest->after = *after;
    busiest->behind = 0;
    busiest->count = 0;
    busiest->users = busiest->waiting = busiest->active = busiest->delayed = 0;
}

bool busiest_place_equal(const struct busiest_place *left, const struct busiest_place *right)
{
    return left->jobs == right->jobs && slice_equal(slice_make(left->owner, left->owner_size),
                                                    slice_make(right->owner, right->owner_size));
}

const struct busiest_user *busiest_at(const struct busiest *busiest, uint32_t rank)
{
    assert(rank < busiest->count);
    return &busiest->items[busiest->order[rank]];
}

/* ---- the order ---- */

struct standing {
    uint64_t jobs;
    struct slice owner;
};

static bool comes_before(const struct standing *one, const struct standing *other)
{
    if (one->jobs != other->jobs) {
        return one->jobs > other->jobs;
    }
    size_t size = one->owner.size < other->owner.size ? one->owner.size : other->owner.size;
    int order = size == 0 ? 0 : memcmp(one->owner.data, other->owner.data, size);
    return order != 0 ? order < 0 : one->owner.size < other->owner.size;
}

static struct standing standing_at(const struct busiest *busiest, uint32_t rank)
{
    const struct busiest_user *user = busiest_at(busiest, rank);
    return (struct standing){user->waiting + user->active + user->delayed,
                             slice_make(user->owner, user->owner_size)};
}

static bool is_behind(const struct busiest_place *after, const struct standing *standing)
{
    const struct standing place = {after->jobs, slice_make(after->owner, after->owner_size)};
    return after->owner_size == 0 || comes_before(&place, standing);
}

/* ---- users ---- */

/* A place in items for one more: the last one's when all are taken. */
static uint8_t take_place(struct busiest *busiest)
{
    if (busiest->count < BUSIEST_MAX) {
        return (uint8_t)busiest->count++;
    }
    return busiest->order[BUSIEST_MAX - 1];
}

static void insert(struct busiest *busiest, const struct standing *standing,
                   const struct user_told *user)
{
    uint8_t place = take_place(busiest);
    uint32_t rank = busiest->count - 1;
    for (; rank > 0; rank--) {
        const struct standing before = standing_at(busiest, rank - 1);
        if (!comes_before(standing, &before)) {
            break;
        }
        busiest->order[rank] = busiest->order[rank - 1];
    }
    busiest->order[rank] = place;
    struct busiest_user *item = &busiest->items[place];
    item->waiting = user->waiting;
    item->active = user->active;
    item->delayed = user->delayed;
    item->spent = user->spent;
    item->owner_size = (uint8_t)user->owner.size;
    memcpy(item->owner, user->owner.data, user->owner.size);
}

void busiest_add(struct busiest *busiest, const struct user_told *user)
{
    const struct standing standing = {user->waiting + user->active + user->delayed, user->owner};
    assert(user->owner.size > 0 && user->owner.size <= OWNER_SIZE_MAX);
    busiest->users++;
    busiest->waiting += user->waiting;
    busiest->active += user->active;
    busiest->delayed += user->delayed;
    if (!is_behind(&busiest->after, &standing)) {
        return;
    }
    busiest->behind++;
    if (busiest->count == BUSIEST_MAX) {
        const struct standing last = standing_at(busiest, BUSIEST_MAX - 1);
        if (!comes_before(&standing, &last)) {
            return;
        }
    }
    insert(busiest, &standing, user);
}
