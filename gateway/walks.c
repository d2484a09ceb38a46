#include "gateway/walks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((WALKS_MAX / WALKS_WAYS & (WALKS_MAX / WALKS_WAYS - 1)) == 0,
               "sets are a power of 2");
_Static_assert(CURSOR_SIZE_MAX <= UINT8_MAX, "a cursor's size fits");

enum status walks_init(struct walks *walks, uint64_t seed)
{
    walks->seed = seed;
    walks->places = calloc(WALKS_MAX, sizeof(walks->places[0]));
    return walks->places == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void walks_fini(struct walks *walks)
{
    free(walks->places);
    walks->places = NULL;
}

/* FNV-1a, seeded. */
static uint64_t hash(uint64_t state, const void *bytes, size_t size)
{
    const uint8_t *data = bytes;
    for (size_t index = 0; index < size; index++) {
        state = (state ^ data[index]) * 0x100000001b3U;
    }
    return state;
}

static uint64_t key_of(const struct walks *walks, const struct walk *walk, uint64_t skip)
{
    uint64_t key = hash(walks->seed, walk->owner.data, walk->owner.size);
    key = hash(key, walk->character.bytes, ID_SIZE);
    key = hash(key, &walk->filter, sizeof(walk->filter));
    key = hash(key, &walk->limit, sizeof(walk->limit));
    key = hash(key, &skip, sizeof(skip));
    return key == 0 ? 1 : key;
}

static struct walk_place *set_of(const struct walks *walks, uint64_t key)
{
    uint64_t mixed = (key ^ key >> 32) * 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ mixed >> 32) * 0x9e3779b97f4a7c15U;
    return &walks->places[(mixed >> 32) % (WALKS_MAX / WALKS_WAYS) * WALKS_WAYS];
}

void walks_note(struct walks *walks, const struct walk *walk, uint64_t skip, struct slice cursor,
                int64_t now_ms)
{
    assert(cursor.size > 0 && cursor.size <= CURSOR_SIZE_MAX);
    uint64_t key = key_of(walks, walk, skip);
    struct walk_place *set = set_of(walks, key);
    struct walk_place *place = &set[0];
    for (size_t index = 0; index < WALKS_WAYS && place->key != key; index++) {
        if (set[index].key == key || set[index].expires_ms < place->expires_ms) {
            place = &set[index];
        }
    }
    place->key = key;
    place->expires_ms = now_ms + WALK_MS;
    place->cursor_size = (uint8_t)cursor.size;
    memcpy(place->cursor, cursor.data, cursor.size);
}

struct slice walks_find(const struct walks *walks, const struct walk *walk, uint64_t skip,
                        int64_t now_ms)
{
    uint64_t key = key_of(walks, walk, skip);
    const struct walk_place *set = set_of(walks, key);
    for (size_t index = 0; index < WALKS_WAYS; index++) {
        if (set[index].key == key && now_ms < set[index].expires_ms) {
            return slice_make(set[index].cursor, set[index].cursor_size);
        }
    }
    return SLICE_EMPTY;
}
