#include "base/name_lookups.h"

#include <assert.h>

bool name_lookups_begin(struct name_lookups *lookups, int64_t now_ms)
{
    while (lookups->left_count > 0 && lookups->left_until_ms[lookups->left_first] <= now_ms) {
        lookups->left_first = (lookups->left_first + 1) % NAME_LOOKUPS_MAX;
        lookups->left_count--;
    }
    bool has_room = lookups->waited_for + lookups->left_count < NAME_LOOKUPS_MAX;
    lookups->waited_for += has_room;
    return has_room;
}

void name_lookups_end(struct name_lookups *lookups)
{
    assert(lookups->waited_for > 0);
    lookups->waited_for--;
}

void name_lookups_leave(struct name_lookups *lookups, int64_t now_ms)
{
    assert(lookups->left_count < NAME_LOOKUPS_MAX);
    name_lookups_end(lookups);
    uint32_t last = (lookups->left_first + lookups->left_count) % NAME_LOOKUPS_MAX;
    lookups->left_until_ms[last] = now_ms + NAME_LOOKUP_LEFT_MS;
    lookups->left_count++;
}
