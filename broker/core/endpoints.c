#include "broker/core/endpoints.h"

#include <stdlib.h>
#include "broker/core/limits.h"

enum {
    CAPACITY_FIRST = 64,
};

_Static_assert(ENDPOINTS_STORED_MAX >= ENDPOINTS_MAX, "all that may be added fit");

void endpoints_init(struct endpoints *endpoints)
{
    *endpoints = (struct endpoints){.free_first = JOB_NONE};
}

void endpoints_fini(struct endpoints *endpoints)
{
    free(endpoints->items);
    endpoints_init(endpoints);
}

enum status endpoints_reserve(struct endpoints *endpoints)
{
    if (endpoints->free_first != JOB_NONE || endpoints->used < endpoints->capacity) {
        return STATUS_OK;
    }
    if (endpoints->capacity >= ENDPOINTS_STORED_MAX) {
        return STATUS_FULL;
    }
    uint32_t capacity = endpoints->capacity == 0 ? CAPACITY_FIRST : endpoints->capacity * 2;
    struct endpoint *items = realloc(endpoints->items, capacity * sizeof(*items));
    if (items == NULL) {
        return STATUS_NO_MEMORY;
    }
    endpoints->items = items;
    endpoints->capacity = capacity;
    return STATUS_OK;
}

uint32_t endpoints_take(struct endpoints *endpoints, uint32_t *first)
{
    uint32_t index = endpoints->free_first;
    if (index == JOB_NONE) {
        assert(endpoints->used < endpoints->capacity);
        index = endpoints->used++;
    } else {
        endpoints->free_first = endpoints->items[index].next;
    }
    endpoints->items[index] = (struct endpoint){.next = *first};
    *first = index;
    endpoints->count++;
    return index;
}

void endpoints_give(struct endpoints *endpoints, uint32_t *first, uint32_t index)
{
    uint32_t *link = first;
    while (*link != index) {
        assert(*link != JOB_NONE);
        link = &endpoints_endpoint(endpoints, *link)->next;
    }
    *link = endpoints->items[index].next;
    endpoints->items[index] = (struct endpoint){.next = endpoints->free_first};
    endpoints->free_first = index;
    endpoints->count--;
}

uint32_t endpoints_find(const struct endpoints *endpoints, uint32_t first, const struct id *id)
{
    uint32_t index = first;
    while (index != JOB_NONE && !id_equal(&endpoints_endpoint(endpoints, index)->id, id)) {
        index = endpoints_endpoint(endpoints, index)->next;
    }
    return index;
}
