#include "actors/timers.h"

#include <assert.h>
#include <stdlib.h>

void timers_init(struct timers *timers)
{
    *timers = (struct timers){0};
}

void timers_fini(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}

enum status timers_reserve(struct timers *timers, size_t count)
{
    if (count <= timers->capacity) {
        return STATUS_OK;
    }
    size_t capacity = timers->capacity < 16 ? 16 : timers->capacity;
    while (capacity < count) {
        capacity *= 2;
    }
    struct timer **heap = realloc(timers->heap, capacity * sizeof(*heap));
    if (heap == NULL) {
        return STATUS_NO_MEMORY;
    }
    timers->heap = heap;
    timers->capacity = capacity;
    return STATUS_OK;
}

static void place(struct timers *timers, size_t index, struct timer *timer)
{
    timers->heap[index] = timer;
    timer->place = index + 1;
}

static void sift_up(struct timers *timers, size_t index, struct timer *timer)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (timers->heap[parent]->due_ms <= timer->due_ms) {
            break;
        }
        place(timers, index, timers->heap[parent]);
        index = parent;
    }
    place(timers, index, timer);
}

static void sift_down(struct timers *timers, size_t index, struct timer *timer)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= timers->count) {
            break;
        }
        if (child + 1 < timers->count &&
            timers->heap[child + 1]->due_ms < timers->heap[child]->due_ms) {
            child++;
        }
        if (timers->heap[child]->due_ms >= timer->due_ms) {
            break;
        }
        place(timers, index, timers->heap[child]);
        index = child;
    }
    place(timers, index, timer);
}

void timers_start(struct timers *timers, struct timer *timer, int64_t due_ms)
{
    assert(timer->fire != NULL);
    timers_stop(timers, timer);
    assert(timers->count < timers->capacity);
    timer->due_ms = due_ms;
    timers->count++;
    sift_up(timers, timers->count - 1, timer);
}

void timers_stop(struct timers *timers, struct timer *timer)
{
    if (timer->place == 0) {
        return;
    }
    size_t index = timer->place - 1;
    assert(index < timers->count);
    assert(timers->heap[index] == timer);
    timer->place = 0;
    timers->count--;
    struct timer *last = timers->heap[timers->count];
    if (last == timer) {
        return;
    }
    if (index > 0 && last->due_ms < timers->heap[(index - 1) / 2]->due_ms) {
        sift_up(timers, index, last);
    } else {
        sift_down(timers, index, last);
    }
}

bool timer_is_running(const struct timer *timer)
{
    return timer->place != 0;
}

bool timers_next(const struct timers *timers, int64_t *due_ms_out)
{
    if (timers->count == 0) {
        return false;
    }
    *due_ms_out = timers->heap[0]->due_ms;
    return true;
}

struct timer *timers_take_due(struct timers *timers, int64_t now_ms)
{
    if (timers->count == 0 || timers->heap[0]->due_ms > now_ms) {
        return NULL;
    }
    struct timer *timer = timers->heap[0];
    timers_stop(timers, timer);
    return timer;
}
