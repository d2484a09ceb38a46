#include "actors/provider_list.h"

#include <assert.h>

struct provider_endpoint *provider_list_find(struct provider_list *list, struct slice name)
{
    for (size_t index = 0; index < list->count; index++) {
        if (slice_equal(slice_from_string(list->items[index].name), name)) {
            return &list->items[index];
        }
    }
    return NULL;
}

struct provider_endpoint *provider_list_choose(struct provider_list *list, int64_t now_ms)
{
    assert(list->count > 0);
    struct provider_endpoint *soonest = &list->items[0];
    for (size_t index = 0; index < list->count; index++) {
        struct provider_endpoint *endpoint = &list->items[index];
        if (endpoint->avoid_until_ms <= now_ms) {
            return endpoint;
        }
        soonest = endpoint->avoid_until_ms < soonest->avoid_until_ms ? endpoint : soonest;
    }
    return soonest;
}

int64_t provider_timeout_ms(const struct provider_endpoint *endpoint, int64_t usual_ms)
{
    return endpoint->timeout_ms > 0 ? endpoint->timeout_ms : usual_ms;
}

bool provider_list_has_other(const struct provider_list *list,
                             const struct provider_endpoint *endpoint, int64_t now_ms)
{
    for (size_t index = 0; index < list->count; index++) {
        const struct provider_endpoint *other = &list->items[index];
        if (other != endpoint && other->avoid_until_ms <= now_ms) {
            return true;
        }
    }
    return false;
}

void provider_avoid(struct provider_endpoint *endpoint, int64_t until_ms)
{
    if (until_ms > endpoint->avoid_until_ms) {
        endpoint->avoid_until_ms = until_ms;
    }
}
