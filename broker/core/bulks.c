#include "broker/core/bulks.h"

#include <assert.h>

_Static_assert(BULKS_LIVE_MAX < BULKS_MAX, "one that has ended makes room");
_Static_assert(OWNER_SIZE_MAX <= UINT8_MAX, "a user's size is kept in one byte");
_Static_assert(BULK_WHERE_SIZE_MAX <= UINT16_MAX, "a filter's size is kept in two");

struct message_bulk bulk_told(const struct bulk *bulk)
{
    struct message_bulk told = bulk->told;
    told.user = slice_make(bulk->user, bulk->user_size);
    told.where = slice_make(bulk->where, bulk->where_size);
    return told;
}

const struct bulk *bulks_find(const struct bulks *bulks, const struct id *id)
{
    for (uint32_t index = 0; index < bulks->count; index++) {
        if (id_equal(&bulks->items[index].told.bulk, id)) {
            return &bulks->items[index];
        }
    }
    return NULL;
}

struct bulk *bulks_find_own(struct bulks *bulks, const struct id *id)
{
    return (struct bulk *)bulks_find(bulks, id);
}

uint32_t bulks_live(const struct bulks *bulks)
{
    uint32_t live = 0;
    for (uint32_t index = 0; index < bulks->count; index++) {
        live += bulk_is_live(&bulks->items[index]);
    }
    return live;
}

bool bulks_forget(struct bulks *bulks, struct id *out)
{
    uint32_t index = 0;
    if (bulks->count < BULKS_MAX) {
        return false;
    }
    while (bulk_is_live(&bulks->items[index])) {
        index++;
        assert(index < bulks->count);
    }
    *out = bulks->items[index].told.bulk;
    bulks->count--;
    memmove(&bulks->items[index], &bulks->items[index + 1],
            (bulks->count - index) * sizeof(bulks->items[0]));
    if (index <= bulks->turn) { /* what comes after it is the next one still */
        bulks->turn = (bulks->turn + bulks->count - 1) % bulks->count;
    }
    return true;
}

struct bulk *bulks_add(struct bulks *bulks, const struct message_bulk *told)
{
    uint32_t index = bulks->count;
    assert(index < BULKS_MAX);
    assert(told->user.size <= OWNER_SIZE_MAX);
    assert(told->where.size <= BULK_WHERE_SIZE_MAX);
    while (index > 0 && bulks->items[index - 1].told.started_at > told->started_at) {
        bulks->items[index] = bulks->items[index - 1];
        index--;
    }
    struct bulk *bulk = &bulks->items[index];
    *bulk = (struct bulk){.told = *told,
                          .user_size = (uint8_t)told->user.size,
                          .where_size = (uint16_t)told->where.size};
    memcpy(bulk->user, told->user.data, told->user.size);
    if (told->where.size > 0) {
        memcpy(bulk->where, told->where.data, told->where.size);
    }
    bulk->told.user = SLICE_EMPTY;
    bulk->told.where = SLICE_EMPTY;
    bulks->count++;
    return bulk;
}

const struct bulk *bulks_next(struct bulks *bulks)
{
    for (uint32_t step = 1; step <= bulks->count; step++) {
        uint32_t index = (bulks->turn + step) % bulks->count;
        if (bulk_is_live(&bulks->items[index])) {
            bulks->turn = index;
            return &bulks->items[index];
        }
    }
    return NULL;
}
