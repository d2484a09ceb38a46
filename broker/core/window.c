#include "broker/core/window.h"

#include <assert.h>

void window_init(struct window *window, int64_t ms, int64_t now)
{
    assert(ms > 0);
    assert(now >= 0);
    *window = (struct window){
        .part_ms = (ms + WINDOW_PARTS - 2) / (WINDOW_PARTS - 1),
        .closed_until = now + ms + 1,
    };
    window->part_last = now / window->part_ms;
}

void window_init_known(struct window *window, int64_t ms)
{
    window_init(window, ms, 0);
    window->closed_until = 0;
}

static uint32_t *part_of(struct window *window, int64_t number)
{
    return &window->parts[number % WINDOW_PARTS];
}

/* Forgets the parts that are over, and makes the one of now the last. */
static void advance(struct window *window, int64_t now)
{
    int64_t number = now / window->part_ms;
    assert(number >= window->part_last);
    for (int index = 0; index < WINDOW_PARTS && window->part_last < number; index++) {
        window->part_last++;
        window->count -= *part_of(window, window->part_last);
        *part_of(window, window->part_last) = 0;
    }
    window->part_last = number;
}

static void add(struct window *window, int64_t number, uint64_t count)
{
    uint32_t *part = part_of(window, number);
    uint64_t room = UINT32_MAX - *part;
    uint32_t added = (uint32_t)(count < room ? count : room);
    *part += added;
    window->count += added;
}

void window_count(struct window *window, int64_t now)
{
    advance(window, now);
    add(window, window->part_last, 1);
}

void window_restore(struct window *window, int64_t number, uint64_t count, int64_t now)
{
    advance(window, now);
    if (number > window->part_last - WINDOW_PARTS) {
        add(window, number < window->part_last ? number : window->part_last, count);
    }
}

int64_t window_next(const struct window *window, uint32_t max, int64_t now)
{
    int64_t next = window->closed_until > now ? window->closed_until : now;
    int64_t number = window->part_last - WINDOW_PARTS;
    uint64_t left = window->count;
    assert(max > 0);
    while (left >= max) {
        number++;
        assert(number <= window->part_last);
        left -= number < 0 ? 0 : window->parts[number % WINDOW_PARTS];
    }
    int64_t free_at = (number + WINDOW_PARTS) * window->part_ms;
    return left < window->count && free_at > next ? free_at : next;
}

uint64_t window_used(const struct window *window, uint32_t max, int64_t now)
{
    uint64_t used = window->closed_until > now ? max : 0;
    int64_t kept = window->part_last - WINDOW_PARTS + 1;
    int64_t first = now / window->part_ms - WINDOW_PARTS + 1;
    for (int64_t number = first > kept ? first : kept; number <= window->part_last; number++) {
        used += number < 0 ? 0 : window->parts[number % WINDOW_PARTS];
    }
    return used;
}
