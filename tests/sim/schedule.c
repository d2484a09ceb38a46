#include "tests/sim/schedule.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void schedule_init(struct schedule *schedule)
{
    memset(schedule, 0, sizeof(*schedule));
}

void schedule_fini(struct schedule *schedule)
{
    free(schedule->heap);
    memset(schedule, 0, sizeof(*schedule));
}

static bool wake_before(const struct wake *left, const struct wake *right)
{
    return left->at != right->at ? left->at < right->at : left->order < right->order;
}

void schedule_add(struct schedule *schedule, int64_t at, enum wake_type type, uint32_t index,
                  uint32_t argument, uint32_t generation)
{
    if (schedule->count == schedule->capacity) {
        schedule->capacity = schedule->capacity == 0 ? 256 : schedule->capacity * 2;
        schedule->heap = realloc(schedule->heap, schedule->capacity * sizeof(*schedule->heap));
        assert(schedule->heap != NULL);
    }
    struct wake wake = {at, schedule->order++, type, index, argument, generation};
    size_t place = schedule->count++;
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (!wake_before(&wake, &schedule->heap[parent])) {
            break;
        }
        schedule->heap[place] = schedule->heap[parent];
        place = parent;
    }
    schedule->heap[place] = wake;
}

bool schedule_next(struct schedule *schedule, struct wake *out)
{
    if (schedule->count == 0) {
        return false;
    }
    *out = schedule->heap[0];
    struct wake last = schedule->heap[--schedule->count];
    size_t place = 0;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= schedule->count) {
            break;
        }
        if (child + 1 < schedule->count &&
            wake_before(&schedule->heap[child + 1], &schedule->heap[child])) {
            child++;
        }
        if (!wake_before(&schedule->heap[child], &last)) {
            break;
        }
        schedule->heap[place] = schedule->heap[child];
        place = child;
    }
    if (schedule->count > 0) {
        schedule->heap[place] = last;
    }
    return true;
}
