#include "broker/core/timers.h"

#include <stdlib.h>

enum {
    TIMERS_CAPACITY_FIRST = 64,
    TIMERS_CHILDREN = 4,
};

void timers_init(struct timers *timers)
{
    *timers = (struct timers){0};
}

void timers_fini(struct timers *timers)
{
    free(timers->items);
    timers_init(timers);
}

enum status timers_reserve(struct timers *timers, uint32_t count)
{
    uint32_t capacity = timers->capacity == 0 ? TIMERS_CAPACITY_FIRST : timers->capacity;
    if (timers->count + count <= timers->capacity) {
        return STATUS_OK;
    }
    while (capacity < timers->count + count) {
        capacity *= 2;
    }
    struct timer *items = realloc(timers->items, capacity * sizeof(*items));
    if (items == NULL) {
        return STATUS_NO_MEMORY;
    }
    timers->items = items;
    timers->capacity = capacity;
    return STATUS_OK;
}

static void place(struct timers *timers, struct slab *slab, uint32_t position, struct timer timer)
{
    timers->items[position] = timer;
    slab_job(slab, timer.job)->timer_position = position;
}

/* Moves the timer up from a position whose content is free. Returns where it ended. */
static uint32_t rise(struct timers *timers, struct slab *slab, uint32_t position,
                     struct timer timer)
{
    while (position > 0) {
        uint32_t parent = (position - 1) / TIMERS_CHILDREN;
        if (timers->items[parent].at <= timer.at) {
            break;
        }
        place(timers, slab, position, timers->items[parent]);
        position = parent;
    }
    place(timers, slab, position, timer);
    return position;
}

/* Moves the timer down from a position whose content is free. */
static void sink(struct timers *timers, struct slab *slab, uint32_t position, struct timer timer)
{
    for (;;) {
        uint32_t first = position * TIMERS_CHILDREN + 1;
        uint32_t least = first;
        if (first >= timers->count) {
            break;
        }
        for (uint32_t child = first + 1; child < first + TIMERS_CHILDREN && child < timers->count;
             child++) {
            if (timers->items[child].at < timers->items[least].at) {
                least = child;
            }
        }
        if (timers->items[least].at >= timer.at) {
            break;
        }
        place(timers, slab, position, timers->items[least]);
        position = least;
    }
    place(timers, slab, position, timer);
}

static void settle(struct timers *timers, struct slab *slab, uint32_t position, struct timer timer)
{
    if (rise(timers, slab, position, timer) == position) {
        sink(timers, slab, position, timer);
    }
}

void timers_set(struct timers *timers, struct slab *slab, uint32_t job, int64_t at)
{
    uint32_t position = slab_job(slab, job)->timer_position;
    if (position == JOB_NONE) {
        assert(timers->count < timers->capacity);
        position = timers->count++;
        rise(timers, slab, position, (struct timer){.at = at, .job = job});
        return;
    }
    assert(timers->items[position].job == job);
    if (timers->items[position].at != at) {
        settle(timers, slab, position, (struct timer){.at = at, .job = job});
    }
}

void timers_remove(struct timers *timers, struct slab *slab, uint32_t job)
{
    uint32_t position = slab_job(slab, job)->timer_position;
    assert(position < timers->count);
    assert(timers->items[position].job == job);
    slab_job(slab, job)->timer_position = JOB_NONE;
    timers->count--;
    if (position < timers->count) {
        settle(timers, slab, position, timers->items[timers->count]);
    }
}

const struct timer *timers_first(const struct timers *timers)
{
    return timers->count == 0 ? NULL : &timers->items[0];
}
